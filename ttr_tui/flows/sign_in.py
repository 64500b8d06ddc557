"""Sign in the Company Master: a start link, Microsoft's page, the operator's word, the store.

The browser's answer is redeemed at once; its tokens wait sealed on the attempt, used for nothing
but the identity check, until the operator confirms who came. Refused, withdrawn or after a day they
are erased.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.advice import denial
from ttr_tui.errors import LinkOver, NotConfirmed, ResponseIncomplete, SignInDenied, TtrError
from ttr_tui.model import (
    COMPANY_MASTER_NAME,
    Attempt,
    AttemptEnd,
    Authentication,
    AuthorizationRequest,
    AuthorizationResponse,
    Company,
    Person,
    Purpose,
    Secret,
    Station,
)

if TYPE_CHECKING:
    from ttr_tui.access import Access


async def begin(access: Access, company: Company) -> Attempt:
    """Make a start link for signing in the Company Master; it lives a day and can be withdrawn."""
    access.require_company(company)
    return await attempts.open_attempt(
        access.store, access.redirects, company, Purpose.COMPANY_MASTER, access.actor
    )


async def press(access: Access, attempt: Attempt, browser: str) -> str:
    """Make one authorization request (code, PKCE S256, nonce) for this browser; return its URL."""
    company = await access.store.companies.get(attempt.company_id)
    access.require_company(company)
    redirect_uri = access.redirects[attempt.purpose]
    state = secrets.token_urlsafe(32)
    request = await access.microsoft.tokens.begin_sign_in(company.tenant_id, redirect_uri, state)
    await attempts.add_request(
        access.store, attempt, state, request.flow, browser=browser, redirect_uri=redirect_uri
    )
    return request.url


async def complete(
    access: Access,
    request: AuthorizationRequest,
    response: AuthorizationResponse,
    browser_known: bool,
    browser_from: str,
) -> Person:
    """Redeem the answer to a spent request, check who came, and let the tokens wait sealed.

    Raises SignInDenied, ResponseIncomplete, IdentityWrong, WrongTenant, TokenRefused, Unreachable;
    nothing is stored then.
    """
    await attempts.mark(access.store, request.attempt_id, Station.CAME_BACK)
    if response.error:
        raise denial(
            SignInDenied,
            response,
            "Microsoft refused the sign-in.",
            "Nothing was stored.",
        )
    if not response.code:
        raise ResponseIncomplete(
            "The answer carries neither a code nor an error.",
            means="Nothing was stored.",
            cure="Open the start link again and press its button.",
        )
    company = await access.store.companies.get(request.company_id)
    access.require_company(company)
    signed_in = await access.microsoft.tokens.redeem(company.tenant_id, request.flow, response)
    payload = json.dumps(
        {"refresh_token": signed_in.refresh_token.reveal(), "scopes": list(signed_in.scopes)}
    )
    await attempts.keep(
        access.store,
        request.attempt_id,
        signed_in.person,
        Secret(payload),
        browser_known=browser_known,
        browser_from=browser_from,
    )
    return signed_in.person


async def taken_over(access: Access, company: Company, person: Person) -> Person | None:
    """Return the administrator another one would replace, or None when nobody is replaced."""
    master = await access.store.authentications.company_master(company.id)
    if master is None or master.person is None:
        return None
    return master.person if master.person.object_id != person.object_id else None


async def confirm(access: Access, attempt: Attempt, typed_name: str = "") -> Authentication:
    """Store the sign-in that waits on the attempt, as the company's Company Master, and prove it.

    The word counts for `attempt.person`, who was shown, and for nobody who waits there since.
    Signing in again replaces the row and keeps its key, so that the children stay. Another
    administrator than before is a take-over: `typed_name` must then be the company's name.

    Raises NotConfirmed, LinkOver (nothing waits any more), and what the first refresh raises; the
    sign-in is stored by then.
    """
    company = await access.store.companies.get(attempt.company_id)
    # Looked at inside the transaction: nobody else's word can come in between.
    async with access.store.transaction() as tx:
        person, payload = await attempts.kept(access.store, attempt.id)
        _require_shown(attempt, person)
        former = await taken_over(access, company, person)
        _require_typed(company, former, person, typed_name)
        kept = json.loads(payload.reveal())
        master = await access.store.authentications.put_company_master(
            tx,
            company,
            person,
            Secret(kept["refresh_token"]),
            scopes=tuple(kept["scopes"]),
            granted_by=access.actor.name,
        )
        await access.store.attempts.settle(tx, attempt.id, Station.STORED)
        await access.store.journal.write(
            tx,
            _what_happened(former, master),
            company_name=company.name,
            subject=f"{COMPANY_MASTER_NAME} ({person.user_principal_name or person.shown})",
            detail=f"taken over from {former.user_principal_name or former.shown}"
            if former
            else "",
        )
    await _prove(access, company, attempt)
    return await access.company_master(company)


async def refuse(access: Access, attempt: Attempt) -> None:
    """Erase the sign-in that waits: the operator does not know `attempt.person`.

    Raises NotConfirmed when somebody else waits there since.
    """
    company = await access.store.companies.get(attempt.company_id)
    who = attempt.person.user_principal_name or attempt.person.shown if attempt.person else ""
    async with access.store.transaction() as tx:
        with suppress(LinkOver):  # nobody waits: it was decided elsewhere, or is too old
            _require_shown(attempt, (await attempts.kept(access.store, attempt.id))[0])
        await access.store.attempts.forget_person(tx, attempt.id)
        await access.store.journal.write(
            tx,
            "sign-in not confirmed",
            company_name=company.name,
            subject=who,
            outcome="refused",
            detail="the operator did not confirm the person; what came was erased",
        )


def _require_shown(attempt: Attempt, person: Person) -> None:
    if attempt.person != person:
        raise NotConfirmed(
            f"{person.shown} waits by now, and that is not who you were asked about.",
            means="Nothing was stored and nothing was erased.",
            cure="Look again who signed in.",
        )


def _require_typed(
    company: Company, former: Person | None, person: Person, typed_name: str
) -> None:
    if former is not None and typed_name.strip().casefold() != company.name.casefold():
        raise NotConfirmed(
            f"{person.shown} would take over from {former.shown}, and the company's name was not "
            "typed.",
            cure=f"Type {company.name} to confirm.",
        )


async def _prove(access: Access, company: Company, attempt: Attempt) -> None:
    """Refresh once at once: a token that cannot be refreshed is told now, not in an hour."""
    try:
        await access.company_master_token(company)
    except TtrError as problem:
        await attempts.mark(access.store, attempt.id, Station.STORED, problem=problem.sentence())
        raise
    await attempts.mark(access.store, attempt.id, Station.PROVEN)
    await attempts.end(access.store, attempt.id, AttemptEnd.DONE)


def _what_happened(former: Person | None, master: Authentication) -> str:
    if former is not None:
        return "company master taken over"
    return "company master stored" if master.generation == 1 else "company master signed in again"
