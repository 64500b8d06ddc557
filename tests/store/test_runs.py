"""Bulk-add runs: written down first, one outcome a user, carried on by one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.store.premises import NOON, Premises, add_company, agent, company, put_master, start_run
from ttr_tui.errors import Gone
from ttr_tui.model import Company, DirectoryUser, Outcome, Run, RunItem, UserKind
from ttr_tui.store import Store
from ttr_tui.store.runs import Runs

MINUTE = 60.0


@dataclass
class Clock:
    moment: datetime = NOON

    def __call__(self) -> datetime:
        return self.moment


def users(count: int) -> list[DirectoryUser]:
    return [
        DirectoryUser(
            object_id=f"object-{n:05}",
            name=f"Person {n}",
            user_principal_name=f"p{n}@contoso.example",
            address=f"person.{n}@contoso.example",
            department="",
            title="",
            kind=UserKind.MEMBER,
        )
        for n in range(count)
    ]


def became(
    items: Sequence[RunItem], outcome: Outcome, reason: str = ""
) -> dict[tuple[Outcome, str], list[int]]:
    return {(outcome, reason): [item.place for item in items]}


async def waiting(store: Store, run: Run, limit: int, after: int = -1) -> list[RunItem]:
    return await store.runs.waiting(run.id, limit, after)


@dataclass
class Desk:
    store: Store
    company: Company
    clock: Clock

    async def start(self, count: int) -> Run:
        return await start_run(self.store, self.company, "parent", users(count))

    async def record(self, run: Run, what: Mapping[tuple[Outcome, str], Sequence[int]]) -> int:
        async with self.store.transaction() as tx:
            return await self.store.runs.record(tx, run.id, what)

    async def finish(self, run: Run) -> None:
        async with self.store.transaction() as tx:
            await self.store.runs.finish(tx, run.id)

    async def retry(self, run: Run, object_ids: Sequence[str] | None = None) -> int:
        async with self.store.transaction() as tx:
            return await self.store.runs.retry(tx, run.id, object_ids)

    async def outcomes(self, run: Run) -> list[Outcome]:
        return [item.outcome for item in await self.store.runs.items(run.id)]

    async def mixed(self) -> Run:
        """A run that ended with every outcome there is, one user each."""
        run = await self.start(6)
        items = await self.store.runs.items(run.id)
        for item, outcome in zip(items, Outcome, strict=True):
            await self.record(run, became([item], outcome, f"because of {outcome}"))
        await self.finish(run)
        return run


@pytest.fixture
async def desk(store: Store) -> Desk:
    clock = Clock()
    store.runs = Runs(store._db, clock)
    return Desk(store, await add_company(store), clock)


async def test_a_run_is_written_down_before_anything_is_asked(
    desk: Desk, premises: Premises
) -> None:
    """Another process finds it open, with everybody waiting, in the order they were chosen."""
    run = await desk.start(45)

    async with premises.opened() as other:
        assert await other.runs.open_runs() == [run]
        assert await other.runs.latest(desk.company.id) == run
        assert await other.runs.items(run.id) == [
            RunItem(user.object_id, user.name, user.address, Outcome.WAITING) for user in users(45)
        ]
    assert (run.started_at, run.started_by, run.parent_id) == (NOON, "anna", "parent")
    assert run.counts == {Outcome.WAITING: 45}


async def test_a_run_is_nobodys_before_it_is_written_down(desk: Desk) -> None:
    """Its users come in several transactions; nothing is left of what a killed process began."""
    runs, begun = desk.store.runs, []
    for owner in ("killed", desk.store.owner):
        async with desk.store.transaction() as tx:
            begun.append(await runs.begin(tx, desk.company.id, "parent", "anna", owner))
            await runs.append(tx, begun[-1], users(3), 0)
        assert await runs.latest(desk.company.id) is None
        assert await runs.open_runs() == []
    desk.store.runs = runs = Runs(desk.store._db, desk.clock, lambda owner: owner != "killed")
    third = await desk.start(1)
    assert await runs.items(begun[0].id) == []
    async with desk.store.transaction() as tx:
        await runs.append(tx, begun[1], users(5)[3:], 3)
        settled = await runs.settle(tx, begun[1])
        await runs.forget(tx, settled)
    assert settled.counts == {Outcome.WAITING: 5}
    assert await runs.open_runs() == [settled, third]
    assert [item.object_id async for item in runs.each(settled.id)] == [
        user.object_id for user in users(5)
    ]


async def test_those_who_wait_come_in_order_and_leave_with_their_outcome(desk: Desk) -> None:
    """Batch after batch until nobody waits; the counts always add up."""
    run = await desk.start(45)
    sizes = []
    while batch := await waiting(desk.store, run, 20):
        sizes.append(len(batch))
        assert await desk.record(run, became(batch, Outcome.ADDED)) == len(batch)
        counts = (await desk.store.runs.get(run.id)).counts
        assert sum(counts.values()) == 45
        assert counts[Outcome.ADDED] == sum(sizes)

    assert sizes == [20, 20, 5]
    assert Outcome.WAITING not in (await desk.store.runs.get(run.id)).counts


async def test_outcomes_stand_or_fall_with_the_rows_they_tell_of(desk: Desk) -> None:
    """A crash between agents and outcomes leaves neither: the user waits, and is added once."""
    run = await desk.start(1)
    others = await waiting(desk.store, run, 20)
    new = agent(desk.company)

    async def crash() -> None:
        async with desk.store.transaction() as tx:
            await desk.store.agents.add(tx, [new])
            await desk.store.runs.record(tx, run.id, became(others, Outcome.ADDED))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await crash()

    assert await waiting(desk.store, run, 20) == others
    assert await desk.store.agents.list(desk.company.id) == []


async def test_an_outcome_is_recorded_once(desk: Desk) -> None:
    """Of two processes that asked the same mailboxes the second changes nothing."""
    run = await desk.start(2)
    batch = await waiting(desk.store, run, 20)
    await desk.record(run, became(batch[:1], Outcome.ADDED))

    assert await desk.record(run, became(batch, Outcome.FAILED, "late")) == 1
    assert await desk.outcomes(run) == [Outcome.ADDED, Outcome.FAILED]


async def test_items_can_be_listed_by_outcome(desk: Desk) -> None:
    """With the reason each one was given."""
    run = await desk.mixed()

    listed = await desk.store.runs.items(run.id, [Outcome.FAILED, Outcome.BLOCKED])

    assert [(item.outcome, item.reason) for item in listed] == [
        (Outcome.BLOCKED, "because of blocked"),
        (Outcome.FAILED, "because of failed"),
    ]
    assert await desk.store.runs.items(run.id, []) == []


async def test_a_reason_from_outside_can_always_be_stored(desk: Desk) -> None:
    """A lone surrogate or NUL in Microsoft's words does not stop the run."""
    run = await desk.start(1)
    batch = await waiting(desk.store, run, 20)

    await desk.record(run, became(batch, Outcome.FAILED, "a\ud800b\0c"))

    assert (await desk.store.runs.items(run.id))[0].reason == "a\ufffdb\ufffdc"


