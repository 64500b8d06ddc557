"""A bare app that shows some widgets, and what stands on its screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget


class Stage(App[None]):
    """Widgets below each other; `heard` are the messages that came up to it."""

    CSS = "Screen { layout: vertical; overflow: hidden hidden; }"

    def __init__(self, widgets: Sequence[Widget]) -> None:
        super().__init__(ansi_color=True)
        self._widgets_shown = list(widgets)
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        """Show them."""
        yield from self._widgets_shown

    def said(self, kind: type[Message]) -> list[Message]:
        """Return the messages of one kind, in order, each once on its way up."""
        heard = {id(message): message for message in self.heard}
        return [message for message in heard.values() if isinstance(message, kind)]


@asynccontextmanager
async def staged(
    *widgets: Widget, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Stage, Pilot[None]]]:
    """Run the widgets on a terminal of that size."""
    stage = Stage(widgets)
    async with stage.run_test(size=size, message_hook=stage.heard.append) as pilot:
        await pilot.pause()
        yield stage, pilot


def drawn(app: App[None]) -> list[str]:
    """Return the rows as they stand on the screen, without the blanks at their ends."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]
