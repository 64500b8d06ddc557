"""Who is expected: found in the tenant, pinned as an agent, pinned to somebody else.

An agent is its user's object id (never an address: addresses move, object ids do not). A sign-in
counts for an agent only when it comes from that object.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from ttr_tui.errors import (
    AgentElsewhere,
    AgentHeld,
    ConsentNeeded,
    Gone,
    NobodyFound,
    NotConnected,
    PermissionMissing,
    PinRefused,
    RowUnreadable,
    SharedMailbox,
)
from ttr_tui.microsoft import directory
from ttr_tui.model import Agent, DirectoryUser, Expected, UserKind, now
from ttr_tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company
    from ttr_tui.store import Transaction

CANNOT_SIGN_IN = (UserKind.SHARED, UserKind.DISABLED)


async def find(access: Access, company: Company, address: str) -> DirectoryUser | None:
    """Return the one user of the tenant that goes by a typed address; None while none can be asked.

    That is before admin permission is granted: the operator then confirms who came, and that person
    is pinned. Raises NobodyFound for nobody and for several; what the request raises.
    """
    try:
        found = await access.with_app_token(
            company, lambda token: directory.find_users(access.microsoft, token, address)
        )
    except (ConsentNeeded, PermissionMissing):
        return None
    if len(found) == 1:
        return found[0]
    if not found:
        raise NobodyFound(
            f"Nobody in {company.domain} goes by {address}.",
            means="No link was made.",
            cure="Check its spelling, and that the company is the right one.",
        )
    several = "; ".join(f"{user.name}, {user.user_principal_name}" for user in found[:4])
    raise NobodyFound(
        f"{plural(len(found), 'user')} of {company.domain} go by {address}: {several}.",
        means="No link was made.",
        cure="Give the user principal name of the one you mean.",
    )


async def user_of(access: Access, company: Company, agent: Agent) -> DirectoryUser:
    """Return an agent as the user the local copy knows; without one, as far as the agent tells."""
    try:
        copy = await access.store.directory(company)
        found = await copy.by_object_ids([agent.object_id])
    except (NotConnected, RowUnreadable):
        found = []
    if found:
        return found[0]
    return DirectoryUser(
        agent.object_id, agent.name, "", agent.address, "", "", UserKind.MEMBER, is_agent=True
    )


def require_own_sign_in(user: DirectoryUser) -> None:
    """Refuse who cannot sign in for their mailbox: a shared one, a disabled account.

    Raises SharedMailbox, which says how such a mailbox is added.
    """
    if user.kind not in CANNOT_SIGN_IN:
        return
    looks = "looks like a shared mailbox" if user.kind is UserKind.SHARED else "is disabled"
    raise SharedMailbox(
        f"{user.name or user.address} {looks}: its account cannot sign in.",
        means="With these permissions nobody can sign in for a shared mailbox.",
        cure="Add it through O365 Agent Bulk Add: it becomes a child of the Company Master, through"
        " the app's permission, after its mailbox answered.",
    )


async def pin(
    access: Access, tx: Transaction, company: Company, users: Sequence[DirectoryUser]
) -> list[Agent]:
    """Make these users agents of the company, or return the agents they are; in their order.

    Raises AgentElsewhere when one is an agent of another company of the same tenant.
    """
    new = [
        Agent(
            id=uuid.uuid4().hex,
            company_id=company.id,
            tenant_id=company.tenant_id,
            object_id=user.object_id,
            name=user.name,
            address=user.address,
            created_at=now(),
        )
        for user in users
    ]
    await access.store.agents.add(tx, new)
    ids = [user.object_id for user in users]
    held = await access.store.agents.by_object_ids(company.tenant_id, ids, tx)
    for agent in held.values():
        if agent.company_id != company.id:
            other = await access.store.companies.get(agent.company_id)
            raise AgentElsewhere(
                f"{agent.name or agent.address} is an agent of {other.name}.",
                means="A mailbox is an agent of one company. Nothing was changed.",
                cure=f"Remove it there first, or choose {other.name}.",
            )
    return [held[user.object_id] for user in users]


async def repin(access: Access, company: Company, agent: Agent, user: DirectoryUser) -> Agent:
    """Pin an agent to another person of the same tenant; journalled. Open links follow the pin.

    Raises PinRefused while an authentication of the former person is stored, Conflict when the
    other one is an agent already.
    """
    require_own_sign_in(user)
    pinned = replace(agent, object_id=user.object_id, name=user.name, address=user.address)
    async with access.store.transaction() as tx:
        if not await access.store.agents.pin(tx, agent, pinned):
            raise PinRefused(
                f"{agent.name or agent.address} has an authentication, is somebody else by now, or "
                "was removed.",
                means="What is stored belongs to one person and cannot become another's.",
                cure="Delete its authentication first; the agent stays, and can then be pinned to "
                "somebody else.",
            )
        for attempt in await access.store.attempts.open_of_agents([agent.id]):
            # What the former person brought is nothing of the new one's.
            await access.store.attempts.waiting.forget(tx, attempt.id)
            await access.store.attempts.requests.end_all(tx, attempt.id)
        await access.store.journal.write(
            tx,
            "agent pinned to another person",
            company_name=company.name,
            subject=f"{pinned.address} ({pinned.object_id})",
            detail=f"before: {agent.address} ({agent.object_id})",
        )
    return pinned


async def remove(access: Access, company: Company, agent: Agent) -> None:
    """Remove an agent that has no authentication, with its links and what waits on them.

    Journalled. Raises AgentHeld while one is stored, Gone when the agent is no more.
    """
    store = access.store
    async with store.transaction() as tx:
        if not await store.agents.remove(tx, agent.id):
            if await store.agents.get(agent.id) is None:
                raise Gone("The agent was removed meanwhile.", means="Nothing was changed.")
            raise AgentHeld(
                f"{agent.name or agent.address} has an authentication.",
                means="An agent is removed only without one. Nothing was changed.",
                cure="Delete the authentication first: ttr-tui authentications revoke.",
            )
        await store.revocations.note_removed(agent.id)
        await store.journal.write(
            tx,
            "agent removed",
            company_name=company.name,
            subject=f"{agent.address} ({agent.object_id})",
        )


def expected(agent: Agent, user_principal_name: str = "") -> Expected:
    """Return who must come for an agent; the user principal name only where it is known."""
    return Expected(agent.object_id, agent.name, agent.address, user_principal_name)
