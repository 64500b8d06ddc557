"""Building the order anew behind the list: beside the present one, then put in its place at once.

Users are sorted in runs, merged into new tables a few thousand at a time, and the tables change
places in one transaction; the former ones are emptied afterwards. No step holds the write lock for
long. Who arrives meanwhile waits in `later`; who leaves or changes is in `dropped`, and is taken
out of the new tables before they count. A build that was killed is begun again: what it left
behind is emptied first.
"""

from __future__ import annotations

import secrets
from functools import partial
from itertools import islice
from time import time
from typing import TYPE_CHECKING, Any

from ttr_tui.store.directory_agents import agents_followed
from ttr_tui.store.directory_arrivals import count_left
from ttr_tui.store.directory_common import find_common
from ttr_tui.store.directory_lists import Lists
from ttr_tui.store.directory_numbers import BitMap, follow, last_move, packed, unpacked
from ttr_tui.store.directory_places import beginning_of, gap_for
from ttr_tui.store.directory_rows import id_of, person_of
from ttr_tui.store.directory_runs import Buckets, merged, read_ids, read_run
from ttr_tui.store.directory_sweeping import PAGES_AT_ONCE, put_away, sweep_some
from ttr_tui.store.directory_writing import insert_into

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.database import Database
    from ttr_tui.store.directory_readers import Readers
    from ttr_tui.store.directory_runs import Keyed

WRITTEN_AT_ONCE = 1_500
"""Users put into the new tables in one transaction: 0.1 s."""

DEAD_AFTER = 15.0
"""Seconds without a step after which a build is taken for killed."""

_OF_AN_ORDER = ("users", "search", "ids", "common", "lists", "lists_later", "arrival_lines")
_INDEXED = ("department", "title")


class BuildOver(Exception):
    """Another process builds, or the copy is being closed."""


class Build:
    """One build of the order of one copy. `stopped` tells when to give it up between two steps."""

    def __init__(self, db: Database, readers: Readers, stopped: Callable[[], bool]) -> None:
        self._db = db
        self._readers = readers
        self._stopped = stopped
        self._token = secrets.token_hex(8)
        self._buckets = Buckets()
        self._lists = Lists()
        self._rid = 0
        self._gap = 1

    async def run(self) -> bool:
        """Build, unless another process is at it; return whether the order is a new one."""
        try:
            if not await self._step(partial(_claim, token=self._token)):
                return False
            await self.sweep()
            while await self._own_step(_take_in_later):
                pass
            runs = await self._sort()
            await self._merge(runs)
            await self._write_ids()
            await self._own_step(_swap)
            await self.sweep()
        except BuildOver:
            return False
        return True

    async def sweep(self) -> None:
        """Empty former tables, and what a killed build left, then drop them."""
        while await self._step(sweep_some):
            pass

    async def _step(self, work: Callable[[RawConnection], Any]) -> Any:
        if self._stopped():
            raise BuildOver
        async with self._db.transaction() as tx:
            return await tx.run(work)

    async def _own_step(self, work: Callable[[RawConnection], Any]) -> Any:
        """Do a step if the build is still ours, and be seen at work."""

        def checked(raw: RawConnection) -> tuple[bool, Any]:
            cursor = raw.execute(
                "UPDATE orders SET beat_at = ? WHERE builder = ?", (int(time()), self._token)
            )
            return (True, work(raw)) if cursor.rowcount else (False, None)

        ours, result = await self._step(checked)
        if not ours:
            raise BuildOver
        return result

    async def _sort(self) -> int:
        """Write the arrivals as sorted runs; return how many."""
        count, self._rid = await self._own_step(_begin)
        self._gap = gap_for(count)
        after = runs = 0
        while True:
            after, blocks = await self._readers.background(partial(read_run, after=after))
            if not blocks:
                return runs
            await self._own_step(partial(_put_run, run=runs, blocks=blocks))
            runs += 1

    async def _merge(self, runs: int) -> None:
        people: Iterator[Keyed] | None = None

        def stretch(raw: RawConnection) -> list[Keyed]:
            nonlocal people
            if people is None:
                people = merged(raw, runs)
            return list(islice(people, WRITTEN_AT_ONCE))

        while some := await self._readers.background(stretch):
            await self._own_step(partial(self._put, some=some))
        await self._own_step(self._buckets.flush)
        await self._own_step(self._lists.flush)

    def _put(self, raw: RawConnection, *, some: list[Keyed]) -> None:
        rids = range(self._rid, self._rid + self._gap * len(some), self._gap)
        placed = [(rid, one[3], one[4]) for rid, one in zip(rids, some, strict=True)]
        self._lists.add(raw, insert_into(raw, "new_", placed))
        self._buckets.add(raw, ((rid, person_of(columns)) for rid, columns, _ in placed))
        raw.execute(
            "INSERT INTO new_moves (olds, news) VALUES (?, ?)",
            (packed(one[2] for one in some), packed(rids)),
        )
        self._rid = rids.stop

    async def _write_ids(self) -> None:
        bucket = 0
        while True:
            bucket, rows = await self._readers.background(partial(read_ids, first=bucket))
            await self._own_step(partial(_put_ids, rows=rows))
            if not bucket:
                return


