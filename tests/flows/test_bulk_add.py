"""Adding many: poll, choose, add, retry, stop; and what happens when something breaks half-way."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.office import Office, open_office
from ttr_tui import pinning
from ttr_tui.errors import (
    ForeignHost,
    Gone,
    NotConnected,
    Refused,
    SignInNeeded,
    TtrError,
    Unreachable,
)
from ttr_tui.flows import bulk_add, export, polling, revocation
from ttr_tui.model import Company, DirectoryUser, Outcome, Run, UserKind
from ttr_tui.store import Marks, Query
from ttr_tui.store.directory_copy import BitMap


async def polled(office: Office) -> Company:
    company = await office.connected()
    assert (await polling.open_bulk_add(office.runtime.access, company)).accepted_at
    await polling.poll(office.runtime.access, company)
    return company


async def everybody(office: Office, company: Company) -> list[DirectoryUser]:
    copy = await office.runtime.store.directory(company)
    matches = await copy.search(Query(show_hidden=True))
    return await copy.rows(matches.rids)


async def members(office: Office, company: Company, count: int) -> list[DirectoryUser]:
    users = await everybody(office, company)
    return [user for user in users if user.kind is UserKind.MEMBER][:count]


async def started(office: Office, company: Company, users: list[DirectoryUser]) -> Run:
    chosen = await office.marks(company, users)
    return await bulk_add.start(office.runtime.access, company, chosen)


async def add(office: Office, company: Company, users: list[DirectoryUser]) -> Run:
    run = await started(office, company, users)
    return await bulk_add.carry_on(office.runtime.access, run.id)


async def test_a_poll_reads_everybody_once(office: Office) -> None:
    """As many users as the tenant has, of every kind, complete only at the end."""
    company = await polled(office)
    copy = await office.runtime.store.directory(company)
    state = await copy.state()
    assert state.complete
    assert state.count == 60
    assert len({user.object_id for user in await everybody(office, company)}) == 60


async def test_a_poll_that_broke_resumes(office: Office) -> None:
    """What was read before the break is kept, nobody is doubled."""
    company = await office.connected()
    office.sandbox.dials.truncate_next = 1
    office.sandbox.dials.at = "graph GET /v1.0/users?"
    with pytest.raises(TtrError):
        await polling.poll(office.runtime.access, company)
    office.sandbox.dials.reset()
    progress = await polling.poll(office.runtime.access, company)
    assert progress.complete
    copy = await office.runtime.store.directory(company)
    assert (await copy.state()).count == 60


async def test_a_next_link_to_another_host_is_refused_and_journalled(office: Office) -> None:
    """The token goes nowhere else, and the journal says what was tried."""
    company = await office.connected()
    office.sandbox.dials.foreign_next_link = True
    office.sandbox.dials.empty_page_next = 1
    with pytest.raises(ForeignHost):
        await polling.poll(office.runtime.access, company)
    assert office.sandbox.stranger.requests == []
    entries = await office.runtime.store.journal.since()
    assert entries[-1].what == "foreign host refused"


async def test_refusal_and_silence_are_told_apart(office: Office) -> None:
    """Microsoft's no stops adding; no answer is no refusal."""
    company = await office.connected()
    office.sandbox.dials.at = "login POST"
    office.sandbox.dials.fail_next, office.sandbox.dials.fail_status = 50, 500
    opened = await polling.open_bulk_add(office.runtime.access, company)
    assert isinstance(opened.problem, Unreachable)
    assert not opened.refused
    office.sandbox.dials.reset()
    office.sandbox.dials.refresh_revoked = True
    opened = await polling.open_bulk_add(office.runtime.access, company)
    assert opened.refused
    with pytest.raises(NotConnected):
        await bulk_add.start(office.runtime.access, company, Marks(BitMap([1]), 0))


async def test_who_answers_becomes_an_agent_with_a_child(office: Office) -> None:
    """Each added user has a grant that opens under the Company Master's key."""
    company = await polled(office)
    users = await members(office, company, 25)
    run = await add(office, company, users)
    assert run.counts[Outcome.ADDED] == 25
    assert run.ended_at is not None
    store = office.runtime.store
    tree = await store.authentications.tree(company.id)
    assert {child.object_id for child in tree.children} == {user.object_id for user in users}
    grant = await store.authentications.grant(tree.children[0])
    assert grant.permission == "Mail.ReadBasic.All"
    assert grant.object_id == tree.children[0].object_id