async def test_a_run_that_ended_is_not_open(desk: Desk) -> None:
    """Finished once; a second end does not move its time."""
    run = await desk.start(1)
    await desk.finish(run)
    desk.clock.moment += timedelta(hours=1)
    await desk.finish(run)

    assert await desk.store.runs.open_runs() == []
    assert (await desk.store.runs.get(run.id)).ended_at == NOON


async def test_inside_a_transaction_a_run_is_seen_as_that_transaction_left_it(desk: Desk) -> None:
    """Counts for the journal are those that are committed with it."""
    run = await desk.start(2)
    batch = await waiting(desk.store, run, 1)
    async with desk.store.transaction() as tx:
        await desk.store.runs.record(tx, run.id, became(batch, Outcome.ADDED))
        await desk.store.runs.finish(tx, run.id)
        inside = await desk.store.runs.get(run.id, tx)

    assert inside.ended_at == NOON
    assert inside.counts == {Outcome.ADDED: 1, Outcome.WAITING: 1}
    assert await desk.store.runs.get(run.id) == inside


async def test_retry_takes_the_failed_and_opens_the_run_again(desk: Desk) -> None:
    """Nobody else is asked again unless chosen."""
    run = await desk.mixed()

    assert await desk.retry(run) == 2  # the failed one and the one who waited still
    assert await desk.outcomes(run) == [
        Outcome.WAITING,
        Outcome.ADDED,
        Outcome.ALREADY,
        Outcome.NO_MAILBOX,
        Outcome.BLOCKED,
        Outcome.WAITING,
    ]
    again = await desk.store.runs.get(run.id)
    assert (again.ended_at, again.stopped) == (None, False)
    assert {item.reason for item in await waiting(desk.store, run, 9)} == {
        "",
        "because of waiting",
    }


