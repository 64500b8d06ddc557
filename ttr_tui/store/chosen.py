"""Authentications chosen by their ids, a whole company's if need be: told apart, not read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ttr_tui.model import AuthenticationKind
from ttr_tui.store.authentication_rows import read_person
from ttr_tui.store.database import Database, Row

CHOSEN = """
    SELECT kind, json_group_array(id) FROM authentications
    WHERE company_id = ? AND id IN (SELECT value FROM json_each(?)) GROUP BY kind
"""
PEOPLE = """
    SELECT id, person FROM authentications
    WHERE company_id = ? AND parent IS NULL AND person IS NOT NULL
        AND id IN (SELECT value FROM json_each(?))
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Those that are there, in the order in which they were named.

    `ids` are all of them, `master`, `children` and `own` those of each kind; `people` are the names
    of who signed in to any.
    """

    ids: tuple[str, ...] = ()
    master: str | None = None
    children: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


async def read_chosen(db: Database, company_id: str, ids: Sequence[str]) -> Chosen:
    """Return which of these a company has; a hundred thousand hold nothing up."""
    wanted = await asyncio.to_thread(json.dumps, list(ids))
    rows = await db.rows(CHOSEN, (company_id, wanted))
    chosen = await asyncio.to_thread(_told_apart, ids, rows)
    roots = [*chosen.own, *([chosen.master] if chosen.master else [])]
    if not roots:
        return chosen
    people = await db.rows(PEOPLE, (company_id, json.dumps(roots)))
    signed_in = {str(row["id"]): read_person(row["person"]) for row in people}
    named = (signed_in.get(one) for one in chosen.ids)
    return replace(chosen, people=tuple(one.called for one in named if one is not None))


def _told_apart(ids: Sequence[str], rows: Sequence[Row]) -> Chosen:
    kinds = {str(kind): set(json.loads(found)) for kind, found in rows}

    def those(*wanted: AuthenticationKind) -> tuple[str, ...]:
        there = set().union(*(kinds.get(kind.value, ()) for kind in wanted))
        return tuple(filter(there.__contains__, ids))

    return Chosen(
        ids=those(*AuthenticationKind),
        master=next(iter(those(AuthenticationKind.COMPANY_MASTER)), None),
        children=those(AuthenticationKind.CHILD),
        own=those(AuthenticationKind.OWN),
    )
