"""Opening Bulk Add again costs what changed; a link that is over costs nobody a word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.flows.polled_offices import asked, copied, polling_office, there
from tests.office import Office
from ttr_tui.errors import ForeignHost, Unreachable
from ttr_tui.flows import polling
from ttr_tui.flows.polling import PollProgress, Reading
from ttr_tui.flows.polling.since import DIFFERS_FOR_GOOD, WHOLE_EVERY
from ttr_tui.model import Company, now
from ttr_tui.sandbox.people import Directory, Person

READ_WHOLE = {"/users": 1, "/users/$count": 2, "/users/delta": 2}
"""What reading a small directory takes: what changed meanwhile is asked for at its end."""


async def poll(office: Office, company: Company) -> tuple[PollProgress, dict[str, int]]:
    """Poll, and return what was asked for."""
    asked(office)
    return await polling.poll(office.runtime.access, company), dict(asked(office))


def change(directory: Directory) -> list[Person]:
    """Let users change, leave, leave for good, come back and come."""
    one, two, three, four, five = directory.people[20:25]
    one.department, one.aliases = "Changed", ("other@alias.example",)
    directory.changed(one)
    directory.changed(one)
    for leaver in (two, three, four, five):
        directory.remove(leaver)
    directory.purge(three.id)
    directory.restore(four.id)
    directory.changed(directory.fixed[3])
    new = Person("0" * 36, "Новый", "новый@contoso.example", "new@contoso.example")
    directory.add(new)
    five.display_name = "Back again"
    directory.restore(five.id)
    return [one, five, new]


async def test_what_changed_is_read_and_no_more(office: Office) -> None:
    """Two requests; several pages, empty ones, replays and who is told twice do no harm.

    Who left goes; who came back is there, also when the deletion is told last: Microsoft is asked.
    """
    company, sandbox = await office.connected(), office.sandbox
    directory, dials = sandbox.tenants[0].directory, sandbox.dials
    first, requests = await poll(office, company)
    assert (first.how, first.read, first.complete) == (Reading.WHOLE, 60, True)
    assert requests == READ_WHOLE
    again, requests = await poll(office, company)
    assert (again.how, again.read, again.complete) == (Reading.CHANGES, 0, True)
    assert requests == {"/users/$count": 1, "/users/delta": 1}
    for page, replays in ((200, False), (2, True)):
        changed = change(directory)
        dials.delta_page, dials.delta_replays, dials.empty_page_next = page, replays, 1
        done, requests = await poll(office, company)
        assert (done.how, done.complete) == (Reading.CHANGES, True)
        assert requests.get("/users", 0) == 0
        assert await copied(office, company) == there(office)
        copy = await office.runtime.store.directory(company)
        users = await copy.by_object_ids([person.id for person in changed])
        assert [user.name for user in users] == [person.display_name for person in changed]
        assert (users[0].department, users[0].aliases[-1:]) == ("Changed", ("other@alias.example",))
        assert (await copy.state()).complete
        directory.people.remove(changed[-1])


@pytest.mark.parametrize("how", ["gone", "syncStateNotFound", "resyncRequired"])
async def test_a_link_that_is_over_starts_anew(office: Office, how: str) -> None:
    """However Microsoft says so; nothing is said of it, and the next poll reads changes again."""
    company = await office.connected()
    await poll(office, company)
    office.sandbox.tenants[0].remove_user(office.sandbox.tenants[0].directory.people[30].id)
    office.sandbox.dials.delta_gone = how  # type: ignore[assignment]  # one of the three
    done, requests = await poll(office, company)
    assert (done.how, done.complete, requests["/users"]) == (Reading.WHOLE, True, 1)
    assert await copied(office, company) == there(office)
    office.sandbox.dials.reset()
    await poll(office, company)
    done, _ = await poll(office, company)
    assert (done.how, done.complete) == (Reading.CHANGES, True)


async def test_when_everybody_is_read_anew(office: Office) -> None:
    """A link older than seven days is not tried; every seven days; when asked for.

    And when Microsoft counts other users than the copy has, and still does a while later.
    """
    company, store = await office.connected(), office.runtime.store
    await poll(office, company)
    copy = await store.directory(company)
    kept = await copy.delta()
    assert kept is not None
    await copy.put_changes((), (), kept[0], now() - timedelta(days=7))
    done, requests = await poll(office, company)
    assert (done.how, requests) == (Reading.WHOLE, READ_WHOLE)

    asked(office)
    done = await polling.poll(office.runtime.access, company, whole=True)
    assert (done.how, dict(asked(office))) == (Reading.WHOLE, READ_WHOLE)

    async def long_ago(what: str, since: timedelta) -> None:
        async with store.transaction() as tx:
            at = (now() - since).isoformat()
            await store.set_note(tx, f"directory of {company.id} {what}", at)

    await long_ago("read whole", WHOLE_EVERY)
    assert (await poll(office, company))[0].how is Reading.WHOLE
    assert (await poll(office, company))[0].how is Reading.CHANGES

    office.sandbox.dials.count_off = 1
    for _ in range(2):
        assert (await poll(office, company))[0].how is Reading.CHANGES
    await long_ago("differs", DIFFERS_FOR_GOOD)
    done, requests = await poll(office, company)
    assert (done.how, requests["/users"]) == (Reading.WHOLE, 1)
    # It still counts one more: that is how Microsoft counts here, until it counts otherwise.
    for off, how in ((1, Reading.CHANGES), (2, Reading.WHOLE)):
        office.sandbox.dials.count_off = off
        assert (await poll(office, company))[0].how is Reading.CHANGES
        if await store.note(f"directory of {company.id} differs"):
            await long_ago("differs", DIFFERS_FOR_GOOD)
        assert (await poll(office, company))[0].how is how


async def test_changes_that_break_off_are_read_again(office: Office) -> None:
    """A round that is not read to its end begins again at its beginning, and misses nothing."""
    company, sandbox = await office.connected(), office.sandbox
    await poll(office, company)
    change(sandbox.tenants[0].directory)
    sandbox.dials.delta_page = 3

    def break_off(_progress: PollProgress) -> None:
        sandbox.dials.at, sandbox.dials.fail_next = "delta", 1
        sandbox.dials.fail_status = 500

    with pytest.raises(Unreachable):
        await polling.poll(office.runtime.access, company, break_off)
    sandbox.dials.reset()
    done, requests = await poll(office, company)
    assert (done.how, done.complete) == (Reading.CHANGES, True)
    assert requests.get("/users", 0) == 0
    assert await copied(office, company) == there(office)


async def test_a_link_that_leads_elsewhere_is_neither_followed_nor_kept(office: Office) -> None:
    """Not before the first page and not among changes; it is journalled, no token goes there."""
    company, dials = await office.connected(), office.sandbox.dials
    await poll(office, company)
    for whole in (False, True):
        dials.foreign_next_link = True
        with pytest.raises(ForeignHost):
            await polling.poll(office.runtime.access, company, whole=whole)
        dials.foreign_next_link = False
        done, _ = await poll(office, company)
        assert done.complete
    assert office.sandbox.stranger.requests == []
    journal = await office.runtime.store.journal.since()
    assert sum(entry.what == "foreign host refused" for entry in journal) == 2


async def test_a_tenant_that_tells_no_changes_is_read_whole(tmp_path: Path) -> None:
    """Without a link to changes everybody is read each time, and never in parts."""
    async with polling_office(tmp_path / "o", ["only.one"]) as (office, company):
        office.sandbox.dials.at = "users/delta"
        for _ in range(2):
            office.sandbox.dials.fail_next, office.sandbox.dials.fail_status = 1, 501
            asked(office)
            done = await polling.poll(office.runtime.access, company, split_from=1)
            assert (done.how, done.complete, asked(office)["/users"]) == (Reading.WHOLE, True, 1)
            assert await copied(office, company) == there(office)
