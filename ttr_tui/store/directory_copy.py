"""The local copy of one tenant's directory: a SQLCipher database of its own, beside the store.

It is filled by polls, page by page, and usable from the first page. Everybody has a row id that
grows with the name (`directory_places.py`), and the search index has the same ids, so that the
first of those who match come sorted, and whole lists as bitmaps. Who arrives in numbers stands
behind the others, in order of arrival, until the order is built anew behind the list.

Reads never wait for writes, nor the first screenful for a whole list. Rows are read by window.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.query import Query, Sort
from ttr_tui.store import directory_finding as finding
from ttr_tui.store.database import Database
from ttr_tui.store.directory_addresses import Addresses
from ttr_tui.store.directory_agents import agents_are, set_agents
from ttr_tui.store.directory_marks import Marks, followed, keep, load
from ttr_tui.store.directory_numbers import BitMap, last_move
from ttr_tui.store.directory_poll import Part, Poll, Unfinished, count_seen
from ttr_tui.store.directory_readers import Readers, connect
from ttr_tui.store.directory_sorting import in_order
from ttr_tui.store.directory_tending import Tending
from ttr_tui.store.directory_values import CopyState, Matches, Screenful
from ttr_tui.store.directory_windows import kinds_of, object_ids_of, users_of
from ttr_tui.store.times import maybe_moment

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

__all__ = [
    "BitMap",
    "CopyState",
    "DirectoryCopy",
    "Marks",
    "Matches",
    "Part",
    "Query",
    "Screenful",
    "Unfinished",
]


_NEAR = 1_000
"""Rows from the first one that are read without the whole list."""


class DirectoryCopy:
    """One company's local copy. Open it with `open`, and close it."""

    def __init__(self, db: Database, readers: Readers) -> None:
        self._db = db
        self.addresses = Addresses(readers)
        self._readers = readers
        self._poll = Poll(db, readers)
        self._tending = Tending(db, readers)
        self._keeping = finding.Keeping()

    @classmethod
    async def open(cls, path: Path, key: bytes) -> DirectoryCopy:
        """Open, or create, the copy at `path` with its raw 32-byte key.

        Raises StoreBroken for damage, another key or a newer version, StoreError for the disk.
        """
        folder = Path(__file__).parent / "directory_migrations"
        scripts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))]
        return cls(
            await Database.open_with(partial(connect, path, key, scripts)), Readers(path, key)
        )

    async def close(self) -> None:
        """Let the step under way end, then close the files. May be called twice."""
        await self._tending.close()
        await self._readers.close()
        await self._db.close()

    # Polls and changes

    async def begin_poll(
        self,
        expected: int | None,
        parts: Sequence[Part] = (Part(),),
        delta: tuple[str, datetime] | None = None,
    ) -> None:
        """Begin a poll of `parts` from their first pages; an unfinished one is superseded.

        `delta` is a link to what changes from now on, and when it was taken.
        """
        await self._poll.begin(expected, parts, delta)
        self._tending.wake(while_polling=True)

    async def take_up_poll(self) -> Unfinished | None:
        """Go on with an unfinished poll of any process; return how far it got.

        None when no unfinished poll has stored a page: then one begins anew.
        """
        return await self._poll.take_up()

    async def put_page(
        self, users: Sequence[DirectoryUser], next_link: str, part: str = ""
    ) -> None:
        """Store one page of a part of a poll, and the link of the page after it (empty: none).

        Without a `begin_poll` here it goes on with the unfinished poll of an earlier process.
        """
        await self._poll.put_page(users, next_link, part)
        self._tending.wake()

    async def replace_part(self, part: str, into: Sequence[str]) -> None:
        """Read `into` in the place of a part of this poll: smaller ones, or the same one anew."""
        await self._poll.replace(part, into)

    async def seen(self) -> int:
        """Return how many users of the copy the unfinished poll has seen, each once."""
        return await self._readers.background(count_seen)

    async def finish_poll(self, at: datetime, delta_link: str = "") -> bool:
        """Call the copy complete as of `at`, and remove who was not seen by this poll.

        `delta_link` asks for the changes since it began. Returns False, and changes nothing, when a
        newer poll has taken over.
        """
        finished = await self._poll.finish(at, delta_link)
        self._tending.wake()
        return finished

    async def delta(self) -> tuple[str, datetime] | None:
        """Return the link for what changed since, and when it was handed out; None without one."""
        return await self._poll.delta()

    async def put_changes(
        self,
        changed: Sequence[DirectoryUser],
        removed: Sequence[str],
        link: str,
        at: datetime | None = None,
    ) -> None:
        """Store a page of changes, who left by object id, and the link of what comes after it.

        `at` comes with the last page: the copy is true as of then, and the link handed out then.
        What is brought twice changes nothing; of several changes of a user the last one counts.
        """
        await self._poll.put_changes(changed, removed, link, at)
        self._tending.wake()

    async def forget_delta(self) -> None:
        """Have the next opening read everything."""
        await self._poll.forget_delta()

    async def state(self) -> CopyState:
        """Return how whole and how old the copy is, from a few rows."""
        row = await self._db.row(
            "SELECT polled_at, unfinished, count, expected, fresh,"
            " (SELECT coalesce(sum(read), 0) FROM parts) AS read,"
            " (SELECT link FROM parts WHERE link <> '' ORDER BY name LIMIT 1) AS link FROM poll"
        )
        if row is None:
            raise RuntimeError("the local copy has no poll row")
        return CopyState(
            polled_at=maybe_moment(row["polled_at"]),
            complete=row["polled_at"] is not None and not row["unfinished"],
            count=row["count"],
            expected=row["expected"],
            next_link=row["link"] or "",
            read=row["read"],
            unplaced=row["fresh"],
        )

    # Finding

    async def first(self, query: Query, limit: int = 100) -> Screenful:
        """Return the first `limit` who match, in name order, whatever else is being searched."""
        self._tending.look()

        def work(raw: RawConnection) -> Screenful:
            rids = finding.first_of(raw, self._keeping.of(raw), query, limit + 1)
            shown, since = array("I", rids[:limit]), last_move(raw)
            return Screenful(shown, users_of(raw, shown), len(rids) > limit, since)

        return await self._readers.at_once(work)

    async def search(self, query: Query) -> Matches:
        """Return all who match, in name order or the one asked for, and the counts.

        May take some hundred ms; cancelling the awaiting task ends it.
        """
        self._tending.look()

        def work(raw: RawConnection) -> Matches:
            kept = self._keeping.of(raw)
            everybody = finding.all_of(raw, kept, query)
            hidden = finding.hidden_counts(raw, kept, everybody)
            shown = everybody
            for kind in hidden if query.hides else ():
                shown = shown - finding.of_kind(raw, kept, kind)
            rids = in_order(raw, kept, shown, query.sort)
            if query.descending:
                rids.reverse()
            total = len(finding.everybody(raw, kept))
            return Matches(rids, hidden, total, last_move(raw))

        return await self._readers.behind(work)

    async def rids(self, query: Query) -> array[int]:
        """Return the row ids of all who match, in the order asked for."""
        return (await self.search(query)).rids

    async def count(self, query: Query) -> int:
        """Return how many match, exactly."""
        return len((await self.search(query)).rids)

    async def window(self, query: Query, start: int, stop: int) -> list[DirectoryUser]:
        """Return those who match from `start` to before `stop` of the whole list."""
        if stop <= _NEAR and query.sort is Sort.NAME and not query.descending:
            return (await self.first(query, stop)).users[start:]
        return await self.rows((await self.search(query)).rids[start:stop])

    # Rows

    async def rows(self, rids: Sequence[int]) -> list[DirectoryUser]:
        """Return the users of a window, one for each of `rids`, in that order.

        Row ids that have changed since are followed. In the place of a user who was removed stands
        one without an object id.
        """
        return await self._readers.at_once(partial(users_of, rids=rids))

    async def object_ids_of(self, rids: Collection[int]) -> list[str]:
        """Return the object ids of rows, in that order, without those who were removed since."""
        return await self._readers.behind(partial(object_ids_of, rids=rids))

    async def by_object_ids(self, object_ids: Collection[str]) -> list[DirectoryUser]:
        """Return those of `object_ids` who are in the copy, in that order."""

        def work(raw: RawConnection) -> list[DirectoryUser]:
            found = finding.rids_of(raw, object_ids)
            users = users_of(raw, list(found.values()))
            return [user for user in users if user.object_id]

        return await self._readers.behind(work)

    async def kinds_of(self, object_ids: Collection[str]) -> dict[str, UserKind]:
        """Return what those of `object_ids` are who are in the copy."""

        def work(raw: RawConnection) -> dict[str, UserKind]:
            return kinds_of(raw, list(finding.rids_of(raw, object_ids).values()))

        return await self._readers.behind(work)

    async def rids_of(self, object_ids: Collection[str]) -> array[int]:
        """Return the rows of those of `object_ids` who are in the copy, in name order."""

        def work(raw: RawConnection) -> array[int]:
            return array("I", sorted(finding.rids_of(raw, object_ids).values()))

        return await self._readers.behind(work)

    # The selection, the agents

    async def marks(self) -> Marks:
        """Return what was selected last, as row ids of now, and how many of them have left."""
        return await self._readers.at_once(load)

    async def followed(self, marks: Marks) -> Marks:
        """Return the same users by their row ids of now; `left` counts who left since."""
        return await self._readers.at_once(partial(followed, marks=marks))

    async def keep_marks(self, marks: Marks) -> None:
        """Write the selection down; it survives polls, new orders and restarts."""
        async with self._db.transaction() as tx:
            await tx.run(partial(keep, marks=marks))

    async def set_agents(self, object_ids: Collection[str]) -> None:
        """Tell who is an agent, for `agent:` filters; written only where it differs."""
        if not await self._readers.at_once(partial(agents_are, object_ids=object_ids)):
            async with self._db.transaction() as tx:
                await tx.run(partial(set_agents, object_ids=object_ids))
