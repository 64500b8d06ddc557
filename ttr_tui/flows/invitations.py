"""Invitations: a link each for many mailboxes' owners, opened later, elsewhere, in any browser.

An invitation is an attempt like any other: one mailbox, one use, sealed in the store, so that it
survives restarts. What is new is that there are many, that they live for days, and that they leave
as files for the administrator's own mailer: we send nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import TYPE_CHECKING

from ttr_tui import attempts, pinning
from ttr_tui.errors import Refused, WrongPerson
from ttr_tui.model import Attempt, AttemptEnd, Company, DirectoryUser, Purpose, Station
from ttr_tui.text import clean, plural, stamp, stamp_z

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Agent
    from ttr_tui.store import Transaction


class InvitationState(StrEnum):
    """How an invitation stands, in the words of the list."""

    NOT_OPENED = "not opened"
    OPENED = "opened"
    WAITS = "waits for your word"
    WRONG_PERSON = "wrong person"
    REFUSED = "refused"
    DONE = "done"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


MISSING = (
    InvitationState.NOT_OPENED,
    InvitationState.OPENED,
    InvitationState.WRONG_PERSON,
    InvitationState.REFUSED,
    InvitationState.EXPIRED,
)
"""States in which an owner is still missed; who was withdrawn is wanted no more."""


STILL_OPEN = (
    InvitationState.NOT_OPENED,
    InvitationState.OPENED,
    InvitationState.WRONG_PERSON,
    InvitationState.REFUSED,
)
"""States in which the link leads somewhere and waits for its owner."""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom invitations were made for, and who was left out, each with its reason."""

    invitations: tuple[Attempt, ...]
    left_out: tuple[tuple[DirectoryUser, str], ...]


async def invite(
    access: Access,
    company: Company,
    users: Sequence[DirectoryUser],
    days: int = attempts.INVITATION_DAYS,
) -> Invited:
    """Invite these users' owners; each becomes an agent that is not authenticated until they come.

    A former invitation to the same mailbox is withdrawn. Shared and disabled mailboxes are left out
    with the reason. Raises Refused for a wrong number of days, AgentElsewhere; then nobody is
    invited.
    """
    access.require_company(company)
    _require_days(days)
    able, left_out = [], []
    held = await access.store.authentications.with_object_ids(
        company.id, [user.object_id for user in users]
    )
    for user in users:
        try:
            _require_invitable(user, held)
        except Refused as why:
            left_out.append((user, f"{why.happened} {why.cure}"))
        else:
            able.append(user)
    async with access.store.transaction() as tx:
        agents = await pinning.pin(access, tx, company, able)
        names = [user.user_principal_name for user in able]
        made = await _make(access, tx, company, list(zip(agents, names, strict=True)), days)
        await access.store.journal.write_each(
            tx,
            "invited",
            [f"{agent.address} ({agent.object_id})" for agent in agents],
            company_name=company.name,
            detail=f"good for {plural(days, 'day')}",
        )
    return Invited(tuple(made), tuple(left_out))


async def reissue(
    access: Access,
    company: Company,
    invitations: Sequence[Attempt] | None = None,
    days: int = attempts.INVITATION_DAYS,
) -> tuple[Attempt, ...]:
    """Withdraw invitations and make new ones; without any named, for all who are still missing."""
    access.require_company(company)
    _require_days(days)
    chosen = invitations
    if chosen is None:
        every = await latest(access, company)
        ids = [one.expected.object_id for one in every if one.expected]
        held = await access.store.authentications.with_object_ids(company.id, ids)
        chosen = [
            one
            for one in every
            if state_of(one) in MISSING and one.expected and one.expected.object_id not in held
        ]
    agents = [(await access.store.agents.get(one.agent_id), one) for one in chosen]
    wanted = [
        (agent, one.expected.user_principal_name if one.expected else "")
        for agent, one in agents
        if agent is not None
    ]
    async with access.store.transaction() as tx:
        made = await _make(access, tx, company, wanted, days)
        await access.store.journal.write(
            tx,
            "invitations re-issued",
            company_name=company.name,
            subject=plural(len(made), "invitation"),
        )
    return tuple(made)


async def withdraw(access: Access, company: Company, invitations: Sequence[Attempt]) -> int:
    """Withdraw invitations: their links lead nowhere any more. Returns how many were open."""
    count = 0
    async with access.store.transaction() as tx:
        for one in invitations:
            count += await access.store.attempts.end(tx, one.id, AttemptEnd.WITHDRAWN)
        await access.store.journal.write(
            tx,
            "invitations withdrawn",
            company_name=company.name,
            subject=plural(count, "invitation"),
        )
    return count


