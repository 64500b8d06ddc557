"""Choose who becomes an agent; write the run down; take up failed ones again; stop it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.errors import Refused
from ttr_tui.flows.bulk_add.parent import accepted_master
from ttr_tui.flows.bulk_add.taken import who_cannot
from ttr_tui.model import Company, DirectoryUser, Run

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ttr_tui.access import Access


@dataclass(frozen=True, slots=True)
class AddPlan:
    """What adding would do: who becomes an agent, who is one, and who left the tenant."""

    to_add: tuple[DirectoryUser, ...]
    already: tuple[DirectoryUser, ...]
    gone: tuple[str, ...]


async def plan(access: Access, company: Company, object_ids: Sequence[str]) -> AddPlan:
    """Sort the chosen users into those to add, those who are agents, and those no longer there."""
    copy = await access.store.directory(company)
    found = {user.object_id: user for user in await copy.by_object_ids(object_ids)}
    taken = await who_cannot(access, company, list(found))
    users = [found[i] for i in object_ids if i in found]
    return AddPlan(
        to_add=tuple(u for u in users if u.object_id not in taken),
        already=tuple(u for u in users if u.object_id in taken),
        gone=tuple(i for i in object_ids if i not in found),
    )


async def start(access: Access, company: Company, users: Sequence[DirectoryUser]) -> Run:
    """Write the run down with every user in it, before anything is asked.

    Raises NotConnected while Microsoft refuses the Company Master; Refused when nobody is chosen.
    """
    if not users:
        raise Refused("Nobody is selected.", cure="Select users first.")
    access.require_company(company)
    async with access.store.transaction() as tx:
        master = await accepted_master(access, company)
        run = await access.store.runs.start(tx, company.id, master.id, users, access.actor.name)
        await access.store.journal.write(
            tx,
            "bulk add started",
            company_name=company.name,
            subject=f"run {run.id}",
            detail=f"{len(users)} chosen",
        )
    return run


async def retry(access: Access, run_id: int, object_ids: Collection[str] | None = None) -> Run:
    """Put the failed of a run, or the given ones of it that were not added, back to waiting."""
    run = await access.store.runs.get(run_id)
    company = await access.store.companies.get(run.company_id)
    async with access.store.transaction() as tx:
        await accepted_master(access, company)
        count = await access.store.runs.retry(tx, run_id, object_ids)
        if not count:
            raise Refused("None of these can be tried again.", cure="Select some that failed.")
        await access.store.journal.write(
            tx,
            "bulk add retried",
            company_name=company.name,
            subject=f"run {run_id}",
            detail=f"{count} tried again",
        )
    return await access.store.runs.get(run_id)


async def stop(access: Access, run_id: int) -> None:
    """Stop a run after the batch that is under way; what waits stays listed as waiting."""
    run = await access.store.runs.get(run_id)
    company = await access.store.companies.get(run.company_id)
    async with access.store.transaction() as tx:
        await access.store.runs.stop(tx, run_id)
        await access.store.journal.write(
            tx, "bulk add stopped", company_name=company.name, subject=f"run {run_id}"
        )
