"""Readiness, self-hosted: every step broken alone and together, and exactly those rows change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from tests.flows.checking import (
    Case,
    F,
    P,
    U,
    W,
    everything,
    look,
    self_hosted,
    verdicts,
    walk,
    with_agent,
)
from tests.office import Office, until
from ttr_tui.flows import readiness
from ttr_tui.flows.readiness.redirects import near_miss
from ttr_tui.model import Check, Company, EndingKind, Verdict
from ttr_tui.settings import Fault

REG, URLS, BOXES = Check.REGISTRATION, Check.REDIRECTS, Check.AUTHENTICATION_SETTINGS
RIGHTS, SECRET, ADMIN = Check.PERMISSIONS, Check.CLIENT_SECRET, Check.ADMINISTRATOR
POLL, MAIL = Check.POLLING, Check.MAILBOX

GOOD: dict[Check, Verdict] = dict.fromkeys(Check, P)

NO_TOKEN = dict.fromkeys((REG, URLS, BOXES, RIGHTS, SECRET, ADMIN, POLL, MAIL), U)
"""What is left of a check when the app gets no token."""


def registration_cases(urls: list[str]) -> list[Case]:
    first, second = urls[0], urls[1]
    return [
        Case({"audience": "AzureADMultipleOrgs"}, {REG: F}, {REG: "multi-tenant"}),
        Case({"audience": "AzureADandPersonalMicrosoftAccount"}, {REG: F}, {REG: "personal"}),
        Case({"audience": "PersonalMicrosoftAccount"}, {REG: F}, {REG: "personal accounts only"}),
        Case({"audience": "SomethingNew"}, {REG: F}, {REG: "unknown audience (SomethingNew)"}),
        Case({"redirects_missing": [first]}, {URLS: F}, {URLS: "4 of 5 registered"}),
        Case({"redirects_foreign": ["https://a.example/b"]}, {URLS: W}, {URLS: "1 foreign"}),
        Case({"redirects_foreign": [first + "/"]}, {URLS: W}, {URLS: "the slash at its end"}),
        Case({"redirects_spa": [first]}, {URLS: F}, {URLS: "under Single-page application"}),
        Case({"redirects_public": [second]}, {URLS: F}, {URLS: "under Mobile and desktop"}),
        Case(
            {"redirects_missing": [first], "redirects_foreign": [first.replace("http:", "https:")]},
            {URLS: F},
            {URLS: "4 of 5 registered, 1 foreign"},
        ),
        Case(
            {"access_token_box": False, "id_token_box": False},
            {},
            {BOXES: "unticked: safer, all our flows work"},
        ),
        Case({"id_token_box": False}, {}, {BOXES: "ID tokens: unticked"}),
        Case(
            {"application_hidden": True},
            {BOXES: U, SECRET: W},
            {
                REG: "read from our service principal",
                URLS: "platform not known",
                SECRET: "TTR_CLIENT_SECRET_ENDS is not set",
                RIGHTS: "what is requested",
            },
        ),
    ]


PERMISSION_CASES = [
    Case({"required_missing": ["User.Read"]}, {RIGHTS: W}, {RIGHTS: "no longer requested"}),
    Case({"required_extra": ["Mail.ReadWrite"]}, {RIGHTS: W}, {RIGHTS: "changes and deletes mail"}),
    Case(
        {"granted_missing": ["offline_access"]},
        {RIGHTS: F},
        {RIGHTS: "a sign-in ends after an hour", ADMIN: "licensed; a role that may grant"},
    ),
    Case({"granted_missing": ["User.Read.All"]}, {RIGHTS: F}, {RIGHTS: "User.Read.All"}),
    Case(
        {"granted_missing": ["Directory.Read.All"]},
        dict.fromkeys((BOXES, REG, URLS, RIGHTS, ADMIN), U) | {SECRET: W},
        {RIGHTS: "takes Directory.Read.All"},
    ),
    Case(
        {"granted_missing": ["Mail.ReadBasic.All"]},
        {RIGHTS: F, MAIL: F},
        {RIGHTS: "no mailbox answers", MAIL: "the same for every agent"},
    ),
    Case(
        {"granted_missing": ["Mail.ReadBasic.All"], "mail_by_rbac": True},
        {RIGHTS: W},
        {RIGHTS: "mail by Exchange RBAC", ADMIN: "may be removed"},
    ),
    Case(
        {"granted_missing": ["Mail.ReadBasic.All"], "granted_extra": ["Mail.Read"]},
        {RIGHTS: W, MAIL: F},
        {RIGHTS: "no Mail.ReadBasic.All; 1 more instead", MAIL: "Mail.Read"},
    ),
    Case(
        {"granted_missing": ["Mail.ReadBasic.All"], "denied_at": ["messages"]},
        {RIGHTS: F, MAIL: F},
    ),
    Case(
        {"granted_missing": ["Mail.ReadBasic", "User.Read", "offline_access"]},
        {RIGHTS: F},
        {RIGHTS: "3 of 6 not granted"},
    ),
    Case({"granted_extra": ["Scope:Mail.Read"]}, {RIGHTS: W}, {RIGHTS: "delegated Mail.Read"}),
    Case(
        {"granted_extra": ["Role:Mail.Read"]},
        {RIGHTS: W, MAIL: F},
        {RIGHTS: "reads bodies and attachments", MAIL: "revoke application Mail.Read"},
    ),
    Case(
        {"granted_extra": ["0f0f0f0f-1111-2222-3333-444444444444"]},
        {RIGHTS: W},
        {RIGHTS: "application 0f0f0f0f-1111-2222-3333-444444444444"},
    ),
    Case({"granted_elsewhere": True}, {RIGHTS: W}, {RIGHTS: "full_access_as_app of"}),
]

SECRET_CASES = [
    Case({"secret_days": 61.5}, {}, {SECRET: "more than 60 days"}),
    Case({"secret_days": 45.5}, {SECRET: W}, {SECRET: "within 60 days"}),
    Case({"secret_days": 20.5}, {SECRET: W}, {SECRET: "within 30 days"}),
    Case({"secret_days": 10.5}, {SECRET: W}, {SECRET: "within 14 days"}),
    Case({"secret_days": 3.5}, {SECRET: W}, {SECRET: "within 7 days"}),
    Case({"secret_days": 0.5}, {SECRET: W}, {SECRET: "within 1 day"}),
    Case({"secret_hint": "~~~"}, {SECRET: W}, {SECRET: "begins like ours"}),
    Case(
        {"secrets_more": 2, "secret_days": 90.5},
        {SECRET: W},
        {SECRET: "the earliest end counts"},
    ),
    Case({"certificate_days": 9.0}, {}, {SECRET: "not used here"}),
    Case(
        {"secret_expired": True},
        {**NO_TOKEN, SECRET: F},
        {SECRET: "rotate-secret", ADMIN: "the client secret is refused"},
    ),
    Case(
        {"token_refused": 7000215},
        {**NO_TOKEN, SECRET: F},
        {SECRET: "refused (AADSTS7000215)", REG: "the client secret is refused"},
    ),
]

ADMINISTRATOR_CASES = [
    Case({"administrators_without_role": True}, {}, {ADMIN: "no role, and none is needed"}),
    Case(
        {"administrators_without_role": True, "granted_missing": ["User.Read.All"]},
        {ADMIN: W, RIGHTS: F},
        {ADMIN: "eligible"},
    ),
    Case({"administrators_unlicensed": True}, {ADMIN: F}, {ADMIN: "no licence"}),
    Case({"administrators_guests": True}, {ADMIN: U}, {ADMIN: "they are not missing"}),
    Case({"administrators_elsewhere": True}, {ADMIN: U}, {ADMIN: "guest or partner"}),
    Case({"roles_as_ids": True}, {ADMIN: U}, {ADMIN: "roles come as ids: cannot be known"}),
    Case(
        {"token_refused": 65001, "token_refused_grant": "refresh_token"},
        {ADMIN: F},
        {ADMIN: "the sign-in is refused (AADSTS65001)"},
    ),
    Case({"refresh_revoked": True}, {ADMIN: F}, {ADMIN: "refused (AADSTS50173)"}),
]

DENIED_CASES = [
    Case({"denied_at": ["applications"]}, {BOXES: U, SECRET: W}, {BOXES: "denies reading it"}),
    Case({"denied_at": ["servicePrincipals"]}, {RIGHTS: U, ADMIN: U}, {RIGHTS: "(403)"}),
    Case({"denied_at": ["appRoleAssignments"]}, {RIGHTS: U, ADMIN: U}, {ADMIN: "(403)"}),
    Case({"denied_at": ["oauth2PermissionGrants"]}, {RIGHTS: U, ADMIN: U}),
    Case({"denied_at": ["licenseDetails"]}, {ADMIN: U}, {ADMIN: "licence Microsoft denies"}),
    Case({"denied_at": ["transitiveMemberOf"]}, {ADMIN: U}, {ADMIN: "directory role Microsoft"}),
    Case({"denied_at": ["organization"]}, {POLL: U}, {POLL: "denies reading it (403)"}),
    Case({"denied_at": ["messages"]}, {MAIL: F}, {MAIL: "is missing (Authorization"}),
    Case({"denied_at": ["/users"]}, {POLL: F, ADMIN: U, MAIL: F}, {POLL: "Nobody can be added"}),
]


def trouble_cases() -> list[Case]:
    graph = dict.fromkeys((REG, URLS, BOXES, RIGHTS, SECRET, ADMIN, POLL, MAIL), U)
    return [
        Case(
            {"at": "graph ", "fail_next": 99, "fail_status": 500},
            graph,
            {REG: "Microsoft gave no answer", SECRET: "its end is not known yet"},
        ),
        Case({"at": "graph ", "html_next": 99}, graph, {POLL: "the answer cannot be used"}),
        Case({"at": "login POST", "fail_next": 99, "fail_status": 500}, NO_TOKEN),
        Case({"unauthorized": True}, graph, {REG: "rejects our token (401)"}),
        Case(
            {"at": "graph GET /v1.0/organization", "truncate_next": 1},
            {POLL: U},
            {POLL: "the answer cannot be used"},
        ),
        Case(
            {"denied": True},
            {**graph, RIGHTS: F, SECRET: W, POLL: F, MAIL: F},
            {RIGHTS: "no directory permission is granted"},
        ),
        Case(
            {"app_unknown": True},
            {**NO_TOKEN, REG: F, RIGHTS: F},
            {REG: "knows no app with this id in this tenant", RIGHTS: "any more"},
        ),
        Case(
            {"app_disabled": True},
            {**NO_TOKEN, REG: F},
            {REG: "let users sign in", SECRET: "switched off", ADMIN: "switched off"},
        ),
        Case(
            {
                "audience": "AzureADMultipleOrgs",
                "granted_missing": ["offline_access"],
                "secret_days": 5.0,
                "administrators_unlicensed": True,
                "body_leaks": True,
                "redirects_foreign": ["https://a.example/b"],
                "denied_at": ["organization"],
            },
            {REG: F, RIGHTS: F, SECRET: W, ADMIN: F, MAIL: F, URLS: W, POLL: U},
        ),
    ]


def mailbox_cases(address: str) -> list[Case]:
    return [
        Case({"body_leaks": True}, {MAIL: F}, {MAIL: "holds body, bodyPreview, uniqueBody"}),
        Case({"blocked": [address]}, {MAIL: F}, {MAIL: f"-Identity '{address}'"}),
        Case({"empty_inboxes": [address]}, {MAIL: U}, {MAIL: "no message to see it by"}),
        Case({"no_mailbox": [address]}, {MAIL: W}, {MAIL: "no mailbox (any more)"}),
    ]


async def test_each_step_breaks_alone_and_together(tmp_path: Path) -> None:
    """All is seen well; each dial changes exactly its rows, and afterwards all is well again."""
    async with self_hosted(tmp_path / "office") as office:
        company = await office.connected()
        agent = await with_agent(office, company)
        assert verdicts(await look(office, company)) == GOOD
        urls = list(office.runtime.settings.redirects.values())
        cases = [
            *registration_cases(urls),
            *PERMISSION_CASES,
            *SECRET_CASES,
            *ADMINISTRATOR_CASES,
            *DENIED_CASES,
            *mailbox_cases(agent.user_principal_name),
            *trouble_cases(),
        ]
        await walk(office, company, GOOD, cases)
        await endings_are_kept(office, company)
        await with_faulty_settings_each_row_says_so(office, company)
        await a_foreign_host_is_journalled_once(office, company)
        await silence_takes_nothing_back(office, company)
        await a_work_tells_each_finding(office, company)
        await a_check_that_is_stopped_leaves_nothing(office, company)
        await two_checks_at_once_agree(office, company)


async def endings_are_kept(office: Office, company: Company) -> None:
    """The secret's and the certificate's end are stored with the finding."""
    office.sandbox.dials.turn({"certificate_days": 9.0, "secret_days": 20.0})
    await look(office, company)
    kept = (await office.runtime.store.findings.of(company.id))[SECRET]
    ends = {ending.kind: ending.at for ending in kept.endings}
    assert set(ends) == {EndingKind.CLIENT_SECRET, EndingKind.CERTIFICATE}
    secret, certificate = ends[EndingKind.CLIENT_SECRET], ends[EndingKind.CERTIFICATE]
    assert secret is not None
    assert certificate is not None
    assert (secret - certificate).days == 11
    office.sandbox.dials.reset()


async def with_faulty_settings_each_row_says_so(office: Office, company: Company) -> None:
    """Nothing is asked of Microsoft, and the rows that need it name the reason."""
    access = office.runtime.access
    sound = access.settings
    access.settings = replace(sound, registration=None, redirects={}, faults=(_fault(),))
    asked = len(office.sandbox.seen)
    found = await readiness.check(access, company)
    assert len(office.sandbox.seen) == asked
    assert {one.verdict for one in found if one.check is not Check.ENV_FILE} == {U}
    rows = {one.seen for one in found if one.check in {REG, URLS, BOXES, RIGHTS, SECRET, POLL}}
    assert rows == {"the settings are faulty"}
    access.settings = sound


def _fault() -> Fault:
    return Fault("fault", "environment", "MS_GRAPH_CLIENT_ID", "is not a GUID", "Copy it.")


async def a_foreign_host_is_journalled_once(office: Office, company: Company) -> None:
    """However many rows wait for that token, the answer that led elsewhere is one line."""
    office.sandbox.dials.redirect_token = True
    assert verdicts(await look(office, company)) == {**GOOD, **NO_TOKEN}
    entries = await office.runtime.store.journal.since()
    refused = [entry for entry in entries if entry.what == "foreign host refused"]
    assert len(refused) == 2, "the app's token and the refresh"
    assert office.sandbox.stranger.requests == []
    office.sandbox.dials.reset()


async def silence_takes_nothing_back(office: Office, company: Company) -> None:
    """What was seen before stays when nobody answers, but not when Microsoft says no."""
    await look(office, company)
    office.sandbox.dials.turn({"at": "graph ", "fail_next": 99, "fail_status": 500})
    assert (await look(office, company))[SECRET].verdict is U
    kept = await office.runtime.store.findings.of(company.id)
    assert verdicts(kept) == GOOD
    office.sandbox.dials.reset()
    office.sandbox.dials.turn({"denied_at": ["appRoleAssignments"]})
    await look(office, company)
    kept = await office.runtime.store.findings.of(company.id)
    assert kept[RIGHTS].verdict is U
    problem = kept[RIGHTS].problem
    assert problem is not None
    assert problem.kind == "PermissionMissing"
    office.sandbox.dials.reset()


async def a_work_tells_each_finding(office: Office, company: Company) -> None:
    """The work's progress grows by one finding at a time; its result is all of them, in order."""
    seen: list[int] = []
    office.runtime.works.on_change = lambda work: seen.append(len(work.progress or ()))
    work = office.runtime.check(company)
    assert work.task is not None
    await work.task
    assert seen[: len(Check)] == list(range(1, len(Check) + 1))
    assert [finding.check for finding in work.result] == list(Check)
    shared = [place for place in office.sandbox.seen if place.endswith("/oauth2/v2.0/token")]
    before = len(shared)
    await look(office, company)
    after = [place for place in office.sandbox.seen if place.endswith("/oauth2/v2.0/token")]
    assert len(after) - before == 2, "one token for the app, one refresh"