async def latest(access: Access, company: Company) -> list[Attempt]:
    """Return the last invitation of each agent of a company, by name."""
    every = await access.store.attempts.of_company(company.id, Purpose.INVITATION)
    last = {one.agent_id: one for one in every}
    return sorted(last.values(), key=lambda one: one.expected.shown if one.expected else "")


def state_of(invitation: Attempt) -> InvitationState:
    """Return how an invitation stands."""
    ended = {
        AttemptEnd.DONE: InvitationState.DONE,
        AttemptEnd.EXPIRED: InvitationState.EXPIRED,
        AttemptEnd.WITHDRAWN: InvitationState.WITHDRAWN,
    }
    if invitation.ended in ended:
        return ended[invitation.ended]
    if invitation.station in (Station.STORED, Station.PROVEN):
        return InvitationState.DONE
    if invitation.person is not None:
        return InvitationState.WAITS
    if invitation.refusal is not None:
        wrong = invitation.refusal.kind == WrongPerson.__name__
        return InvitationState.WRONG_PERSON if wrong else InvitationState.REFUSED
    if invitation.station is Station.WAITING:
        return InvitationState.NOT_OPENED
    return InvitationState.OPENED


def table(invitations: Sequence[Attempt]) -> list[tuple[str, ...]]:
    """Return rows for a spreadsheet: name, address, state, good until (UTC), link while open."""
    rows: list[tuple[str, ...]] = []
    for one in invitations:
        name, address = _addressee(one)
        link = one.link if state_of(one) in STILL_OPEN else ""
        rows.append((name, address, state_of(one).value, stamp_z(one.expires_at), link))
    return rows


def mail(company: Company, invitation: Attempt) -> EmailMessage:
    """Return an invitation as a message for the administrator's own mailer: unsent, a draft.

    RFC 5322; `X-Unsent` lets Outlook and others open it for editing instead of as received.
    """
    message = EmailMessage()
    name, address = _addressee(invitation)
    message["To"] = address
    message["Subject"] = f"{clean(company.name)}: please connect your mailbox to timetoreply"
    message["X-Unsent"] = "1"
    message.set_content(
        f"Dear {clean(name)},\n\n"
        f"{clean(company.name)} measures how fast mail is answered, with timetoreply. For that\n"
        f"your mailbox {clean(address)} is to be connected: sender, recipients,\n"
        "subject and times of messages. The text of messages is never read, and nobody is\n"
        "told your password: you sign in on Microsoft's own page.\n\n"
        "Open this link in any browser, read what is asked, and press its button:\n\n"
        f"{invitation.link}\n\n"
        f"It is for you alone and good for one sign-in until {stamp(invitation.expires_at)}.\n"
    )
    return message


def _addressee(invitation: Attempt) -> tuple[str, str]:
    expected = invitation.expected
    return (expected.called, expected.address) if expected else ("", "")


async def _make(
    access: Access,
    tx: Transaction,
    company: Company,
    wanted: Sequence[tuple[Agent, str]],
    days: int,
) -> list[Attempt]:
    """Make an invitation for each agent; the open ones they had are withdrawn."""
    rooms = access.store.attempts
    for former in await rooms.open_of_agents([agent.id for agent, _ in wanted]):
        if former.purpose is Purpose.INVITATION:
            await rooms.end(tx, former.id, AttemptEnd.WITHDRAWN)
    redirect, made = access.redirects[Purpose.INVITATION], []
    for agent, upn in wanted:
        whom = attempts.Wanted(pinning.expected(agent, upn), agent.id, timedelta(days=days))
        attempt = attempts.made(access.store, company, Purpose.INVITATION, access.actor, whom)
        made.append(await attempts.add_attempt(access.store, tx, redirect, attempt))
    return made


def _require_invitable(user: DirectoryUser, held: set[str]) -> None:
    """Raise Refused for whoever cannot sign in, needs not, or has no address to write to."""
    pinning.require_own_sign_in(user)
    if user.object_id in held:
        raise Refused(
            f"{user.name or user.address} has an authentication already.",
            cure="Sign it in again from its row: its owner then signs in for it.",
        )
    if "@" not in user.address or clean(user.address) != user.address:
        raise Refused(
            f"{user.name or user.object_id} has no mail address.",
            cure="Sign the owner in now, with a link you hand over yourself.",
        )


def _require_days(days: int) -> None:
    if not 1 <= days <= attempts.MOST_DAYS:
        raise Refused(
            f"An invitation cannot be good for {plural(days, 'day')}.",
            cure=f"Give a number of days from 1 to {attempts.MOST_DAYS}.",
        )
