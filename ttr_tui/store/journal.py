"""The journal: who did what, when, from where, and how it ended; never a secret.

An entry is written in the transaction of the act it tells of, so that neither is there without the
other, and sent to the system's log once that is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock, Thread
from typing import TYPE_CHECKING

from ttr_tui.model import Actor, JournalEntry, now
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.storable import storable
from ttr_tui.store.syslog import Syslog
from ttr_tui.store.times import from_micros, to_micros

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection


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
        self._telling = Lock()
        self._untold: deque[Sequence[JournalEntry]] = deque()

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
        tx.after_commit(lambda: self.tell(entry))
        return entry.id

    async def write_each(
        self, tx: Transaction, what: str, subjects: Sequence[str], *, company_name: str, detail: str
    ) -> None:
        """Write one entry for each of `subjects`, all of the same act, in its own transaction.

        A hundred thousand are one statement; the system's log hears of them off the event loop.
        """
        at = self._clock()
        actor = self._actor
        before = await tx.row("SELECT coalesce(max(id), 0) AS id FROM journal")
        first = (before["id"] if before else 0) + 1
        texts = (what, company_name)
        entries = [
            JournalEntry(number, at, actor.name, actor.origin, *texts, subject, "done", detail)
            for number, subject in enumerate(subjects, first)
        ]
        await tx.executemany(
            "INSERT INTO journal (id, at, who, origin, what, company_name, subject, outcome,"
            " detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_cells(entry) for entry in entries],
        )
        tx.after_commit(lambda: self._tell_aside(entries))

    async def since(self, at: datetime | None = None, limit: int = 0) -> list[JournalEntry]:
        """Return the entries from `at` on (all without it), oldest first; at most the last `limit`.

        A `limit` of 0 is none.
        """
        rows = await self._db.rows(
            "SELECT * FROM journal WHERE at >= ? ORDER BY id DESC LIMIT ?",
            (0 if at is None else to_micros(at), limit or -1),
        )
        return [_entry(row) for row in reversed(rows)]

    def draft(self, what: str, *, subject: str = "", detail: str = "") -> JournalEntry:
        """Return an entry for an act that is stored past the rooms (`insert_entry`)."""
        return draft_entry(self._actor, what, subject=subject, detail=detail, at=self._clock())

    def tell(self, entry: JournalEntry) -> None:
        """Send an entry that is stored to the system's log."""
        self._syslog.send(entry)

    def _tell_aside(self, entries: Sequence[JournalEntry]) -> None:
        """Tell the system's log in a thread, one act after the other, however many there are."""
        with self._telling:
            self._untold.append(entries)
            if len(self._untold) == 1:
                Thread(target=self._tell_untold, daemon=True).start()

    def _tell_untold(self) -> None:
        """Tell of each act up to the first entry that is not taken."""
        more = True
        while more:
            all(map(self._syslog.send, self._untold[0]))
            with self._telling:
                self._untold.popleft()
                more = bool(self._untold)


def draft_entry(
    actor: Actor, what: str, *, subject: str, detail: str, at: datetime
) -> JournalEntry:
    """Return an entry that has no number yet."""
    return JournalEntry(0, at, actor.name, actor.origin, what, "", subject, "done", detail)


def insert_entry(raw: RawConnection, entry: JournalEntry) -> JournalEntry:
    """Store an entry through a bare connection, in its transaction; return it with its number."""
    row = raw.execute(
        "INSERT INTO journal (at, who, origin, what, company_name, subject, outcome, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
        _cells(entry)[1:],
    ).fetchone()
    return _entry(row)


def _cells(entry: JournalEntry) -> tuple[int | str, ...]:
    texts = (entry.who, entry.origin, entry.what, entry.company_name, entry.subject, entry.outcome)
    return (entry.id, to_micros(entry.at), *map(storable, (*texts, entry.detail)))


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
