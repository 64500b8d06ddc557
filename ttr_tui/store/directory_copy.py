"""The local copy of one tenant's directory: a SQLCipher database of its own, beside the store.

It is filled by polls, page by page, and usable from the first page. Rows are read by window; only
their numbers in name order are ever held whole. Reads never wait for writes.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.store.database import Database, Row
from ttr_tui.store.directory_order import Matches, Order, Query, load_order
from ttr_tui.store.directory_poll import Poll
from ttr_tui.store.directory_rows import COLUMNS, id_hash, kind_of_code, no_longer_there, read_user
from ttr_tui.store.directory_search import find, words_of
from ttr_tui.store.directory_settling import BATCH, settle
from ttr_tui.store.times import maybe_moment

__all__ = ["CopyState", "DirectoryCopy", "Matches", "Query"]


@dataclass(frozen=True, slots=True)
class CopyState:
    """How whole and how old a copy is.

    `polled_at` is when the last complete poll ended (None: never); `complete` is False while a poll
    is unfinished, whose users so far are `read`, whose announced number is `expected`, and which
    goes on at `next_link`. `count` is the number of users in the copy.
    """

    polled_at: datetime | None
    complete: bool
    count: int
    expected: int | None
    next_link: str
    read: int


class DirectoryCopy:
    """One company's local copy. Open it with `open`, and close it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._poll = Poll(db)
        self._order = Order(edition=-1)
        self._settling: asyncio.Task[None] | None = None
        self._closing = False

    @classmethod
    async def open(cls, path: Path, key: bytes) -> DirectoryCopy:
        """Open, or create, the copy at `path` with its raw 32-byte key.

        Raises StoreBroken for damage, another key or a newer version, StoreError for the disk.
        """
        folder = Path(__file__).parent / "directory_migrations"
        scripts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))]
        return cls(await Database.open(path, key, scripts))

    async def close(self) -> None:
        """Let the batch under way end, then close the files. May be called twice."""
        self._closing = True
        if self._settling is not None:
            # What stopped it is no matter now: the rows stay fresh, and are settled another time.
            await asyncio.gather(self._settling, return_exceptions=True)
        await self._db.close()

    async def begin_poll(self, expected: int | None) -> None:
        """Begin a poll from its first page, of `expected` users as far as that is known.

        A poll of this copy that is unfinished, here or in another process, is superseded.
        """
        await self._poll.begin(expected)

    async def take_up_poll(self) -> CopyState | None:
        """Go on with an unfinished poll of any process; return how far it got.

        None when no unfinished poll has stored a page: then one begins anew.
        """
        poll = await self._poll.take_up()
        return _copy_state(poll) if poll is not None else None

    async def put_page(self, users: Sequence[DirectoryUser], next_link: str) -> None:
        """Store one page of a poll, and the link of the page after it (empty: none).

        Without a `begin_poll` here it goes on with the unfinished poll of an earlier process.
        """
        await self._poll.put(users, next_link)
        await self._settle_behind(BATCH)

    async def finish_poll(self, at: datetime) -> bool:
        """Call the copy complete as of `at`, and remove who was not seen by this poll.

        Returns False, and changes nothing, when a newer poll has taken over.
        """
        finished = await self._poll.finish(at)
        await self._settle_behind(1)
        return finished

    async def state(self) -> CopyState:
        """Return how whole and how old the copy is, from one row."""
        row = await self._db.row("SELECT * FROM poll")
        if row is None:
            raise RuntimeError("the local copy has no poll row")
        return _copy_state(row)

    async def search(self, query: Query) -> Matches:
        """Return who matches, in name order: folded name, then object id.

        Every word must stand somewhere in name, address, user principal name, department or title;
        case and accents do not count.
        """
        order = await self._current_order()
        found: list[Collection[int]] = []
        if words := words_of(query.text):
            found.append(await find(self._db, words))
        if query.only is not None:
            found.append(await self._numbers_of(query.only))
        return await asyncio.to_thread(order.pick, found, show_hidden=query.show_hidden)

    async def rows(self, rids: Sequence[int]) -> list[DirectoryUser]:
        """Return the users of a window, one for each of `rids`, in that order.

        In the place of a user who was removed since stands one without an object id.
        """
        found = await self._db.rows(
            f"SELECT {COLUMNS} FROM users"  # noqa: S608 - our own words
            " WHERE rid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rids)),),
        )
        users = {row["rid"]: read_user(row) for row in found}
        return [users.get(rid) or no_longer_there() for rid in rids]

    async def by_object_ids(self, object_ids: Collection[str]) -> list[DirectoryUser]:
        """Return those of `object_ids` who are in the copy, in that order."""
        users = await self.rows(await self._numbers_of(object_ids))
        found = {user.object_id: user for user in users}
        return [found[i] for i in dict.fromkeys(object_ids) if i in found]

    async def kinds_of(self, object_ids: Collection[str]) -> dict[str, UserKind]:
        """Return what those of `object_ids` are who are in the copy; one query, however many."""
        hashes = await asyncio.to_thread(lambda: [id_hash(one).hex() for one in object_ids])
        rows = await self._db.rows(
            "SELECT u.object_id, u.kind FROM json_each(?1) AS j"
            " LEFT JOIN identities AS i ON i.id_hash = unhex(j.value)"
            " LEFT JOIN fresh AS f ON f.id_hash = unhex(j.value)"
            " CROSS JOIN users AS u ON u.rid = coalesce(f.rid, i.rid)",
            (json.dumps(hashes),),
        )
        return {str(row[0]): kind_of_code(row[1]) for row in rows}

    async def object_ids_of(self, rids: Sequence[int]) -> list[str]:
        """Return the object ids of rows, in that order, without those who were removed since."""
        found = await self._db.rows(
            "SELECT rid, object_id FROM users WHERE rid IN (SELECT value FROM json_each(?))",
            (json.dumps(list(rids)),),
        )
        ids = {row["rid"]: str(row["object_id"]) for row in found}
        return [ids[rid] for rid in rids if rid in ids]

    async def rids_of(self, object_ids: Collection[str]) -> array[int]:
        """Return the rows of those of `object_ids` who are in the copy, in name order."""
        return (await self.search(Query(show_hidden=True, only=list(object_ids)))).rids

    async def load_marks(self) -> set[str]:
        """Return the selection: object ids, also of users who have left."""
        return {str(row["object_id"]) for row in await self._db.rows("SELECT object_id FROM marks")}

    async def save_marks(self, object_ids: Collection[str]) -> None:
        """Make `object_ids` the selection; only what differs is written."""
        ids = (json.dumps([object_id for object_id in object_ids if object_id]),)
        async with self._db.transaction() as tx:
            await tx.execute(
                "DELETE FROM marks WHERE object_id NOT IN (SELECT value FROM json_each(?))", ids
            )
            await tx.execute(
                "INSERT OR IGNORE INTO marks (object_id) SELECT value FROM json_each(?)", ids
            )

    async def _current_order(self) -> Order:
        row = await self._db.row("SELECT edition FROM poll")
        edition = int(row["edition"]) if row else 0
        if self._order.edition != edition:
            self._order = await load_order(self._db, edition)
        return self._order

    async def _numbers_of(self, object_ids: Collection[str]) -> list[int]:
        row = await self._db.row(
            "SELECT json_group_array(rid) FROM ("
            " SELECT i.rid FROM json_each(?1) AS j"
            " CROSS JOIN identities AS i ON i.id_hash = unhex(j.value)"
            " UNION ALL SELECT f.rid FROM json_each(?1) AS j"
            " CROSS JOIN fresh AS f ON f.id_hash = unhex(j.value))",
            (json.dumps([id_hash(object_id).hex() for object_id in object_ids]),),
        )
        numbers: list[int] = json.loads(row[0]) if row else []
        return numbers

    async def _settle_behind(self, threshold: int) -> None:
        """Have fresh rows settled beside whatever else goes on, once there are `threshold`."""
        row = await self._db.row(
            "SELECT count(*) AS count FROM (SELECT 1 FROM fresh LIMIT ?)", (threshold,)
        )
        if row is None or row["count"] < threshold or self._closing:
            return
        if self._settling is not None:
            if not self._settling.done():
                return
            # What stopped it (a full disk) is told to whoever writes next.
            self._settling.result()
        self._settling = asyncio.create_task(self._settle(threshold))

    async def _settle(self, threshold: int) -> None:
        while not self._closing and await settle(self._db, threshold):
            pass


def _copy_state(poll: Row) -> CopyState:
    return CopyState(
        polled_at=maybe_moment(poll["polled_at"]),
        complete=poll["polled_at"] is not None and not poll["unfinished"],
        count=poll["count"],
        expected=poll["expected"],
        next_link=poll["next_link"],
        read=poll["read"],
    )
