"""Carry a run to its end: ask mailboxes, make agents of those that answer, one outcome each."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from ttr_tui.errors import Gone, StoreError
from ttr_tui.flows.bulk_add.asking import LEASE_SECONDS, Asking
from ttr_tui.flows.bulk_add.parent import parent_of
from ttr_tui.flows.bulk_add.taken import who_cannot, whose
from ttr_tui.model import Outcome, Proof, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttr_tui.access import Access
    from ttr_tui.flows.bulk_add.asking import RunProgress
    from ttr_tui.microsoft.mailbox import MailboxAnswer
    from ttr_tui.model import Company, Run, RunItem
    from ttr_tui.store import Transaction

PERMISSION = "Mail.ReadBasic.All"


async def carry_on(
    access: Access,
    run_id: int,
    on_progress: Callable[[RunProgress], None] = lambda _progress: None,
) -> Run:
    """Take a run to its end, from wherever it stands; return it with its counts.

    The Company Master's token is used first, also by a run that an earlier process left: adding
    needs the administrator's grant to live. Ends early when the run was stopped or its Company
    Master was deleted. Raises SignInNeeded, NotConnected, Unreachable and the like; the run then
    stays open and is carried on later. Raises StoreError when another program is carrying it on.
    """
    run = await access.store.runs.get(run_id)
    company = await access.store.companies.get(run.company_id)
    if run.ended_at is not None:
        return run
    if not await access.store.runs.take(run_id, access.store.owner, LEASE_SECONDS):
        raise StoreError(
            f"Run {run_id} is being carried on by another program of ours.",
            cure="Wait for it to end.",
        )
    try:
        async with access.journalling_foreign_hosts(company.name):
            if await access.store.authentications.get(run.parent_id) is not None:
                await access.company_master_token(company)
                await _batches(access, company, run, on_progress)
        return await _finish(access, company, run_id)
    finally:
        await access.store.runs.drop(run_id, access.store.owner)


async def _batches(
    access: Access, company: Company, run: Run, on_progress: Callable[[RunProgress], None]
) -> None:
    """Ask batch after batch until nobody waits, the run is stopped, or its parent is gone.

    Who failed before and is to be tried again stands before those who wait: they are asked last.
    """
    while await Asking(access, company, run, on_progress, partial(keep, access, run)).ask_all():
        run = await access.store.runs.get(run.id)


async def keep(
    access: Access,
    run: Run,
    items: Sequence[RunItem],
    answers: Mapping[str, MailboxAnswer],
) -> bool:
    """Write down what became of each of `items`; return False when the parent died.

    `answers` are those of mailboxes, by object id; who was not asked is an agent already.
    """
    try:
        async with access.store.transaction() as tx:
            await _record(access, tx, run, items, answers)
    except Gone:
        return False
    return True


async def _record(
    access: Access,
    tx: Transaction,
    run: Run,
    items: Sequence[RunItem],
    answers: Mapping[str, MailboxAnswer],
) -> None:
    """Write agents, children and outcomes of some batches, in one transaction."""
    company = await access.store.companies.get(run.company_id)
    master = await parent_of(access, run, company)
    added, others = _told_apart(items, answers)
    proof = Proof(access.actor.name, PERMISSION, now())
    await access.store.agents.add_of_run(tx, company, run, list(added.values()), proof.proven_at)
    left_out = await access.store.authentications.add_children(tx, master, added, proof)
    asked_in_vain = [item.object_id for item in others]
    taken = await whose(access, company, left_out) | await who_cannot(
        access, company, asked_in_vain
    )
    became: dict[tuple[Outcome, str], list[int]] = defaultdict(list)
    for object_id in left_out:
        became[Outcome.ALREADY, taken[object_id]].append(added.pop(object_id))
    became[Outcome.ADDED, ""].extend(added.values())
    for item in others:
        became[_outcome(answers.get(item.object_id), taken.get(item.object_id))].append(item.place)
    await access.store.runs.record(tx, run.id, became)


def _told_apart(
    items: Sequence[RunItem], answers: Mapping[str, MailboxAnswer]
) -> tuple[dict[str, int], list[RunItem]]:
    """Return the places of those whose mailbox answered, by object id, and all the others."""
    added: dict[str, int] = {}
    others = []
    for item in items:
        answer = answers.get(item.object_id)
        if answer is not None and answer.outcome is Outcome.ADDED:
            added[item.object_id] = item.place
        else:
            others.append(item)
    return added, others


def _outcome(answer: MailboxAnswer | None, taken: str | None) -> tuple[Outcome, str]:
    """Return what became of somebody, and why; `taken` says why one could not be added."""
    if taken is not None:
        return Outcome.ALREADY, taken
    return (Outcome.WAITING, "") if answer is None else (answer.outcome, answer.reason)


async def _finish(access: Access, company: Company, run_id: int) -> Run:
    """Close the run and journal its counts."""
    async with access.store.transaction() as tx:
        await access.store.runs.finish(tx, run_id)
        run = await access.store.runs.get(run_id, tx)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in run.counts.items() if count)
        await access.store.journal.write(
            tx,
            "bulk add ended",
            company_name=company.name,
            subject=f"run {run_id}",
            detail=counts,
        )
    return run
