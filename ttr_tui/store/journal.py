"""The journal: who did what, when, from where, and how it ended; never a secret.

An entry is written in the transaction of the act it tells of, so that neither is there without the
other, and sent to the system's log once that is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ttr_tui.model import Actor, JournalEntry, now
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.storable import storable
from ttr_tui.store.syslog import Syslog
from ttr_tui.store.times import from_micros, to_micros


class Journal:
    """The journal of this installation, written in the name of `actor`."""

    def __init__(
        self,
        db: Database,
        actor: Actor,
        syslog: Syslog | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._db = db
        self._actor = actor
        self._syslog = syslog or Syslog()
        self._clock = clock

    async def write(
        self,
        tx: Transaction,
        what: str,
        *,
        company_name: str = "",
        subject: str = "",
        outcome: str = "done",
        detail: str = "",
    ) -> int:
        """Write one entry in the act's own transaction; return its number."""
        at = to_micros(self._clock())
        actor = self._actor
        texts = (actor.name, actor.origin, what, company_name, subject, outcome, detail)
        row = await tx.row(
            "INSERT INTO journal (at, who, origin, what, company_name, subject, outcome, detail)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
            (at, *map(storable, texts)),
        )
        if row is None:
            raise RuntimeError("INSERT … RETURNING returned nothing")
        entry = _entry(row)
        tx.after_commit(lambda: self._tell(entry))
        return entry.id

    async def since(self, at: datetime | None = None, limit: int = 0) -> list[JournalEntry]:
        """Return the entries from `at` on (all without it), oldest first; at most the last `limit`.

        A `limit` of 0 is none.
        """
        rows = await self._db.rows(
            "SELECT * FROM journal WHERE at >= ? ORDER BY id DESC LIMIT ?",
            (0 if at is None else to_micros(at), limit or -1),
        )
        return [_entry(row) for row in reversed(rows)]

    def _tell(self, entry: JournalEntry) -> None:
        self._syslog.send(entry)


def _entry(row: Row) -> JournalEntry:
    return JournalEntry(
        id=row["id"],
        at=from_micros(row["at"]),
        who=row["who"],
        origin=row["origin"],
        what=row["what"],
        company_name=row["company_name"],
        subject=row["subject"],
        outcome=row["outcome"],
        detail=row["detail"],
    )
