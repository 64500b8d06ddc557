"""What a browser, or somebody who pastes, brought back: redeemed, checked, stored or kept."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.advice import denial
from ttr_tui.errors import LinkOver, ResponseIncomplete, SignInDenied, TtrError, WrongPerson
from ttr_tui.flows.sign_in.storing import Came, journal, prove, store
from ttr_tui.model import (
    Attempt,
    AuthorizationRequest,
    AuthorizationResponse,
    Person,
    Secret,
    Station,
)

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company


@dataclass(frozen=True, slots=True)
class Arrived:
    """How an answer came: by the browser that pressed the button or another, and from where."""

    browser_known: bool
    browser_from: str


async def complete(
    access: Access,
    request: AuthorizationRequest,
    response: AuthorizationResponse,
    arrived: Arrived,
) -> Person:
    """Redeem the answer to a spent request and check who came; then store it, or let it wait.

    Raises SignInDenied, ResponseIncomplete, IdentityWrong, WrongTenant, WrongPerson, TokenRefused,
    Unreachable; nothing is stored then.
    """
    await attempts.mark(access.store, request.attempt_id, Station.CAME_BACK)
    attempt = await access.store.attempts.get(request.attempt_id)
    _require_code(attempt, response)
    company = await access.store.companies.get(request.company_id)
    access.require_company(company)
    signed_in = await access.microsoft.tokens.redeem(company.tenant_id, request.flow, response)
    person = signed_in.person
    _require_expected(attempt, person)
    payload = Secret(
        json.dumps(
            {"refresh_token": signed_in.refresh_token.reveal(), "scopes": list(signed_in.scopes)}
        )
    )
    if attempts.needs_word(attempt, browser_known=arrived.browser_known):
        await attempts.keep(
            access.store,
            attempt.id,
            person,
            payload,
            browser_known=arrived.browser_known,
            browser_from=arrived.browser_from,
        )
    else:
        came = Came(person, payload, attempt.asked_by)
        await _store_at_once(access, company, attempt, came, arrived)
    return person


def _require_code(attempt: Attempt, response: AuthorizationResponse) -> None:
    if response.error:
        raise denial(
            SignInDenied,
            response,
            "Microsoft refused the sign-in.",
            "Nothing was stored.",
            by_administrator=not attempt.for_agent,
        )
    if not response.code:
        raise ResponseIncomplete(
            "The answer carries neither a code nor an error.",
            means="Nothing was stored.",
            cure="Open the start link again and press its button.",
        )


async def _require_same_master(access: Access, company: Company, person: Person) -> None:
    """Without the operator's word a Company Master is renewed by its own person, and never made."""
    master = await access.store.authentications.company_master(company.id)
    if master is None or master.person is None or master.person.object_id != person.object_id:
        raise LinkOver(
            f"The Company Master of {company.name} was deleted or taken over since this link was "
            "made.",
            means="Nothing was stored.",
            cure="Connect the company again: who signs in is confirmed there.",
        )


async def _store_at_once(
    access: Access, company: Company, attempt: Attempt, came: Came, arrived: Arrived
) -> None:
    """Store the sign-in of whom we expected, in the browser that pressed the button."""
    await attempts.mark(access.store, attempt.id, Station.IDENTITY_CHECKED)
    async with access.store.transaction() as tx:
        if attempt.for_master:
            await _require_same_master(access, company, came.person)
        await access.store.attempts.settle_at_once(tx, attempt.id, came.person)
        stored = await store(access, tx, company, attempt, came)
        where = f"by the owner, from {arrived.browser_from}" if arrived.browser_from else ""
        await journal(access, tx, company, stored, where)
    with suppress(TtrError):  # the sign-in is stored; the row and the attempt say what is wrong
        await prove(access, company, attempt, stored)


def _require_expected(attempt: Attempt, person: Person) -> None:
    """Compare object ids, never addresses; the tenant was compared when the code was redeemed."""
    expected = attempt.expected
    if expected is None or not expected.object_id or expected.object_id == person.object_id:
        return
    raise WrongPerson(
        f"{expected.shown} was asked for, and {person.shown} signed in.",
        means=f"The browser was signed in as {person.called}. Object ids were compared, so another "
        "address is not the cause. Nothing was stored.",
        who=expected.called,
        cure="Press the start page's button again in a private window, or choose "
        '"Use another account" on Microsoft\'s page.',
    )