async def test_running_again_adds_nobody_twice(office: Office) -> None:
    """The plan says so, and the run says so."""
    company = await polled(office)
    users = await members(office, company, 5)
    await add(office, company, users)
    chosen = await office.marks(company, users)
    planned = await bulk_add.plan(office.runtime.access, company, chosen)
    assert (planned.to_add.count, planned.already.count, planned.gone) == (0, 5, 0)
    assert [user.object_id for user in planned.already.first] == [u.object_id for u in users]
    run = await add(office, company, users)
    assert run.counts[Outcome.ALREADY] == 5
    tree = await office.runtime.store.authentications.tree(company.id)
    assert len(tree.children) == 5


async def test_each_user_has_one_outcome_and_a_reason(office: Office, tmp_path: Path) -> None:
    """No mailbox, blocked, added: side by side, and as CSV only its owner can read."""
    company = await polled(office)
    users = await members(office, company, 6)
    office.sandbox.dials.blocked = {users[0].object_id}
    office.sandbox.dials.no_mailbox = {users[1].object_id}
    run = await add(office, company, users)
    assert (run.counts[Outcome.ADDED], run.counts[Outcome.BLOCKED]) == (4, 1)
    assert run.counts[Outcome.NO_MAILBOX] == 1
    path = tmp_path / "outcomes.csv"
    assert await export.outcomes_csv(office.runtime.access, run.id, path) == 6
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 7
    assert not any(cell[:1] in {"=", "+", "-", "@"} for row in rows for cell in row)
    with pytest.raises(Refused):
        await export.outcomes_csv(office.runtime.access, run.id, path)


async def test_retry_takes_those_that_can_be_mended(office: Office) -> None:
    """A customer mends the Exchange policy: the blocked one is tried again by name."""
    company = await polled(office)
    users = await members(office, company, 3)
    office.sandbox.dials.blocked = {users[0].object_id}
    run = await add(office, company, users)
    with pytest.raises(Refused):
        await bulk_add.retry(office.runtime.access, run.id)
    office.sandbox.dials.reset()
    await bulk_add.retry(office.runtime.access, run.id, [users[0].object_id])
    run = await bulk_add.carry_on(office.runtime.access, run.id)
    assert run.counts[Outcome.ADDED] == 3


async def test_each_items_own_throttling_is_waited_out(office: Office) -> None:
    """A 429 inside a batch is waiting, not failing."""
    company = await polled(office)
    office.sandbox.dials.batch_throttle_next = 3
    office.sandbox.dials.retry_after = 0
    run = await add(office, company, await members(office, company, 5))
    assert run.counts[Outcome.ADDED] == 5


async def test_four_batches_are_asked_at_once_and_one_pause_holds_all(office: Office) -> None:
    """Never more; who is told to wait holds the others, and the screen is told until when."""
    company = await polled(office)
    users = await everybody(office, company)
    run = await started(office, company, users)
    world = office.sandbox.world
    world.most_at_once = 0
    office.sandbox.dials.at = "graph POST /v1.0/$batch"
    office.sandbox.dials.slow_seconds = 0.1
    office.sandbox.dials.throttle_next = 1
    office.sandbox.dials.throttle_all = True
    told: list[bulk_add.RunProgress] = []
    run = await bulk_add.carry_on(office.runtime.access, run.id, told.append)
    assert sum(run.counts.values()) == len(users) > 40
    assert Outcome.WAITING not in run.counts
    assert 1 < world.most_at_once <= 4
    assert world.impatient < 4, "beside those that were on their way"
    assert [one for one in told if one.waiting_until is not None]
    waiting = [one.waiting for one in told]
    assert waiting == sorted(waiting, reverse=True)


async def test_a_broken_run_is_carried_on(office: Office) -> None:
    """No answer half-way: the run stays open and a later start finishes it."""
    company = await polled(office)
    users = await members(office, company, 100)
    run = await started(office, company, users)
    office.sandbox.dials.at = "graph POST /v1.0/$batch"
    office.sandbox.dials.truncate_next = 1
    with pytest.raises(TtrError):
        await bulk_add.carry_on(office.runtime.access, run.id)
    office.sandbox.dials.reset()
    assert [r.id for r in await office.runtime.store.runs.open_runs()] == [run.id]
    run = await bulk_add.carry_on(office.runtime.access, run.id)
    assert run.counts == {Outcome.ADDED: len(users)}


