"""A large directory is read in parts at once, and never believed to be whole when it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.flows.polled_offices import SPLIT, asked, copied, parts_of, polling_office, there
from tests.office import Office, open_office
from ttr_tui.errors import PermissionMissing, TtrError
from ttr_tui.flows import polling, revocation
from ttr_tui.flows.polling import PollProgress, Reading
from ttr_tui.model import Company

ODD = [
    *("Ångström", "Ωμέγα", "Юрий", "李小龍", "محمد", "o'brien", "'quoted", "_svc", "#ext", "-x"),
    *("7of9", "MAX", "max.1", "ﬁne", "İbrahim", "ß", "e\u0301mile", "𝒳", "!", "~tilde"),
]
MANY_CYRILLIC = [f"Я{n}" for n in range(1_050)]
"""More than a page of names that no beginning in Latin letters finds."""


async def test_no_name_of_any_script_is_missed_or_read_twice(tmp_path: Path) -> None:
    """Parts that are too large are cut, three deep; the remainder holds what no part holds.

    At most eight requests are under way at once, and nobody is read page after page besides.
    """
    names = [*ODD, *(f"s{n:05}" for n in range(1_400))]
    async with polling_office(tmp_path / "o", names) as (office, company):
        told: list[PollProgress] = []
        asked(office)
        office.sandbox.world.most_at_once, office.sandbox.dials.slow_seconds = 0, 0.01
        done = await polling.poll(office.runtime.access, company, told.append, split_from=SPLIT)
        assert await copied(office, company) == there(office)
        assert (done.read, done.complete) == (len(there(office)), True)
        assert (done.how, done.parts, done.parts_done) == (Reading.PARTS, done.parts, done.parts)
        assert done.parts > parts_of(office)
        assert max(progress.read for progress in told) == done.read
        requests = asked(office)
        assert (requests["/users/delta"], requests["/users/$count"]) == (2, 2)
        # One page of each part, and one of each that was cut.
        assert requests["/users"] <= done.parts + 8
        assert 2 <= office.sandbox.most_at_once <= 8


async def test_parts_that_do_not_add_up_are_not_believed(office: Office) -> None:
    """Graph counts more than there are: everybody is read page after page, and nobody is told."""
    company, sandbox = await office.connected(), office.sandbox
    sandbox.dials.count_off = 2
    asked(office)
    done = await polling.poll(office.runtime.access, company, split_from=SPLIT)
    assert (done.how, done.complete, done.read) == (Reading.WHOLE, True, 60)
    assert asked(office)["/users"] == parts_of(office) + 1
    assert await copied(office, company) == there(office)
    # Somebody who came or went meanwhile is no reason.
    sandbox.dials.count_off = 0
    first = sandbox.tenants[0].directory.people[20]

    def leaves(progress: PollProgress) -> None:
        if first.id not in sandbox.tenants[0].directory.removed:
            sandbox.tenants[0].remove_user(first.id)

    parts = parts_of(office)
    done = await polling.poll(office.runtime.access, company, leaves, whole=True, split_from=SPLIT)
    assert (done.how, asked(office)["/users"]) == (Reading.PARTS, parts)
    assert await copied(office, company) == there(office)


async def test_a_part_whose_link_is_over_begins_again_once(tmp_path: Path) -> None:
    """Once, it is read anew alone; a second time everything is, page after page.

    A filter Graph refuses is no part at all.
    """
    async with polling_office(tmp_path / "o", MANY_CYRILLIC) as (office, company):
        dials, access = office.sandbox.dials, office.runtime.access
        dials.expire_page_at = "not(startsWith("
        for spoiled, how in ((1, Reading.PARTS), (2, Reading.WHOLE)):
            asked(office)
            dials.expire_page_next = spoiled
            done = await polling.poll(access, company, whole=True, split_from=SPLIT)
            assert (done.how, done.complete, done.read) == (how, True, len(there(office)))
            assert asked(office)["/users"] >= parts_of(office) + 3
            assert await copied(office, company) == there(office)


async def test_one_pause_holds_all_parts(office: Office) -> None:
    """Microsoft says wait once; nobody else asks meanwhile, and the pause is told."""
    company, sandbox = await office.connected(), office.sandbox
    told: list[PollProgress] = []
    sandbox.dials.at, sandbox.dials.slow_seconds = "graph GET /v1.0/users?", 0.05
    sandbox.dials.throttle_next, sandbox.dials.throttle_all = 1, True
    done = await polling.poll(office.runtime.access, company, told.append, split_from=SPLIT)
    assert (done.how, done.complete) == (Reading.PARTS, True)
    assert sandbox.impatient < 8
    pauses = [progress for progress in told if progress.waiting_until is not None]
    assert "too many requests" in pauses[0].waiting_for
    assert await copied(office, company) == there(office)


async def broken_off(office: Office, company: Company, pages: int, split_from: int) -> None:
    """Cancel a poll after so many pages were stored."""
    stored = 0

    def stop(_progress: PollProgress) -> None:
        nonlocal stored
        stored += 1
        if stored == pages:
            task.cancel()

    work = polling.poll(office.runtime.access, company, stop, whole=True, split_from=split_from)
    task = asyncio.ensure_future(work)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_poll_that_was_cancelled_goes_on_where_it_stood(tmp_path: Path) -> None:
    """Each part from its own link, those that were read not at all; another process may do it.

    What changed since the beginning is told, also when it was there already.
    """
    async with polling_office(tmp_path / "o", MANY_CYRILLIC) as (office, company):
        sandbox = office.sandbox
        for split_from, at_least_saved in ((SPLIT, 4), (10_000, 1)):
            asked(office)
            await broken_off(office, company, 6 if split_from == SPLIT else 1, split_from)
            before = asked(office)["/users"]
            leaver, renamed = sandbox.tenants[0].directory.people[100:102]
            sandbox.tenants[0].remove_user(leaver.id)
            renamed.display_name = f"Renamed {split_from}"
            sandbox.tenants[0].directory.changed(renamed, "displayName")
            async with open_office(sandbox, tmp_path / "o", who="other") as other:
                done = await polling.poll(other.runtime.access, company, split_from=split_from)
            requests = asked(office)
            whole = parts_of(office) + 1 if split_from == SPLIT else 2
            assert done.complete
            assert requests["/users"] <= whole - at_least_saved, (before, requests)
            assert requests["/users/delta"] == 1
            assert await copied(office, company) == there(office)
            copy = await office.runtime.store.directory(company)
            users = await copy.by_object_ids([renamed.id])
            assert [user.name for user in users] == [renamed.display_name]


async def test_a_token_that_ends_is_renewed_once_for_all_parts(office: Office) -> None:
    """All parts are refused at once in the middle; one new token is asked for."""
    company, sandbox = await office.connected(), office.sandbox
    sandbox.dials.page_token_seconds = 1e6
    sandbox.dials.at, sandbox.dials.slow_seconds = "graph GET /v1.0/users?", 0.02

    def ends(_progress: PollProgress) -> None:
        if sandbox.tenants[0].ahead < 1:
            sandbox.world.seen.clear()
            sandbox.tenants[0].advance(7200)

    done = await polling.poll(office.runtime.access, company, ends, split_from=SPLIT)
    assert (done.how, done.complete) == (Reading.PARTS, True)
    tokens = [place for place in sandbox.world.seen if place.startswith("login POST")]
    assert len(tokens) == 1
    assert await copied(office, company) == there(office)


async def test_two_processes_poll_at_once(office: Office, tmp_path: Path) -> None:
    """Neither breaks; the copy is whole afterwards, and one of them at least says so."""
    company = await office.connected()
    async with open_office(office.sandbox, tmp_path / "office", who="other") as other:
        offices = (office, other)
        for whole in (True, False):
            done = await asyncio.gather(
                *(
                    polling.poll(one.runtime.access, company, whole=whole, split_from=SPLIT)
                    for one in offices
                )
            )
            assert any(one.complete for one in done)
            assert await copied(office, company) == await copied(other, company) == there(office)


async def test_the_permission_may_go_in_the_middle(tmp_path: Path) -> None:
    """What was read is kept, the company has an alarm, and reading goes on when it is back."""
    async with polling_office(tmp_path / "o", [f"Я{n}" for n in range(2_100)]) as (office, company):
        dials, access = office.sandbox.dials, office.runtime.access

        def revoke(_progress: PollProgress) -> None:
            dials.denied = True

        dials.at, dials.slow_seconds = "graph GET /v1.0/users?", 0.05
        with pytest.raises(PermissionMissing):
            await polling.poll(access, company, revoke, split_from=SPLIT)
        held = await copied(office, company)
        assert 0 < len(held) < len(there(office))
        assert held.items() <= there(office).items()
        dials.reset()
        asked(office)
        assert (await polling.poll(access, company, split_from=SPLIT)).complete
        assert asked(office)["/users"] < parts_of(office)
        assert await copied(office, company) == there(office)


async def test_the_company_master_may_go_in_the_middle(office: Office) -> None:
    """The poll ends with a sentence; nothing of the directory is left on disk."""
    company, access = await office.connected(), office.runtime.access
    master = await access.company_master(company)
    planned = await revocation.plan(access, company, [master.id])
    office.sandbox.dials.at, office.sandbox.dials.slow_seconds = "graph GET /v1.0/users?", 0.1
    first = asyncio.Event()
    work = polling.poll(access, company, lambda _progress: first.set(), split_from=SPLIT)
    task = asyncio.ensure_future(work)
    await first.wait()
    await revocation.carry_out(access, planned, company.name)
    with pytest.raises(TtrError):
        await task
    assert list(office.runtime.settings.data_dir.glob("directory-*")) == []
