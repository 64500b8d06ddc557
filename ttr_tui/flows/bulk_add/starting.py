"""Write a run down with everybody in it; take up failed ones again; stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import Refused
from ttr_tui.flows.bulk_add.parent import accepted_master, parent_of
from ttr_tui.flows.bulk_add.planning import windows

if TYPE_CHECKING:
    from collections.abc import Collection

    from ttr_tui.access import Access
    from ttr_tui.model import Company, Run
    from ttr_tui.store import Marks


async def start(access: Access, company: Company, chosen: Marks) -> Run:
    """Write a run down with everybody in it, before anything is asked.

    A window of users is one transaction: neither memory nor other programs feel a million. Nobody
    sees the run before it is whole. Raises NotConnected while Microsoft refuses the Company Master;
    Refused when nobody is chosen, or nobody of them is there any more.
    """
    if not chosen.rids:
        raise Refused("Nobody is selected.", cure="Select users first.")
    access.require_company(company)
    runs = access.store.runs
    async with access.store.transaction() as tx:
        master = await accepted_master(access, company)
        run = await runs.begin(tx, company.id, master.id, access.actor.name, access.store.owner)
    try:
        return await _settled(access, company, run, await _written(access, company, run, chosen))
    finally:
        async with access.store.transaction() as tx:
            await runs.forget(tx, run)


async def _written(access: Access, company: Company, run: Run, chosen: Marks) -> int:
    """Write down who is in a run; return how many they are."""
    count = 0
    async for users in windows(access, company, chosen):
        async with access.store.transaction() as tx:
            await access.store.runs.append(tx, run, users, count)
        count += len(users)
    if not count:
        raise Refused("Nobody of the selected is in the directory any more.")
    return count


async def _settled(access: Access, company: Company, run: Run, count: int) -> Run:
    async with access.store.transaction() as tx:
        await parent_of(access, run, company)
        settled = await access.store.runs.settle(tx, run)
        await access.store.journal.write(
            tx,
            "bulk add started",
            company_name=company.name,
            subject=f"run {run.id}",
            detail=f"{count} chosen",
        )
    return settled


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
