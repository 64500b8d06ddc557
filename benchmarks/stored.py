"""The store at size: agents added, a Company Master deleted, the tree opened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from sqlite3 import Connection
from statistics import median

from benchmarks import people, plain, tree
from benchmarks.bench import Bench, in_turn
from benchmarks.figures import Beside, at_most, ratio_at_most
from benchmarks.offices import Office, company_of
from ttr_tui.flows import bulk_add, revocation
from ttr_tui.flows.bulk_add.running import keep
from ttr_tui.microsoft.mailbox import MailboxAnswer
from ttr_tui.model import Authentication, Company, DirectoryUser, Outcome, Run, now
from ttr_tui.runtime import Runtime
from ttr_tui.store import Marks, Query
from ttr_tui.store.directory_copy import BitMap
from ttr_tui.text import fold

CHUNK = 10_000


def run(bench: Bench) -> None:
    """Measure adding, opening and deleting."""
    _starting(bench)
    _adding(bench, _whole_run(bench))
    many = bench.copy_of(bench.connected, "many")
    bench.say("the same with an agent for every user")
    asyncio.run(_fill(many, bench.sizes.users))
    tree.run(bench, many)
    _deleting(bench, many)


def _starting(bench: Bench) -> None:
    """Measure from a whole directory selected to its run written down, beside the rows alone."""
    users = list(people.users(bench.sizes.users))

    def ours() -> tuple[float, float]:
        return asyncio.run(_start(bench.copy_of(bench.filled, "starting")))

    floor = partial(_in_plain, bench, lambda raw: plain.add_items(raw, users))
    took = in_turn(bench.sizes.rounds, {"floor": floor, "ours": ours})
    floor_of = Beside("the rows in plain SQLite, one commit, no sync", took["floor"], paired=True)
    planned, written = zip(*took["ours"], strict=True)
    bench.add(f"{bench.sizes.users:,} selected planned", "ms", [one * 1000 for one in planned])
    bench.add("the same written down as a run", "s", written, floor_of)


def _in_plain(bench: Bench, work: Callable[[Connection], float]) -> float:
    """Return the seconds of `work` in an empty database of plain SQLite."""
    file = bench.folder / "plain.db"
    file.unlink(missing_ok=True)
    with closing(plain.opened(file)) as raw:
        return work(raw)


async def _start(office: Office) -> tuple[float, float]:
    """Plan a run of everybody and write it down; return the seconds of both."""
    async with office.opened() as runtime:
        company = await company_of(runtime)
        chosen = await _selected(runtime, company)
        began = time.perf_counter()
        plan = await bulk_add.plan(runtime.access, company, chosen)
        planned = time.perf_counter()
        await bulk_add.start(runtime.access, company, plan.to_add.marks)
        return planned - began, time.perf_counter() - planned


async def _selected(runtime: Runtime, company: Company, count: int | None = None) -> Marks:
    copy = await runtime.store.directory(company)
    matches = await copy.search(Query(show_hidden=count is None))
    return Marks(BitMap(matches.rids[:count]), matches.since)


def _adding(bench: Bench, together: int) -> None:
    """Measure what a run writes for its users, beside the rows alone in plain SQLite.

    So many users share a commit as in the run that was just carried to its end; they stand in name
    order, as in a run.
    """
    users = sorted(people.users(bench.sizes.batch), key=lambda user: fold(user.name))

    def ours() -> float:
        office = bench.copy_of(bench.connected, "adding")
        return asyncio.run(_write_run(office, users, together))

    floor = partial(_in_plain, bench, lambda raw: plain.add_agents(raw, users))
    took = in_turn(bench.sizes.rounds, {"floor": floor, "ours": ours})
    bench.add(
        f"writing {bench.sizes.batch:,} agents, {together} a commit",
        "s",
        took["ours"],
        Beside("the rows in plain SQLite, one commit, no sync", took["floor"], paired=True),
        ratio_at_most(2.3),
        "agents, sealed grants and outcomes; encrypted and synced",
    )


async def _write_run(office: Office, users: Sequence[DirectoryUser], together: int) -> float:
    """Have what a run was answered kept, commit by commit, by what Bulk Add itself does for that.

    Returns the seconds.
    """
    async with office.opened() as runtime:
        run = await _written_down(runtime, users)
        items = await runtime.store.runs.waiting(run.id, len(users))
        answers = {item.object_id: MailboxAnswer(Outcome.ADDED) for item in items}
        began = time.perf_counter()
        for start in range(0, len(items), together):
            await keep(runtime.access, run, items[start : start + together], answers)
        return time.perf_counter() - began


async def _written_down(runtime: Runtime, users: Sequence[DirectoryUser]) -> Run:
    company, master = await _master_of(runtime)
    runs, owner = runtime.store.runs, runtime.store.owner
    async with runtime.store.transaction() as tx:
        run = await runs.begin(tx, company.id, master.id, "bench", owner)
        await runs.append(tx, run, users, 0)
        return await runs.settle(tx, run)


async def _master_of(runtime: Runtime) -> tuple[Company, Authentication]:
    company = await company_of(runtime)
    master = await runtime.store.authentications.company_master(company.id)
    if master is None:
        raise RuntimeError("the installation has no Company Master")
    return company, master


async def _fill(office: Office, count: int) -> None:
    async with office.opened() as runtime:
        everybody = people.users(count)
        while chunk := list(islice(everybody, CHUNK)):
            run = await _written_down(runtime, chunk)
            items = await runtime.store.runs.waiting(run.id, CHUNK)
            answers = {one.object_id: MailboxAnswer(Outcome.ADDED) for one in items}
            await keep(runtime.access, run, items, answers)
            async with runtime.store.transaction() as tx:
                await runtime.store.runs.finish(tx, run.id)


def _whole_run(bench: Bench) -> int:
    """Measure a whole run, mailboxes asked and all; return how many users share a commit."""
    bench.tenant.latency(0.0)
    runs = [
        asyncio.run(_carry_on(bench.copy_of(bench.filled, "run"), bench.sizes.batch))
        for _ in range(min(bench.sizes.rounds, 3))
    ]
    seconds = [one[0] for one in runs]
    bench.add(f"a whole run of {bench.sizes.batch:,} users, mailboxes asked", "s", seconds)
    return max(1, round(bench.sizes.batch / median(one[1] for one in runs)))


async def _carry_on(office: Office, count: int) -> tuple[float, int]:
    """Return the seconds a run took, and how often it told of progress: once for each commit."""
    told = 0

    def tell(_progress: object) -> None:
        nonlocal told
        told += 1

    async with office.opened() as runtime:
        company = await company_of(runtime)
        chosen = await _selected(runtime, company, count)
        began = time.perf_counter()
        run = await bulk_add.start(runtime.access, company, chosen)
        await bulk_add.carry_on(runtime.access, run.id, tell)
        return time.perf_counter() - began, max(told, 1)


def _deleting(bench: Bench, many: Office) -> None:
    """Measure deleting a Company Master with all of its children."""
    users = list(people.users(bench.sizes.users))

    def ours() -> tuple[float, float]:
        return asyncio.run(_delete(bench.copy_of(many, "deleting")))

    def deleted(raw: Connection) -> float:
        plain.add_agents(raw, users)
        return plain.delete_all(raw)

    floor = partial(_in_plain, bench, deleted)
    took = in_turn(bench.sizes.rounds, {"floor": floor, "ours": ours})
    floor_of = Beside("the rows deleted in plain SQLite, no sync", took["floor"], paired=True)
    unusable, erased = zip(*took["ours"], strict=True)
    children = f"a Company Master's {bench.sizes.users:,} children"
    bench.add(f"{children} made unusable", "s", unusable, floor_of, at_most(0.2))
    bench.add("the same until they are erased", "s", erased, floor_of)


async def _delete(office: Office) -> tuple[float, float]:
    """Delete the Company Master; return the seconds until it was unusable, and until erased."""
    async with office.opened() as runtime:
        company, master = await _master_of(runtime)
        planned = await revocation.plan(runtime.access, company, [master.id])
        began, began_at = time.perf_counter(), now()
        revoked = await revocation.carry_out(runtime.access, planned, company.name)
        erased = time.perf_counter() - began
        return (revoked.at - began_at).total_seconds(), erased
