"""Rows of agents: a mailbox of a tenant is an agent of at most one company."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from ttr_tui.errors import Gone
from ttr_tui.model import Agent
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros, to_micros
from ttr_tui.text import fold


class Agents:
    """Agents of every company."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list(self, company_id: str) -> list[Agent]:
        """Return a company's agents, by name."""
        rows = await self._db.rows(
            "SELECT * FROM agents WHERE company_id = ? ORDER BY folded", (company_id,)
        )
        return [read_agent(row) for row in rows]

    async def get(self, agent_id: str) -> Agent | None:
        """Return one agent, or None when there is none of that id."""
        row = await self._db.row("SELECT * FROM agents WHERE id = ?", (agent_id,))
        return None if row is None else read_agent(row)

    async def by_object_ids(
        self, tenant_id: str, object_ids: Collection[str], tx: Transaction | None = None
    ) -> dict[str, Agent]:
        """Return which of these users of a tenant are agents, of whichever company.

        With `tx` those that this transaction has added count, too.
        """
        rows = await (tx or self._db).rows(
            "SELECT * FROM agents WHERE tenant_id = ?"
            " AND object_id IN (SELECT value FROM json_each(?))",
            (tenant_id, json.dumps(list(object_ids))),
        )
        return {row["object_id"]: read_agent(row) for row in rows}

    async def object_ids(self, company_id: str) -> set[str]:
        """Return the object ids of a company's agents."""
        rows = await self._db.rows(
            "SELECT object_id FROM agents WHERE company_id = ?", (company_id,)
        )
        return {row[0] for row in rows}

    async def add(self, tx: Transaction, agents: Sequence[Agent]) -> int:
        """Store new agents, leaving out mailboxes that are agents already; return how many are new.

        Raises Gone when a company was removed meanwhile.
        """
        for company_id in {agent.company_id for agent in agents}:
            if await tx.row("SELECT 1 FROM companies WHERE id = ?", (company_id,)) is None:
                raise Gone("The company was removed meanwhile.", means="No agent was stored.")
        return await tx.executemany(
            "INSERT INTO agents (id, company_id, tenant_id, object_id, name, address, created_at,"
            " folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, object_id) DO NOTHING",
            (
                (
                    agent.id,
                    agent.company_id,
                    agent.tenant_id,
                    agent.object_id,
                    storable(agent.name),
                    storable(agent.address),
                    to_micros(agent.created_at),
                    _folded(agent),
                )
                for agent in agents
            ),
        )

    async def pin(self, tx: Transaction, former: Agent, pinned: Agent) -> bool:
        """Let an agent be another person of its tenant: object id, name and address are `pinned`'s.

        Returns False, changing nothing, when it is somebody else than `former` by now, has an
        authentication, or is no more. Raises Conflict when that person is an agent already.
        """
        changed = await tx.execute(
            "UPDATE agents SET object_id = ?, name = ?, address = ?, folded = ?"
            " WHERE id = ? AND object_id = ?"
            " AND NOT EXISTS (SELECT 1 FROM authentications AS a WHERE a.agent = agents.number)",
            (
                pinned.object_id,
                storable(pinned.name),
                storable(pinned.address),
                _folded(pinned),
                former.id,
                former.object_id,
            ),
        )
        return changed == 1

    async def remove(self, tx: Transaction, agent_id: str) -> bool:
        """Remove an agent that has no authentication; return whether it was there and had none."""
        removed = await tx.execute(
            "DELETE FROM agents WHERE id = ? AND NOT EXISTS"
            " (SELECT 1 FROM authentications AS a WHERE a.agent = agents.number)",
            (agent_id,),
        )
        return removed == 1


def _folded(agent: Agent) -> str:
    """Return what is searched and sorted by; the line's end keeps names in their order."""
    return fold(f"{storable(agent.name)}\n{storable(agent.address)}")


def read_agent(row: Row) -> Agent:
    """Return the agent of a whole row of the table."""
    _number, agent_id, company_id, tenant_id, object_id, name, address, created_at, _folded = row
    return Agent(
        id=agent_id,
        company_id=company_id,
        tenant_id=tenant_id,
        object_id=object_id,
        name=name,
        address=address,
        created_at=from_micros(created_at),
    )
