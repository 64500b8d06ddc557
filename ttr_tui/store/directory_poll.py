"""Writing a poll into a local copy: page by page, and who is gone only at its end.

A poll has a number. While it is unfinished the rows it saw are listed in `seen`; rows it did not
see are removed when it finishes, never before. A newer poll, of whichever process, takes over: what
an older one still brings is stored, but it removes nobody and finishes nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime

from ttr_tui.model import DirectoryUser
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.directory_rows import UserRow, user_rows, user_texts
from ttr_tui.store.directory_settling import unsettle
from ttr_tui.store.times import to_micros


class Poll:
    """The poll this process carries out on one local copy, if any."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._generation: int | None = None

    async def begin(self, expected: int | None) -> None:
        """Begin a poll from the first page; any other poll of this copy is over with it."""
        async with self._db.transaction() as tx:
            await tx.execute("DELETE FROM seen")
            await tx.execute(
                "UPDATE poll SET generation = generation + 1, unfinished = 1, expected = ?,"
                " read = 0, next_link = ''",
                (expected,),
            )
            self._generation = int((await _poll(tx))["generation"])

    async def take_up(self) -> Row | None:
        """Go on with the unfinished poll, of whichever process; None when no page of one is stored.

        It may still be carried out there. Then both bring the same pages, and the first one ends
        it.
        """
        async with self._db.transaction() as tx:
            poll = await _poll(tx)
            begun = bool(poll["unfinished"] and poll["next_link"])
            self._generation = int(poll["generation"]) if begun else None
        return poll if begun else None

    async def put(self, users: Sequence[DirectoryUser], next_link: str) -> None:
        """Store one page and where the next one is, in one transaction.

        Goes on with the unfinished poll of an earlier process when this one began none.
        """
        rows = await asyncio.to_thread(user_rows, users)
        async with self._db.transaction() as tx:
            poll = await _poll(tx)
            if self._generation is None and poll["unfinished"]:
                self._generation = int(poll["generation"])
            if self._generation is None:
                raise RuntimeError("a page came without a poll")
            rids = await _upsert(tx, rows, int(poll["next_rid"]))
            if self._is_mine(poll):
                await tx.executemany(
                    "INSERT OR IGNORE INTO seen (rid) VALUES (?)", ((rid,) for rid in rids)
                )
                await tx.execute(
                    "UPDATE poll SET read = read + ?, next_link = ?", (len(users), next_link)
                )

    async def finish(self, at: datetime) -> bool:
        """Remove who was not seen and call the copy complete, as of `at`.

        Returns False, and does neither, when a newer poll has begun or finished meanwhile.
        """
        async with self._db.transaction() as tx:
            mine = self._is_mine(await _poll(tx))
            self._generation = None
            if not mine:
                return False
            await _remove_unseen(tx)
            await tx.execute("DELETE FROM seen")
            await tx.execute(
                "UPDATE poll SET unfinished = 0, next_link = '', polled_at = ?,"
                " edition = edition + 1",
                (to_micros(at),),
            )
        return True

    def _is_mine(self, poll: Row) -> bool:
        return bool(poll["unfinished"]) and poll["generation"] == self._generation


async def _poll(tx: Transaction) -> Row:
    row = await tx.row("SELECT * FROM poll")
    if row is None:
        raise RuntimeError("the local copy has no poll row")
    return row


async def _upsert(tx: Transaction, rows: Sequence[UserRow], next_rid: int) -> list[int]:
    """Insert and replace what is new or changed; return the row numbers of all of `rows`."""
    known = await _known(tx, rows)
    new: list[tuple[int, UserRow]] = []
    changed: list[tuple[int, UserRow]] = []
    for row in rows:
        found = known.get(row.id_hash)
        if found is None:
            new.append((next_rid + len(new), row))
        elif found[1] != row.digest:
            changed.append((found[0], row))
    if new or changed:
        # Replacing in place would cost every new row as well (measured: twice the time).
        await _remove(tx, [rid for rid, _ in changed])
        await _write(tx, [*new, *changed])
        await tx.execute(
            "UPDATE poll SET count = count + ?, next_rid = next_rid + ?, edition = edition + 1",
            (len(new), len(new)),
        )
    return [*(rid for rid, _ in new), *(rid for rid, _ in known.values())]


async def _known(tx: Transaction, rows: Sequence[UserRow]) -> dict[bytes, tuple[int, bytes]]:
    hashes = json.dumps([row.id_hash.hex() for row in rows])
    found = await tx.rows(
        "SELECT i.id_hash, i.rid, i.digest FROM json_each(?1) AS j"
        " CROSS JOIN identities AS i ON i.id_hash = unhex(j.value)"
        " UNION ALL SELECT f.id_hash, f.rid, f.digest FROM json_each(?1) AS j"
        " CROSS JOIN fresh AS f ON f.id_hash = unhex(j.value)",
        (hashes,),
    )
    return {row["id_hash"]: (row["rid"], row["digest"]) for row in found}


async def _write(tx: Transaction, rows: Sequence[tuple[int, UserRow]]) -> None:
    texts = await asyncio.to_thread(user_texts, [row for _, row in rows])
    await tx.executemany(
        "INSERT INTO users (rid, object_id, name, user_principal_name, address,"
        " department, title, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((rid, *row.columns, row.kind) for rid, row in rows),
    )
    await tx.executemany(
        "INSERT INTO texts (rid, folded) VALUES (?, ?)",
        ((rid, text.folded) for (rid, _), text in zip(rows, texts, strict=True)),
    )
    await tx.executemany(
        "INSERT INTO fresh (rid, id_hash, digest, sort_key, object_id, kind)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            (rid, row.id_hash, row.digest, text.sort_key, row.columns[0], row.kind)
            for (rid, row), text in zip(rows, texts, strict=True)
        ),
    )


async def _remove_unseen(tx: Transaction) -> None:
    rows = await tx.rows("SELECT rid FROM users WHERE rid NOT IN (SELECT rid FROM seen)")
    await _remove(tx, [row["rid"] for row in rows])
    await tx.execute("UPDATE poll SET count = count - ?", (len(rows),))


async def _remove(tx: Transaction, rids: Sequence[int]) -> None:
    if not rids:
        return
    await unsettle(tx, rids)
    listed = (json.dumps(list(rids)),)
    await tx.execute("DELETE FROM users WHERE rid IN (SELECT value FROM json_each(?))", listed)
    await tx.execute("DELETE FROM texts WHERE rid IN (SELECT value FROM json_each(?))", listed)
    await tx.execute("DELETE FROM fresh WHERE rid IN (SELECT value FROM json_each(?))", listed)
