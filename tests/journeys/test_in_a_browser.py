"""The whole round in a real browser on a phone's screen, from the link to the last page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.callback.browser import CHROMIUM, Tab, browser
from tests.journeys.browsing import accept, choose_account, decline, key_of, shows_on_a_phone, start
from tests.office import Office
from ttr_tui import attempts, pinning
from ttr_tui.flows import invitations, sign_in
from ttr_tui.model import Attempt, AttemptEnd, Company, Purpose, Station, Status
from ttr_tui.sandbox import Person, Tenant

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture
async def tab(office: Office, tmp_path: Path) -> AsyncIterator[Tab]:
    """A phone's browser that trusts the sandbox."""
    key = await key_of(office.sandbox.authority_host)
    async with browser(tmp_path / "browser", trusted_key=key) as opened:
        await opened.as_on_a_phone()
        yield opened


def administrator(tenant: Tenant) -> Person:
    return tenant.administrator


def ordinary(tenant: Tenant) -> Person:
    """Return a mailbox's owner, with a name that has to be broken to fit."""
    tenant.ordinary.display_name = "Maximilian-" * 22 + "Ende"
    return tenant.ordinary


async def test_an_administrator_grants_the_permission(office: Office, tab: Tab) -> None:
    """Start page, account, consent, and a last page that changes once the proof is there."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    said = await start(tab, attempt.link)
    assert company.name in said
    assert "Mail.ReadBasic.All" in said
    await choose_account(tab, office.sandbox.tenants[0].other_administrator.user_principal_name)
    await accept(tab)
    assert "You can close this page" in await shows_on_a_phone(tab, "Permission granted")
    kept = await office.runtime.store.companies.get(company.id)
    assert kept.consent_proven_at is not None


async def begin_master(office: Office, company: Company, _owner: Person) -> Attempt:
    return await office.runtime.begin(company, Purpose.COMPANY_MASTER)


async def begin_agent(office: Office, company: Company, owner: Person) -> Attempt:
    found = await pinning.find(office.runtime.access, company, owner.user_principal_name)
    assert found is not None
    return await office.runtime.begin_agent(company, found)


async def begin_invitation(office: Office, company: Company, owner: Person) -> Attempt:
    found = await pinning.find(office.runtime.access, company, owner.user_principal_name)
    assert found is not None
    invited = await invitations.invite(office.runtime.access, company, [found])
    return invited.invitations[0]


async def begin_again(office: Office, company: Company, _owner: Person) -> Attempt:
    return await office.runtime.begin_again(company, await office.sign_in(company))


@dataclass(frozen=True)
class Case:
    """A sign-in: how its link is made, who uses it, whether it waits, and its last page."""

    begin: Callable[[Office, Company, Person], Awaitable[Attempt]]
    who: Callable[[Tenant], Person]
    waits: bool
    ends: str


CASES = {
    Purpose.COMPANY_MASTER: Case(begin_master, administrator, True, "as the Company Master of"),
    Purpose.AGENT: Case(begin_agent, ordinary, False, "is signed in for"),
    Purpose.INVITATION: Case(begin_invitation, ordinary, False, "is signed in for"),
    Purpose.REAUTHENTICATION: Case(begin_again, administrator, False, "as the Company Master of"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_a_sign_in_ends_on_a_page_that_is_true(office: Office, tab: Tab, case: Case) -> None:
    """A word that is needed is waited for; then the page changes by itself, and the token works."""
    tenant, store = office.sandbox.tenants[0], office.runtime.store
    tenant.grant_all()
    person = case.who(tenant)
    company = await office.add_company(tenant)
    attempt = await case.begin(office, company, person)
    assert company.name in await start(tab, attempt.link)
    await choose_account(tab, person.user_principal_name)
    if case.waits:
        assert person.display_name in await shows_on_a_phone(tab, "Waiting for the terminal")
        assert await store.authentications.company_master(company.id) is None
        waiting = await store.attempts.get(attempt.id)
        await sign_in.confirm(office.runtime.access, waiting)
    said = await shows_on_a_phone(tab, case.ends)
    assert person.display_name in said
    assert "You can close this page" in said
    ended = await store.attempts.get(attempt.id)
    assert (ended.station, ended.ended) == (Station.PROVEN, AttemptEnd.DONE)
    tree = await store.authentications.tree(company.id)
    (stored,) = [tree.master] if tree.master else tree.own
    assert stored.person is not None
    assert (stored.person.object_id, stored.status) == (person.id, Status.HEALTHY)


async def test_what_goes_wrong_is_a_page_that_leads_on(office: Office, tab: Tab) -> None:
    """Declined, another tenant, a link that is over: each says what to do, on a phone too."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    await start(tab, attempt.link)
    await choose_account(tab, office.sandbox.tenants[0].administrator.user_principal_name)
    await decline(tab)
    assert "AADSTS65004" in await shows_on_a_phone(tab, "The permission was not granted")
    await tab.press("a.act")
    await shows_on_a_phone(tab, "Go on to Microsoft")

    office.sandbox.tenants[0].grant_all()
    office.sandbox.dials.id_token = "other_tenant"
    foreign = office.sandbox.tenants[1].administrator.user_principal_name
    attempt = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
    await start(tab, attempt.link)
    await choose_account(tab, office.sandbox.tenants[0].administrator.user_principal_name)
    assert foreign in await shows_on_a_phone(tab, "Another organisation signed in")

    await attempts.withdraw(office.runtime.store, attempt.id)
    await tab.go(attempt.link)
    await shows_on_a_phone(tab, "This link is over")
    assert await office.runtime.store.authentications.company_master(company.id) is None
