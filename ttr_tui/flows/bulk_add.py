"""Chosen users become agents: plan, start, carry on, retry, stop; one outcome per user.

A run is journalled before its first request. Each mailbox is asked once through `$batch`, twenty at a
time; who answers becomes an agent whose authentication is a child of the Company Master. Agents,
children and outcomes of a batch are one transaction, so that a crash loses nothing and running again
adds nobody twice.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.errors import Gone, NotConnected, Refused, StoreError
from ttr_tui.microsoft import mailbox
from ttr_tui.model import (
    Agent,
    Authentication,
    Company,
    DirectoryUser,
    Grant,
    Outcome,
    Run,
    RunItem,
    Status,
    now,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ttr_tui.access import Access
    from ttr_tui.microsoft.mailbox import MailboxAnswer
    from ttr_tui.store import Transaction

BATCH = 20
"""Requests in one `$batch` (facts section 7: the most Graph takes)."""

LEASE_SECONDS = 120.0
PERMISSION = "Mail.ReadBasic.All"


@dataclass(frozen=True, slots=True)
class AddPlan:
    """What adding would do: who becomes an agent, who is one, and who left the tenant."""

    to_add: tuple[DirectoryUser, ...]
    already: tuple[DirectoryUser, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: its counts by outcome, and mailboxes a second since it was taken up."""

    run: Run
    rate: float

    @property
    def total(self) -> int:
        """Return the number of users in the run."""
        return sum(self.run.counts.values())

    @property
    def waiting(self) -> int:
        """Return the number of users not yet asked."""
        return self.run.counts.get(Outcome.WAITING, 0)

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at this rate, in seconds, or None before the first batch."""
        return self.waiting / self.rate if self.rate > 0 else None


async def plan(access: Access, company: Company, object_ids: Sequence[str]) -> AddPlan:
    """Sort the chosen users into those to add, those who are agents, and those no longer there."""
    copy = await access.store.directory(company)
    found = {user.object_id: user for user in await copy.by_object_ids(object_ids)}
    taken = await _authenticated(access, company, list(found))
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
        master = await _accepted_master(access, company)
        run = await access.store.runs.start(tx, company.id, master.id, users, access.actor.name)
        await access.store.journal.write(
            tx,
            "bulk add started",
            company_name=company.name,
            subject=f"run {run.id}",
            detail=f"{len(users)} chosen",
        )
    return run


async def carry_on(
    access: Access,
    run_id: int,
    on_progress: Callable[[RunProgress], None] = lambda _progress: None,
) -> Run:
    """Take a run to its end, from wherever it stands; return it with its counts.

    Ends early when it was stopped or its Company Master was deleted. Raises Unreachable and the
    like; the run then stays open and is carried on later. Raises StoreError when another program is
    carrying it on.
    """
    run = await access.store.runs.get(run_id)
    company = await access.store.companies.get(run.company_id)
    began, asked = now(), 0
    if not await access.store.runs.take(run_id, access.owner, LEASE_SECONDS):
        raise StoreError(
            f"Run {run_id} is being carried on by another program of ours.",
            cure="Wait for it; its progress is shown here too.",
        )
    try:
        while items := await access.store.runs.waiting(run_id, BATCH):
            run = await access.store.runs.get(run_id)
            if run.stopped or not await _one_batch(access, company, run, items):
                break
            asked += len(items)
            elapsed = (now() - began).total_seconds()
            run = await access.store.runs.get(run_id)
            on_progress(RunProgress(run, asked / elapsed if elapsed > 0 else 0.0))
            await access.store.runs.take(run_id, access.owner, LEASE_SECONDS)
        return await _finish(access, company, run_id)
    finally:
        await access.store.runs.drop(run_id, access.owner)


async def retry(access: Access, run_id: int, object_ids: Collection[str] | None = None) -> Run:
    """Put the failed of a run, or the given ones of it that were not added, back to waiting."""
    run = await access.store.runs.get(run_id)
    company = await access.store.companies.get(run.company_id)
    async with access.store.transaction() as tx:
        await _accepted_master(access, company)
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


async def _one_batch(
    access: Access, company: Company, run: Run, items: Sequence[RunItem]
) -> bool:
    """Ask one batch of mailboxes and write down what became of each; False when the parent died."""
    ids = [item.object_id for item in items]
    taken = await _authenticated(access, company, ids)
    asked = [i for i in ids if i not in taken]
    answers: Mapping[str, MailboxAnswer] = {}
    if asked:
        answers = await access.with_app_token(
            company, lambda token: mailbox.probe(access.microsoft, token, asked)
        )
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
    """Write agents, children and outcomes of one batch, in one transaction."""
    company = await access.store.companies.get(run.company_id)
    master = await access.store.authentications.get(run.parent_id)
    if master is None:
        raise Gone("The Company Master was deleted meanwhile.", means="Nobody more is added.")
    taken = await _authenticated(access, company, [i.object_id for i in items])
    answered = [
        item
        for item in items
        if item.object_id not in taken
        and item.object_id in answers
        and answers[item.object_id].outcome is Outcome.ADDED
    ]
    await _add_children(access, tx, company, master, answered)
    added = {item.object_id for item in answered}
    outcomes = []
    for item in items:
        if item.object_id in added:
            outcome, reason = Outcome.ADDED, ""
        elif item.object_id in taken:
            outcome, reason = Outcome.ALREADY, taken[item.object_id]
        else:
            answer = answers[item.object_id]
            outcome, reason = answer.outcome, answer.reason
        outcomes.append(RunItem(item.object_id, item.name, item.address, outcome, reason))
    await access.store.runs.record(tx, run.id, outcomes)


async def _add_children(
    access: Access,
    tx: Transaction,
    company: Company,
    master: Authentication,
    items: Sequence[RunItem],
) -> None:
    """Make agents of those who have none yet, and give each a child of the Company Master."""
    if not items:
        return
    moment = now()
    known = await access.store.agents.by_object_ids(
        company.tenant_id, [item.object_id for item in items]
    )
    fresh = [
        Agent(
            id=str(uuid.uuid4()),
            company_id=company.id,
            tenant_id=company.tenant_id,
            object_id=item.object_id,
            name=item.name,
            address=item.address,
            created_at=moment,
        )
        for item in items
        if item.object_id not in known
    ]
    await access.store.agents.add(tx, fresh)
    agents = {**known, **{agent.object_id: agent for agent in fresh}}
    grants = [
        Grant(company.id, item.object_id, access.actor.name, PERMISSION, moment) for item in items
    ]
    await access.store.authentications.add_children(
        tx, master, [agents[item.object_id] for item in items], grants
    )


async def _authenticated(
    access: Access, company: Company, object_ids: Sequence[str]
) -> dict[str, str]:
    """Return, for those who cannot be added, why: an agent here, or of another company."""
    known = await access.store.agents.by_object_ids(company.tenant_id, object_ids)
    here = await access.store.authentications.with_object_ids(company.id, object_ids)
    taken: dict[str, str] = {}
    for object_id, agent in known.items():
        if agent.company_id != company.id:
            other = await access.store.companies.get(agent.company_id)
            taken[object_id] = f"It is an agent of {other.name}, which shares this tenant."
        elif object_id in here:
            taken[object_id] = "It is an agent of this company."
    return taken


async def _accepted_master(access: Access, company: Company) -> Authentication:
    master = await access.company_master(company)
    if master.status is not Status.HEALTHY:
        raise NotConnected(
            f"Microsoft refuses the Company Master of {company.name}.",
            means="Its children work on; nobody can be added.",
            cure="Sign in the Company Master again.",
        )
    return master


async def _finish(access: Access, company: Company, run_id: int) -> Run:
    """Close the run and journal its counts."""
    async with access.store.transaction() as tx:
        await access.store.runs.finish(tx, run_id)
        run = await access.store.runs.get(run_id)
        counts = ", ".join(f"{count} {outcome}" for outcome, count in run.counts.items() if count)
        await access.store.journal.write(
            tx,
            "bulk add ended",
            company_name=company.name,
            subject=f"run {run_id}",
            detail=counts,
        )
    return run
