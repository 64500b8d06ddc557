"""Grant admin permission: a start link, Microsoft's page, and the proof by use.

What the browser brings back proves nothing (facts section 1.3: anybody can forge that redirect), so
the permission counts as granted only after an app-only token for the pinned tenant, `/organization`
naming the same tenant, the grants as Graph lists them, and `/users` answering.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.advice import denial
from ttr_tui.errors import (
    ConsentDenied,
    ConsentNeeded,
    PermissionMissing,
    TtrError,
    WrongTenant,
)
from ttr_tui.microsoft import directory, endpoints, grants
from ttr_tui.model import (
    APPLICATION_PERMISSIONS,
    Attempt,
    AuthorizationResponse,
    Company,
    Purpose,
    Secret,
    Station,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttr_tui.access import Access

DELAY_PATIENCE = 600.0
"""Seconds Microsoft is given between consent and effect (facts section 3: seconds to minutes)."""

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15.0


async def begin(access: Access, company: Company) -> Attempt:
    """Make a start link for granting admin permission; it lives a day and can be withdrawn."""
    access.require_company(company)
    return await attempts.open_attempt(
        access.store, access.redirects, company, Purpose.ADMIN_CONSENT, access.actor
    )


async def press(access: Access, attempt: Attempt, browser: str) -> str:
    """Make one admin-consent request for the browser that pressed the button; return its URL.

    The request lives ten minutes; `state` is its only binding (facts section 1.1).
    """
    company = await access.store.companies.get(attempt.company_id)
    access.require_company(company)
    client_id = access.settings.require_microsoft().client_id
    redirect_uri = access.redirects[Purpose.ADMIN_CONSENT]
    state = secrets.token_urlsafe(32)
    await attempts.add_request(
        access.store, attempt, state, Secret("{}"), browser=browser, redirect_uri=redirect_uri
    )
    return endpoints.admin_consent_url(
        authority_host=company.authority_host,
        tenant_id=company.tenant_id,
        client_id=client_id,
        redirect_uri=redirect_uri,
        state=state,
        graph_base_url=company.graph_base_url,
    )


async def complete(access: Access, response: AuthorizationResponse, attempt_id: str) -> None:
    """Take Microsoft's answer, whose request is spent; nothing is stored but that it came.

    Raises ConsentDenied when an `error` came, also beside `admin_consent=True` (facts section 1.3).
    """
    await attempts.mark(access.store, attempt_id, Station.CAME_BACK)
    if response.error:
        raise denial(
            ConsentDenied,
            response,
            "Microsoft did not grant the permission.",
            "Nothing was granted and nothing was stored.",
        )


async def prove(
    access: Access,
    company: Company,
    on_progress: Callable[[str], None] = lambda _sentence: None,
    *,
    attempt_id: str = "",
    give_up_after: float = DELAY_PATIENCE,
) -> tuple[str, ...]:
    """Prove the grant by use; wait out Microsoft's own delay, telling `on_progress` each time.

    Returns the application permissions that are missing after `give_up_after` seconds, or none when
    the grant is proven, which is then kept with the company. Raises what a look raises that waiting
    cannot mend: ClientRefused, WrongTenant, Unreachable and the like.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + give_up_after
    pause = FIRST_PAUSE
    while True:
        missing, principal = await _look_and_tell(access, company, attempt_id)
        if not missing:
            await _keep_proof(access, company, principal)
            return ()
        sentence = f"Microsoft does not show {_listed(missing)} yet"
        if loop.time() + pause > deadline:
            await _keep_missing(access, company, attempt_id, missing)
            return missing
        on_progress(f"{sentence}; the next look is in {pause:.0f} s.")
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


async def _look_and_tell(
    access: Access, company: Company, attempt_id: str
) -> tuple[tuple[str, ...], str]:
    """Look once; what waiting cannot mend is left on the attempt, for whoever watches it."""
    try:
        async with access.journalling_foreign_hosts(company.name):
            return await _look(access, company)
    except TtrError as problem:
        if attempt_id:
            await attempts.mark(access.store, attempt_id, Station.CAME_BACK, problem)
        await access.alarm(company, problem)
        raise


async def _look(access: Access, company: Company) -> tuple[tuple[str, ...], str]:
    """Look once; return what is missing, and the id of our service principal there."""
    microsoft = access.microsoft
    try:
        token = await access.app_token(company, fresh=True)
        organization = await directory.organization(microsoft, token)
        if organization.id != company.tenant_id:
            raise WrongTenant(
                f"Graph answers for tenant {organization.id}, not for {company.tenant_id}.",
                cure="Remove the company and add it again with the right domain.",
            )
        client_id = access.settings.require_microsoft().client_id
        found = await grants.granted(microsoft, token, client_id)
        missing = tuple(p for p in APPLICATION_PERMISSIONS if p not in found.application)
        if not missing:
            await directory.first_user(microsoft, token)
    except (ConsentNeeded, PermissionMissing):
        return APPLICATION_PERMISSIONS, ""
    return missing, found.service_principal_id


async def _keep_proof(access: Access, company: Company, service_principal_id: str) -> None:
    detail = ", ".join(APPLICATION_PERMISSIONS)
    await access.permission_proven(company, service_principal_id, detail)
    for attempt in await access.store.attempts.open_of(company.id, Purpose.ADMIN_CONSENT):
        await attempts.prove(access.store, attempt.id)
    await _use_a_waiting_master(access, company)


async def _use_a_waiting_master(access: Access, company: Company) -> None:
    """Try a Company Master that was refused for want of this permission: it may work again."""
    master = await access.store.authentications.company_master(company.id)
    if master is not None and master.status is Status.REFUSED:
        # Refused again, it stays marked so; the permission is proven all the same.
        with suppress(TtrError):
            await access.company_master_token(company)


async def _keep_missing(
    access: Access, company: Company, attempt_id: str, missing: tuple[str, ...]
) -> None:
    sentence = missing_sentence(missing)
    async with access.store.transaction() as tx:
        await access.store.journal.write(
            tx,
            "admin permission not proven",
            company_name=company.name,
            outcome="failed",
            detail=sentence,
        )
    if attempt_id:
        await attempts.mark(access.store, attempt_id, Station.CAME_BACK, sentence)


def missing_sentence(missing: tuple[str, ...]) -> str:
    """Say what is missing and who can mend it."""
    return (
        f"Microsoft does not grant {_listed(missing)}. The registration must list it under API "
        "permissions, and a Privileged Role Administrator must grant it again."
    )


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
