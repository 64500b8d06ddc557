"""Access ends: what goes, what stays, what wins, and what a crash leaves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.test_bulk_add import add, members, polled
from tests.office import Office, open_office
from tests.store.premises import add_children, agent
from ttr_tui.access import SERVICE_PRINCIPAL_NOTE
from ttr_tui.errors import NotConfirmed, NotConnected, Refused, RowUnreadable, TtrError
from ttr_tui.flows import revocation, sign_in
from ttr_tui.flows.revocation.deleting import READ_AT_ONCE
from ttr_tui.model import Company


async def with_children(office: Office, count: int) -> Company:
    company = await polled(office)
    await add(office, company, await members(office, company, count))
    return company


async def test_deleting_a_child_leaves_its_agent_and_its_siblings(office: Office) -> None:
    """One goes; the agent stays listed as not authenticated."""
    company = await with_children(office, 3)
    store = office.runtime.store
    tree = await store.authentications.tree(company.id)
    planned = await revocation.plan(office.runtime.access, company, [tree.children[0].id])
    assert (planned.count, planned.agents, planned.children_stay) == (1, 1, 2)
    done = await revocation.carry_out(office.runtime.access, planned)
    assert done.erased
    after = await store.authentications.tree(company.id)
    assert len(after.children) == 2
    assert [agent.object_id for agent in after.without] == [tree.children[0].object_id]
    with pytest.raises(Refused):
        await revocation.plan(office.runtime.access, company, [tree.children[0].id])


async def test_many_are_planned_by_numbers_and_deleted_in_one_moment(office: Office) -> None:
    """More than are read at once; a few are named, each has its line, the others stay."""
    company = await with_children(office, 1)
    store = office.runtime.store
    master = await office.runtime.access.company_master(company)
    agents = [agent(company, f"Name {number:04}") for number in range(READ_AT_ONCE + 2)]
    ids = [one.id for one in await add_children(store, master, agents)]
    planned = await revocation.plan(office.runtime.access, company, [ids[-1], *ids[:-1], "gone"])
    assert planned.ids == (ids[-1], *ids[:-1])
    assert [one.name for one in planned.first] == [
        agents[-1].name,
        *(one.name for one in agents[:4]),
    ]
    assert (planned.alone, planned.agents, planned.children_stay) == (len(ids), len(ids), 1)
    await revocation.carry_out(office.runtime.access, planned)
    assert (await store.branches.held(company.id)).children == 1
    told = [e for e in await store.journal.since() if e.what == "authentication deleted"]
    assert len({entry.subject for entry in told}) == len(ids)
    assert all(f"child of {master.id}" in entry.detail for entry in told)


async def test_a_company_master_takes_its_children_with_it(office: Office) -> None:
    """Only when the name is typed; then keys, tokens and the directory copy are gone."""
    company = await with_children(office, 3)
    store = office.runtime.store
    master = await office.runtime.access.company_master(company)
    planned = await revocation.plan(office.runtime.access, company, [master.id])
    assert planned.count == 4
    with pytest.raises(NotConfirmed):
        await revocation.carry_out(office.runtime.access, planned, "another name")
    await revocation.carry_out(office.runtime.access, planned, f" {company.name.lower()} ")
    after = await store.authentications.tree(company.id)
    assert (after.master, len(after.children), len(after.without)) == (None, 0, 3)
    told = [e for e in await store.journal.since() if e.what == "authentication deleted"]
    assert len(told) == 4
    assert sum(f"child of {master.id}" in entry.detail for entry in told) == 3
    assert list(office.runtime.settings.data_dir.glob("directory-*")) == []
    with pytest.raises(NotConnected):
        await office.runtime.access.company_master_token(company)


async def test_deleting_wins_over_a_refresh_under_way(office: Office) -> None:
    """What Microsoft answers after the deletion is not stored."""
    company = await office.connected()
    access = office.runtime.access
    store = office.runtime.store
    master = await access.company_master(company)
    kept = await store.authentications.refresh_token(master)
    planned = await revocation.plan(access, company, [master.id])
    await revocation.carry_out(access, planned, company.name)
    async with store.transaction() as tx:
        assert not await store.authentications.rotate(tx, master, kept, master.since)
    with pytest.raises(TtrError):
        await store.authentications.refresh_token(master)


async def test_deleting_ends_a_sign_in_that_waits(office: Office) -> None:
    """A sign-in that came before the deletion cannot be confirmed after it."""
    company = await office.connected()
    attempt = await office.come_back(company)
    access = office.runtime.access
    master = await access.company_master(company)
    planned = await revocation.plan(access, company, [master.id])
    await revocation.carry_out(access, planned, company.name)
    with pytest.raises(TtrError):
        await sign_in.confirm(access, attempt)
    assert await office.runtime.store.authentications.company_master(company.id) is None


async def test_what_a_crash_left_is_seen_through_at_the_next_start(
    office: Office, tmp_path: Path
) -> None:
    """The intent was written; another program of ours finishes it."""
    company = await with_children(office, 2)
    store = office.runtime.store
    master = await office.runtime.access.company_master(company)
    async with store.transaction() as tx:
        await store.revocations.plan(tx, company, [master.id])
    port = office.runtime.settings.listen[1]
    async with open_office(office.sandbox, tmp_path / "office", port=port) as other:
        await other.runtime.resume()
        for work in other.runtime.works.running:
            assert work.task is not None
            await work.task
        assert await other.runtime.store.revocations.open() == []
    tree = await store.authentications.tree(company.id)
    assert tree.master is None
    assert tree.children == []


@pytest.mark.parametrize("again", [False, True])
async def test_rows_without_their_key_are_swept_at_the_next_start(
    office: Office, *, again: bool
) -> None:
    """Unusable in one step, swept in many; who signed in anew in between stays."""
    company = await with_children(office, 3)
    access, store = office.runtime.access, office.runtime.store
    master = await access.company_master(company)
    children = (await store.authentications.tree(company.id)).children
    async with store.transaction() as tx:
        number = await store.revocations.plan(tx, company, [master.id])
        await store.revocations.step(tx, number, "deleted")
        await store.authentications.make_unusable(tx, [master.id])
    with pytest.raises(RowUnreadable):
        await store.authentications.refresh_token(master)
    with pytest.raises(RowUnreadable):
        await store.authentications.grant(children[0])
    if again:
        await office.sign_in(company)
    await revocation.erase(access, number)
    after = await store.authentications.tree(company.id)
    assert (after.master is not None, after.children, len(after.without)) == (again, [], 3)
    told = [e for e in await store.journal.since() if e.what == "authentication deleted"]
    assert sum(f"child of {master.id}" in entry.detail for entry in told) == 3


async def test_the_journal_tells_who_and_what(office: Office) -> None:
    """Each act has its line, with the person and where from; no token in any."""
    company = await with_children(office, 1)
    store = office.runtime.store
    master = await office.runtime.access.company_master(company)
    secret = (await store.authentications.refresh_token(master)).reveal()
    planned = await revocation.plan(office.runtime.access, company, [master.id])
    await revocation.carry_out(office.runtime.access, planned, company.name)
    entries = await store.journal.since()
    told = {entry.what for entry in entries}
    assert {"company added", "admin permission proven", "company master stored"} <= told
    assert {"bulk add started", "bulk add ended", "authentications deleted", "erased"} <= told
    assert {entry.who for entry in entries} == {"anna"}
    assert {entry.origin for entry in entries} == {"203.0.113.7"}
    assert not any(secret in repr(entry) for entry in entries)


async def test_where_the_consent_is_ended_is_this_very_apps_page(office: Office) -> None:
    """The service principal's id, as Graph named it at the proof, is kept for the link."""
    company = await office.connected()
    principal = office.sandbox.tenants[0].service_principal
    assert principal is not None
    note = SERVICE_PRINCIPAL_NOTE.format(company.id)
    assert await office.runtime.store.note(note) == principal.id
    at_microsoft = replace(company, authority_host="https://login.microsoftonline.com")
    master = await office.runtime.access.company_master(company)
    planned = await revocation.plan(office.runtime.access, company, [master.id])
    planned = replace(planned, company=at_microsoft)
    done = await revocation.carry_out(office.runtime.access, planned, company.name)
    assert f"objectId/{principal.id}" in done.plan.admin_center
