"""The tree of a company's authentications, as its screen shows it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from ttr_tui.errors import RowUnreadable
from ttr_tui.model import Agent, Authentication, AuthenticationKind, Status
from ttr_tui.store.agents import read_agent
from ttr_tui.store.authentication_rows import (
    SELECT_AUTHENTICATION,
    SELECT_CHILDREN,
    UNREADABLE_REASON,
    read_authentication,
    read_children,
)
from ttr_tui.store.database import Database, Row
from ttr_tui.store.tokens import Tokens
from ttr_tui.text import fold

SELECT_WITHOUT = """
    SELECT * FROM agents AS g WHERE company_id = ?
        AND NOT EXISTS (SELECT 1 FROM authentications AS a WHERE a.agent = g.number)
"""


@dataclass(frozen=True, slots=True)
class AuthenticationTree:
    """A company's Company Master with its children, own sign-ins, and agents that have neither."""

    master: Authentication | None
    children: list[Authentication]
    own: list[Authentication]
    without: list[Agent]


async def read_tree(db: Database, tokens: Tokens, company_id: str) -> AuthenticationTree:
    """Return the tree, each group by name; a hundred thousand children in about a second."""
    rows = await db.rows(
        SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.parent IS NULL", (company_id,)
    )
    roots = [await _opened(db, tokens, read_authentication(row)) for row in rows]
    own = [root for root in roots if root.kind is AuthenticationKind.OWN]
    masters = [root for root in roots if root.kind is AuthenticationKind.COMPANY_MASTER]
    master = masters[0] if masters else None
    children: list[Authentication] = []
    if master is not None:
        child_rows = await db.rows(SELECT_CHILDREN, (master.id,))
        children = await asyncio.to_thread(read_children, child_rows, master)
    without = await db.rows(SELECT_WITHOUT, (company_id,))
    return AuthenticationTree(
        master,
        children,
        sorted(own, key=lambda one: fold(one.name)),
        await asyncio.to_thread(_read_agents, without),
    )


async def _opened(db: Database, tokens: Tokens, root: Authentication) -> Authentication:
    try:
        await tokens.open(db, root.id, root.id)
    except RowUnreadable:
        return replace(root, status=Status.UNREADABLE, status_reason=UNREADABLE_REASON)
    return root


def _read_agents(rows: list[Row]) -> list[Agent]:
    return sorted(map(read_agent, rows), key=lambda agent: fold(agent.name))
