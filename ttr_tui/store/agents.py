"""Rows of agents: a mailbox of a tenant is an agent of at most one company."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime

from ttr_tui.errors import Gone
from ttr_tui.model import Agent, Company, Run
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.ids import new_ids
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros, to_micros
from ttr_tui.text import fold

KNOWN = """
    SELECT g.object_id, g.company_id, a.number
    FROM json_each(?) AS wanted
    CROSS JOIN agents AS g ON g.tenant_id = ? AND g.object_id = wanted.value
    LEFT JOIN authentications AS a ON a.agent = g.number
"""
"""Which users of a tenant are agents: of which company, with which authentication."""

ALL_TAKEN = """
    SELECT g.object_id, g.company_id, a.number FROM agents AS g
    LEFT JOIN authentications AS a ON a.agent = g.number
    WHERE g.tenant_id = ? AND g.object_id > ? ORDER BY g.object_id LIMIT ?
"""
WINDOW = 5_000
"""Agents that are read at once where all of a tenant are looked through."""

# One statement for all of them takes half of one for each. The ids, of one size, lie side by side.
# Folded apart, since a text without accents costs nothing and most addresses are such.
ADD_OF_RUN = """
    INSERT INTO agents (id, company_id, tenant_id, object_id, name, address, created_at, folded)
    SELECT CAST(substr(:ids, place.key * 32 + 1, 32) AS TEXT), :company, :tenant, i.object_id,
        i.name, i.address, :created_at,
        folded_text(i.name) || char(10) || folded_text(i.address)
    FROM json_each(:places) AS place
    CROSS JOIN run_items AS i ON i.run_id = :run AND i.position = place.value
    WHERE 1 ON CONFLICT (tenant_id, object_id) DO NOTHING
"""


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

    async def taken(self, company: Company, object_ids: Collection[str]) -> dict[str, str]:
        """Return who of these users of its tenant cannot be added to a company, by object id.

        They are agents of another company, or authenticated ones of this: with that one's id.
        """
        rows = await self._db.rows(KNOWN, (json.dumps(list(object_ids)), company.tenant_id))
        return {row[0]: row[1] for row in rows if row[2] is not None or row[1] != company.id}

    async def count_in_tenant(self, tenant_id: str) -> int:
        """Return how many mailboxes of a tenant are agents, of whichever company."""
        row = await self._db.row("SELECT count(*) FROM agents WHERE tenant_id = ?", (tenant_id,))
        return int(row[0]) if row else 0

    async def all_taken(self, company: Company) -> AsyncIterator[Sequence[str]]:
        """Yield the object ids of all in a company's tenant who cannot be added to it, some at a
        time, as `taken` tells them.
        """
        last = ""
        while rows := await self._db.rows(ALL_TAKEN, (company.tenant_id, last, WINDOW)):
            yield [row[0] for row in rows if row[2] is not None or row[1] != company.id]
            last = rows[-1][0]

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

    async def add_of_run(
        self, tx: Transaction, company: Company, run: Run, places: Sequence[int], at: datetime
    ) -> int:
        """Store those in these places of a run as new agents of its company.

        Mailboxes that are agents already are left out. Returns how many are new.
        """
        return await tx.execute(
            ADD_OF_RUN,
            {
                "ids": "".join(new_ids(len(places))).encode(),
                "company": company.id,
                "tenant": company.tenant_id,
                "created_at": to_micros(at),
                "places": json.dumps(list(places)),
                "run": run.id,
            },
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
