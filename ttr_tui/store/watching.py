"""Noticing that the store changed: by this process at once, by another within a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from ttr_tui.store.database import Database

LOOK_EVERY_SECONDS = 0.25
"""How often another process's commits are looked for; costs 0.2 % of a core (design, Traps)."""


async def watch(db: Database, look_every: float = LOOK_EVERY_SECONDS) -> AsyncGenerator[None, None]:
    """Yield after every change of what is committed, several changes at once counting as one.

    Changes since the database was opened count, so that none falls between loading and watching.
    Own commits are noticed at once, those of other processes within `look_every` seconds. Ends when
    the database is closed.
    """
    seen = db.version_at_open
    async with db.listening() as committed:
        while not db.closed:
            # The reading connection sees own commits as a move too, so one number tells all.
            present = await db.data_version()
            if present != seen:
                seen = present
                db.wake()
                yield
            await _next(db, committed, look_every)
            committed.clear()


async def _next(db: Database, committed: asyncio.Event, look_every: float) -> None:
    """Wait for a commit of ours, or until it is time to look for others'.

    Of all who wait one looks, and wakes the others; who is busy with a change looks for nobody.
    """
    looks = not db.is_looked_at
    db.is_looked_at = True
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(look_every if looks else None):
                await committed.wait()
    finally:
        if looks:
            db.is_looked_at = False
