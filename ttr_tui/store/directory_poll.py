"""Writing polls and changes into a local copy: page by page, and who is gone only at a poll's end.

A poll has a number, and parts that are read side by side. While it is unfinished the rows it saw
are kept in `seen`; rows it did not see are removed when it finishes, never before. A newer poll, of
whichever process, takes over: what an older one still brings is stored, but it removes nobody and
finishes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_numbers import BitMap, fetch_rids, follow, packed, unpacked
from ttr_tui.store.directory_rows import id_of, people_of
from ttr_tui.store.directory_writing import Arrived, known_of, put, take_out
from ttr_tui.store.times import maybe_moment, to_micros

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.model import DirectoryUser
    from ttr_tui.store.database import Database
    from ttr_tui.store.directory_readers import Readers
    from ttr_tui.store.directory_rows import Person

REMOVED_AT_ONCE = 1_000
"""Users removed in one transaction: 0.1 s."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the disjoint filters a poll is made of: where it goes on, and what it read so far.

    The plain walk has one part, whose name is empty.
    """

    name: str = ""
    link: str = ""
    read: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A poll that broke: users expected (None: not told), users read, and how far each part is."""

    expected: int | None
    read: int
    parts: tuple[Part, ...]

    @property
    def next_link(self) -> str:
        """Where the first part that is not done goes on."""
        return next((part.link for part in self.parts if not part.done and part.link), "")


class _Page(NamedTuple):
    """Users, the link of the page after them (empty: none), and the part they belong to."""

    users: Sequence[DirectoryUser]
    next_link: str
    part: str


class Gone(NamedTuple):
    """Who a poll did not see, as of its page `upto` and the move `moved`."""

    rids: list[int]
    upto: int
    moved: int


class Poll:
    """The poll this process carries out on one local copy, if any."""

    def __init__(self, db: Database, readers: Readers) -> None:
        self._db = db
        self._readers = readers
        self._generation: int | None = None
        self._arrived = Arrived()

    async def begin(
        self, expected: int | None, parts: Sequence[Part], delta: tuple[str, datetime] | None
    ) -> None:
        """Begin a poll from its first pages; any other poll of this copy is over with it.

        `delta` is a link to what changes from its beginning on, in place of an earlier one.
        """
        async with self._db.transaction() as tx:
            await tx.execute("DELETE FROM seen")
            await tx.execute("DELETE FROM parts")
            await tx.executemany(
                "INSERT INTO parts (name, link, read, done) VALUES (?, ?, ?, ?)",
                [(part.name, part.link, part.read, part.done) for part in parts],
            )
            await tx.execute(
                "UPDATE poll SET generation = generation + 1, unfinished = 1, expected = ?",
                (expected,),
            )
            if delta is not None:
                since = delta[0], to_micros(delta[1])
                await tx.execute("UPDATE poll SET delta_link = ?, delta_at = ?", since)
            row = await tx.row("SELECT generation FROM poll")
        self._generation = int(row["generation"]) if row else None

    async def take_up(self) -> Unfinished | None:
        """Go on with the unfinished poll, of whichever process; None when no page of one is stored.

        It may still be carried out there. Then both bring the same pages, and the first one ends
        it.
        """
        poll = await self._db.row("SELECT generation, unfinished, expected FROM poll")
        rows = await self._db.rows("SELECT name, link, read, done FROM parts ORDER BY name")
        parts = tuple(Part(row[0], row[1], row[2], bool(row[3])) for row in rows)
        begun = poll is not None and poll["unfinished"] and any(p.link or p.done for p in parts)
        if poll is None or not begun:
            self._generation = None
            return None
        self._generation = int(poll["generation"])
        return Unfinished(poll["expected"], sum(part.read for part in parts), parts)

    async def put_page(self, users: Sequence[DirectoryUser], next_link: str, part: str) -> None:
        """Store one page and where its part goes on, in one transaction.

        Goes on with the unfinished poll of an earlier process when this one began none.
        """
        page = _Page(users, next_link, part)
        arrived = self._take_arrived()
        async with self._db.transaction() as tx:
            # In one hop: a thousand users come twenty times a second.
            work = partial(_put_page, arrived=arrived, page=page, generation=self._generation)
            self._generation = await tx.run(work)
        self._arrived = arrived

    async def replace(self, part: str, into: Sequence[str]) -> None:
        """Have others read in the place of a part, or the same one anew."""
        async with self._db.transaction() as tx:
            poll = await tx.row("SELECT generation, unfinished FROM poll")
            if poll is not None and poll["unfinished"] and poll["generation"] == self._generation:
                await tx.execute("DELETE FROM parts WHERE name = ?", (part,))
                await tx.executemany(
                    "INSERT OR IGNORE INTO parts (name, link) VALUES (?, '')",
                    [(name,) for name in into],
                )

    async def finish(self, at: datetime, delta_link: str) -> bool:
        """Remove who was not seen and call the copy complete, as of `at`.

        Returns False, and does neither, when a newer poll has begun or finished meanwhile.
        """
        generation, self._generation = self._generation, None
        if generation is None:
            return False
        while True:
            gone = await self._readers.background(partial(_unseen, generation=generation))
            async with self._db.transaction() as tx:
                poll = await tx.row("SELECT generation, unfinished FROM poll")
                if poll is None or poll["generation"] != generation or not poll["unfinished"]:
                    return False
                await tx.run(partial(_remove_unseen, gone=gone))
                if len(gone.rids) <= REMOVED_AT_ONCE:
                    await tx.run(partial(_complete, at=at, link=delta_link))
                    return True

    async def put_changes(
        self,
        changed: Sequence[DirectoryUser],
        removed: Sequence[str],
        link: str,
        at: datetime | None,
    ) -> None:
        """Store one page of changes, and the link of what comes after it, in one transaction."""
        people = await asyncio.to_thread(people_of, changed)
        ids = [id_of(one) for one in removed]
        async with self._db.transaction() as tx:
            arrived = self._take_arrived()
            rids = await tx.run(partial(_change, arrived=arrived, people=people, removed=ids))
            await tx.execute("UPDATE poll SET delta_link = ?", (link,))
            # While a poll is unfinished changes are a part of it: who is told was seen.
            await tx.execute(
                "INSERT INTO seen (rids) SELECT ? FROM poll WHERE unfinished", (packed(rids),)
            )
            if at is not None:
                then = (to_micros(at),)
                await tx.execute("UPDATE poll SET delta_at = ?", then)
                await tx.execute("UPDATE poll SET polled_at = ? WHERE NOT unfinished", then)
        self._arrived = arrived

    async def delta(self) -> tuple[str, datetime] | None:
        """Return the link to changes, and when it was handed out; None without one."""
        row = await self._db.row("SELECT delta_link, delta_at FROM poll")
        at = maybe_moment(row["delta_at"]) if row else None
        return (str(row["delta_link"]), at) if row and row["delta_link"] and at else None

    async def forget_delta(self) -> None:
        """Forget the link to changes."""
        async with self._db.transaction() as tx:
            await tx.execute("UPDATE poll SET delta_link = '', delta_at = NULL")

    def _take_arrived(self) -> Arrived:
        """Return who has arrived; known to nobody until the transaction is through."""
        arrived, self._arrived = self._arrived, Arrived()
        return arrived


