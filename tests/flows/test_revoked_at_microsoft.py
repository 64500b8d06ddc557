"""What was ended at Microsoft's side shows at the next use: its class, its words, one alarm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.flows.test_agents_sign_in import members, user
from tests.office import Office
from ttr_tui.access import SIGN_IN_FREQUENCY_NOTE
from ttr_tui.advice import TOLD_AFTER, Act
from ttr_tui.cli.authentications import _facts
from ttr_tui.errors import ENTRA_ADMINISTRATOR, MAILBOX_OWNER, TtrError, Unreachable
from ttr_tui.flows import admin_consent
from ttr_tui.model import Alarm, Authentication, Company, Status, now
from ttr_tui.sandbox.people import Person

DAY = 86_400.0


async def refused(office: Office, company: Company, row: Authentication) -> Authentication:
    """Use a sign-in that Microsoft refuses; return what is kept of it."""
    with pytest.raises(TtrError):
        await office.runtime.access.fresh_token(company, row.id)
    return await office.runtime.access.authentication(row.id)


async def alarms(office: Office, company: Company) -> list[Alarm]:
    return [a for a in await office.runtime.store.alarms.list() if a.company_id == company.id]


async def test_what_ends_one_persons_sign_in_is_told_of_that_one_alone(office: Office) -> None:
    """Password reset, sessions revoked, disabled, deleted, unused: class, words, no alarm."""
    company = await office.connected()
    tenant = office.sandbox.tenants[0]
    ends: list[tuple[Callable[[Person], None], str, Act, Status, str, str]] = [
        (
            lambda one: tenant.reset_password(one.user_principal_name),
            *("AADSTS50173", Act.SIGN_IN_AGAIN, Status.REFUSED, MAILBOX_OWNER),
            "The account has a new password, or its sessions were revoked.",
        ),
        (
            tenant.revoke_sessions,
            *("AADSTS50173", Act.SIGN_IN_AGAIN, Status.REFUSED, MAILBOX_OWNER),
            "The account has a new password, or its sessions were revoked.",
        ),
        (
            lambda one: tenant.disable(one.user_principal_name),
            *("AADSTS50057", Act.ADMINISTRATOR, Status.REFUSED, ENTRA_ADMINISTRATOR),
            "The account is disabled.",
        ),
        (
            lambda one: tenant.remove_user(one.user_principal_name),
            *("AADSTS50034", Act.ADMINISTRATOR, Status.REFUSED, ENTRA_ADMINISTRATOR),
            "The account was deleted in Microsoft 365, or does not belong to the tenant any more.",
        ),
        (
            lambda _one: tenant.advance(91 * DAY),
            *("AADSTS700082", Act.SIGN_IN_AGAIN, Status.EXPIRED, MAILBOX_OWNER),
            "The stored sign-in has expired: it was not used for 90 days.",
        ),
    ]
    people = members(office, len(ends) + 1)
    rows: dict[str, Authentication] = {}
    for person in people:
        office.browser = type(office.browser)(office.sandbox.ca_file)
        await own_sign_in_of(office, company, person, rows)
    for person, (end, code, act, status, who, happened) in zip(people, ends, strict=False):
        end(person)
        row = await refused(office, company, rows[person.id])
        assert (row.status, row.refusal_class, row.refusals) == (status, act, 1)
        assert row.refusal is not None
        assert (row.refusal.code, row.refusal.who, row.refusal.happened) == (code, who, happened)
        assert row.refusal.correlation_id
        assert row.refusal.trace_id
        assert happened in row.status_reason
        assert row.next_try_at is not None
        assert timedelta(hours=23) < row.next_try_at - now() <= timedelta(days=1)
    assert row.refusal is not None
    shown = dict(_facts(row, company))
    assert shown["Refused"] == "sign in again, 1 in a row", "its words are the reason's"
    assert shown["Correlation id"] == row.refusal.correlation_id
    assert (shown["Code"], shown["Who can act"]) == ("AADSTS700082", MAILBOX_OWNER)
    assert await alarms(office, company) == []
    journal = [e for e in await office.runtime.store.journal.since() if "refused" in e.what]
    assert len(journal) == len(ends)
    assert str(Act.SIGN_IN_AGAIN) in journal[0].detail


async def own_sign_in_of(
    office: Office, company: Company, person: Person, rows: dict[str, Authentication]
) -> None:
    """Sign somebody in, into `rows` by object id."""
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    tree = await office.runtime.store.authentications.tree(company.id)
    rows[person.id] = next(one for one in tree.own if one.object_id == person.id)


@pytest.fixture
async def three(office: Office) -> tuple[Company, list[Authentication]]:
    """A company with its Company Master and two own sign-ins."""
    company = await office.connected()
    rows: dict[str, Authentication] = {}
    for person in members(office, 2):
        office.browser = type(office.browser)(office.sandbox.ca_file)
        await own_sign_in_of(office, company, person, rows)
    return company, [await office.runtime.access.company_master(company), *rows.values()]


async def test_what_ends_all_of_a_company_is_one_alarm(
    office: Office, three: tuple[Company, list[Authentication]]
) -> None:
    """Consent withdrawn, app removed, app disabled, a policy, the secret: once each, however many.

    Whichever of them is used, and the app's own token too; it ends when one works again.
    """
    company, rows = three
    access, tenant, dials = office.runtime.access, office.sandbox.tenants[0], office.sandbox.dials
    for end, mend, app_too, code, act, happened in (
        (
            *(tenant.revoke_consent, tenant.grant_all, False),
            *("AADSTS65001", Act.ADMINISTRATOR),
            "The tenant has not consented to the app, or withdrew it.",
        ),
        (
            *(tenant.remove_app, tenant.grant_all, True),
            *("AADSTS7000229", Act.ADMINISTRATOR),
            "The app is not in the tenant any more",
        ),
        (
            *(tenant.disable_app, tenant.enable_app, True),
            *("AADSTS7000112", Act.ADMINISTRATOR),
            "The app is switched off in the tenant.",
        ),
        (
            *(lambda: dials.turn({"token_refused": 53003}), dials.reset, True),
            *("AADSTS53003", Act.ADMINISTRATOR),
            "A Conditional Access policy of the tenant blocked the sign-in.",
        ),
        (
            *(lambda: dials.turn({"secret_expired": True}), dials.reset, True),
            *("AADSTS7000222", Act.OPERATOR),
            "The client secret has expired; every company of this installation waits",
        ),
    ):
        company = await office.runtime.store.companies.get(company.id)
        end()
        if app_too:
            with pytest.raises(TtrError):
                await access.app_token(company, fresh=True)
        kept = [await refused(office, company, row) for row in rows]
        assert {row.refusal_class for row in kept} == {act}
        (alarm,) = await alarms(office, company)
        assert (alarm.cause, alarm.times) == (code, 3 + app_too)
        if code != "AADSTS7000229":
            # Of a removed app the latest number that came is told; the first one is the cause.
            assert alarm.problem.happened.startswith(happened)
        stands = await office.runtime.store.companies.get(company.id)
        assert (stands.consent_proven_at is None) == (mend == tenant.grant_all)
        mend()
        for row in rows:
            await access.fresh_token(company, row.id)
        assert await admin_consent.prove(access, stands) == ()
        assert await alarms(office, company) == [], code
        for row in rows:
            mended = await access.authentication(row.id)
            assert (mended.status, mended.refusal, mended.refusals) == (Status.HEALTHY, None, 0)
            assert (mended.refusal_class, mended.next_try_at) == ("", None)


async def test_silence_and_unknown_causes_give_nothing_up(
    office: Office, three: tuple[Company, list[Authentication]]
) -> None:
    """No answer is no refusal; an unknown number is one only when it stays, in growing pauses."""
    company, (master, own, _) = three
    access, dials = office.runtime.access, office.sandbox.dials
    dials.turn({"at": "login POST", "fail_next": 50, "fail_status": 500})
    with pytest.raises(Unreachable):
        await access.fresh_token(company, own.id)
    row = await access.authentication(own.id)
    assert (row.status, row.refusal_class) == (Status.HEALTHY, Act.TRY_AGAIN)
    dials.reset()

    dials.turn({"token_refused": 9_990_001})
    pauses = []
    for times in range(1, TOLD_AFTER + 1):
        row = await refused(office, company, own)
        assert (row.refusal_class, row.refusals) == (Act.UNKNOWN, times)
        assert row.status is (Status.REFUSED if times == TOLD_AFTER else Status.HEALTHY)
        assert row.next_try_at is not None
        pauses.append(round((row.next_try_at - now()).total_seconds() / 60))
    assert pauses == [15, 60, 240, 720, 1440]
    assert "AADSTS9990001" in row.status_reason
    assert await alarms(office, company) == []

    dials.turn({"token_refused": 0, "at": "login POST", "fail_next": 50, "fail_status": 500})
    with pytest.raises(Unreachable):
        await access.fresh_token(company, own.id)
    row = await access.authentication(own.id)
    assert (row.status, row.refusal_class) == (Status.REFUSED, Act.UNKNOWN)
    dials.reset()
    await access.fresh_token(company, own.id)
    assert (await access.authentication(own.id)).status is Status.HEALTHY
    assert (await access.authentication(master.id)).status is Status.HEALTHY


async def test_a_sign_in_frequency_is_learned_from_what_it_ended(
    office: Office, three: tuple[Company, list[Authentication]]
) -> None:
    """How long the shortest sign-in lasted is kept, and forgotten when one outlives it."""
    company, (master, own, other) = three
    store, access = office.runtime.store, office.runtime.access
    note = SIGN_IN_FREQUENCY_NOTE.format(company.id)
    assert await store.note(note) == ""
    async with store.transaction() as tx:
        for row, days in ((own, 9), (other, 7), (master, 10)):
            await tx.execute(
                "UPDATE authentications SET since = since - ?, signed_in_again_at = NULL"
                " WHERE id = ?",
                (days * 86_400 * 1_000_000, row.id),
            )
    office.sandbox.dials.sign_in_frequency = 0.001
    row = await refused(office, company, own)
    assert (row.status, row.refusal_class) == (Status.REFUSED, Act.SIGN_IN_AGAIN)
    assert row.refusal is not None
    assert row.refusal.who == ENTRA_ADMINISTRATOR
    assert abs(int(await store.note(note)) - 9 * DAY) < 60
    await refused(office, company, other)
    assert abs(int(await store.note(note)) - 7 * DAY) < 60
    (alarm,) = await alarms(office, company)
    assert (alarm.cause, alarm.times, alarm.problem.who) == ("AADSTS70043", 2, ENTRA_ADMINISTRATOR)
    office.sandbox.dials.reset()
    await access.fresh_token(company, master.id)
    assert await store.note(note) == ""
