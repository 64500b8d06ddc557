"""Company Masters and own sign-ins as keep-alive sees them: what was refused, when to ask again.

Children have no token of their own; they live as long as their Company Master.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ttr_tui.model import Authentication, Problem
from ttr_tui.store.attempt_rows import write_value
from ttr_tui.store.authentication_rows import SELECT_AUTHENTICATION, read_authentication
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.times import to_micros


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal of a stored sign-in: its class, how often in a row, when it is asked again."""

    problem: Problem
    act: str
    times: int
    next_try_at: datetime


class Roots:
    """Roots of every company; nothing here opens what is sealed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, company_id: str) -> list[Authentication]:
        """Return a company's Company Master and own sign-ins."""
        rows = await self._db.rows(
            SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.parent IS NULL", (company_id,)
        )
        return [read_authentication(row) for row in rows]

    async def keep(self, tx: Transaction, authentication_id: str, refusal: Refusal) -> None:
        """Keep a refusal in place of the former one; what it means for the status is not said."""
        await tx.execute(
            "UPDATE authentications SET refusal = ?, refusal_class = ?, refusals = ?,"
            " next_try_at = ? WHERE id = ? AND parent IS NULL",
            (
                write_value(refusal.problem),
                refusal.act,
                refusal.times,
                to_micros(refusal.next_try_at),
                authentication_id,
            ),
        )

    async def try_at(self, tx: Transaction, authentication_id: str, at: datetime) -> None:
        """Keep when a root is asked again, whatever it was refused for."""
        await tx.execute(
            "UPDATE authentications SET next_try_at = ? WHERE id = ? AND parent IS NULL",
            (to_micros(at), authentication_id),
        )
