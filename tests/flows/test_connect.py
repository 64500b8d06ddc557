"""Connecting a company: both steps over HTTP, from the start link to the store."""

from __future__ import annotations

import asyncio

import pytest

from tests.office import Office, until
from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    CompanyExists,
    CompanyInUse,
    ConsentNeeded,
    LinkOver,
    NotConfirmed,
    SignInNeeded,
    TenantUnknown,
    TtrError,
)
from ttr_tui.flows import companies, revocation, sign_in
from ttr_tui.model import AttemptEnd, Purpose, Station, Status
from ttr_tui.works import WorkKind


async def test_a_company_is_pinned_to_the_tenant_discovery_names(office: Office) -> None:
    """Domain in, tenant GUID out, kept with authority and Graph host."""
    tenant = office.sandbox.tenants[0]
    company = await office.add_company()
    assert company.tenant_id == tenant.id
    assert company.authority_host == office.sandbox.authority_host
    assert company.graph_base_url == office.sandbox.graph_base_url


async def test_an_unknown_domain_is_a_sentence(office: Office) -> None:
    """Nobody owns it; nothing is saved."""
    with pytest.raises(TenantUnknown):
        await companies.resolve(office.runtime.access, "nobody.invalid")
    assert await office.runtime.store.companies.list() == []


async def test_a_name_is_given_once(office: Office) -> None:
    """Case does not make another name; a second company may share the tenant."""
    first = await office.add_company()
    found = await companies.resolve(office.runtime.access, first.domain)
    with pytest.raises(CompanyExists):
        await companies.add(office.runtime.access, first.name.upper(), first.domain, found)
    second = await companies.add(office.runtime.access, "Subsidiary", first.domain, found)
    assert second.tenant_id == first.tenant_id
    with pytest.raises(CompanyExists):
        await companies.rename(office.runtime.access, second, first.name.lower())
    renamed = await companies.rename(office.runtime.access, second, "Daughter")
    assert renamed.name == "Daughter"


async def test_the_permission_is_granted_by_a_person_and_proven_by_use(office: Office) -> None:
    """The page in the browser promises nothing; the proof does."""
    company = await office.add_company()
    page = await office.grant(company)
    assert page.status == 200
    kept = await office.runtime.store.companies.get(company.id)
    assert kept.consent_proven_at is not None


async def test_a_cancelled_grant_stores_nothing_and_the_link_lives_on(office: Office) -> None:
    """The administrator presses Cancel; the terminal says so; the button can be pressed again."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    page = await office.browser.follow(attempt.link, accept=False)
    assert page.status == 403
    attempt = await office.runtime.store.attempts.get(attempt.id)
    assert attempt.problem
    assert attempt.ended is None
    await office.browser.follow(attempt.link)
    await office.until_station(attempt, Station.PROVEN)


async def test_what_consent_leaves_out_is_named(office: Office) -> None:
    """A role that the registration forgot is missing by name, and nothing is called proven."""
    office.sandbox.dials.missing_roles = {"Mail.ReadBasic.All"}
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    await office.browser.follow(attempt.link)

    async def told() -> str | None:
        work = office.runtime.works.find(WorkKind.PROOF, company.id)
        return str(work.progress) if work and work.progress else None

    assert "Mail.ReadBasic.All" in await until(told)
    kept = await office.runtime.store.companies.get(company.id)
    assert kept.consent_proven_at is None


async def test_a_sign_in_waits_for_the_operators_word(office: Office) -> None:
    """Before the word nothing is stored; after it the Company Master is, and is proven at once."""
    company = await office.add_company()
    await office.grant(company)
    attempt = await office.come_back(company)
    assert attempt.station is Station.IDENTITY_CHECKED
    assert attempt.person is not None
    assert attempt.browser_known
    assert await office.runtime.store.authentications.company_master(company.id) is None
    master = await sign_in.confirm(office.runtime.access, attempt)
    assert master.user_principal_name == "Company Master"
    assert master.status is Status.HEALTHY
    assert master.last_used is not None
    attempt = await office.runtime.store.attempts.get(attempt.id)
    assert (attempt.station, attempt.ended) == (Station.PROVEN, AttemptEnd.DONE)


async def test_a_person_nobody_knows_is_erased(office: Office) -> None:
    """Not confirmed: what came is gone, and cannot be confirmed later."""
    company = await office.add_company()
    await office.grant(company)
    attempt = await office.come_back(company)
    await sign_in.refuse(office.runtime.access, attempt)
    with pytest.raises(LinkOver):
        await sign_in.confirm(office.runtime.access, attempt)
    assert await office.runtime.store.authentications.company_master(company.id) is None


async def test_an_account_of_another_tenant_is_refused_and_named(office: Office) -> None:
    """Nothing waits for a word: the wrong tenant is no question."""
    office.sandbox.dials.id_token = "other_tenant"
    company = await office.add_company()
    attempt = await office.come_back(company)
    assert attempt.person is None
    assert attempt.problem
    assert await office.runtime.store.authentications.company_master(company.id) is None


async def test_signing_in_again_replaces(office: Office) -> None:
    """One row, the same id, children's key kept."""
    company = await office.connected()
    store = office.runtime.store
    before = await store.authentications.company_master(company.id)
    await office.sign_in(company)
    after = await store.authentications.company_master(company.id)
    assert before is not None
    assert after is not None
    assert (after.id, after.key_id) == (before.id, before.key_id)
    assert after.generation > before.generation
    assert after.signed_in_again_at is not None


