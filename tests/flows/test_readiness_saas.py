"""Readiness of a SaaS installation: its registration stands elsewhere; who signed in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.checking import Case, F, P, U, W, everything, look, verdicts, walk, with_agent
from tests.office import Office
from ttr_tui import pinning
from ttr_tui.errors import Unreachable
from ttr_tui.flows.readiness import administrator
from ttr_tui.flows.readiness.scene import Scene
from ttr_tui.microsoft import directory
from ttr_tui.model import Check, Company, Hosting, Person, Verdict
from ttr_tui.sandbox.people import Person as SandboxPerson

REG, URLS, BOXES = Check.REGISTRATION, Check.REDIRECTS, Check.AUTHENTICATION_SETTINGS
RIGHTS, SECRET, ADMIN = Check.PERMISSIONS, Check.CLIENT_SECRET, Check.ADMINISTRATOR
POLL, MAIL = Check.POLLING, Check.MAILBOX

USUAL: dict[Check, Verdict] = {**dict.fromkeys(Check, P), BOXES: U, SECRET: W}
"""A customer's tenant cannot see the registration: two boxes and the secret's end are not told."""

CASES = [
    Case({"audience": "AzureADMyOrg"}, {REG: F}, {REG: "this organization only"}),
    Case(
        {"audience": "AzureADandPersonalMicrosoftAccount"},
        {REG: W},
        {REG: "multi-tenant and personal accounts"},
    ),
    Case({"redirects_foreign": ["https://a.example/b"]}, {URLS: W}, {URLS: "1 foreign"}),
    Case(
        {"denied_at": ["servicePrincipals"]},
        {REG: U, URLS: U, RIGHTS: U, ADMIN: U},
        {REG: "denies reading it (403)"},
    ),
    Case(
        {"app_unknown": True},
        dict.fromkeys((REG, URLS, BOXES, SECRET, ADMIN, POLL, MAIL), U) | {RIGHTS: F},
        {REG: "the permission was taken back", RIGHTS: "is MS_GRAPH_CLIENT_ID this app's own id?"},
    ),
]


def stored_as(office: Office, person: SandboxPerson) -> Person:
    """Return who would have signed in, as an ID token names them."""
    tenant_id = office.sandbox.tenants[0].id
    name, address = person.display_name, person.user_principal_name
    return Person(person.id, tenant_id, person.id, name, address)


async def test_what_a_customers_tenant_can_tell(office: Office) -> None:
    """The service principal stands for the registration, which is not readable: that is said."""
    company = await office.add_company()
    found = await look(office, company)
    assert verdicts(found) == {**dict.fromkeys(Check, U), Check.ENV_FILE: P}
    assert len(found[URLS].lines) == 5
    office.sandbox.dials.app_unknown = True
    found = await look(office, company)
    assert found[REG].verdict is U
    assert found[REG].seen == "no permission yet, or a wrong app id"
    office.sandbox.dials.reset()
    assert await office.runtime.store.alarms.list() == []

    await office.grant(company)
    await office.sign_in(company)
    await with_agent(office, company)
    assert verdicts(await look(office, company)) == USUAL
    await walk(office, company, USUAL, CASES)
    await the_end_of_the_secret_can_be_typed_in(office, company)
    await who_just_signed_in(office, company)
    await whoever_loses_patience_leaves_the_others_alone(office, company)
    await a_registration_elsewhere_is_no_self_hosted_one(office, company)
    await no_mailbox_is_read_whose_grant_does_not_open(office, company)
    await consent_withdrawn_is_no_matter_of_not_yet(office, company)


async def the_end_of_the_secret_can_be_typed_in(office: Office, company: Company) -> None:
    """TTR_CLIENT_SECRET_ENDS counts where the registration does not tell; the home tenant may."""
    access = office.runtime.access
    typed = access.settings
    for days, verdict in ((200, P), (40, W), (-3, W)):
        day = (datetime.now(UTC) + timedelta(days=days)).date()
        access.settings = replace(typed, secret_ends=day)
        finding = (await look(office, company))[SECRET]
        assert finding.verdict is verdict, (days, finding)
        assert finding.endings[0].note == "as TTR_CLIENT_SECRET_ENDS says"
    assert "Microsoft still takes it" in everything(finding)
    access.settings = typed
    office.sandbox.home.grant_all()
    found = await look(office, company)
    assert verdicts(found) == dict.fromkeys(Check, P)
    assert f"home tenant {office.sandbox.home.id}" in everything(found[REG])
    office.sandbox.home.revoke_consent()


async def who_just_signed_in(office: Office, company: Company) -> None:
    """Role and licence of somebody who is not stored: for the operator's question."""
    access, tenant = office.runtime.access, office.sandbox.tenants[0]
    ordinary, admin = stored_as(office, tenant.ordinary), stored_as(office, tenant.administrator)
    finding = await administrator.about(access, company, admin)
    assert (finding.check, finding.verdict) == (ADMIN, P)
    assert finding.seen == "licensed; the role may be removed now"
    assert (await administrator.about(access, company, ordinary)).verdict is P
    office.sandbox.dials.turn({"granted_missing": ["offline_access"]})
    finding = await administrator.about(access, company, ordinary)
    assert finding.verdict is W
    assert finding.seen == "no role that may grant is in effect"
    finding = await administrator.about(access, company, admin)
    assert finding.seen == "licensed; a role that may grant"
    office.sandbox.dials.turn({"administrators_elsewhere": True})
    assert (await administrator.about(access, company, admin)).verdict is U
    office.sandbox.dials.turn({"at": "login POST", "fail_next": 9, "fail_status": 500})
    assert (await administrator.about(access, company, admin)).seen == "Microsoft gave no answer"
    office.sandbox.dials.reset()
    kept = await office.runtime.store.findings.of(company.id)
    assert kept[ADMIN].verdict is P, "nothing of it is kept"


