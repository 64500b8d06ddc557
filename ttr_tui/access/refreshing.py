"""Use a stored refresh token once: under the lease, and keep what comes back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui.access.notes import SIGN_IN_FREQUENCY_NOTE
from ttr_tui.access.refusing import keep_refusal, speaks_for_the_company
from ttr_tui.errors import Gone, IdentityWrong, MicrosoftError, StoreError
from ttr_tui.model import Secret, now

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Authentication, Company
    from ttr_tui.store import Transaction

LEASE_SECONDS = 120.0
LEASE_PATIENCE = 45.0
LEASE_PAUSE = 0.2


async def refresh_alone(access: Access, company: Company, authentication_id: str) -> Secret:
    """Refresh while nobody else does, here or in another process; return the access token.

    Raises StoreError when another one holds the lease for too long, and what a refresh raises.
    """
    # The lease tells processes apart; within this one a refresh waits for its turn.
    async with access.turns[authentication_id]:
        await _lease(access, authentication_id)
        try:
            return await _refresh(access, company, authentication_id)
        finally:
            await access.store.authentications.drop_lease(authentication_id, access.store.owner)


async def _lease(access: Access, authentication_id: str) -> None:
    deadline = asyncio.get_running_loop().time() + LEASE_PATIENCE
    while not await access.store.authentications.take_lease(
        authentication_id, access.store.owner, LEASE_SECONDS
    ):
        if asyncio.get_running_loop().time() > deadline:
            raise StoreError(
                "Another program of ours has been refreshing this authentication for "
                f"{LEASE_PATIENCE:.0f} s.",
                means="Only one may at a time.",
                cure="Try again in a minute.",
            )
        await asyncio.sleep(LEASE_PAUSE)


async def _refresh(access: Access, company: Company, authentication_id: str) -> Secret:
    row = await access.authentication(authentication_id)
    called = f"The authentication of {row.user_principal_name} of {company.name}"
    if row.person is None:
        raise StoreError(f"{called} does not say who signed in.", cure="Sign in again.")
    kept = await access.store.authentications.refresh_token(row)
    try:
        answer = await access.microsoft.tokens.refresh(company.tenant_id, kept, row.person)
    except (MicrosoftError, IdentityWrong) as refusal:
        await keep_refusal(access, company, row, refusal)
        raise
    async with access.store.transaction() as tx:
        if not await access.store.authentications.rotate(tx, row, answer.refresh_token, now()):
            raise Gone(
                f"{called} was deleted or replaced meanwhile.",
                means="What Microsoft answered was not stored.",
            )
        await access.store.alarms.clear(tx, company.id, speaks_for_the_company(row))
        await _outlived(access, tx, company, row)
    return answer.access_token


async def _outlived(access: Access, tx: Transaction, company: Company, row: Authentication) -> None:
    """Forget a sign-in frequency that this sign-in has outlived: the policy is no more."""
    note = SIGN_IN_FREQUENCY_NOTE.format(company.id)
    kept = await access.store.note(note)
    lasted = now() - (row.signed_in_again_at or row.since)
    if kept and lasted > timedelta(seconds=int(kept)):
        await access.store.set_note(tx, note, "")
