"""Re-authentication is one action in every state: it replaces and never duplicates."""

from __future__ import annotations

import asyncio

import pytest

from tests.flows.test_agents_sign_in import granted, members, user
from tests.office import Office
from ttr_tui import pinning
from ttr_tui.errors import Gone, TtrError
from ttr_tui.flows import sign_in
from ttr_tui.model import Authentication, AuthenticationKind, Company, Purpose, Status
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.sandbox.people import Person


async def own_sign_in(office: Office, company: Company, person: Person) -> Authentication:
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    (own,) = (await office.runtime.store.authentications.tree(company.id)).own
    return own


@pytest.mark.parametrize("status", list(Status))
async def test_an_own_sign_in_is_renewed_in_every_state(office: Office, status: Status) -> None:
    """Healthy, expired, refused, unreadable: the same row, once."""
    company = await granted(office)
    (person,) = members(office, 1)
    own = await own_sign_in(office, company, person)
    store = office.runtime.store
    async with store.transaction() as tx:
        await store.authentications.mark(tx, own.id, status, "", own.since)
    again = await office.runtime.begin_again(company, own)
    await office.browser.follow(again.link, account=person.user_principal_name)
    tree = await store.authentications.tree(company.id)
    assert [(row.id, row.agent_id, row.status) for row in tree.own] == [
        (own.id, own.agent_id, Status.HEALTHY)
    ]
    assert len(await store.agents.list(company.id)) == 1


async def test_what_microsoft_revoked_is_renewed_by_its_own_person_alone(office: Office) -> None:
    """Sessions were revoked: the row says refused, another person is not stored in its place."""
    company = await granted(office)
    person, other = members(office, 2)
    own = await own_sign_in(office, company, person)
    access, store = office.runtime.access, office.runtime.store
    office.sandbox.tenants[0].revoke_sessions(person)
    with pytest.raises(TtrError):
        await access.fresh_token(company, own.id)
    refused = await access.authentication(own.id)
    assert refused.status is Status.REFUSED
    again = await office.runtime.begin_again(company, refused)
    elsewhere = Administrator(office.sandbox.ca_file)
    page = await elsewhere.follow(again.link, account=other.user_principal_name)
    assert "Another person signed in" in page.text
    assert (await access.authentication(own.id)).status is Status.REFUSED
    await office.browser.follow(again.link, account=person.user_principal_name)
    (renewed,) = (await store.authentications.tree(company.id)).own
    assert (renewed.id, renewed.status) == (own.id, Status.HEALTHY)


async def test_a_key_that_does_not_open_keeps_nobody_from_signing_in_again(office: Office) -> None:
    """A row that cannot be opened is repaired by its owner: a new key, the same row."""
    company = await granted(office)
    (person,) = members(office, 1)
    own = await own_sign_in(office, company, person)
    store = office.runtime.store
    async with store.transaction() as tx:
        await tx.execute("UPDATE keys SET sealed = x'00' WHERE id = ?", (own.key_id,))
    (closed,) = (await store.authentications.tree(company.id)).own
    assert closed.status is Status.UNREADABLE
    again = await office.runtime.begin_again(company, closed)
    await office.browser.follow(again.link, account=person.user_principal_name)
    (opened,) = (await store.authentications.tree(company.id)).own
    assert (opened.id, opened.status) == (own.id, Status.HEALTHY)


async def test_an_alias_finds_the_person_and_the_object_decides(office: Office) -> None:
    """Addresses differ from user principal names; only object ids are compared."""
    company = await granted(office)
    person = next(
        one
        for one in office.sandbox.tenants[0].directory.people
        if one.aliases and one.account_enabled and one.licensed and not one.roles
    )
    found = await pinning.find(office.runtime.access, company, person.aliases[0])
    assert found is not None
    assert found.object_id == person.id
    attempt = await office.runtime.begin_agent(company, found)
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    (own,) = (await office.runtime.store.authentications.tree(company.id)).own
    assert (own.object_id, own.kind) == (person.id, AuthenticationKind.OWN)


async def test_signing_in_again_while_fifty_refreshes_run(office: Office) -> None:
    """No service is stopped for it: late answers of the former sign-in are not stored."""
    company = await office.connected()
    access = office.runtime.access
    master = await access.company_master(company)
    refreshes = [asyncio.ensure_future(access.fresh_token(company, master.id)) for _ in range(50)]
    attempt = await office.runtime.begin_again(company, master)
    await office.browser.follow(attempt.link)
    ended = await asyncio.gather(*refreshes, return_exceptions=True)
    assert [one for one in ended if isinstance(one, BaseException) and type(one) is not Gone] == []
    again = await access.company_master(company)
    assert (again.id, again.status) == (master.id, Status.HEALTHY)
    assert again.signed_in_again_at is not None


async def test_who_was_taken_over_does_not_come_back_by_an_older_link(office: Office) -> None:
    """A link made for the former administrator stores nothing in the new one's place."""
    company = await office.connected()
    access = office.runtime.access
    master = await access.company_master(company)
    assert master.person is not None
    older = await office.runtime.begin_again(company, master)
    other = next(
        one
        for one in office.sandbox.tenants[0].directory.fixed
        if one.account_enabled and one.id != master.person.object_id
    )
    waits = await Administrator(office.sandbox.ca_file).follow(
        (taking := await office.runtime.begin(company, Purpose.COMPANY_MASTER)).link,
        account=other.user_principal_name,
    )
    assert "Waiting for the terminal" in waits.text
    seen = await office.runtime.store.attempts.get(taking.id)
    await sign_in.confirm(access, seen, company.name)
    page = await Administrator(office.sandbox.ca_file).follow(
        older.link, account=master.person.user_principal_name
    )
    assert page.status == 410
    now = await access.company_master(company)
    assert now.person is not None
    assert now.person.object_id == other.id