def _put_page(raw: RawConnection, *, arrived: Arrived, page: _Page, generation: int | None) -> int:
    """Store a page of this or of an unfinished poll; return the number of the poll."""
    poll = raw.execute("SELECT generation, unfinished FROM poll").fetchall()[0]
    if generation is None and poll["unfinished"]:
        generation = int(poll["generation"])
    if generation is None:
        raise RuntimeError("a page came without a poll")
    rids = put(raw, arrived, people_of(page.users))
    if poll["unfinished"] and poll["generation"] == generation:
        raw.execute("INSERT INTO seen (rids) VALUES (?)", (packed(rids),))
        # Another process that goes on with the same poll may have replaced the part.
        raw.execute(
            "UPDATE parts SET read = read + ?, link = ?, done = ? WHERE name = ?",
            (len(page.users), page.next_link, not page.next_link, page.part),
        )
    return generation


def _change(
    raw: RawConnection, *, arrived: Arrived, people: Sequence[Person], removed: Sequence[int]
) -> list[int]:
    """Return the row ids of `people`."""
    rids = put(raw, arrived, people)
    known = known_of(raw, arrived, removed)
    take_out(raw, [row.rid for row in known.values()])
    return rids


def _unseen(raw: RawConnection, *, generation: int) -> Gone:
    """Return who is in the copy and was not seen by the poll; nobody when it is not the latest."""
    poll = raw.execute("SELECT generation, unfinished, count FROM poll").fetchall()[0]
    if poll["generation"] != generation or not poll["unfinished"]:
        return Gone([], 0, 0)
    upto, seen = _seen_after(raw, 0)
    moved, _ = follow(raw, seen)
    if len(seen) == poll["count"]:
        return Gone([], upto, moved)
    everybody = BitMap(fetch_rids(raw, "SELECT rid FROM ids"))
    everybody |= arrivals.all_rids(raw)
    return Gone(list(everybody - seen), upto, moved)


def count_seen(raw: RawConnection) -> int:
    """Return how many users of the copy the unfinished poll has seen."""
    _, seen = _seen_after(raw, 0)
    follow(raw, seen)
    return len(seen)


def _seen_after(raw: RawConnection, n: int) -> tuple[int, Any]:
    seen: Any = BitMap()
    for row in raw.execute("SELECT n, rids FROM seen WHERE n > ? ORDER BY n", (n,)).fetchall():
        n = row[0]
        seen |= BitMap(unpacked(row[1]))
    return n, seen


def _remove_unseen(raw: RawConnection, *, gone: Gone) -> None:
    """Remove the first of `gone`, without those another process has seen meanwhile."""
    rids = BitMap(gone.rids[:REMOVED_AT_ONCE])
    follow(raw, rids, gone.moved)
    seen = _seen_after(raw, gone.upto)[1]
    follow(raw, seen)
    take_out(raw, list(rids - seen))


def _complete(raw: RawConnection, *, at: datetime, link: str) -> None:
    raw.execute("DELETE FROM seen")
    raw.execute("UPDATE poll SET unfinished = 0, polled_at = ?", (to_micros(at),))
    raw.execute("UPDATE parts SET link = ''")
    if link:
        raw.execute("UPDATE poll SET delta_link = ?, delta_at = ?", (link, to_micros(at)))
