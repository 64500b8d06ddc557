"""A company's authentications as a tree that is never read whole: who stands where, then windows.

Every row but the Company Master's is an agent's, so that the agents' numbers are the rows'. Their
order lies in one index, who stands in which branch in two others (migration 004). SQLite gathers
the numbers without the interpreter: a hundred thousand take 50 ms, and hold nothing up. Rows are
read, and opened to see whether they can be, by window, in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
from array import array
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import filterfalse
from typing import Any, NamedTuple

from ttr_tui.errors import RowUnreadable
from ttr_tui.model import Agent, Authentication, Status
from ttr_tui.store.agents import read_agent
from ttr_tui.store.authentication_rows import (
    SELECT_AUTHENTICATION,
    UNREADABLE_REASON,
    read_authentication,
)
from ttr_tui.store.chosen import Chosen, read_chosen
from ttr_tui.store.database import Database
from ttr_tui.store.directory_numbers import BitMap, gathered, gathering
from ttr_tui.store.times import to_micros
from ttr_tui.store.tokens import Tokens

ENDS_SOON = timedelta(days=14)
"""So long before its end an authentication that nobody uses is to be looked at."""

SOON_STATE = "ends soon"
NO_STATE = "none"
"""What the states are called beside those that are stored."""

WINDOW = 500
"""Rows of a whole tree that are read at once."""

_ORDER = "SELECT number FROM agents WHERE company_id = :company{0} ORDER BY folded"
_CHILDREN = """
    SELECT a.agent FROM authentications AS a WHERE a.parent =
        (SELECT number FROM authentications WHERE company_id = :company AND kind = 'company_master')
"""
_OWN = """
    SELECT a.agent FROM authentications AS a
    WHERE a.company_id = :company AND a.kind = 'own' AND a.parent IS NULL
"""
_STATE = """
    CASE WHEN a.agent IN (SELECT value FROM json_each(:closed)) THEN 'unreadable'
        WHEN a.parent IS NOT NULL OR a.status NOT IN ('healthy', 'unproven') THEN a.status
        WHEN a.expires_at <= :now THEN 'expired'
        WHEN a.expires_at < :soon THEN 'ends soon'
        ELSE a.status END
"""
STATEMENTS = (_ORDER.format(""), _CHILDREN, _OWN)
"""What tells the order of everybody, and who stands in a branch."""

_OF_IDS = """
    SELECT agent FROM authentications
    WHERE agent IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))
"""
_OF_NUMBERS = """
    SELECT json_group_array(agent), json_group_array(id) FROM authentications
    WHERE agent IN (SELECT value FROM json_each(?))
