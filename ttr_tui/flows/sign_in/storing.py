"""What becomes of a sign-in that may be stored: which row it is, and its first refresh."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import attempts, pinning
from ttr_tui.errors import AgentHeld, LinkOver, TtrError
from ttr_tui.model import (
    COMPANY_MASTER_NAME,
    Attempt,
    AttemptEnd,
    Authentication,
    AuthenticationKind,
    DirectoryUser,
    Person,
    Purpose,
    Secret,
    Station,
    UserKind,
)

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company
    from ttr_tui.store import Transaction


@dataclass(frozen=True, slots=True)
class Came:
    """Who signed in, what was kept of it, and on whose word it is stored."""

    person: Person
    payload: Secret
    granted_by: str


async def taken_over(access: Access, company: Company, person: Person) -> Person | None:
    """Return the administrator another one would replace, or None when nobody is replaced."""
    master = await access.store.authentications.company_master(company.id)
    if master is None or master.person is None:
        return None
    return master.person if master.person.object_id != person.object_id else None


async def store(
    access: Access,
    tx: Transaction,
    company: Company,
    attempt: Attempt,
    came: Came,
) -> Authentication:
    """Store a sign-in in the caller's transaction: as the Company Master, or as an agent's own.

    Raises LinkOver when the agent is no more, or another person by now; AgentElsewhere.
    """
    person = came.person
    kept = json.loads(came.payload.reveal())
    token, scopes = Secret(kept["refresh_token"]), tuple(kept["scopes"])
    rows = access.store.authentications
    # Microsoft let somebody in just now: what stopped the company is over, or is met again.
    await access.store.alarms.clear(tx, company.id)
    if attempt.for_master:
        return await rows.put_company_master(
            tx, company, person, token, scopes=scopes, granted_by=came.granted_by
        )
    agent = await access.store.agents.get(attempt.agent_id) if attempt.agent_id else None
    if attempt.agent_id and agent is None:
        raise agent_gone()
    if agent is None:
        (agent,) = await pinning.pin(access, tx, company, [_as_user(person)])
        await access.store.attempts.pin(tx, attempt.id, agent.id)
    elif agent.object_id != person.object_id:
        raise agent_gone()
    held = await rows.of_agent(agent.id)
    if held is not None and attempt.purpose is not Purpose.REAUTHENTICATION:
        raise AgentHeld(
            f"{agent.name or agent.address} is connected already; nothing else is to be done.",
            means="This sign-in was not stored: what is stored is only replaced by signing it in "
            "again.",
            cure="r on its row, or ttr-tui authentications reauth, signs it in again.",
        )
    stored = await rows.put_own(tx, agent, person, token, scopes=scopes, granted_by=came.granted_by)
    if held is not None and held.parent_id:
        await access.store.journal.write(
            tx,
            "child left its parent",
            company_name=company.name,
            subject=f"{agent.address} ({stored.id})",
            detail=f"parent {held.parent_id}; its owner signs in for it",
        )
    for other in await access.store.attempts.open_of_agents([agent.id]):
        if other.id != attempt.id:
            await access.store.attempts.end(tx, other.id, AttemptEnd.DONE)
    return stored


def _as_user(person: Person) -> DirectoryUser:
    address = person.user_principal_name
    return DirectoryUser(person.object_id, person.name, address, address, "", "", UserKind.MEMBER)


async def journal(
    access: Access, tx: Transaction, company: Company, stored: Authentication, detail: str
) -> None:
    """Leave a line about what was stored; `detail` says how it came."""
    person = stored.person
    who = (person.user_principal_name or person.shown) if person else ""
    master = stored.kind is AuthenticationKind.COMPANY_MASTER
    if detail.startswith("taken over"):
        what = "company master taken over"
    elif master:
        what = (
            "company master stored" if stored.generation == 1 else "company master signed in again"
        )
    else:
        what = "own sign-in stored" if stored.generation == 1 else "own sign-in renewed"
    await access.store.journal.write(
        tx,
        what,
        company_name=company.name,
        subject=f"{COMPANY_MASTER_NAME} ({who})" if master else f"{who} ({stored.id})",
        detail=detail,
    )


async def prove(access: Access, company: Company, attempt: Attempt, stored: Authentication) -> None:
    """Refresh once at once: a token that cannot be refreshed is told now, not in an hour."""
    try:
        await access.fresh_token(company, stored.id)
    except TtrError as problem:
        await attempts.mark(access.store, attempt.id, Station.STORED, problem)
        raise
    await attempts.prove(access.store, attempt.id)


def agent_gone() -> LinkOver:
    """Return the refusal of a sign-in whose agent is no more, or is another person by now."""
    return LinkOver(
        "Whose sign-in this is was removed, or is somebody else by now.",
        means="Nothing was stored.",
        cure="Ask whoever sent the link.",
    )
