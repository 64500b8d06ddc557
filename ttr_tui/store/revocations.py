"""Intents to delete, and how far each has come, so that a crash at any moment is resumed.

planned   written down; from here on it is carried out, whatever happens
deleted   ids noted beside the store key, then rows deleted: unusable
erased    the write-ahead log was truncated with no reader left: nothing of it is on this disk
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ttr_tui.errors import Gone
from ttr_tui.model import Company, now
from ttr_tui.store import deletion
from ttr_tui.store.authentications import Authentications
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.key_file import append_destroyed
from ttr_tui.store.times import from_micros, to_micros

_CHOSEN = """
    FROM authentications AS a
    WHERE a.company_id = ? AND a.id IN (SELECT value FROM json_each(?))
"""
COUNTED = f"""
    SELECT count(*) AS count, total(a.kind = 'company_master') AS masters,
        total((SELECT count(*) FROM authentications AS c WHERE c.parent = a.number)) AS children
    {_CHOSEN}
"""  # noqa: S608 - our own words
_KEPT = f"INSERT INTO revocation_items (revocation_id, authentication_id) SELECT ?, a.id {_CHOSEN}"
_ITEMS = """
    SELECT json_group_array(authentication_id) FROM revocation_items WHERE revocation_id = ?
"""


class Stage(StrEnum):
    """How far a revocation has come; only forwards."""

    PLANNED = "planned"
    DELETED = "deleted"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Revocation:
    """One intent: `authentication_ids` as chosen, `count` with the children that go along."""

    id: int
    company_id: str
    company_name: str
    stage: Stage
    planned_at: datetime
    stage_at: datetime
    with_master: bool
    count: int
    authentication_ids: tuple[str, ...]


class Revocations:
    """Revocations of every company; `destroyed_file` lies beside the store key."""

    def __init__(
        self,
        db: Database,
        authentications: Authentications,
        destroyed_file: Path,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._db = db
        self._authentications = authentications
        self._destroyed_file = destroyed_file
        self._clock = clock

    async def plan(self, tx: Transaction, company: Company, ids: Collection[str]) -> int:
        """Write down what is to be deleted; return the revocation's number. Raises Gone."""
        wanted = await asyncio.to_thread(json.dumps, list(ids))
        counted = await tx.row(COUNTED, (company.id, wanted))
        if counted is None or not counted["count"]:
            raise Gone("What was to be deleted is no longer there.", means="Nothing was deleted.")
        moment = to_micros(self._clock())
        inserted = await tx.row(
            "INSERT INTO revocations (company_id, company_name, stage, planned_at, stage_at,"
            " with_master, count) VALUES (?, ?, 'planned', ?, ?, ?, ?) RETURNING id",
            (
                company.id,
                company.name,
                moment,
                moment,
                counted["masters"] > 0,
                int(counted["count"] + counted["children"]),
            ),
        )
        if inserted is None:
            raise RuntimeError("INSERT … RETURNING returned nothing")
        revocation_id = int(inserted["id"])
        await tx.execute(_KEPT, (revocation_id, company.id, wanted))
        return revocation_id

    async def get(self, revocation_id: int) -> Revocation:
        """Return one revocation; raise Gone."""
        row = await self._db.row("SELECT * FROM revocations WHERE id = ?", (revocation_id,))
        if row is None:
            raise Gone("There is no such deletion.")
        return await self._read(row)

    async def open(self) -> list[Revocation]:
        """Return those that are not erased yet, oldest first."""
        rows = await self._db.rows("SELECT * FROM revocations WHERE stage != 'erased' ORDER BY id")
        return [await self._read(row) for row in rows]

    async def note_destroyed(self, revocation: Revocation) -> None:
        """Note beside the store key, durably, what is about to be destroyed.

        Before the rows are deleted: a copy of the store made earlier then loses them when opened.
        """
        destroyed = await self._authentications.destroyed_ids(revocation.authentication_ids)
        if revocation.with_master:
            destroyed += await deletion.waiting_ids(self._db, revocation.company_id)
        await asyncio.to_thread(append_destroyed, self._destroyed_file, destroyed)

    async def note_removed(self, row_id: str) -> None:
        """Note the same way an agent or a company that is being removed, by its id."""
        await asyncio.to_thread(append_destroyed, self._destroyed_file, [row_id])

    async def step(self, tx: Transaction, revocation_id: int, stage: str) -> bool:
        """Move on to `stage`; return False when another process was there before."""
        before = {Stage.DELETED: Stage.PLANNED, Stage.ERASED: Stage.DELETED}[Stage(stage)]
        changed = await tx.execute(
            "UPDATE revocations SET stage = ?, stage_at = ? WHERE id = ? AND stage = ?",
            (Stage(stage), to_micros(self._clock()), revocation_id, before),
        )
        return changed == 1

    async def _read(self, row: Row) -> Revocation:
        items = await self._db.row(_ITEMS, (row["id"],))
        ids = await asyncio.to_thread(json.loads, items[0] if items else "[]")
        return Revocation(
            id=row["id"],
            company_id=row["company_id"],
            company_name=row["company_name"],
            stage=Stage(row["stage"]),
            planned_at=from_micros(row["planned_at"]),
            stage_at=from_micros(row["stage_at"]),
            with_master=bool(row["with_master"]),
            count=row["count"],
            authentication_ids=tuple(ids),
        )
