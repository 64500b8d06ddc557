"""Authentications whose user was disabled or deleted in the directory, and came back.

What the directory says is kept beside the status. Only a status that was good is replaced, and only
ours is taken back: what a mailbox or Microsoft answered meanwhile stands.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ttr_tui.model import AuthenticationKind, Status
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.times import to_micros

_GOOD = (Status.HEALTHY, Status.UNPROVEN)


class UserGone(StrEnum):
    """What the directory says of the user behind an authentication."""

    NO = ""
    DISABLED = "disabled"
    DELETED = "deleted"


REASONS = {
    UserGone.DISABLED: "The user was disabled in Microsoft 365.",
    UserGone.DELETED: "The user was deleted in Microsoft 365.",
}


@dataclass(frozen=True, slots=True)
class Occupant:
    """An authentication and the user behind it, with what was last known of that user."""

    authentication_id: str
    kind: AuthenticationKind
    object_id: str
    called: str
    gone: UserGone


class Departures:
    """Who is behind the authentications of a company, and what the directory says of them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def occupants(self, company_id: str) -> list[Occupant]:
        """Return everybody behind a company's authentications; one query, however many."""
        rows = await self._db.rows(
            "SELECT a.id, a.kind, a.user_gone,"
            " coalesce(g.object_id, json_extract(a.person, '$.object_id'), ''),"
            " coalesce(g.address, json_extract(a.person, '$.user_principal_name'), '')"
            " FROM authentications AS a LEFT JOIN agents AS g ON g.number = a.agent"
            " WHERE a.company_id = ?",
            (company_id,),
        )
        # A hundred thousand of them would hold up the screen.
        return await asyncio.to_thread(_occupants, rows)

    async def keep(
        self, tx: Transaction, changed: Sequence[tuple[Occupant, UserGone]], at: datetime
    ) -> None:
        """Keep what became of users, and mark or unmark their agents' authentications.

        A Company Master is no agent: like every root of theirs it is asked at Microsoft soon.
        """
        moment, marks = to_micros(at), (*_GOOD, *REASONS.values())
        left = [one for one in changed if one[1] is not UserGone.NO]
        back = [one for one in changed if one[1] is UserGone.NO]
        agents = [one for one in left if one[0].kind is not AuthenticationKind.COMPANY_MASTER]
        await tx.executemany(
            "UPDATE authentications SET former_status = CASE WHEN status IN (?5, ?6) THEN status"
            " ELSE former_status END, status = ?1, status_reason = ?2, status_since = ?3"
            " WHERE id = ?4 AND (status IN (?5, ?6) OR (status_reason IN (?7, ?8)"
            " AND former_status IS NOT NULL))",
            [
                (_status(who, gone), REASONS[gone], moment, who.authentication_id, *marks)
                for who, gone in agents
            ],
        )
        await tx.executemany(
            "UPDATE authentications SET status = former_status, status_reason = '',"
            " status_since = ? WHERE id = ? AND former_status IS NOT NULL"
            " AND status_reason IN (?, ?)",
            [(moment, who.authentication_id, *REASONS.values()) for who, _ in back],
        )
        await tx.executemany(
            "UPDATE authentications SET user_gone = ?1,"
            " former_status = CASE ?1 WHEN '' THEN NULL ELSE former_status END,"
            " next_try_at = CASE WHEN parent IS NULL THEN ?2 ELSE next_try_at END WHERE id = ?3",
            [(gone, moment, who.authentication_id) for who, gone in changed],
        )

    async def gone_ids(self, company_id: str, ids: Collection[str]) -> set[str]:
        """Return which of a company's authentications stand marked because their user is gone."""
        rows = await self._db.rows(
            "SELECT id FROM authentications WHERE company_id = ? AND user_gone != ''"
            " AND former_status IS NOT NULL AND status_reason IN (?, ?)"
            " AND id IN (SELECT value FROM json_each(?))",
            (company_id, *REASONS.values(), json.dumps(list(ids))),
        )
        return {str(row["id"]) for row in rows}


def _occupants(rows: Sequence[Row]) -> list[Occupant]:
    kinds = {kind.value: kind for kind in AuthenticationKind}
    states = {gone.value: gone for gone in UserGone}
    return [
        Occupant(found, kinds[kind], object_id, called, states[gone])
        for found, kind, gone, object_id, called in rows
    ]


def _status(who: Occupant, gone: UserGone) -> Status:
    """Without its user a child's mailbox is gone; everything else Microsoft refuses."""
    if gone is UserGone.DELETED and who.kind is AuthenticationKind.CHILD:
        return Status.NO_MAILBOX
    return Status.REFUSED
