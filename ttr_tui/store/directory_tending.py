"""What goes on behind the list: who arrived gets a place, and the order is built anew in time.

A few are put between their neighbours, some hundred in a transaction. Many, or one whose gap is
full, have the order built anew; while a poll goes on that waits for its end, because it would have
to be done again. Until then what is searched of them is written down, while the poll rests.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from functools import partial
from itertools import chain, islice
from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_arrivals import without_lines, write_lines
from ttr_tui.store.directory_build import DEAD_AFTER, Build
from ttr_tui.store.directory_numbers import note_moves
from ttr_tui.store.directory_rows import person_of
from ttr_tui.store.directory_sweeping import UNTIDY, shrink_some, sweep_some
from ttr_tui.store.directory_writing import AT_ONCE, is_building, place

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.database import Database
    from ttr_tui.store.directory_readers import Readers

FEW = 2_000
"""Arrivals that are placed one by one, however few others there are."""

FEW_OF = 50
"""One in so many of those in order may be placed one by one; for more the order is built anew."""


REST = 0.02
"""Seconds without a page after which a poll is taken to wait for Microsoft."""


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
        self._woken_at = 0.0
        self._lined = 0

    def wake(self, *, while_polling: bool = False) -> None:
        """Look whether anybody needs a place; `while_polling`: build for them even now.

        What stopped the last time (a full disk) is raised here.
        """
        if self._closing:
            return
        self._again = True
        self._woken_at = monotonic()
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
                await self._tidy()
                return
            placed = poll["count"] - poll["fresh"]
            if full or poll["fresh"] > max(FEW, placed // FEW_OF):
                if poll["unfinished"] and not while_polling:
                    if await self._write_lines():
                        continue
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

    async def _tidy(self) -> None:
        """Give back what former orders took, also one whose process ended before it could."""
        found = await self._db.row(UNTIDY)
        if found is None or not found["untidy"]:
            return
        for work in (sweep_some, shrink_some):
            more = True
            while more and not self._closing:
                async with self._db.transaction() as tx:
                    more = await tx.run(work)

    async def _write_lines(self) -> bool:
        """Write what is searched of one page if the poll rests; return whether to look again."""
        if (pause := self._woken_at + REST - monotonic()) > 0:
            await asyncio.sleep(pause)
            return True
        first, lines = await self._readers.background(partial(without_lines, after=self._lined))
        if first:
            async with self._db.transaction() as tx:
                await tx.run(partial(write_lines, first=first, lines=lines))
            self._lined = first
        return bool(first)


def _place_some(raw: RawConnection) -> int:
    """Give some arrivals their places; return for how many there was none, -1: not now."""
    if is_building(raw):
        return -1
    with closing(arrivals.pages(raw)) as pages:
        people = {rid: person_of(one) for rid, one in islice(chain.from_iterable(pages), AT_ONCE)}
    placed = place(raw, list(people.values()))
    moved = {rid: placed[one.id] for rid, one in people.items() if one.id in placed}
    arrivals.take_back(raw, list(moved))
    note_moves(raw, moved)
    raw.execute("UPDATE poll SET edition = edition + 1")
    return len(people) - len(moved)
