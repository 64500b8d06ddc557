"""A row of attempts, with what waits on it, as the value the other layers know."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui.model import Attempt, AttemptEnd, Expected, Person, Problem, Purpose, Station
from ttr_tui.store.database import Row
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros, maybe_moment, to_micros

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RANK = {station: rank for rank, station in enumerate(Station)}
"""How far along a station is."""

SELECT_ATTEMPT = """
    SELECT a.*, g.id AS agent_id, g.object_id AS pinned, g.name AS agent_name,
        g.address AS agent_address, k.person, k.browser_known, k.browser_from,
        k.until AS kept_until,
        (SELECT max(r.expires_at) FROM authorization_requests AS r
         WHERE r.attempt_id = a.id AND r.spent_at IS NULL) AS request_expires_at
    FROM attempts AS a LEFT JOIN kept_sign_ins AS k ON k.attempt_id = a.id
    LEFT JOIN agents AS g ON g.number = a.agent
"""


def read_attempt(row: Row, code: str, moment: datetime) -> Attempt:
    """Return the attempt of a row of SELECT_ATTEMPT as it stands at `moment`, its code opened."""
    ended, ended_at = _end_of(row, moment)
    waits = ended is None and (row["kept_until"] or 0) > to_micros(moment)
    return Attempt(
        id=row["id"],
        company_id=row["company_id"],
        purpose=Purpose(row["purpose"]),
        link=f"{row['redirect_uri']}/{code}",
        station=Station(row["station"]),
        station_at=from_micros(row["station_at"]),
        created_at=from_micros(row["created_at"]),
        expires_at=from_micros(row["expires_at"]),
        asked_by=row["asked_by"],
        request_expires_at=maybe_moment(row["request_expires_at"]),
        person=_person(row["person"]) if waits else None,
        browser_known=waits and bool(row["browser_known"]),
        browser_from=row["browser_from"] if waits else "",
        problem=row["problem"],
        ended=ended,
        ended_at=ended_at,
        person_until=maybe_moment(row["kept_until"]) if waits else None,
        signed_in=_person(row["signed_in"]) if row["signed_in"] else None,
        agent_id=row["agent_id"] or "",
        expected=_expected(row),
        refusal=Problem(**json.loads(row["refusal"])) if row["refusal"] else None,
    )


def write_value(value: DataclassInstance | None) -> str | None:
    """Return a plain value as text for the database, or None."""
    if value is None:
        return None
    return json.dumps({name: storable(part) for name, part in asdict(value).items()})


def _expected(row: Row) -> Expected | None:
    """Return who must come: whom the agent is pinned to now, not when the link was made."""
    if row["expected"] is None:
        return None
    expected = Expected(**json.loads(row["expected"]))
    if not row["pinned"]:
        return expected
    upn = expected.user_principal_name if expected.object_id in ("", row["pinned"]) else ""
    return Expected(row["pinned"], row["agent_name"], row["agent_address"], upn)


def _person(written: str) -> Person:
    return Person(**json.loads(written))


def _end_of(row: Row, moment: datetime) -> tuple[AttemptEnd | None, datetime | None]:
    """Tell whether an attempt is over, also when its expiry was not written down yet.

    A sign-in that waits keeps its attempt alive beyond the link's own day.
    """
    if row["ended"] is not None:
        return AttemptEnd(row["ended"]), from_micros(row["ended_at"])
    until = max(row["expires_at"], row["kept_until"] or 0)
    if until > to_micros(moment):
        return None, None
    stored = RANK[Station(row["station"])] >= RANK[Station.STORED]
    return AttemptEnd.DONE if stored else AttemptEnd.EXPIRED, from_micros(until)
