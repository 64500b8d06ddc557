"""How a frame leaves: as soon as nothing else is to be done, and only the cells that changed."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from rich.control import Control
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.screen import Screen

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from textual.events import Idle

Result = TypeVar("Result")

LEAVES = 2.0
"""After a frame, other work has at least so many times what drawing it took."""


class QuickScreen(Screen[Result], inherit_bindings=False):
    """A screen that draws what changed at once.

    Textual's own draws at most sixty frames a second, and what a search finds just after its letter
    was drawn waits for the next of them. Here a frame waits only for a share of what the last one
    took, so that a burst of keys is not spent on drawing each of them.
    """

    _frame_at = _frame_took = 0.0
    _next_frame: asyncio.TimerHandle | None = None

    async def _on_idle(self, event: Idle) -> None:
        event.prevent_default()
        if not self._is_dirty or not self.is_current or self.app._batch_count:  # noqa: SLF001 - as Textual's own does
            await self._invoke_and_clear_callbacks()
            return
        began = monotonic()
        wait = self._frame_at + LEAVES * self._frame_took - began
        if wait <= 0:
            self._on_timer_update()
            self._frame_at = monotonic()
            self._frame_took = self._frame_at - began
        elif self._next_frame is None:
            self._next_frame = asyncio.get_running_loop().call_later(wait, self._draw_next)

    def _draw_next(self) -> None:
        self._next_frame = None
        self.check_idle()

    @property
    def _is_dirty(self) -> bool:
        return bool(
            self._layout_required
            or self._scroll_required
            or self._repaint_required
            or self._recompose_required
            or self._dirty_widgets
        )


class SparingApp(App[None], inherit_bindings=False):
    """An app that sends the cells that changed; Textual sends all that is left of them, too."""

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, ChopsUpdate):
            renderable = ChangedCells(renderable.chops, renderable.spans, renderable.chop_ends)
        super()._display(screen, renderable)


class ChangedCells(ChopsUpdate):
    """Some spans of some rows, as Textual's compositor cut them."""

    def render_segments(self, console: Console) -> str:
        """Return what a terminal is sent for them."""
        sent: list[str] = []
        row = at = -1
        for y, start, stop in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= stop or end <= start:
                    continue
                first = max(x, start)
                if y != row or not 0 <= at <= first:
                    sent.append(Control.move_to(first, y).segment.text)
                elif at < first:
                    sent.append(f"\x1b[{first - at}C")
                row, at = y, min(end, stop)
                piece = strip.crop(first - x, at - x)
                sent.append(piece.render(console))
                if not piece.text.isascii():
                    # Terminals differ in how far such text moves them.
                    at = -1
        return "".join(sent)