async def a_check_that_is_stopped_leaves_nothing(office: Office, company: Company) -> None:
    """While Graph hangs the rows that do not need it are there; stopping ends every request."""
    kept = await office.runtime.store.findings.of(company.id)
    before = asyncio.all_tasks()
    office.sandbox.dials.turn({"at": "graph ", "hang": True})
    work = office.runtime.check(company)

    async def some() -> bool:
        return len(work.progress or ()) == 1

    await until(some)
    assert [finding.check for finding in work.progress] == [Check.ENV_FILE]
    assert work.task is not None
    work.task.cancel()
    await asyncio.gather(work.task, return_exceptions=True)
    assert not work.running
    assert work.result is None
    office.sandbox.dials.reset()

    async def ended() -> bool:
        left = asyncio.all_tasks() - before
        return not [task for task in left if "readiness" in repr(task.get_coro())]

    await until(ended)
    assert await office.runtime.store.findings.of(company.id) == kept


async def two_checks_at_once_agree(office: Office, company: Company) -> None:
    """Two terminals may check at the same time: each refreshes in its turn."""
    access = office.runtime.access
    first, second = await asyncio.gather(
        readiness.check(access, company), readiness.check(access, company)
    )
    assert [one for one in (*first, *second) if one.verdict is not P] == []


