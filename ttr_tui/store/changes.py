"""Changes of state that a hook command is still to be told of.

Triggers write them, each in the transaction of its change (migration 004). A process that tells
some claims them first; what a killed one had claimed is free at once. They are told in their order:
while a living process tells, nobody else does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.times import from_micros, to_micros

MOST_AT_ONCE = 500
"""Changes told in one batch."""
_MOST_KEPT = 10_000
"""Rows kept while no hook is there to be told."""

_SELECT = """
    SELECT c.*, a.kind AS authentication_kind, a.person, g.name AS agent_name, g.address
    FROM changes AS c
    LEFT JOIN authentications AS a ON c.kind = 'authentication' AND a.id = c.subject
    LEFT JOIN agents AS g ON g.number = a.agent
    WHERE c.teller = ? ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of state, as it is told; `tries` counts what it was told in vain.

    `subject` is an authentication's id, the cause that stops a company, or a readiness check.
    `authentication_kind`, `name` and `address` are those of an authentication that is still there.
    """

    id: int
    at: datetime
    company_id: str
    company_name: str
    kind: str
    subject: str
    before: str
    after: str
    reason: str
    tries: int
    authentication_kind: str = ""
    name: str = ""
    address: str = ""


class Changes:
    """What is still to be told; `owner` is this process, `live` tells of the others."""

    def __init__(self, db: Database, owner: str, live: Callable[[str], bool]) -> None:
        self._db = db
        self._owner = owner
        self._live = live

    async def any(self) -> bool:
        """Tell whether there is anything to be told."""
        return await self._db.row("SELECT 1 FROM changes LIMIT 1") is not None

    async def claim(self) -> list[Change]:
        """Claim the oldest changes for this process, in their order; empty for none.

        Also empty while another living process is telling.
        """
        if not await self.any():
            return []
        async with self._db.transaction() as tx:
            tellers = await tx.rows("SELECT DISTINCT teller FROM changes WHERE teller IS NOT NULL")
            others = [row["teller"] for row in tellers if row["teller"] != self._owner]
            if any(self._live(teller) for teller in others):
                return []
            await tx.execute(
                "UPDATE changes SET teller = ? WHERE id IN"
                " (SELECT id FROM changes ORDER BY id LIMIT ?)",
                (self._owner, MOST_AT_ONCE),
            )
            return [_change(row) for row in await tx.rows(_SELECT, (self._owner,))]

    async def told(self, tx: Transaction, ids: Collection[int]) -> None:
        """Forget what was told, or is told no more."""
        await tx.execute(
            "DELETE FROM changes WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )

    async def told_in_vain(self, tx: Transaction, ids: Collection[int]) -> None:
        """Count one more try, and let whoever comes next try again."""
        await tx.execute(
            "UPDATE changes SET tries = tries + 1, teller = NULL"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )

    async def forget(self, before: datetime) -> None:
        """Forget changes from before that time, and all but the newest: nobody is to be told."""
        oldest = to_micros(before)
        found = await self._db.row(
            "SELECT count(*) AS count, sum(at < ?) AS old FROM changes", (oldest,)
        )
        if found is None or not (found["old"] or found["count"] > _MOST_KEPT):
            return
        async with self._db.transaction() as tx:
            await tx.execute(
                "DELETE FROM changes WHERE at < ? OR id <= (SELECT max(id) FROM changes) - ?",
                (oldest, _MOST_KEPT),
            )


def _change(row: Row) -> Change:
    person = json.loads(row["person"]) if row["person"] else {}
    return Change(
        id=row["id"],
        at=from_micros(row["at"]),
        company_id=row["company_id"],
        company_name=row["company_name"],
        kind=row["kind"],
        subject=row["subject"],
        before=row["before"],
        after=row["after"],
        reason=row["reason"],
        tries=row["tries"],
        authentication_kind=row["authentication_kind"] or "",
        name=row["agent_name"] or person.get("name", ""),
        address=row["address"] or person.get("user_principal_name", ""),
    )
