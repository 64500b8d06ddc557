"""Rotate the client secret: the new one is proven by a live token request before anything changes.

Until the one rename that puts it in place the former secret is the one that counts, here and for
every other program. What was refused leaves everything as it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui.access.notes import ROTATED_NOTE
from ttr_tui.advice import INSTALLATION_CAUSES, Scope, scope_of
from ttr_tui.errors import (
    NotWritten,
    SecretUnusable,
    StoreError,
    TenantUnknown,
    TokenRefused,
    TtrError,
)
from ttr_tui.logs import hide
from ttr_tui.model import Check, now
from ttr_tui.settings.names import CLIENT_SECRET, CLIENT_SECRET_FILE, SECRET_ENDS
from ttr_tui.settings.registration import secret_faults
from ttr_tui.settings.writing import change_values, change_whole, require_changeable, value_in

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Secret
    from ttr_tui.settings import SecretPlace, Settings
    from ttr_tui.store import Transaction

RESTART = "systemctl restart ttr-tui.service"
AFTERWARDS = (
    "Other programs of ours that run take the new one from that file within a second.",
    f"One that has its secret from elsewhere uses the former until it is started again: {RESTART}",
    "Delete the former secret in the app registration after that.",
)
"""What is still to be done, by whoever rotated it."""

_EXPIRED = "AADSTS7000222"
_NOTHING = "Nothing was changed: the former secret stays where it is."


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new secret is in use: who proved it, where it stands now, and what is left to do.

    `proven_by` names a company, or the tenant that was named. `ends` is the new secret's last day;
    `ends_removed` that a former one was removed because no new one was given.
    """

    tenant_id: str
    proven_by: str
    file: Path
    ends: date | None
    ends_removed: bool
    left_to_do: tuple[str, ...]


def require_rotatable(settings: Settings) -> SecretPlace:
    """Return where the secret stands; raise what says why it cannot be changed from here.

    SettingsFaulty, SecretUnusable (the environment, a credential) or NotWritten (no right to).
    """
    settings.require_microsoft()
    place = settings.secret_place
    if place is None or place.file is None:
        raise SecretUnusable(
            "The client secret comes from the process environment, which cannot be changed from "
            "here.",
            means=_NOTHING,
            cure=f"Change {CLIENT_SECRET} where it is set, or move it into the env file; then "
            "start again.",
        )
    if place.credential:
        raise SecretUnusable(
            f"The client secret is a credential that systemd put at {place.file}.",
            means=_NOTHING,
            cure=f"Put the new one where the unit's LoadCredential= takes it from, then: {RESTART}",
        )
    try:
        require_changeable(place.file)
    except NotWritten as problem:
        problem.cure = f"Put the new secret there as a user who may, then: {RESTART}"
        raise
    return place


async def rotate(access: Access, secret: Secret, ends: date | None, *, tenant: str = "") -> Rotated:
    """Prove a new client secret, put it in the place of the present one, and use it at once.

    `ends` is its last day, if that is known; `tenant` a domain or id to prove it at, else companies
    are asked, those that granted permission first. Raises what `require_rotatable` raises,
    SecretUnusable (no secret, refused, nobody to prove it), NotWritten, Unreachable, AnswerBroken,
    ForeignHost; nothing is changed then.
    """
    hide(secret)
    place = require_rotatable(access.settings)
    _require_new(access, secret, ends)
    file = place.file or Path()
    former = value_in(file, "" if place.alone else CLIENT_SECRET)
    try:
        tenant_id, proven_by = await _prove(access, secret, tenant)
    except SecretUnusable as refusal:
        await _journal_refusal(access, file, refusal)
        raise
    removed = ends is None and access.settings.secret_ends is not None
    # Whoever asked may be cancelled: what is in place is journalled all the same.
    left = await asyncio.shield(
        asyncio.ensure_future(_take(access, place, _Change(secret, former, ends), tenant_id))
    )
    return Rotated(tenant_id, proven_by, file, ends, removed, (*left, *AFTERWARDS))


@dataclass(frozen=True, slots=True)
class _Change:
    secret: Secret
    former: str = field(repr=False)
    ends: date | None


async def _take(
    access: Access, place: SecretPlace, change: _Change, tenant_id: str
) -> tuple[str, ...]:
    """Put the proven secret in place and use it; return what could not be done here."""
    left: tuple[str, ...] | None = None
    try:
        async with access.store.transaction() as tx:
            await _write_down(access, tx, change.ends, f"{place.file}", tenant_id)
            # The last thing before the commit: what fails here leaves neither a change nor an
            # entry.
            left = _put(access, place, change)
            access.use_secret(change.secret, change.ends)
    except StoreError as problem:
        if left is None:
            raise
        problem.happened = (
            "The new client secret is in place and in use, but the store could not write that "
            f"down: {problem.happened}"
        )
        problem.means = "The journal lacks it, and programs that run do not hear of it."
        problem.cure = f"{problem.cure} Start the other programs again: {RESTART}"
        raise
    return left