async def test_before_consent_each_row_names_its_reason(tmp_path: Path) -> None:
    """The five URLs are ready to copy, the secret is proven, and nothing else is green.

    A check sees that the permission was granted at Microsoft, and this is proven then.
    """
    async with self_hosted(tmp_path / "office") as office:
        company = await office.add_company()
        found = await look(office, company)
        waiting = dict.fromkeys(Check, U)
        assert verdicts(found) == {**waiting, Check.ENV_FILE: P}
        assert found[URLS].lines == tuple(office.runtime.settings.redirects.values())
        for check in (REG, URLS, BOXES, RIGHTS, POLL):
            assert found[check].seen == "nobody has granted the permission yet", check
            assert found[check].who == "the Entra administrator"
        assert "a token was issued for it just now" in everything(found[SECRET])
        assert "with a Microsoft 365 licence signs in" in found[ADMIN].cure
        assert await office.runtime.store.alarms.list() == []
        office.sandbox.dials.app_unknown = True
        found = await look(office, company)
        assert verdicts(found) == {**waiting, Check.ENV_FILE: P, REG: F}
        assert "registered elsewhere" in found[REG].means
        office.sandbox.dials.reset()
        companies = office.runtime.store.companies
        assert (await companies.get(company.id)).consent_proven_at is None
        # In the admin center, or by a command: no link of ours is opened.
        office.sandbox.tenants[0].grant_all()
        found = await look(office, company)
        assert verdicts(found) == {**GOOD, ADMIN: U, MAIL: U}
        assert (await companies.get(company.id)).consent_proven_at is not None
        assert "admin permission proven" in {
            one.what for one in await office.runtime.store.journal.since()
        }
        office.sandbox.dials.turn({"granted_missing": ["Mail.ReadBasic.All"]})
        found = await look(office, company)
        assert verdicts(found) == {**GOOD, ADMIN: U, MAIL: U, RIGHTS: U}
        assert found[RIGHTS].seen == "no mail permission; no agent to ask"


def test_by_how_little_a_url_differs_is_named() -> None:
    """A slash, a capital letter, another scheme, a space; anything else is foreign."""
    ours = ["https://p.example/msgraph-auth"]
    assert "slash" in near_miss("https://p.example/msgraph-auth/", ours)
    assert "capital" in near_miss("https://p.example/MSGraph-auth", ours)
    assert "http for https" in near_miss("http://p.example/msgraph-auth", ours)
    assert "space" in near_miss("https://p.example/msgraph-auth ", ours)
    assert near_miss("https://q.example/msgraph-auth", ours) == ""