async def test_another_administrator_is_a_take_over_that_is_typed(office: Office) -> None:
    """Both are named; without the company's name nothing changes."""
    company = await office.connected()
    other = office.sandbox.tenants[0].other_administrator
    office.browser = type(office.browser)(office.sandbox.ca_file)
    attempt = await office.come_back(company, account=other.user_principal_name)
    with pytest.raises(NotConfirmed):
        await sign_in.confirm(office.runtime.access, attempt)
    master = await sign_in.confirm(office.runtime.access, attempt, f" {company.name.upper()} ")
    assert master.person is not None
    assert master.person.object_id == other.id


async def test_a_refused_company_master_is_marked_and_kept(office: Office) -> None:
    """Microsoft's no is written down with its reason; nothing is deleted."""
    company = await office.connected()
    office.sandbox.dials.refresh_revoked = True
    with pytest.raises(SignInNeeded):
        await office.runtime.access.company_master_token(company)
    master = await office.runtime.store.authentications.company_master(company.id)
    assert master is not None
    assert master.status is Status.REFUSED
    assert master.status_reason


async def test_a_policy_that_lets_an_administrator_in_again_stops_nothing(office: Office) -> None:
    """Its alarm ends with the sign-in that the alarm asks for."""
    company = await office.connected()
    office.sandbox.dials.turn({"token_refused": 53003})
    with pytest.raises(TtrError):
        await office.runtime.access.company_master_token(company)
    assert [one.cause for one in await office.runtime.store.alarms.list()] == ["AADSTS53003"]
    office.sandbox.dials.reset()
    await office.sign_in(company)
    assert await office.runtime.store.alarms.list() == []


async def test_a_company_is_removed_only_when_nothing_lives(office: Office) -> None:
    """First the authentications go, then the company; its id is noted beside the key then, so that
    an older copy of the store does not bring it back.
    """
    company = await office.connected()
    destroyed = office.runtime.settings.destroyed_file
    with pytest.raises(CompanyInUse):
        await companies.remove(office.runtime.access, company)
    assert not destroyed.exists()
    master = await office.runtime.access.company_master(company)
    planned = await revocation.plan(office.runtime.access, company, [master.id])
    await revocation.carry_out(office.runtime.access, planned, company.name)
    await companies.remove(office.runtime.access, company)
    assert await office.runtime.store.companies.list() == []
    assert company.id in destroyed.read_text().splitlines()


async def test_a_refresh_is_seen_through_when_its_asker_leaves(office: Office) -> None:
    """Cancelled in the middle, the rotated token is stored all the same."""
    company = await office.connected()
    access = office.runtime.access
    before = await access.company_master(company)
    office.sandbox.dials.at = "login POST"
    office.sandbox.dials.slow_seconds = 0.3
    asker = asyncio.ensure_future(access.company_master_token(company))

    async def begun() -> bool | None:
        return bool(access.under_way) or None

    await until(begun)
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    await access.settle()
    after = await access.company_master(company)
    assert after.generation == before.generation + 1


async def test_a_withdrawn_permission_is_noticed_and_can_be_granted_again(office: Office) -> None:
    """Ended in Microsoft's admin center: no longer called granted; granted again, all works."""
    company = await office.connected()
    access = office.runtime.access
    office.sandbox.tenants[0].revoke_consent()
    with pytest.raises(ConsentNeeded) as told:
        await access.company_master_token(company)
    assert told.value.who == ENTRA_ADMINISTRATOR
    company = await office.runtime.store.companies.get(company.id)
    assert company.consent_proven_at is None
    await office.grant(company)
    company = await office.runtime.store.companies.get(company.id)
    assert company.consent_proven_at is not None

    async def healthy() -> bool | None:
        return (await access.company_master(company)).status is Status.HEALTHY or None

    await until(healthy)


async def test_who_mends_a_refused_company_master_is_an_administrator(office: Office) -> None:
    """Not the owner of some mailbox."""
    company = await office.connected()
    office.sandbox.dials.refresh_revoked = True
    with pytest.raises(SignInNeeded) as told:
        await office.runtime.access.company_master_token(company)
    assert told.value.who == ENTRA_ADMINISTRATOR