async def test_retry_of_chosen_users_never_takes_who_was_added(desk: Desk) -> None:
    """Running again adds nobody twice, whoever is chosen."""
    run = await desk.mixed()
    everybody = [item.object_id for item in await desk.store.runs.items(run.id)]

    await desk.retry(run, [*everybody[1:4], "stranger"])
    assert await desk.outcomes(run) == [
        Outcome.WAITING,
        Outcome.ADDED,
        Outcome.ALREADY,
        Outcome.WAITING,
        Outcome.BLOCKED,
        Outcome.FAILED,
    ]

    await desk.retry(run, everybody)
    after = await desk.outcomes(run)
    assert (after[1], after[2]) == (Outcome.ADDED, Outcome.ALREADY)
    assert after.count(Outcome.WAITING) == 4


async def test_retry_with_nobody_to_retry_leaves_the_run_ended(desk: Desk) -> None:
    """A run in which nobody waits is not opened for nothing."""
    run = await desk.start(1)
    await desk.record(run, became(await waiting(desk.store, run, 1), Outcome.ADDED))
    await desk.finish(run)

    assert await desk.retry(run) == 0
    assert await desk.store.runs.open_runs() == []


async def test_a_stop_is_seen_by_whoever_carries_the_run_on(desk: Desk, premises: Premises) -> None:
    """It asks for an end after the batch under way, and stays written when the run has ended."""
    run = await desk.start(3)
    async with premises.opened() as other, other.transaction() as tx:
        await other.runs.stop(tx, run.id)

    assert (await desk.store.runs.get(run.id)).stopped
    assert await desk.store.runs.open_runs() != []
    await desk.finish(run)
    ended = await desk.store.runs.get(run.id)
    assert (ended.stopped, ended.ended_at) == (True, NOON)
    assert ended.counts == {Outcome.WAITING: 3}
    assert await desk.retry(run) == 3
    assert not (await desk.store.runs.get(run.id)).stopped


async def test_one_owner_at_a_time_carries_a_run_on(desk: Desk) -> None:
    """Until it gives the run back, or has said nothing for the length of its lease."""
    runs, run = desk.store.runs, await desk.start(1)
    assert await runs.take(run.id, "first", MINUTE)
    assert await runs.take(run.id, "first", MINUTE)
    assert not await runs.take(run.id, "second", MINUTE)

    await runs.drop(run.id, "second")
    assert not await runs.take(run.id, "second", MINUTE)
    desk.clock.moment += timedelta(seconds=59)
    assert not await runs.take(run.id, "second", MINUTE)
    desk.clock.moment += timedelta(seconds=1)
    assert await runs.take(run.id, "second", MINUTE)
    assert not await runs.take(run.id, "first", MINUTE)

    await runs.drop(run.id, "second")
    assert await runs.take(run.id, "first", MINUTE)


async def test_of_two_processes_one_takes_a_run(premises: Premises) -> None:
    """Both find it open at their start; one conditional update decides."""
    async with premises.opened() as one, premises.opened() as two:
        desk = Desk(one, await add_company(one), Clock())
        for _ in range(20):
            run = await desk.start(1)
            taken = await asyncio.gather(
                one.runs.take(run.id, "one", MINUTE), two.runs.take(run.id, "two", MINUTE)
            )
            assert sorted(taken) == [False, True]


async def test_a_run_that_ended_or_is_gone_is_not_taken(desk: Desk) -> None:
    """There is nothing to carry on."""
    run = await desk.start(1)
    await desk.finish(run)

    assert not await desk.store.runs.take(run.id, "first", MINUTE)
    assert not await desk.store.runs.take(run.id + 1, "first", MINUTE)


async def test_a_run_outlives_its_company_master_but_not_its_company(store: Store) -> None:
    """It is the record of what was done; with the company everything goes."""
    of = await add_company(store)
    master = await put_master(store, of)
    run = await start_run(store, of, master.id, users(2))
    async with store.transaction() as tx:
        await store.authentications.delete(tx, [master.id])
    batch = await waiting(store, run, 20)
    assert len(batch) == 2

    async with store.transaction() as tx:
        await store.companies.remove(tx, of.id)
    with pytest.raises(Gone):
        await store.runs.get(run.id)
    with pytest.raises(Gone):
        async with store.transaction() as tx:
            await store.runs.record(tx, run.id, became(batch, Outcome.ADDED))
    assert await store.runs.items(run.id) == []


async def test_each_company_has_its_own_latest_run(desk: Desk) -> None:
    """None before its first one."""
    other = await add_company(desk.store, "Fabrikam GmbH")
    first = await desk.start(1)
    second = await desk.start(2)

    assert await desk.store.runs.latest(desk.company.id) == second
    assert await desk.store.runs.latest(other.id) is None
    assert await desk.store.runs.latest(company().id) is None
    assert [run.id for run in await desk.store.runs.open_runs()] == [first.id, second.id]
