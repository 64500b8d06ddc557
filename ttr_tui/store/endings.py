"""What has a date and may be there in great numbers, read narrowly: counted, not listed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.model import Authentication, Purpose, Station
from ttr_tui.store.authentication_rows import (
    SELECT_AUTHENTICATION,
    read_authentication,
    read_person,
)
from ttr_tui.store.database import Database, Row
from ttr_tui.store.times import from_micros, maybe_moment, to_micros

_ROOTS = " WHERE a.company_id = ? AND a.parent IS NULL"

_CHILDREN = """
    SELECT p.id, count(*) AS children FROM authentications AS p
    JOIN authentications AS c ON c.parent = p.number
    WHERE p.company_id = ? AND p.parent IS NULL GROUP BY p.number
"""

_LINKS = """
    SELECT o.purpose, o.waits, count(*) AS count, min(o.ends) AS ends, o.person, o.expected, o.name
    FROM (
        SELECT a.purpose, k.until IS NOT NULL AS waits, coalesce(k.until, a.expires_at) AS ends,
            k.person, a.expected, g.name
        FROM attempts AS a
        LEFT JOIN kept_sign_ins AS k ON k.attempt_id = a.id AND k.until > ?2
        LEFT JOIN agents AS g ON g.number = a.agent
        WHERE a.company_id = ?1 AND a.ended IS NULL AND a.station NOT IN (?3, ?4)
    ) AS o
    WHERE o.ends > ?2 GROUP BY o.purpose, o.waits, o.ends / 86400000000
"""
# The columns without an aggregate are those of the row with the smallest end
# (https://www.sqlite.org/lang_select.html#bareagg).


@dataclass(frozen=True, slots=True)
class Root:
    """A Company Master or an agent's own sign-in, and how many children end as it does."""

    authentication: Authentication
    children: int


@dataclass(frozen=True, slots=True)
class OpenLinks:
    """Links of one purpose that end on the same day (UTC), the first of them at `at`.

    `whose` is who is expected by that one, empty where nobody is; with `waits`, who signed in and
    waits for the operator's word.
    """

    purpose: Purpose
    at: datetime
    count: int
    whose: str
    waits: bool


class Endings:
    """Dates of every company."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def roots(self, company_id: str) -> list[Root]:
        """Return a company's root authentications; what is sealed stays closed."""
        rows = await self._db.rows(SELECT_AUTHENTICATION + _ROOTS, (company_id,))
        counts = await self._db.rows(_CHILDREN, (company_id,))
        children = {row["id"]: int(row["children"]) for row in counts}
        found = map(read_authentication, rows)
        return [Root(one, children.get(one.id, 0)) for one in found]

    async def oldest_sign_in(self) -> datetime | None:
        """Return since when anything is there that has to be kept alive; None while nothing is."""
        row = await self._db.row(
            "SELECT min(coalesce(signed_in_again_at, since)) FROM authentications"
            " WHERE parent IS NULL"
        )
        return None if row is None else maybe_moment(row[0])

    async def links(self, company_id: str, moment: datetime) -> list[OpenLinks]:
        """Return a company's links that lead somewhere at `moment`, those of one day together."""
        rows = await self._db.rows(
            _LINKS, (company_id, to_micros(moment), Station.STORED, Station.PROVEN)
        )
        return [
            OpenLinks(
                Purpose(row["purpose"]),
                from_micros(row["ends"]),
                int(row["count"]),
                _whose(row),
                bool(row["waits"]),
            )
            for row in rows
        ]


def _whose(row: Row) -> str:
    if row["waits"]:
        person = read_person(row["person"])
        return person.called if person else ""
    if row["name"]:
        return str(row["name"])
    expected = json.loads(row["expected"] or "{}")
    return str(expected.get("name") or expected.get("address") or "")
