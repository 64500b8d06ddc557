"""The start links of the sign-ins, and the requests their buttons make."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ttr_tui import attempts, pinning
from ttr_tui.errors import AgentHeld, WrongPerson
from ttr_tui.flows.sign_in.storing import agent_gone
from ttr_tui.model import (
    Attempt,
    Authentication,
    AuthenticationKind,
    DirectoryUser,
    Expected,
    Purpose,
)

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company


async def begin(access: Access, company: Company) -> Attempt:
    """Make a start link for signing in the Company Master; it lives a day and can be withdrawn."""
    access.require_company(company)
    return await attempts.open_attempt(
        access.store, access.redirects, company, Purpose.COMPANY_MASTER, access.actor
    )


async def begin_agent(access: Access, company: Company, who: DirectoryUser | str) -> Attempt:
    """Make a start link with which one mailbox's owner signs in now, in any browser.

    `who` is a user of the directory, or a typed address where Graph cannot be asked yet: then
    nobody is pinned before the operator has confirmed who came. Raises SharedMailbox,
    AgentElsewhere, AgentHeld (sign it in again instead).
    """
    access.require_company(company)
    if isinstance(who, str):
        wanted = attempts.Wanted(Expected("", "", who.strip()))
        return await attempts.open_attempt(
            access.store, access.redirects, company, Purpose.AGENT, access.actor, wanted
        )
    pinning.require_own_sign_in(who)
    async with access.store.transaction() as tx:
        (agent,) = await pinning.pin(access, tx, company, [who])
        if await access.store.authentications.with_object_ids(company.id, [agent.object_id]):
            raise AgentHeld(
                f"{agent.name or agent.address} is an agent already, with an authentication.",
                cure="Sign it in again: r on its row, or ttr-tui authentications reauth.",
            )
        wanted = attempts.Wanted(pinning.expected(agent, who.user_principal_name), agent.id)
        attempt = attempts.made(access.store, company, Purpose.AGENT, access.actor, wanted)
        redirect = access.redirects[Purpose.AGENT]
        return await attempts.add_attempt(access.store, tx, redirect, attempt)


async def begin_again(access: Access, company: Company, authentication: Authentication) -> Attempt:
    """Make a start link that re-authenticates a stored authentication, in whatever state it is.

    Its own person is expected and nobody else: for a child and an own sign-in the agent, for a
    Company Master the administrator who signed in. It replaces, never duplicates; a child leaves
    its parent by it.
    """
    access.require_company(company)
    person = authentication.person
    if authentication.kind is AuthenticationKind.COMPANY_MASTER:
        upn = person.user_principal_name if person else ""
        object_id = person.object_id if person else ""
        expected = Expected(object_id, person.name if person else "", upn, upn)
        wanted = attempts.Wanted(expected)
    else:
        agent = await access.store.agents.get(authentication.agent_id or "")
        if agent is None:
            raise agent_gone()
        upn = person.user_principal_name if person else ""
        wanted = attempts.Wanted(pinning.expected(agent, upn), agent.id)
    return await attempts.open_attempt(
        access.store, access.redirects, company, Purpose.REAUTHENTICATION, access.actor, wanted
    )


async def press(access: Access, attempt: Attempt, browser: str) -> str:
    """Make one authorization request (code, PKCE S256, nonce) for this browser; return its URL.

    Whom we expect is suggested to Microsoft. After somebody else came, its account picker is asked
    for instead: the browser is signed in as that other person.
    """
    company = await access.store.companies.get(attempt.company_id)
    access.require_company(company)
    redirect_uri = access.redirects[attempt.purpose]
    state = secrets.token_urlsafe(32)
    request = await access.microsoft.tokens.begin_sign_in(
        company.tenant_id, redirect_uri, state, _login_hint(attempt)
    )
    await attempts.add_request(
        access.store, attempt, state, request.flow, browser=browser, redirect_uri=redirect_uri
    )
    return request.url


def _login_hint(attempt: Attempt) -> str:
    someone_else = attempt.refusal is not None and attempt.refusal.kind == WrongPerson.__name__
    if attempt.expected is None or someone_else:
        return ""
    return attempt.expected.user_principal_name or attempt.expected.address