"""
ROWS = SELECT_AUTHENTICATION + " JOIN json_each(?) AS wanted ON wanted.value = a.agent"
AGENTS = "SELECT * FROM agents WHERE number IN (SELECT value FROM json_each(?))"

Entry = Authentication | Agent
"""One row: an agent's authentication, or the agent that has none."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Words that all stand in name or address, and states one of which it has; empty for any.

    `closed` are the numbers of rows that do not open; `now` decides what is over or ends soon.
    """

    now: datetime
    words: tuple[str, ...] = ()
    states: tuple[str, ...] | None = None
    closed: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Members:
    """The numbers of who stands in each branch, by name."""

    children: array[int] = field(default_factory=lambda: array("I"))
    own: array[int] = field(default_factory=lambda: array("I"))
    without: array[int] = field(default_factory=lambda: array("I"))


class Held(NamedTuple):
    """How many authentications of each kind a company has."""

    children: int
    own: int
    master: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


class Branches:
    """The trees of all companies."""

    def __init__(self, db: Database, tokens: Tokens) -> None:
        self._db = db
        self._tokens = tokens

    async def master(self, company_id: str) -> Authentication | None:
        """Return the Company Master, opened to see whether it can be; None without."""
        row = await self._db.row(
            SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.kind = 'company_master'",
            (company_id,),
        )
        if row is None:
            return None
        master = read_authentication(row)
        try:
            await self._tokens.open(self._db, master.id, master.id)
        except RowUnreadable:
            return unreadable(master)
        return master

    async def members(
        self, company_id: str, sought: Sought, everybody: Members | None = None
    ) -> Members:
        """Return who matches, in each branch, by name.

        `everybody` is who stood where when that was read last: a search does not read it again.
        """
        words = {f"word{number}": word for number, word in enumerate(sought.words)}
        narrowed = "".join(f" AND instr(folded, :{name}) > 0" for name in words)
        params = {"company": company_id, **words, **_times(sought)}
        found = await self._numbers(_ORDER.format(narrowed), "number", params)
        members = Members()
        if sought.states is None or NO_STATE in sought.states:
            held = everybody or await self._held(params)
            members = await asyncio.to_thread(_in_order, found, held)
        if sought.states is None:
            return members
        params["states"] = json.dumps(sought.states)
        stated = f" AND {_STATE} IN (SELECT value FROM json_each(:states))"  # noqa: S608 - our own words
        in_state = await asyncio.to_thread(_in_order, found, await self._held(params, stated))
        return replace(in_state, without=members.without)

    async def held(self, company_id: str) -> Held:
        """Return how many authentications a company has."""
        row = await self._db.row(
            f"SELECT (SELECT count(*) FROM ({_CHILDREN})), (SELECT count(*) FROM ({_OWN})),"  # noqa: S608 - our own words
            " (SELECT count(*) FROM authentications"
            " WHERE company_id = :company AND kind = 'company_master')",
            {"company": company_id},
        )
        return Held(0, 0, 0) if row is None else Held(row[0], row[1], row[2])

    async def states(self, company_id: str, sought: Sought, *, own: bool) -> dict[str, int]:
        """Return how many own sign-ins, or else children, are in which state."""
        of = _OWN if own else _CHILDREN
        rows = await self._db.rows(
            of.replace("SELECT a.agent", f"SELECT {_STATE} AS state, count(*)") + " GROUP BY state",
            {"company": company_id, **_times(sought)},
        )
        return {str(row[0]): int(row[1]) for row in rows}

    async def entries(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """Return these rows by their numbers, each opened to see whether it can be."""
        wanted = json.dumps(list(numbers))
        agents = await self._db.rows(AGENTS, (wanted,))
        found: dict[int, Entry] = {row["number"]: read_agent(row) for row in agents}
        by_agent = {agent.id: number for number, agent in found.items() if isinstance(agent, Agent)}
        rows = await self._db.rows(ROWS, (wanted,))
        closed = await self.closed(numbers)
        for row in rows:
            number = by_agent.get(row["agent_id"])
            if number is not None:
                one = read_authentication(row)
                found[number] = unreadable(one) if number in closed else one
        return found

    async def each(self, numbers: Sequence[int]) -> AsyncIterator[Entry]:
        """Yield rows in their order, read a window at a time; who is gone by then is left out."""
        for start in range(0, len(numbers), WINDOW):
            window = numbers[start : start + WINDOW]
            found = await self.entries(window)
            for number in window:
                if number in found:
                    yield found[number]

    async def closed(self, numbers: Collection[int]) -> set[int]:
        """Return which of these rows do not open; ten microseconds each."""
        return await self._tokens.unreadable_of(self._db, numbers)

    async def chosen(self, company_id: str, ids: Sequence[str]) -> Chosen:
        """Return which of these authentications a company has, told apart."""
        return await read_chosen(self._db, company_id, ids)

    async def numbers_of(self, ids: Collection[str]) -> array[int]:
        """Return the numbers of authentications, the Company Master's left out."""
        wanted = await asyncio.to_thread(json.dumps, list(ids))
        return await self._numbers(_OF_IDS, "agent", {"ids": wanted})

    async def ids_of(self, numbers: Sequence[int]) -> list[str]:
        """Return the ids of the authentications of these rows, in their order."""
        wanted = await asyncio.to_thread(json.dumps, list(numbers))
        row = await self._db.row(_OF_NUMBERS, (wanted,))
        return await asyncio.to_thread(_ids, numbers, *(row or ("[]", "[]")))

    async def _held(self, params: Mapping[str, Any], stated: str = "") -> Members:
        """Return who has an authentication, in no order."""
        held = [await self._numbers(one + stated, "agent", params) for one in (_CHILDREN, _OWN)]
        return Members(*held)

    async def _numbers(self, query: str, column: str, params: Mapping[str, Any]) -> array[int]:
        row = await self._db.row(gathering(query, column), params)
        return gathered(row[0] if row else None)


def unreadable(row: Authentication) -> Authentication:
    """Return the row as one that cannot be opened."""
    return replace(row, status=Status.UNREADABLE, status_reason=UNREADABLE_REASON)


def _ids(numbers: Sequence[int], agents: str, ids: str) -> list[str]:
    by_number = dict(zip(json.loads(agents), json.loads(ids), strict=True))
    return [by_number[number] for number in numbers if number in by_number]


def _in_order(found: array[int], held: Members) -> Members:
    everyone, children, own = BitMap(found), BitMap(held.children), BitMap(held.own)
    return Members(
        _those(found, everyone, children),
        _those(found, everyone, own),
        _those(found, everyone, everyone - children - own),
    )


def _those(found: array[int], everyone: Any, wanted: Any) -> array[int]:
    """Return those of `found` who are wanted, in its order; most often that is all or nobody."""
    count = everyone.intersection_cardinality(wanted)
    if count in (0, len(found)):
        return found if count else array("I")
    if 2 * count > len(found):
        return array("I", filterfalse((everyone - wanted).__contains__, found))
    return array("I", filter(wanted.__contains__, found))


def _times(sought: Sought) -> dict[str, int | str]:
    moment = to_micros(sought.now)
    soon = to_micros(sought.now + ENDS_SOON)
    return {"now": moment, "soon": soon, "closed": json.dumps(list(sought.closed))}
