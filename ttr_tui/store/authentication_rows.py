"""Rows of authentications as the values the other layers know.

Children come by the hundred thousand: their rows are read by position and share what their parent
has (its id and key), so that the whole tree of a large company is there at once.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache

from ttr_tui.model import (
    COMPANY_MASTER_NAME,
    Authentication,
    AuthenticationKind,
    Person,
    Problem,
    Status,
)
from ttr_tui.store.database import Row
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros
from ttr_tui.text import fold

SELECT_AUTHENTICATION = """
    SELECT a.id, a.company_id, a.kind, a.status, a.status_reason, a.status_since, a.since,
        a.signed_in_again_at, a.last_used, a.expires_at, a.generation, a.scopes, a.granted_by,
        a.person, a.refusal, a.refusal_class, a.refusals, a.next_try_at, g.id AS agent_id,
        g.object_id, g.name, g.address, p.id AS parent_id,
        k.id AS key_id, p.expires_at AS parent_expires_at
    FROM authentications AS a
    LEFT JOIN agents AS g ON g.number = a.agent
    LEFT JOIN authentications AS p ON p.number = a.parent
    LEFT JOIN keys AS k ON k.authentication = coalesce(a.parent, a.number)
"""

SELECT_CHILDREN = """
    SELECT a.id, a.status, a.status_reason, a.status_since, a.since, a.last_used, a.generation,
        a.scopes, a.granted_by, g.id, g.object_id, g.name, g.address, t.authentication
    FROM authentications AS a
    JOIN agents AS g ON g.number = a.agent
    LEFT JOIN tokens AS t ON t.root = a.parent AND t.authentication = a.number
    WHERE a.parent = (SELECT number FROM authentications WHERE id = ?)
"""

UNREADABLE_REASON = "This row cannot be opened with the keys at hand."

_STATUSES = {status.value: status for status in Status}
_moment = lru_cache(maxsize=4096)(from_micros)


def read_authentication(row: Row) -> Authentication:
    """Return the authentication of a row of SELECT_AUTHENTICATION."""
    kind = AuthenticationKind(row["kind"])
    person = read_person(row["person"])
    is_master = kind is AuthenticationKind.COMPANY_MASTER
    name, address = row["name"] or "", row["address"] or ""
    if is_master and person is not None:
        name, address = person.called, person.user_principal_name
    return Authentication(
        id=row["id"],
        company_id=row["company_id"],
        kind=kind,
        user_principal_name=COMPANY_MASTER_NAME if is_master else address,
        name=name,
        address=address,
        status=_STATUSES[row["status"]],
        status_reason=row["status_reason"],
        status_since=_moment(row["status_since"]),
        since=_moment(row["since"]),
        generation=row["generation"],
        key_id=row["key_id"] or "",
        agent_id=row["agent_id"],
        object_id=row["object_id"],
        parent_id=row["parent_id"],
        person=person,
        signed_in_again_at=_maybe(row["signed_in_again_at"]),
        last_used=_maybe(row["last_used"]),
        expires_at=_maybe(row["parent_expires_at"] if row["parent_id"] else row["expires_at"]),
        scopes=tuple(row["scopes"].split()),
        granted_by=row["granted_by"],
        refusal=Problem(**json.loads(row["refusal"])) if row["refusal"] else None,
        refusal_class=row["refusal_class"],
        refusals=row["refusals"],
        next_try_at=_maybe(row["next_try_at"]),
    )


def read_children(rows: list[Row], parent: Authentication) -> list[Authentication]:
    """Return the children of rows of SELECT_CHILDREN, by name.

    A child without a token row, or of a parent whose key does not open, is unreadable.
    """
    parent_opens = parent.status is not Status.UNREADABLE
    children = [_child(row, parent, parent_opens) for row in rows]
    children.sort(key=lambda child: fold(child.name))
    return children


def _child(row: Row, parent: Authentication, parent_opens: bool) -> Authentication:
    (
        authentication_id,
        status,
        reason,
        status_since,
        since,
        last_used,
        generation,
        scopes,
        granted_by,
        agent_id,
        object_id,
        name,
        address,
        token,
    ) = row
    opens = parent_opens and token is not None
    return Authentication(
        id=authentication_id,
        company_id=parent.company_id,
        kind=AuthenticationKind.CHILD,
        user_principal_name=address,
        name=name,
        address=address,
        status=_STATUSES[status] if opens else Status.UNREADABLE,
        status_reason=reason if opens else UNREADABLE_REASON,
        status_since=_moment(status_since),
        since=_moment(since),
        generation=generation,
        key_id=parent.key_id,
        agent_id=agent_id,
        object_id=object_id,
        parent_id=parent.id,
        last_used=_maybe(last_used),
        expires_at=parent.expires_at,
        scopes=(scopes,) if scopes else (),
        granted_by=granted_by,
    )


def read_person(text: str | None) -> Person | None:
    """Return who signed in, as `write_person` wrote it."""
    return None if text is None else Person(**json.loads(text))


def write_person(person: Person) -> str:
    """Return a person as text for the database."""
    return json.dumps({name: storable(value) for name, value in asdict(person).items()})


def _maybe(micros: int | None) -> datetime | None:
    return None if micros is None else _moment(micros)