def _claim(raw: RawConnection, *, token: str) -> bool:
    """Take the build, unless somebody was seen at it lately; put away what a killed one left."""
    builder, beat_at = raw.execute("SELECT builder, beat_at FROM orders").fetchall()[0]
    if builder and time() - beat_at < DEAD_AFTER:
        return False
    raw.execute("UPDATE orders SET builder = ?, beat_at = ?", (token, int(time())))
    put_away(raw, *(f"new_{table}" for table in _OF_AN_ORDER), "new_moves", "runs")
    raw.execute("DELETE FROM dropped")
    return True


def _make(raw: RawConnection, like: str, table: str) -> None:
    """Create an empty table, made like another one."""
    sql = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (like,)).fetchall()[0][0]
    raw.execute(sql.replace(like, table, 1))


def _take_in_later(raw: RawConnection) -> bool:
    """Have some of those who waited for a build that was killed built in by this one."""
    among = f"first IN (SELECT first FROM later ORDER BY first LIMIT {PAGES_AT_ONCE})"  # noqa: S608 - our own words
    raw.execute(f"INSERT INTO arrivals SELECT * FROM later WHERE {among}")  # noqa: S608 - our own words
    return raw.execute(f"DELETE FROM later WHERE {among}").rowcount == PAGES_AT_ONCE  # noqa: S608 - our own words


def _begin(raw: RawConnection) -> tuple[int, int]:
    """Make the new tables; return how many users there are, and the first place."""
    for table in (*_OF_AN_ORDER, "moves"):
        _make(raw, table, f"new_{table}")
    for column in _INDEXED:
        # An index keeps its name when its table is renamed.
        raw.execute(f"CREATE INDEX by_{column}_{secrets.token_hex(4)} ON new_users ({column})")
    raw.execute("INSERT INTO new_search (new_search, rank) VALUES ('hashsize', 2097152)")
    raw.execute(
        "CREATE TABLE runs (run INTEGER NOT NULL, n INTEGER NOT NULL, block BLOB NOT NULL,"
        " PRIMARY KEY (run, n)) STRICT"
    )
    row = raw.execute("SELECT count, epoch FROM poll, orders").fetchall()[0]
    find_common(raw)
    return int(row[0]), beginning_of(int(row[1]) + 1)


def _put_run(raw: RawConnection, *, run: int, blocks: list[bytes]) -> None:
    raw.executemany(
        "INSERT INTO runs (run, n, block) VALUES (?, ?, ?)",
        ((run, n, block) for n, block in enumerate(blocks)),
    )


def _put_ids(raw: RawConnection, *, rows: list[tuple[int, int, int]]) -> None:
    raw.executemany("INSERT INTO new_ids (id, rid, digest) VALUES (?, ?, ?)", rows)


def _swap(raw: RawConnection) -> None:
    """Let the new tables count, without whoever left meanwhile."""
    raw.execute("DELETE FROM freed")
    _take_dropped_out(raw)
    before = last_move(raw)
    raw.execute("INSERT INTO moves (olds, news) SELECT olds, news FROM new_moves ORDER BY n")
    _carry_along(raw)
    raw.execute("DELETE FROM moves WHERE n <= (SELECT moved_before FROM orders)")
    put_away(raw, *_OF_AN_ORDER, "arrivals", "new_moves", "runs")
    for table in _OF_AN_ORDER:
        raw.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
    raw.execute("ALTER TABLE later RENAME TO arrivals")
    _make(raw, "arrivals", "later")
    raw.execute("DELETE FROM dropped")
    raw.execute("UPDATE orders SET builder = '', epoch = epoch + 1, moved_before = ?", (before,))
    raw.execute("UPDATE poll SET fresh = ?, edition = edition + 1", (count_left(raw),))


def _take_dropped_out(raw: RawConnection) -> None:
    dropped: Any = BitMap(row[0] for row in raw.execute("SELECT rid FROM dropped").fetchall())
    if not dropped:
        return
    for olds, news in raw.execute("SELECT olds, news FROM new_moves").fetchall():
        pairs = zip(unpacked(olds), unpacked(news), strict=True)
        for rid in [new for old, new in pairs if old in dropped]:
            owner = raw.execute("SELECT object_id FROM new_users WHERE rid = ?", (rid,)).fetchall()
            raw.execute("DELETE FROM new_ids WHERE id = ?", (id_of(owner[0][0]),))
            raw.execute("DELETE FROM new_users WHERE rid = ?", (rid,))
            raw.execute("DELETE FROM new_search WHERE rowid = ?", (rid,))
            raw.execute("INSERT INTO freed (rid) VALUES (?)", (rid,))


def _carry_along(raw: RawConnection) -> None:
    """Have the selection, the agents, and whom the poll under way has seen, follow."""
    for rids, since, lost in raw.execute("SELECT rids, since, lost FROM marks").fetchall():
        marks = BitMap.deserialize(rids)
        moved, left = follow(raw, marks, since)
        raw.execute(
            "UPDATE marks SET rids = ?, since = ?, lost = ?",
            (marks.serialize(), moved, lost + left),
        )
    agents_followed(raw)
    pages = raw.execute("SELECT n, rids FROM seen ORDER BY n").fetchall()
    if pages:
        seen: Any = BitMap()
        for _, rids in pages:
            seen |= BitMap(unpacked(rids))
        follow(raw, seen)
        raw.execute("DELETE FROM seen")
        raw.execute("INSERT INTO seen (n, rids) VALUES (?, ?)", (pages[-1][0], packed(seen)))
