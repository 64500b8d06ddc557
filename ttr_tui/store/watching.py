"""Noticing that the store changed: by this process at once, by another within a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from ttr_tui.store.database import Database

LOOK_EVERY_SECONDS = 0.25
"""How often another process's commits are looked for; costs 0.2 % of a core (design, Traps)."""


async def watch(db: Database) -> AsyncIterator[None]:
    """Yield after every change of what is committed, several changes at once counting as one.

    Own commits are noticed at once, those of other processes within LOOK_EVERY_SECONDS. Ends when
    the database is closed.
    """
    async with db.listening() as committed:
        seen = await db.data_version()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(committed.wait(), LOOK_EVERY_SECONDS)
            committed.clear()
            if db.closed:
                return
            # The reading connection sees own commits as a move too, so one number tells all.
            present = await db.data_version()
            if present != seen:
                seen = present
                yield
