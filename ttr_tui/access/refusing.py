"""What Microsoft refused, kept: with its class on the sign-in, and once on the company.

Nothing is deleted because of a refusal. Silence and trouble at Microsoft change no status, and an
unknown cause only once it was met several times in a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.access.notes import (
    APP_REFUSED_NOTE,
    SERVICE_PRINCIPAL_NOTE,
    SIGN_IN_FREQUENCY_NOTE,
)
from ttr_tui.advice import (
    CONSENT_CAUSES,
    ENDED,
    INSTALLATION_CAUSES,
    SAME_CAUSE,
    SIGN_IN_FREQUENCY,
    TENANT_CAUSES,
    TOLD_AFTER,
    Act,
    Scope,
    act_of,
    pause_after,
    scope_of,
    speak_of_stored,
)
from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    MAILBOX_OWNER,
    ClientRefused,
    ConsentNeeded,
    TtrError,
)
from ttr_tui.model import Authentication, AuthenticationKind, Company, Status, now
from ttr_tui.problems import problem_of
from ttr_tui.store import Refusal

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.store import Transaction

READS_USERS = "User.Read.All"
READS_MAILBOXES = "Mail.ReadBasic.All"
"""Causes of alarms that no code of Microsoft's stands for: a permission that all of a company
needs, by its name."""

ANY_TOKEN_ENDS = INSTALLATION_CAUSES | TENANT_CAUSES
"""The causes of alarms that any token ends which is issued in the tenant."""


def speaks_for_the_company(row: Authentication) -> frozenset[str] | None:
    """Return which of a company's alarms end when this row is accepted; None for all.

    Of a policy or a consent it says something only where it was refused for it before.
    """
    if row.status is Status.REFUSED:
        return None
    return ANY_TOKEN_ENDS | ({row.refusal.code} if row.refusal else frozenset())


async def keep_refusal(
    access: Access, company: Company, row: Authentication, refusal: TtrError
) -> None:
    """Keep a refusal of a refresh, unless a newer sign-in has replaced the row meanwhile."""
    speak_of_stored(refusal)
    if refusal.who == MAILBOX_OWNER and row.kind is AuthenticationKind.COMPANY_MASTER:
        # Whose sign-in a Company Master is: an administrator's.
        refusal.who = ENTRA_ADMINISTRATOR
    await raise_alarm(access, company, refusal)
    async with access.store.transaction() as tx:
        current = await access.store.authentications.get(row.id)
        if current is not None and current.generation == row.generation:
            await _keep_on_row(access, tx, company, current, refusal)
        if isinstance(refusal, ConsentNeeded) and company.consent_proven_at is not None:
            await _consent_gone(access, tx, company)


async def _keep_on_row(
    access: Access, tx: Transaction, company: Company, row: Authentication, refusal: TtrError
) -> None:
    act = act_of(refusal)
    times = row.refusals + 1 if row.refusal_class == act else 1
    again = now() + pause_after(act, times)
    if act is Act.TRY_AGAIN and row.status in (Status.REFUSED, Status.EXPIRED):
        # What it was refused for says more than that nobody answered today.
        await access.store.roots.try_at(tx, row.id, again)
        return
    await access.store.roots.keep(tx, row.id, Refusal(problem_of(refusal), act, times, again))
    if not _is_definite(refusal, act, times):
        return
    status = Status.EXPIRED if refusal.evidence.code in ENDED else Status.REFUSED
    await access.store.authentications.mark(tx, row.id, status, refusal.sentence(), now())
    if row.status is not status:
        await access.store.journal.write(
            tx,
            "authentication refused",
            company_name=company.name,
            subject=f"{row.address or row.user_principal_name} ({row.id})",
            outcome="refused",
            detail=f"{act}: {refusal.sentence()}",
        )
    if refusal.evidence.code == SIGN_IN_FREQUENCY:
        await _keep_frequency(access, tx, company, row)


def _is_definite(refusal: TtrError, act: Act, times: int) -> bool:
    """Tell whether a sign-in counts as refused: not for what is the app's, or nobody's."""
    if isinstance(refusal, ClientRefused) or act in (Act.TRY_AGAIN, Act.OPERATOR):
        return False
    return act is not Act.UNKNOWN or times >= TOLD_AFTER


async def _keep_frequency(
    access: Access, tx: Transaction, company: Company, row: Authentication
) -> None:
    note = SIGN_IN_FREQUENCY_NOTE.format(company.id)
    lasted = int((now() - (row.signed_in_again_at or row.since)).total_seconds())
    kept = await access.store.note(note)
    await access.store.set_note(tx, note, str(min(lasted, int(kept)) if kept else lasted))


async def app_refused(access: Access, company: Company, refusal: TtrError) -> None:
    """Keep on the company that its tenant refuses the app a token of its own."""
    was_granted = company.consent_proven_at is not None
    if was_granted:
        speak_of_stored(refusal)
    if was_granted or not isinstance(refusal, ConsentNeeded):
        # What nobody has granted so far stops nothing.
        await raise_alarm(access, company, refusal)
    async with access.store.transaction() as tx:
        await access.store.set_note(tx, APP_REFUSED_NOTE.format(company.id), refusal.evidence.code)
        if isinstance(refusal, ConsentNeeded) and company.consent_proven_at is not None:
            await _consent_gone(access, tx, company)


async def token_issued(access: Access, company: Company) -> None:
    """End the alarms that a fresh token of the app's own disproves."""
    note = APP_REFUSED_NOTE.format(company.id)
    refused = await access.store.note(note)
    ended = ANY_TOKEN_ENDS | ({refused} if refused else frozenset())
    standing = {a.cause for a in await access.store.alarms.list() if a.company_id == company.id}
    if refused or standing & ended:
        async with access.store.transaction() as tx:
            await access.store.alarms.clear(tx, company.id, ended)
            await access.store.set_note(tx, note, "")


