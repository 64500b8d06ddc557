"""Sign-ins that wait for the operator's word: sealed, one for each attempt, for a day at most."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from ttr_tui.errors import LinkOver
from ttr_tui.model import Person, Secret
from ttr_tui.store.attempt_rows import write_value
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.keys import HeldKey
from ttr_tui.store.times import to_micros

KEPT_FOR = timedelta(days=1)
"""How long a sign-in waits for the operator's word before it is erased."""


class Waiting:
    """Who came back, with their tokens; the first one stays until the operator has decided."""

    def __init__(self, db: Database, key: HeldKey, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._key = key
        self._clock = clock

    async def keep(
        self,
        tx: Transaction,
        attempt_id: str,
        person: Person,
        payload: Secret,
        browser: tuple[bool, str],
    ) -> None:
        """Keep a sign-in sealed; `browser`: whether it was the bound one, and its address.

        Raises LinkOver when another sign-in waits already. Whether the attempt is open is asked
        before, in the same transaction.
        """
        await self.erase_overdue(tx)
        sealed = self._key.seal(
            ("kept_sign_ins", attempt_id, "sealed"),
            payload.reveal().encode(),
        )
        known, came_from = browser
        added = await tx.execute(
            "INSERT OR IGNORE INTO kept_sign_ins"
            " (attempt_id, person, sealed, browser_known, browser_from, until)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                attempt_id,
                write_value(person),
                sealed,
                known,
                came_from,
                to_micros(self._clock() + KEPT_FOR),
            ),
        )
        if not added:
            raise _second()

    async def get(self, attempt_id: str) -> tuple[Person, Secret]:
        """Return who waits and what was kept of the sign-in. Raises LinkOver when nobody waits."""
        row = await self._db.row(
            "SELECT person, sealed FROM kept_sign_ins WHERE attempt_id = ? AND until > ?",
            (attempt_id, to_micros(self._clock())),
        )
        if row is None:
            raise _nobody_waits()
        place = ("kept_sign_ins", attempt_id, "sealed")
        payload = self._key.unseal(place, row["sealed"])
        return Person(**json.loads(row["person"])), Secret(payload.decode())

    async def take(self, tx: Transaction, attempt_id: str) -> str:
        """Erase what waits and return whose it was, as written. Raises LinkOver."""
        row = await tx.row(
            "DELETE FROM kept_sign_ins WHERE attempt_id = ? AND until > ? RETURNING person",
            (attempt_id, to_micros(self._clock())),
        )
        if row is None:
            raise _nobody_waits()
        return str(row["person"])

    async def forget(self, tx: Transaction, attempt_id: str) -> bool:
        """Erase the sign-in that waits; the link goes on. Returns whether one waited."""
        return await tx.execute("DELETE FROM kept_sign_ins WHERE attempt_id = ?", (attempt_id,)) > 0

    async def erase_overdue(self, tx: Transaction) -> int:
        """Erase what waited its day for nobody's word; return how many."""
        moment = to_micros(self._clock())
        return await tx.execute("DELETE FROM kept_sign_ins WHERE until <= ?", (moment,))


def _second() -> LinkOver:
    return LinkOver(
        "Another sign-in through this link came first and waits for the operator's word.",
        means="Yours was not stored.",
        cure="Ask whoever sent the link.",
    )


def _nobody_waits() -> LinkOver:
    return LinkOver(
        "No sign-in waits on this link any more: it was withdrawn, refused or is too old.",
        means="Nothing was stored.",
        cure="Make a new link and sign in again.",
    )
