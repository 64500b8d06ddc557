"""Alarms: what stops a whole company is kept once, not once for each agent it concerns."""

from __future__ import annotations

import json
from collections.abc import Collection

from ttr_tui.model import Alarm, Problem, now
from ttr_tui.store.attempt_rows import write_value
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.times import from_micros, to_micros


class Alarms:
    """Alarms of every company."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list(self) -> list[Alarm]:
        """Return the alarms of all companies, oldest first."""
        rows = await self._db.rows("SELECT * FROM alarms ORDER BY since")
        return [
            Alarm(
                company_id=row["company_id"],
                cause=row["cause"],
                problem=Problem(**json.loads(row["refusal"])),
                since=from_micros(row["since"]),
                last_at=from_micros(row["last_at"]),
                times=row["times"],
            )
            for row in rows
        ]

    async def raise_one(
        self, tx: Transaction, company_id: str, cause: str, problem: Problem
    ) -> bool:
        """Keep that `cause` stops a company; return whether that is new."""
        moment = to_micros(now())
        written = write_value(problem)
        row = await tx.row(
            "INSERT INTO alarms (company_id, cause, refusal, since, last_at)"
            " VALUES (?1, ?2, ?3, ?4, ?4) ON CONFLICT (company_id, cause) DO UPDATE SET"
            " refusal = ?3, last_at = ?4, times = times + 1 RETURNING times",
            (company_id, cause, written, moment),
        )
        return row is not None and row["times"] == 1

    async def clear(
        self, tx: Transaction, company_id: str, causes: Collection[str] | None = None
    ) -> int:
        """End a company's alarms, of some causes or of all: what they stopped works again.

        Returns how many there were.
        """
        if causes is None:
            return await tx.execute("DELETE FROM alarms WHERE company_id = ?", (company_id,))
        return await tx.execute(
            "DELETE FROM alarms WHERE company_id = ? AND cause IN (SELECT value FROM json_each(?))",
            (company_id, json.dumps(list(causes))),
        )