async def test_a_run_does_not_go_on_without_the_administrators_grant(office: Office) -> None:
    """Refused at its next start or in its middle: nobody more is added, the run stays open."""
    company = await polled(office)
    users = await members(office, company, 2)
    run = await started(office, company, users)
    office.sandbox.dials.refresh_revoked = True
    with pytest.raises(SignInNeeded):
        await bulk_add.carry_on(office.runtime.access, run.id)
    assert await office.runtime.store.agents.list(company.id) == []
    assert [r.id for r in await office.runtime.store.runs.open_runs()] == [run.id]
    office.sandbox.dials.reset()
    await office.sign_in(company)
    run = await bulk_add.carry_on(office.runtime.access, run.id)
    assert run.counts[Outcome.ADDED] == 2


async def test_a_stopped_run_leaves_the_rest_waiting(office: Office) -> None:
    """Stopped before its first batch: nobody is asked."""
    company = await polled(office)
    run = await started(office, company, await members(office, company, 4))
    await bulk_add.stop(office.runtime.access, run.id)
    run = await bulk_add.carry_on(office.runtime.access, run.id)
    assert run.counts[Outcome.WAITING] == 4
    assert run.stopped


async def test_deleting_the_parent_ends_the_run(office: Office) -> None:
    """Deleting wins: what the run would add finds no parent."""
    company = await polled(office)
    users = await members(office, company, 4)
    run = await started(office, company, users)
    master = await office.runtime.access.company_master(company)
    planned = await revocation.plan(office.runtime.access, company, [master.id])
    await revocation.carry_out(office.runtime.access, planned, company.name)
    run = await bulk_add.carry_on(office.runtime.access, run.id)
    assert run.counts[Outcome.WAITING] == 4
    assert await office.runtime.store.agents.list(company.id) == []


async def test_a_mailbox_is_an_agent_of_one_company(office: Office) -> None:
    """A second company of the same tenant is told whose agent it is."""
    company = await polled(office)
    users = await members(office, company, 2)
    await add(office, company, users)
    second = await office.add_company(name="Subsidiary")
    await office.grant(second)
    await office.sign_in(second)
    await polling.poll(office.runtime.access, second)
    chosen = await office.marks(second, users[:1])
    planned = await bulk_add.plan(office.runtime.access, second, chosen)
    assert (planned.to_add.count, planned.already.count) == (0, 1)


async def test_a_plan_counts_whoever_are_fewer(office: Office) -> None:
    """The chosen are looked through, or the agents: with either the same is planned."""
    company = await polled(office)
    access, people = office.runtime.access, await members(office, company, 5)
    await add(office, company, people[:3])
    everyone = await everybody(office, company)
    for chosen in (everyone, people[2:4]):
        planned = await bulk_add.plan(access, company, await office.marks(company, chosen))
        ids = {user.object_id for user in chosen}
        agents = {user.object_id for user in people[:3]} & ids
        assert (planned.already.count, planned.to_add.count) == (len(agents), len(ids - agents))
        cannot = [user for user in chosen if user.kind in pinning.CANNOT_SIGN_IN]
        assert planned.unable.count == len(cannot)
        assert planned.able == planned.to_add.count - len(cannot)
    marks = await office.marks(company, people[3:])
    directory = office.sandbox.tenants[0].directory
    directory.remove(next(one for one in directory.people if one.id == people[4].object_id))
    await polling.poll(access, company)
    planned = await bulk_add.plan(access, company, marks)
    assert (planned.gone, [user.name for user in planned.to_add.first]) == (1, [people[3].name])
    run = await bulk_add.start(access, company, marks)
    assert run.counts == {Outcome.WAITING: 1}


async def test_two_programs_do_not_carry_on_the_same_run(office: Office, tmp_path: Path) -> None:
    """The lease says who; the other one is told."""
    company = await polled(office)
    run = await started(office, company, await members(office, company, 2))
    port = office.runtime.settings.listen[1]
    async with open_office(office.sandbox, tmp_path / "office", port=port) as other:
        assert other.runtime.listening.served.links_work
        assert await office.runtime.store.runs.take(run.id, office.runtime.store.owner, 60)
        with pytest.raises(TtrError) as told:
            await bulk_add.carry_on(other.runtime.access, run.id)
        assert not isinstance(told.value, Gone)
