"""Stored sign-ins are used before they die of disuse, gently, by one process, whatever breaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.test_agents_sign_in import members, user
from tests.office import Office, open_office, until
from ttr_tui.access import LAST_KEEP_ALIVE_NOTE
from ttr_tui.advice import Act
from ttr_tui.errors import PermissionMissing
from ttr_tui.flows import keep_alive, polling
from ttr_tui.flows.keep_alive.due import OLDEST, YOUNGEST
from ttr_tui.model import Authentication, AuthenticationKind, Company, Status, now
from ttr_tui.sandbox.people import Person
from ttr_tui.store.times import to_micros


async def sign_in(office: Office, company: Company, person: Person) -> Authentication:
    office.browser = type(office.browser)(office.sandbox.ca_file)
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    tree = await office.runtime.store.authentications.tree(company.id)
    return next(one for one in tree.own if one.object_id == person.id)


async def age(office: Office, *rows: Authentication, days: float) -> None:
    """Let rows have been stored and used that long ago."""
    then = to_micros(now() - timedelta(days=days))
    async with office.runtime.store.transaction() as tx:
        for row in rows:
            await tx.execute(
                "UPDATE authentications SET since = ?1, last_used = ?1, signed_in_again_at = NULL,"
                " next_try_at = NULL WHERE id = ?2",
                (then, row.id),
            )


async def rested(office: Office) -> None:
    """Let the pause of every alarm, and of every refused row, be over."""
    day = 86_400 * 1_000_000
    async with office.runtime.store.transaction() as tx:
        await tx.execute("UPDATE alarms SET last_at = last_at - ?", (2 * day,))
        await tx.execute("UPDATE authentications SET next_try_at = next_try_at - ?", (2 * day,))


def keeper(office: Office) -> keep_alive.Keeper:
    return keep_alive.Keeper(office.runtime.access, pace=0)


def refreshes(office: Office) -> int:
    """How many token requests the tenant has seen."""
    return sum("/oauth2/v2.0/token" in one for one in office.sandbox.seen)


async def test_each_sign_in_has_its_own_day(office: Office) -> None:
    """Between five and eight days, always the same; sooner by what is known of a policy."""
    company = await office.connected()
    master = await office.runtime.access.company_master(company)
    used = master.last_used
    assert used is not None
    own = replace(master, kind=AuthenticationKind.OWN)
    days = [
        (keep_alive.due_at(replace(own, id=f"row {number}")) - used) / timedelta(days=1)
        for number in range(500)
    ]
    assert YOUNGEST / timedelta(days=1) <= min(days) < 5.1
    assert 7.9 < max(days) <= OLDEST / timedelta(days=1)
    assert keep_alive.due_at(own) == keep_alive.due_at(own)
    signed_in = own.signed_in_again_at or own.since
    day = timedelta(days=1)
    assert keep_alive.due_at(own, day) == signed_in + day
    assert keep_alive.due_at(replace(own, last_used=signed_in + 2 * day), day) > used + 4 * day
    assert timedelta(hours=18) <= keep_alive.due_at(master) - used <= day, "all hangs on it"
    soon = now() + timedelta(minutes=15)
    assert keep_alive.due_at(replace(master, next_try_at=soon)) == soon


async def test_what_is_due_is_refreshed_and_nothing_else(office: Office, tmp_path: Path) -> None:
    """Also of a disabled user, whose refusal keeps nobody waiting; one process at a time looks."""
    company = await office.connected()
    master = await office.runtime.access.company_master(company)
    first, second, third = [await sign_in(office, company, person) for person in members(office, 3)]
    await age(office, master, first, second, days=9)
    tenant, store = office.sandbox.tenants[0], office.runtime.store
    assert first.person is not None
    tenant.disable(first.person.user_principal_name)
    assert await keep_alive.last_look(office.runtime.access) is None

    assert await keeper(office).look()
    rows = {row.id: row for row in await store.roots.of(company.id)}
    assert rows[master.id].generation > master.generation
    assert rows[second.id].generation > second.generation
    assert rows[third.id].generation == third.generation
    assert (rows[first.id].status, rows[first.id].refusal_class) == (
        Status.REFUSED,
        Act.ADMINISTRATOR,
    )
    looked = await keep_alive.last_look(office.runtime.access)
    assert looked is not None
    assert now() - looked < timedelta(minutes=1)
    assert await store.note(LAST_KEEP_ALIVE_NOTE) == looked.isoformat()

    before = refreshes(office)
    port = office.runtime.settings.listen[1]
    async with open_office(office.sandbox, tmp_path / "office", port=port) as other:
        assert not await keeper(other).look()
        assert await keeper(office).look()
        assert refreshes(office) == before + 1, "the app's own token, of a keeper that is new"
        await age(office, second, third, days=9)
        assert await other.runtime.store.authentications.take_lease(second.id, "elsewhere", 60)
        await keeper(office).look()
        rows = {row.id: row for row in await store.roots.of(company.id)}
        assert (now() - (rows[third.id].last_used or now())) < timedelta(minutes=1)
        assert (now() - (rows[second.id].last_used or now())) > timedelta(days=8)
        await store.turns.give_back("keep-alive")
        assert await keeper(other).look()
    assert await keeper(office).look()


async def test_what_stops_a_company_is_asked_once_and_the_others_go_on(office: Office) -> None:
    """One request, then a pause that grows; silence ends the look without another request."""
    company = await office.connected()
    master = await office.runtime.access.company_master(company)
    rows = [master, *[await sign_in(office, company, one) for one in members(office, 3)]]
    next_door = await office.connected(office.sandbox.tenants[1])
    theirs = await office.runtime.access.company_master(next_door)
    await age(office, *rows, theirs, days=30)
    tenant, store = office.sandbox.tenants[0], office.runtime.store
    watch = keeper(office)
    tenant.disable_app()

    before = refreshes(office)
    await watch.look()
    assert refreshes(office) == before + 3, "one here; the app's and the master's next door"
    (alarm,) = await store.alarms.list()
    assert (alarm.cause, alarm.company_id, alarm.times) == ("AADSTS7000112", company.id, 1)
    assert (await office.runtime.access.company_master(next_door)).generation > theirs.generation
    await watch.look()
    assert refreshes(office) == before + 3
    await rested(office)
    await watch.look()
    assert refreshes(office) == before + 4
    assert [one.times for one in await store.alarms.list()] == [2]
    kept = await store.roots.of(company.id)
    assert {row.status for row in kept} == {Status.HEALTHY}, "the app is refused, nobody's sign-in"

    tenant.enable_app()
    await rested(office)
    await watch.look()
    assert await store.alarms.list() == []
    kept = await store.roots.of(company.id)
    assert all(now() - (row.last_used or now()) < timedelta(minutes=1) for row in kept)

    await age(office, *rows, days=30)
    office.sandbox.dials.turn({"at": "login POST", "fail_next": 50, "fail_status": 500})
    before = refreshes(office)
    await watch.look()
    asked = refreshes(office) - before
    kept = await store.roots.of(company.id)
    assert [row.refusal_class for row in kept].count(Act.TRY_AGAIN) == 1
    assert asked <= 3, "one sign-in, with its repetitions"
    assert {row.status for row in kept} == {Status.HEALTHY}


async def test_a_permission_that_was_withdrawn_shows_within_a_day(office: Office) -> None:
    """The app's token is still issued; it is used, and what it may not do is one alarm."""
    company = await office.connected()
    tenant, store = office.sandbox.tenants[0], office.runtime.store
    watch = keeper(office)
    await watch.look()
    tenant.revoke_role("User.Read.All")
    tenant.revoke_role("Directory.Read.All")
    await watch.look()
    assert await store.alarms.list() == [], "not before its day"
    for times in (1, 2):
        watch.app_asked[company.id] -= timedelta(days=1)
        await watch.look()
        (alarm,) = await store.alarms.list()
        assert (alarm.cause, alarm.times) == ("User.Read.All", times)
    with pytest.raises(PermissionMissing):
        await polling.poll(office.runtime.access, company)
    assert [one.times for one in await store.alarms.list()] == [3]
    master = await office.runtime.access.company_master(company)
    await age(office, master, days=2)
    await watch.look()
    assert (await office.runtime.access.company_master(company)).generation > master.generation
    tenant.grant_all()
    watch.app_asked.clear()
    await watch.look()
    assert await store.alarms.list() == []


