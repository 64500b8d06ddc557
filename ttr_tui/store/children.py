"""Writing children: an agent's authentication that hangs on a Company Master and holds a grant."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ttr_tui.errors import Gone
from ttr_tui.model import Agent, Authentication, AuthenticationKind, Grant, Status
from ttr_tui.store.database import Transaction
from ttr_tui.store.ids import new_id
from ttr_tui.store.storable import storable
from ttr_tui.store.times import to_micros
from ttr_tui.store.tokens import RootKey, TokenRow, Tokens, write_grant


@dataclass(frozen=True, slots=True)
class _NewChild:
    """A child on its way into the table, with its agent's row and its own sealed material."""

    agent_number: int
    child: Authentication
    token: TokenRow


async def add_children(
    tx: Transaction,
    tokens: Tokens,
    master: Authentication,
    agents: Sequence[Agent],
    grants: Sequence[Grant],
) -> list[Authentication]:
    """Give each of `agents` a child of `master` with its grant; return the new ones.

    Agents that have an authentication already are left out. Raises Gone, storing nothing, when the
    Company Master, its key or an agent was deleted meanwhile; RowUnreadable when its key does not
    open; ValueError when a grant is not for the agent beside it.
    """
    pairs = list(zip(agents, grants, strict=True))
    for agent, grant in pairs:
        if (grant.company_id, grant.object_id) != (agent.company_id, agent.object_id):
            raise ValueError("a grant is given for another mailbox than its agent's")
    root = await _living_key(tx, tokens, master)
    numbers = await _numbers_of(tx, agents)
    taken = await _with_authentication(tx, agents)
    row = await tx.row("SELECT coalesce(max(number), 0) FROM authentications")
    first = (row[0] if row else 0) + 1
    fresh = [(numbers[agent.id], agent, grant) for agent, grant in pairs if agent.id not in taken]
    # Fifteen microseconds each: those of a whole directory would hold up the screen.
    new = await asyncio.to_thread(_prepare, master, fresh, first)
    await _insert(tx, root, new)
    await tokens.put(tx, root, [one.token for one in new])
    return [one.child for one in new]


async def _living_key(tx: Transaction, tokens: Tokens, master: Authentication) -> RootKey:
    # The key, not the generation: signing in again keeps the key, and a run under way goes on.
    row = await tx.row(
        "SELECT k.id FROM keys AS k JOIN authentications AS a ON a.number = k.authentication"
        " WHERE a.id = ? AND a.kind = 'company_master'",
        (master.id,),
    )
    if row is None or row["id"] != master.key_id:
        raise Gone("The Company Master was deleted meanwhile.", means="Nobody was added.")
    return await tokens.root_key(tx, master.id)


async def _numbers_of(tx: Transaction, agents: Sequence[Agent]) -> dict[str, int]:
    ids = json.dumps([agent.id for agent in agents])
    rows = await tx.rows(
        "SELECT id, number FROM agents WHERE id IN (SELECT value FROM json_each(?))", (ids,)
    )
    numbers = {str(row[0]): int(row[1]) for row in rows}
    if len(numbers) < len({agent.id for agent in agents}):
        raise Gone("An agent was removed meanwhile.", means="Nobody was added.")
    return numbers


async def _with_authentication(tx: Transaction, agents: Sequence[Agent]) -> set[str]:
    ids = json.dumps([agent.id for agent in agents])
    rows = await tx.rows(
        "SELECT g.id FROM authentications AS a JOIN agents AS g ON g.number = a.agent"
        " WHERE g.id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    return {str(row[0]) for row in rows}


def _prepare(
    master: Authentication, fresh: Sequence[tuple[int, Agent, Grant]], first: int
) -> list[_NewChild]:
    new = []
    for number, (agent_number, agent, grant) in enumerate(fresh, first):
        child = _child(master, agent, grant)
        token = TokenRow(number, child.id, child.generation, write_grant(grant))
        new.append(_NewChild(agent_number, child, token))
    return new


def _child(master: Authentication, agent: Agent, grant: Grant) -> Authentication:
    return Authentication(
        id=new_id(),
        company_id=master.company_id,
        kind=AuthenticationKind.CHILD,
        user_principal_name=agent.address,
        name=agent.name,
        address=agent.address,
        status=Status.HEALTHY,
        status_reason="",
        status_since=grant.proven_at,
        since=grant.proven_at,
        generation=1,
        key_id=master.key_id,
        agent_id=agent.id,
        object_id=agent.object_id,
        parent_id=master.id,
        last_used=grant.proven_at,
        expires_at=master.expires_at,
        scopes=(grant.permission,),
        granted_by=grant.granted_by,
    )


async def _insert(tx: Transaction, root: RootKey, new: Sequence[_NewChild]) -> None:
    await tx.executemany(
        "INSERT INTO authentications (number, id, company_id, kind, agent, parent, status,"
        " status_since, since, last_used, scopes, granted_by)"
        " VALUES (?, ?, ?, 'child', ?, ?, 'healthy', ?, ?, ?, ?, ?)",
        (
            (
                one.token.number,
                one.child.id,
                one.child.company_id,
                one.agent_number,
                root.number,
                proven := to_micros(one.child.since),
                proven,
                proven,
                one.child.scopes[0],
                storable(one.child.granted_by),
            )
            for one in new
        ),
    )
