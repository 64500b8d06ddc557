"""Reading what a screen shows again and again, never twice at once, and with pauses.

A store that changes several times a second would otherwise keep a long read from ever ending (each
change replaces the one before), and the machine busy with nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

PATIENCE = 3.0
"""What changes all the time is read again after so many times what reading took."""

MOST_PATIENCE = 1.0
"""But after at most so many seconds: what another program did is seen within two."""


class Rereading:
    """Awaits `read` once more for every time it was asked for since it last began."""

    def __init__(self, read: Callable[[], Awaitable[None]]) -> None:
        self._read = read
        self._asked = False
        self._running = False

    def ask(self) -> bool:
        """Ask for a read; return whether `run` must be started for it."""
        self._asked = True
        return not self._running

    async def run(self) -> None:
        """Read until nobody asks any more; awaited in a worker."""
        if self._running:
            return
        self._running = True
        try:
            while self._asked:
                self._asked = False
                began = monotonic()
                await self._read()
                await asyncio.sleep(min(PATIENCE * (monotonic() - began), MOST_PATIENCE))
        finally:
            self._running = False