async def raise_alarm(access: Access, company: Company, refusal: TtrError) -> None:
    """Say once, on the company, what stops all of it; later ones of the same cause are counted.

    A secret, a consent or a policy is one cause, however many agents it concerns, and an app that
    was removed is one whichever number Microsoft has for it.
    """
    if scope_of(refusal) not in (Scope.COMPANY, Scope.INSTALLATION):
        return
    if act_of(refusal) in (Act.TRY_AGAIN, Act.UNKNOWN):
        return
    await raise_cause(access, company, refusal.evidence.code, refusal)


async def raise_cause(access: Access, company: Company, cause: str, refusal: TtrError) -> None:
    """Say once, on the company, that `cause` stops it: Microsoft's code, or a permission's name."""
    problem = problem_of(refusal)
    async with access.store.transaction() as tx:
        # Two requests may be refused at once: what stands is looked at where it is written.
        cause = await _standing_for(access, company, cause)
        if await access.store.alarms.raise_one(tx, company.id, cause, problem):
            await access.store.journal.write(
                tx,
                "company stopped",
                company_name=company.name,
                subject=cause,
                outcome="refused",
                detail=refusal.sentence(),
            )


async def _standing_for(access: Access, company: Company, cause: str) -> str:
    """Return the cause of an alarm that stands for the same event, or else `cause` itself."""
    if cause not in SAME_CAUSE:
        return cause
    alarms = [one for one in await access.store.alarms.list() if one.company_id == company.id]
    return next((one.cause for one in alarms if one.cause in SAME_CAUSE), cause)


async def cause_over(access: Access, company: Company, cause: str) -> None:
    """End the alarm of one cause, where there is one."""
    alarms = await access.store.alarms.list()
    if any((one.company_id, one.cause) == (company.id, cause) for one in alarms):
        async with access.store.transaction() as tx:
            await access.store.alarms.clear(tx, company.id, {cause})


async def permission_proven(
    access: Access, company: Company, principal_id: str, detail: str
) -> None:
    """Keep that admin permission was proven by use: this ends what its absence had stopped.

    `principal_id` is our service principal in the company's tenant, as Graph names it; `detail`
    says for the journal what was seen granted.
    """
    async with access.store.transaction() as tx:
        await access.store.set_note(tx, SERVICE_PRINCIPAL_NOTE.format(company.id), principal_id)
        await access.store.companies.consent_proven(tx, company.id, now())
        await access.store.alarms.clear(tx, company.id, INSTALLATION_CAUSES | CONSENT_CAUSES)
        await access.store.journal.write(
            tx,
            "admin permission proven",
            company_name=company.name,
            subject=company.tenant_id,
            detail=detail,
        )


async def _consent_gone(access: Access, tx: Transaction, company: Company) -> None:
    """Keep that the admin permission is no longer granted: somebody ended it at Microsoft."""
    await access.store.companies.consent_gone(tx, company.id)
    await access.store.journal.write(
        tx,
        "admin permission withdrawn",
        company_name=company.name,
        subject=company.tenant_id,
        outcome="refused",
        detail="Microsoft no longer knows it for this app",
    )
