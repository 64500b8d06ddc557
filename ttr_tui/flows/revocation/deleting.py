"""Carry a planned deletion out, and see it through: the stages `flows.revocation` tells of."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ttr_tui.access import SERVICE_PRINCIPAL_NOTE
from ttr_tui.errors import NotConfirmed
from ttr_tui.microsoft import endpoints
from ttr_tui.model import AttemptEnd, AuthenticationKind, now
from ttr_tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from ttr_tui.access import Access
    from ttr_tui.flows.revocation.planning import RevocationPlan
    from ttr_tui.model import Authentication, Company
    from ttr_tui.store import Revocation, Transaction

ERASING_PAUSE = 1.0

SWEPT_AT_ONCE = 2000
"""Children deleted in one transaction, each with its line in the journal; others write between."""


READ_AT_ONCE = 500
"""Rows read at once on their way out, so that nothing waits for all of them."""


@dataclass(slots=True)
class _Gone:
    """What went: ids, whose mailboxes, and whether a Company Master was among them."""

    ids: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    master: bool = False

    def add(self, items: Sequence[Authentication]) -> None:
        self.ids.update(item.id for item in items)
        self.objects.update(item.object_id for item in items if item.object_id)
        self.master = self.master or any(map(_is_master, items))


@dataclass(frozen=True, slots=True)
class Revoked:
    """What a deletion did; `erased` once nothing of it is left on this disk."""

    id: int
    plan: RevocationPlan
    at: datetime
    erased: bool


async def carry_out(access: Access, planned: RevocationPlan, typed_name: str = "") -> Revoked:
    """Delete what was planned; for a Company Master `typed_name` must be the company's name.

    Deleting wins over every refresh, callback and run under way: what they bring finds no row.
    Raises NotConfirmed.
    """
    company = planned.company
    named = typed_name.strip().casefold() == company.name.casefold()
    if planned.with_master and not named:
        raise NotConfirmed(
            f"The Company Master of {company.name} is deleted only when the company's name is "
            "typed.",
            cure=f"Type {company.name} to confirm.",
        )
    async with access.store.transaction() as tx:
        revocation_id = await access.store.revocations.plan(tx, company, planned.ids)
        await access.store.journal.write(
            tx,
            "deletion begun",
            company_name=company.name,
            subject=_subject(planned),
            detail=plural(planned.count, "authentication"),
        )
    await _delete(access, revocation_id)
    at = now()
    await _sweep(access, revocation_id)
    erased = await _try_to_erase(access, revocation_id)
    link = await _admin_center(access, company)
    return Revoked(revocation_id, replace(planned, admin_center=link), at, erased)


async def erase(access: Access, revocation_id: int) -> None:
    """See a deletion through: what a crash left undone, then wait until no reader is left."""
    await _delete(access, revocation_id)
    await _sweep(access, revocation_id)
    # The readers are other processes: nothing but asking again tells when they are gone.
    while True:
        if await _try_to_erase(access, revocation_id):
            return
        await asyncio.sleep(ERASING_PAUSE)


async def _delete(access: Access, revocation_id: int) -> None:
    """Note the dying keys' ids, then destroy keys and tokens; nothing to do when that is done.

    A Company Master's row and its children's stay until they are swept: without its key they are
    nothing but names.
    """
    store = access.store
    intent = await store.revocations.get(revocation_id)
    if intent.stage != "planned":
        return
    await store.revocations.note_destroyed(intent)
    async with store.transaction() as tx:
        if not await store.revocations.step(tx, revocation_id, "deleted"):
            # Another process of ours took up the same intent and was first.
            return
        gone = _Gone()
        for start in range(0, len(intent.authentication_ids), READ_AT_ONCE):
            some = intent.authentication_ids[start : start + READ_AT_ONCE]
            items = await store.authentications.of_ids(some)
            masters = [item.id for item in items if _is_master(item)]
            await store.authentications.make_unusable(tx, masters)
            alone = [item.id for item in items if not _is_master(item)]
            await store.authentications.delete(tx, alone)
            await _journal_each(access, tx, intent, items)
            gone.add(items)
        await _end_attempts(access, tx, intent, gone)
        await store.journal.write(
            tx,
            "authentications deleted",
            company_name=intent.company_name,
            subject=f"deletion {revocation_id}",
            detail=plural(intent.count, "authentication"),
        )
    if intent.with_master:
        await store.drop_directory(intent.company_id)


async def _sweep(access: Access, revocation_id: int) -> None:
    """Take away the rows of a Company Master without a key and of its children, each journalled."""
    store = access.store
    intent = await store.revocations.get(revocation_id)
    if not intent.with_master:
        return
    master = await store.authentications.company_master(intent.company_id)
    if master is not None and master.id in intent.authentication_ids:
        swept = [("", "")]
        while swept:
            async with store.transaction() as tx:
                swept = await store.authentications.sweep(tx, master.id, SWEPT_AT_ONCE)
                await store.journal.write_each(
                    tx,
                    "authentication deleted",
                    [f"{address} ({child})" for child, address in swept],
                    company_name=intent.company_name,
                    detail=f"deletion {intent.id}, child of {master.id}",
                )


def _is_master(item: Authentication) -> bool:
    return item.kind is AuthenticationKind.COMPANY_MASTER


async def _end_attempts(access: Access, tx: Transaction, intent: Revocation, gone: _Gone) -> None:
    """End every sign-in under way for what went: nothing that comes back later is stored."""
    for attempt in await access.store.attempts.open_of(intent.company_id):
        person = attempt.person.object_id if attempt.person is not None else ""
        if (
            (gone.master and attempt.for_master)
            or person in gone.objects
            or await _goes_with(access, intent, (attempt.agent_id, person), gone.ids)
        ):
            await access.store.attempts.end(tx, attempt.id, AttemptEnd.WITHDRAWN)


async def _goes_with(
    access: Access, intent: Revocation, whose: tuple[str | None, str], chosen: Collection[str]
) -> bool:
    """Tell whether the authentication of an agent, or of who signed in, is of `chosen` or below."""
    agent_id, object_id = whose
    ids = [agent_id] if agent_id else []
    if object_id:
        company = await access.store.companies.get(intent.company_id)
        found = await access.store.agents.by_object_ids(company.tenant_id, [object_id])
        ids += [agent.id for agent in found.values() if agent.company_id == company.id]
    for one in ids:
        held = await access.store.authentications.of_agent(one)
        if held is not None and (held.id in chosen or held.parent_id in chosen):
            return True
    return False


async def _journal_each(
    access: Access, tx: Transaction, intent: Revocation, gone: Sequence[Authentication]
) -> None:
    """Leave a line for each authentication that went, with what it hung on."""
    by_parent: dict[str, list[str]] = {}
    for item in gone:
        name = f"{item.user_principal_name} ({item.id})"
        by_parent.setdefault(item.parent_id or "", []).append(name)
    for parent, names in by_parent.items():
        await access.store.journal.write_each(
            tx,
            "authentication deleted",
            names,
            company_name=intent.company_name,
            detail=f"deletion {intent.id}" + (f", child of {parent}" if parent else ""),
        )


async def _try_to_erase(access: Access, revocation_id: int) -> bool:
    """Truncate the write-ahead log; say erased only when that is proven."""
    if not await access.store.erase_traces():
        return False
    intent = await access.store.revocations.get(revocation_id)
    async with access.store.transaction() as tx:
        if not await access.store.revocations.step(tx, revocation_id, "erased"):
            return True
        await access.store.journal.write(
            tx,
            "erased",
            company_name=intent.company_name,
            subject=f"deletion {revocation_id}",
            detail="no page of it is left in the database or its log",
        )
    return True


async def _admin_center(access: Access, company: Company) -> str:
    """Return where the company's administrator ends the consent for this very app."""
    registration = access.settings.registration
    return endpoints.admin_center_url(
        company.authority_host,
        company.tenant_id,
        registration.client_id if registration else "",
        await access.store.note(SERVICE_PRINCIPAL_NOTE.format(company.id)),
    )


def _subject(planned: RevocationPlan) -> str:
    if planned.with_master:
        return f"Company Master with {plural(planned.children, 'child', 'children')}"
    names = ", ".join(item.name or item.address for item in planned.first[:4])
    return names if planned.count <= 4 else f"{names} and {planned.count - 4} more"
