"""What goes on behind the list: who arrived gets a place, and the order is built anew in time.

A few are put between their neighbours, some hundred in a transaction. Many, or one whose gap is
full, have the order built anew; while a poll goes on that waits for its end, because it would have
to be done again.
"""

from __future__ import annotations

import asyncio
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from ttr_tui.store.directory_build import DEAD_AFTER, Build
from ttr_tui.store.directory_numbers import note_moves
from ttr_tui.store.directory_writing import (
    ARRIVAL,
    AT_ONCE,
    is_building,
    person_of_arrival,
    place,
    take_back,
)

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.database import Database
    from ttr_tui.store.directory_readers import Readers

FEW = 2_000
"""Arrivals that are placed one by one, however few others there are."""

FEW_OF = 50
"""One in so many of those in order may be placed one by one; for more the order is built anew."""


class Tending:
    """Tends one copy, in one task at a time."""

    def __init__(self, db: Database, readers: Readers) -> None:
        self._db = db
        self._readers = readers
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._while_polling = False
        self._closing = False
        self._again_at = inf

    def wake(self, *, while_polling: bool = False) -> None:
        """Look whether anybody needs a place; `while_polling`: build for them even now.

        What stopped the last time (a full disk) is raised here.
        """
        if self._closing:
            return
        self._again = True
        self._while_polling |= while_polling
        if self._task is not None:
            if not self._task.done():
                return
            self._task.result()
        self._task = asyncio.create_task(self._tend())

    def look(self) -> None:
        """Look whether another process left anybody without a place; now and then only."""
        if self._task is None or (self._task.done() and self._again_at < monotonic()):
            self._again_at = inf
            self.wake()

    async def close(self) -> None:
        """Let the step under way end. May be called twice."""
        self._closing = True
        if self._task is not None:
            # What stopped it is no matter now: it is done another time.
            await asyncio.gather(self._task, return_exceptions=True)

    async def _tend(self) -> None:
        while self._again:
            self._again = False
            await self._once()

    async def _once(self) -> None:
        full = False
        while_polling, self._while_polling = self._while_polling, False
        while not self._closing:
            poll = await self._db.row("SELECT unfinished, fresh, count FROM poll")
            if poll is None or not poll["fresh"]:
                return
            placed = poll["count"] - poll["fresh"]
            if full or poll["fresh"] > max(FEW, placed // FEW_OF):
                if poll["unfinished"] and not while_polling:
                    return
                while_polling = False
                build = Build(self._db, self._readers, lambda: self._closing)
                if not await build.run():
                    # Another process is at it: unless it dies.
                    self._again_at = monotonic() + DEAD_AFTER
                    return
                full = False
            else:
                async with self._db.transaction() as tx:
                    left = await tx.run(_place_some)
                if left < 0:
                    self._again_at = monotonic() + DEAD_AFTER
                    return
                full = bool(left)


def _place_some(raw: RawConnection) -> int:
    """Give some arrivals their places; return for how many there was none, -1: not now."""
    if is_building(raw):
        return -1
    rows = raw.execute(
        f"SELECT {ARRIVAL} FROM arrivals ORDER BY rid LIMIT ?",  # noqa: S608 - our own words
        (AT_ONCE,),
    ).fetchall()
    people = {row[0]: person_of_arrival(row) for row in rows}
    placed = place(raw, list(people.values()))
    moved = {rid: placed[one.id] for rid, one in people.items() if one.id in placed}
    take_back(raw, list(moved))
    note_moves(raw, moved)
    raw.execute("UPDATE poll SET edition = edition + 1")
    return len(people) - len(moved)