async def _write_down(
    access: Access, tx: Transaction, ends: date | None, subject: str, tenant_id: str
) -> None:
    for company in await access.store.companies.list():
        await access.store.alarms.clear(tx, company.id, INSTALLATION_CAUSES)
    # What readiness saw was the former one, and the forecast would go on telling its end.
    await access.store.findings.forget(tx, Check.CLIENT_SECRET)
    await access.store.journal.write(
        tx,
        "client secret changed",
        subject=subject,
        detail=f"proven at tenant {tenant_id}; ends {ends or 'at a time not known here'}",
    )
    await access.store.set_note(tx, ROTATED_NOTE, f"{now().isoformat()} {ends or ''}")


def _require_new(access: Access, secret: Secret, ends: date | None) -> None:
    """Raise SecretUnusable for what is no secret, has ended, or is in use already."""
    written = secret.reveal()
    faults = secret_faults(written)
    if faults:
        said = ", and ".join(problem for problem, _ in faults)
        cures = " ".join(dict.fromkeys(cure for _, cure in faults))
        raise SecretUnusable(f"The new client secret {said}.", means=_NOTHING, cure=cures)
    if ends is not None and ends < now().date():
        raise SecretUnusable(
            f"A secret that ended on {ends} is no new one.", means=_NOTHING, cure="Check the date."
        )
    if access.settings.require_microsoft().client_secret == secret:
        raise SecretUnusable(
            "That is the client secret that is in use already.",
            means=_NOTHING,
            cure="Make a new one in the app registration and copy the column called Value.",
        )


async def _prove(access: Access, secret: Secret, tenant: str) -> tuple[str, str]:
    """Return who issued a token for the secret: the tenant's id, and what to call it."""
    registration = replace(access.settings.require_microsoft(), client_secret=secret)
    refusals: list[TtrError] = []
    candidates = await _candidates(access, tenant)
    for tenant_id, name in candidates:
        try:
            await access.microsoft.tokens.prove(tenant_id, registration)
        except (TokenRefused, TenantUnknown) as refusal:
            if scope_of(refusal) is Scope.INSTALLATION:
                raise _refused(refusal) from refusal
            refusals.append(refusal)
        else:
            return tenant_id, name
    raise _nobody(refusals)


async def _candidates(access: Access, tenant: str) -> list[tuple[str, str]]:
    """Return the tenants to ask, each once; those where permission was granted come first."""
    if tenant:
        found = await access.microsoft.discover(tenant)
        return [(found.tenant_id, tenant)]
    hosts = (access.settings.authority_host, access.settings.graph_base_url)
    companies = [
        company
        for company in await access.store.companies.list()
        if (company.authority_host, company.graph_base_url) == hosts
    ]
    companies.sort(key=lambda company: company.consent_proven_at is None)
    names: dict[str, str] = {}
    for company in companies:
        names.setdefault(company.tenant_id, company.name)
    return list(names.items())


def _refused(refusal: TtrError) -> SecretUnusable:
    code = refusal.evidence.code
    expired = code == _EXPIRED
    return SecretUnusable(
        "The new client secret has expired already."
        if expired
        else f"Microsoft refuses the new client secret ({code}).",
        means=_NOTHING,
        cure="Make a new one, and copy the column called Value, which is shown once."
        if expired
        else "Copy the column called Value of a secret of this very app registration.",
        evidence=refusal.evidence,
    )


def _nobody(refusals: list[TtrError]) -> SecretUnusable:
    cure = (
        "Name a tenant that knows the app (Proven at, or --tenant DOMAIN): the one it is "
        "registered in."
    )
    if not refusals:
        return SecretUnusable(
            "There is no company yet whose tenant could prove the new client secret.",
            means=_NOTHING,
            cure=cure,
        )
    last = refusals[-1]
    return SecretUnusable(
        f"No tenant proved the new client secret; of the last one asked: {last.happened}",
        means=_NOTHING,
        cure=cure,
        evidence=last.evidence,
    )


def _put(access: Access, place: SecretPlace, change: _Change) -> tuple[str, ...]:
    """Put the secret and its end where they stand; return what could not be done here."""
    file, ends, secret = place.file or Path(), change.ends, change.secret.reveal()
    dated: dict[str, str | None] = {SECRET_ENDS: ends.isoformat() if ends else None}
    if place.ends_in_environment:
        dated = {}
    if not place.alone:
        change_values(file, {CLIENT_SECRET: secret, **dated}, {CLIENT_SECRET: change.former})
        return _left(place, ends, "")
    change_whole(file, secret, change.former)
    env_file, reason = access.settings.env_file, ""
    if dated and env_file is not None:
        try:
            change_values(env_file, dated, {})
        except NotWritten as problem:
            reason = problem.happened
    elif dated and ends is not None:
        reason = f"There is no env file beside the file of {CLIENT_SECRET_FILE}."
    return _left(place, ends, reason)


def _left(place: SecretPlace, ends: date | None, reason: str) -> tuple[str, ...]:
    do = f"write {SECRET_ENDS}={ends}" if ends else f"remove {SECRET_ENDS}, if it is there"
    if place.ends_in_environment:
        return (f"The process environment names the former secret's end: there, {do}.",)
    return (f"{reason} Where the settings are, {do}.",) if reason else ()


async def _journal_refusal(access: Access, file: Path, refusal: SecretUnusable) -> None:
    async with access.store.transaction() as tx:
        await access.store.journal.write(
            tx,
            "client secret refused",
            subject=str(file),
            outcome="refused",
            detail=refusal.sentence(),
        )
