"""Lease rows: one process at a time refreshes an authentication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ttr_tui.errors import Gone
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.times import to_micros

LONGEST = timedelta(minutes=10)
"""A lease that ends later than this was written under another clock, and does not count."""


class Leases:
    """Who refreshes which authentication at present.

    `clock` gives the time leases run out by; `live` tells whether an owner's process is there.
    """

    def __init__(
        self, db: Database, clock: Callable[[], datetime], live: Callable[[str], bool]
    ) -> None:
        self._db = db
        self._clock = clock
        self._live = live

    async def take(self, authentication_id: str, owner: str, seconds: float) -> bool:
        """Take or prolong the lease; return False while another owner holds it.

        Raises Gone when there is no such authentication (any more), ValueError for a lease longer
        than LONGEST.
        """
        length = timedelta(seconds=seconds)
        if not timedelta() < length <= LONGEST:
            raise ValueError(f"a lease of {seconds} s")
        moment = self._clock()
        present = to_micros(moment)
        async with self._db.transaction() as tx:
            there = await tx.row("SELECT 1 FROM authentications WHERE id = ?", (authentication_id,))
            if there is None:
                raise Gone("The authentication was deleted meanwhile.", means="Nothing was stored.")
            await self._free_of_the_dead(tx, authentication_id)
            changed = await tx.execute(
                "INSERT INTO leases (authentication_id, owner, until) VALUES (?, ?, ?)"
                " ON CONFLICT (authentication_id) DO UPDATE"
                " SET owner = excluded.owner, until = excluded.until"
                " WHERE owner = excluded.owner OR until <= ? OR until > ?",
                (
                    authentication_id,
                    owner,
                    to_micros(moment + length),
                    present,
                    to_micros(moment + LONGEST),
                ),
            )
        return changed == 1

    async def drop(self, authentication_id: str, owner: str) -> None:
        """Give the lease back; nothing happens when another owner holds it by now."""
        async with self._db.transaction() as tx:
            await tx.execute(
                "DELETE FROM leases WHERE authentication_id = ? AND owner = ?",
                (authentication_id, owner),
            )

    async def _free_of_the_dead(self, tx: Transaction, authentication_id: str) -> None:
        """Drop the lease of a process that was killed: nobody waits for its end."""
        held = await tx.row(
            "SELECT owner FROM leases WHERE authentication_id = ?", (authentication_id,)
        )
        if held is not None and not self._live(held["owner"]):
            await tx.execute("DELETE FROM leases WHERE authentication_id = ?", (authentication_id,))