async def whoever_loses_patience_leaves_the_others_alone(office: Office, company: Company) -> None:
    """A read that hangs is given up after its time, and what others wait for goes on."""
    office.sandbox.dials.turn({"at": "graph GET /v1.0/servicePrincipals", "hang": True})
    scene = await Scene.open(office.runtime.access, company)
    scene.patience = 0.3
    quick, slow = await asyncio.gather(
        scene.once("count", lambda: count(scene)), scene.granted(), return_exceptions=True
    )
    assert quick == len(office.sandbox.tenants[0].directory.people)
    assert isinstance(slow, Unreachable)
    assert "no answer within" in slow.happened
    office.sandbox.dials.reset()
    with pytest.raises(Unreachable):
        await scene.principal()
    await scene.close()
    scene = await Scene.open(office.runtime.access, company)
    assert (await scene.granted()).roles
    await scene.close()


async def a_registration_elsewhere_is_no_self_hosted_one(office: Office, company: Company) -> None:
    """The customer's own installation with somebody else's registration is told so."""
    access = office.runtime.access
    usual = access.settings
    access.settings = replace(usual, hosting=Hosting.SELF)
    office.sandbox.dials.turn({"audience": "AzureADMyOrg"})
    finding = (await look(office, company))[REG]
    assert (finding.verdict, finding.seen) == (F, "registered in another tenant")
    assert f"registered in tenant {office.sandbox.home.id}" in everything(finding)
    office.sandbox.dials.reset()
    access.settings = usual


async def no_mailbox_is_read_whose_grant_does_not_open(office: Office, company: Company) -> None:
    """The app's permission would do; our own leave for that mailbox is gone, so nobody asks."""
    async with office.runtime.store.transaction() as tx:
        assert await tx.execute("DELETE FROM tokens WHERE root != authentication") == 1
    asked = len([place for place in office.sandbox.seen if "messages" in place])
    found = await look(office, company)
    assert verdicts(found) == {**USUAL, MAIL: U}
    assert "authentication that opens" in everything(found[MAIL])
    assert len([place for place in office.sandbox.seen if "messages" in place]) == asked


async def count(scene: Scene) -> int | None:
    return await directory.count_users(scene.microsoft, await scene.token())


async def consent_withdrawn_is_no_matter_of_not_yet(office: Office, company: Company) -> None:
    """Somebody removed the app: a failure of the permissions, and one alarm for the company."""
    office.sandbox.tenants[0].remove_app()
    found = await look(office, company)
    assert found[RIGHTS].verdict is F
    assert found[RIGHTS].seen == "nothing is granted (any more)"
    assert found[POLL].seen == "the permission was taken back"
    assert found[MAIL].verdict is U
    causes = {alarm.cause for alarm in await office.runtime.store.alarms.list()}
    assert len(causes) == 1, causes
    stored = await office.runtime.store.companies.get(company.id)
    assert stored.consent_proven_at is None
    assert (await look(office, company))[RIGHTS].verdict is F


async def test_an_own_sign_in_stands_in_for_a_child(office: Office) -> None:
    """Without a child the agent's own token reads `/me`; without any grant nothing is read."""
    company = await office.add_company()
    await office.grant(company)
    company = await office.runtime.store.companies.get(company.id)
    person = next(
        one
        for one in office.sandbox.tenants[0].directory.people
        if one.account_enabled and one.licensed and one.mailbox and not one.roles
    )
    before = len([place for place in office.sandbox.seen if "messages" in place])
    assert (await look(office, company))[MAIL].seen == "there is no agent to ask yet"
    assert len([place for place in office.sandbox.seen if "messages" in place]) == before
    user = await pinning.find(office.runtime.access, company, person.user_principal_name)
    assert user is not None
    attempt = await office.runtime.begin_agent(company, user)
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    found = await look(office, company)
    assert found[MAIL].verdict is P
    assert "by the agent's own sign-in" in everything(found[MAIL])
    asked = [place for place in office.sandbox.seen if "messages" in place]
    assert asked[before:] == ["graph GET /v1.0/me/mailFolders/inbox/messages"]
    office.sandbox.dials.turn({"granted_missing": ["Mail.ReadBasic.All"]})
    found = await look(office, company)
    assert found[RIGHTS].seen == "no mail permission; no agent to ask"
    office.sandbox.dials.turn({"refresh_revoked": True})
    found = await look(office, company)
    assert found[MAIL].verdict is U
    assert "AADSTS50173" in found[MAIL].seen