@pytest.mark.parametrize("act", [Act.TRY_AGAIN, Act.ADMINISTRATOR])
async def test_what_was_refused_before_comes_last(office: Office, act: Act) -> None:
    """What stops one of them must not keep those that work waiting."""
    company = await office.connected()
    master = await office.runtime.access.company_master(company)
    own = await sign_in(office, company, members(office, 1)[0])
    await age(office, own, days=9)
    async with office.runtime.store.transaction() as tx:
        await tx.execute(
            "UPDATE authentications SET refusal_class = ?, refusals = 3, next_try_at = 0"
            " WHERE id = ?",
            (act, master.id),
        )
    due = await keep_alive.due(office.runtime.access, company)
    assert [row.id for row in due] == [own.id, master.id]


async def test_whatever_lasts_keeps_alive_and_tells(office: Office) -> None:
    """From the start of a program that stays, until its end."""
    await office.runtime.resume()
    (*_, keeping, telling, _rotated) = office.runtime.lasting
    assert "Keeper.keep" in repr(keeping.get_coro())
    assert "Teller.follow" in repr(telling.get_coro())


async def test_trouble_of_one_company_ends_nothing_and_the_turn_is_given_back(
    office: Office,
) -> None:
    """It looks again and again until it is cancelled."""
    company = await office.connected()
    access, store = office.runtime.access, office.runtime.store
    async with store.transaction() as tx:
        await tx.execute("UPDATE companies SET graph_base_url = 'https://elsewhere.example'")
    next_door = await office.connected(office.sandbox.tenants[1])
    theirs = await access.company_master(next_door)
    keeper = keep_alive.Keeper(access, first_look=0.0, look_every=0.05)
    keeping = asyncio.create_task(keeper.keep())
    await age(office, await access.company_master(company), theirs, days=30)

    async def refreshed() -> bool:
        return (await access.company_master(next_door)).generation > theirs.generation

    await until(refreshed)
    assert await store.note("turn of keep-alive") == store.owner
    assert not keeping.done()
    keeping.cancel()
    await asyncio.wait({keeping})
    assert keeping.cancelled()
    assert await store.note("turn of keep-alive") == ""
