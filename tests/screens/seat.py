"""The app in front of somebody: what is on the screen, and keys to press."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from tests.office import Office
from ttr_tui.app import TtrApp
from ttr_tui.screens.session import Demo

PATIENCE = 10.0
UTF8 = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


def screen_text(app: App[Any]) -> list[str]:
    """Return the rows as they stand on the screen, without the blanks at their ends."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@dataclass
class Seat:
    """Somebody at the terminal."""

    app: TtrApp
    pilot: Pilot[None]

    @property
    def rows(self) -> list[str]:
        """The rows of the screen, row 1 first."""
        return screen_text(self.app)

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    @property
    def screen(self) -> Screen[Any]:
        """The screen on top."""
        return self.app.screen

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)

    async def type(self, words: str) -> None:
        """Type text as fast as a terminal hands it over."""
        for letter in words:
            self.app.post_message(key_of(letter))
        await self.pilot.pause()

    async def paste(self, words: str) -> None:
        """Paste text as a terminal brackets it."""
        self.app.post_message(Paste(words))
        await self.pilot.pause()

    async def until(self, *words: str, gone: str = "") -> None:
        """Wait until all of these stand on the screen (and `gone` does not)."""
        await self.when(
            lambda: (
                (text := self.text) is not None
                and all(word in text for word in words)
                and not (gone and gone in text)
            )
        )

    async def when(self, there: Callable[[], bool]) -> None:
        """Wait until something is so; fail with the screen after some seconds."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not there():
            assert asyncio.get_running_loop().time() < deadline, "\n" + self.text
            await asyncio.sleep(0.02)
        await self.pilot.pause()


def key_of(letter: str) -> Key:
    """Return the event of one typed character; a carriage return is `enter`, a tab `tab`."""
    names = {"\r": "enter", "\t": "tab", "\x15": "ctrl+u"}
    return Key(names.get(letter) or _character_to_key(letter), letter)


@asynccontextmanager
async def seated(
    office: Office,
    *,
    size: tuple[int, int] = (80, 24),
    demo: Demo | None = None,
    environ: Mapping[str, str] | None = None,
) -> AsyncIterator[Seat]:
    """Run the app on an open office."""
    app = TtrApp(office.runtime, demo=demo, environ=environ or UTF8)
    async with app.run_test(size=size) as pilot:
        seat = Seat(app, pilot)
        await seat.when(lambda: app.session.loaded and not app.holds_keys)
        await pilot.pause()
        yield seat
