"""Agents sign in for themselves: now, by invitation, again; who came is who was asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.office import Office, open_office, until
from ttr_tui import attempts, pinning
from ttr_tui.errors import (
    AgentHeld,
    Gone,
    NobodyFound,
    NotConfirmed,
    PinRefused,
    SharedMailbox,
    WrongPerson,
)
from ttr_tui.flows import bulk_add, invitations, polling, revocation, sign_in
from ttr_tui.flows.invitations import InvitationState
from ttr_tui.model import (
    Attempt,
    AttemptEnd,
    AuthenticationKind,
    Company,
    DirectoryUser,
    Purpose,
    Secret,
    Station,
    Status,
    UserKind,
)
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.sandbox.people import Kind
from ttr_tui.sandbox.people import Person as SandboxPerson


def members(office: Office, count: int) -> list[SandboxPerson]:
    """Some people of the tenant who can sign in, none of them its administrator."""
    people = office.sandbox.tenants[0].directory.people
    able = [
        one
        for one in people
        if one.account_enabled and one.licensed and one.kind is Kind.MEMBER and not one.roles
    ]
    return able[:count]


async def user(office: Office, company: Company, person: SandboxPerson) -> DirectoryUser:
    found = await pinning.find(office.runtime.access, company, person.user_principal_name)
    assert found is not None
    return found


async def granted(office: Office) -> Company:
    company = await office.add_company()
    await office.grant(company)
    return await office.runtime.store.companies.get(company.id)


async def now(office: Office, attempt: Attempt) -> Attempt:
    return await office.runtime.store.attempts.get(attempt.id)


async def test_an_agent_signs_in_and_is_stored_without_anybodys_word(office: Office) -> None:
    """The person was pinned and the browser is the one that pressed the button."""
    company = await granted(office)
    (person,) = members(office, 1)
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    page = await office.browser.follow(attempt.link, account=person.user_principal_name)
    assert "You can close this page" in page.text
    ended = await now(office, attempt)
    assert (ended.station, ended.ended) == (Station.PROVEN, AttemptEnd.DONE)
    (own,) = (await office.runtime.store.authentications.tree(company.id)).own
    assert (own.kind, own.parent_id, own.status) == (AuthenticationKind.OWN, None, Status.HEALTHY)
    assert own.object_id == person.id


async def test_another_person_is_named_and_nothing_is_stored(office: Office) -> None:
    """Page and terminal name both; the same link then works for the right one."""
    company = await granted(office)
    right, wrong = members(office, 2)
    attempt = await office.runtime.begin_agent(company, await user(office, company, right))
    page = await office.browser.follow(attempt.link, account=wrong.user_principal_name)
    for name in (right.user_principal_name, wrong.user_principal_name):
        assert name in page.text
    seen = await now(office, attempt)
    assert seen.refusal is not None
    assert seen.refusal.kind == WrongPerson.__name__
    assert (await office.runtime.store.authentications.tree(company.id)).own == []
    await office.browser.follow(attempt.link, account=right.user_principal_name)
    assert (await now(office, attempt)).ended is AttemptEnd.DONE


async def test_nobody_and_shared_mailboxes_get_no_link(office: Office) -> None:
    """A typed address is resolved before any link is made."""
    company = await granted(office)
    access = office.runtime.access
    with pytest.raises(NobodyFound):
        await pinning.find(access, company, "nobody@nowhere.example")
    shared = DirectoryUser("1", "Sales", "sales@c.example", "s@c.example", "", "", UserKind.SHARED)
    with pytest.raises(SharedMailbox, match="shared mailbox"):
        await office.runtime.begin_agent(company, shared)
    assert await office.runtime.store.agents.list(company.id) == []


async def test_before_any_consent_the_operator_confirms_and_pins(office: Office) -> None:
    """Where Graph cannot be asked yet, who came becomes the agent by the operator's word."""
    company = await office.add_company()
    office.sandbox.dials.users_may_consent = True
    (person,) = members(office, 1)
    access = office.runtime.access
    assert await pinning.find(access, company, person.user_principal_name) is None
    attempt = await office.runtime.begin_agent(company, person.user_principal_name)
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    seen = await now(office, attempt)
    assert seen.person is not None
    assert await office.runtime.store.agents.list(company.id) == []
    stored = await sign_in.confirm(access, seen)
    assert stored.kind is AuthenticationKind.OWN
    (agent,) = await office.runtime.store.agents.list(company.id)
    assert agent.object_id == person.id


async def test_an_invitation_is_for_one_mailbox_and_one_use(office: Office) -> None:
    """Not opened, opened, done; a second use leads nowhere."""
    company = await granted(office)
    first, second = members(office, 2)
    access = office.runtime.access
    users = [await user(office, company, one) for one in (first, second)]
    invited = await invitations.invite(access, company, users)
    assert [one.expected.object_id for one in invited.invitations if one.expected] == [
        first.id,
        second.id,
    ]
    assert all(len(one.link.rpartition("/")[2]) == 26 for one in invited.invitations)
    one, other = invited.invitations
    assert invitations.state_of(one) is InvitationState.NOT_OPENED
    await office.browser.follow(one.link, account=first.user_principal_name)
    assert invitations.state_of(await now(office, one)) is InvitationState.DONE
    page = await office.browser.follow(one.link, account=first.user_principal_name)
    assert page.status == 410
    await office.browser.follow(other.link, account=first.user_principal_name)
    assert invitations.state_of(await now(office, other)) is InvitationState.WRONG_PERSON
    made = await invitations.reissue(access, company)
    assert [one.agent_id for one in made] == [other.agent_id]
    assert (await now(office, other)).ended is AttemptEnd.WITHDRAWN


async def test_a_child_signs_in_for_itself_and_leaves_its_parent(office: Office) -> None:
    """Re-authentication replaces and never duplicates; the agent's row stays the same."""
    company = await office.connected()
    access, store = office.runtime.access, office.runtime.store
    (person,) = members(office, 1)
    await polling.poll(access, company, lambda _progress: None)
    copy = await access.store.directory(company)
    plan = await bulk_add.plan(access, company, await copy.addresses.marks_of([person.id]))
    run = await bulk_add.start(access, company, plan.to_add.marks)
    await bulk_add.carry_on(access, run.id, lambda _progress: None)
    (child,) = (await store.authentications.tree(company.id)).children
    attempt = await office.runtime.begin_again(company, child)
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    tree = await store.authentications.tree(company.id)
    assert tree.children == []
    assert [(row.id, row.agent_id, row.status) for row in tree.own] == [
        (child.id, child.agent_id, Status.HEALTHY)
    ]


@pytest.mark.parametrize("status", [Status.HEALTHY, Status.EXPIRED, Status.REFUSED])
async def test_a_company_master_is_renewed_in_every_state(office: Office, status: Status) -> None:
    """Its own administrator and nobody else; the row, its key and its children stay."""
    company = await office.connected()
    store = office.runtime.store
    master = await office.runtime.access.company_master(company)
    async with store.transaction() as tx:
        await store.authentications.mark(tx, master.id, status, "", master.since)
    attempt = await office.runtime.begin_again(company, master)
    assert attempt.for_master
    await office.browser.follow(attempt.link)
    again = await office.runtime.access.company_master(company)
    assert (again.id, again.key_id, again.status) == (master.id, master.key_id, Status.HEALTHY)
    assert again.generation > master.generation


async def test_what_is_pasted_waits_for_the_operators_word(office: Office) -> None:
    """No browser of ours brought it: the person was pinned, and the word is asked all the same."""
    company = await granted(office)
    (person,) = members(office, 1)
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    address = await office.runtime.microsoft_address(attempt)
    ended = await office.browser.follow(
        address, account=person.user_principal_name, stop_at_redirect=True
    )
    seen = await office.runtime.finish_pasted(f"<{ended.url[:60]}\n  {ended.url[60:]}>")
    assert seen.id == attempt.id
    assert seen.person is not None
    assert not seen.browser_known
    assert (await office.runtime.store.authentications.tree(company.id)).own == []
    await sign_in.confirm(office.runtime.access, seen)
    assert len((await office.runtime.store.authentications.tree(company.id)).own) == 1


async def test_deleting_wins_over_a_sign_in_under_way(office: Office) -> None:
    """A link to renew what was deleted meanwhile leads nowhere, and what waits is erased."""
    company = await granted(office)
    (person,) = members(office, 1)
    access, store = office.runtime.access, office.runtime.store
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    (own,) = (await store.authentications.tree(company.id)).own
    again = await office.runtime.begin_again(company, own)
    await revocation.carry_out(access, await revocation.plan(access, company, [own.id]))
    assert (await now(office, again)).ended is AttemptEnd.WITHDRAWN
    page = await office.browser.follow(again.link, account=person.user_principal_name)
    assert page.status == 410
    with pytest.raises(Gone):
        await access.fresh_token(company, own.id)


async def test_an_agent_is_pinned_to_another_person_first(office: Office) -> None:
    """There is no override: the pin moves, journalled, and only while nothing is stored."""
    company = await granted(office)
    first, second = members(office, 2)
    access, store = office.runtime.access, office.runtime.store
    attempt = await office.runtime.begin_agent(company, await user(office, company, first))
    (agent,) = await store.agents.list(company.id)
    await pinning.repin(access, company, agent, await user(office, company, second))
    page = await office.browser.follow(attempt.link, account=first.user_principal_name)
    assert page.status == 403
    await office.browser.follow(attempt.link, account=second.user_principal_name)
    (own,) = (await store.authentications.tree(company.id)).own
    assert own.object_id == second.id
    (agent,) = await store.agents.list(company.id)
    with pytest.raises(PinRefused):
        await pinning.repin(access, company, agent, await user(office, company, first))
    with pytest.raises(AgentHeld):
        await office.runtime.begin_agent(company, await user(office, company, second))
    entries = await store.journal.since()
    assert "agent pinned to another person" in [entry.what for entry in entries]


async def test_what_stops_a_company_is_one_alarm(office: Office) -> None:
    """Ten refusals by one policy are one cause; the next sign-in that works ends it."""
    company = await granted(office)
    people = members(office, 3)
    office.sandbox.dials.sign_in_refused = 53003
    store = office.runtime.store
    for person in people:
        attempt = await office.runtime.begin_agent(company, await user(office, company, person))
        await office.browser.follow(attempt.link, account=person.user_principal_name)
    (alarm,) = await store.alarms.list()
    assert (alarm.cause, alarm.times) == ("AADSTS53003", 3)
    assert alarm.problem.correlation_id
    told = [entry for entry in await store.journal.since() if entry.what == "company stopped"]
    assert len(told) == 1
    office.sandbox.dials.sign_in_refused = 0
    await office.browser.follow(attempt.link, account=people[-1].user_principal_name)
    assert await store.alarms.list() == []


async def test_fifty_attempts_live_side_by_side(tmp_path: Path) -> None:
    """Each link is finished by its own owner, all at the same time, in browsers of their own."""
    async with Sandbox(users=160) as sandbox, open_office(sandbox, tmp_path / "office") as office:
        company = await granted(office)
        people = members(office, 50)
        users = [directory_user_of(one) for one in people]
        invited = await invitations.invite(office.runtime.access, company, users)

        async def owner(attempt: Attempt, person: SandboxPerson) -> None:
            browser = Administrator(sandbox.ca_file)
            await browser.follow(attempt.link, account=person.user_principal_name)

        pairs = zip(invited.invitations, people, strict=True)
        await asyncio.gather(*(owner(attempt, person) for attempt, person in pairs))
        own = (await office.runtime.store.authentications.tree(company.id)).own
        assert {row.object_id for row in own} == {person.id for person in people}
        assert {row.status for row in own} == {Status.HEALTHY}


def directory_user_of(person: SandboxPerson) -> DirectoryUser:
    """Return a member as the directory names them."""
    name = person.user_principal_name
    return DirectoryUser(
        person.id, person.display_name, name, person.mail or name, "", "", UserKind.MEMBER
    )


async def test_the_word_counts_for_the_agent_who_was_shown(office: Office) -> None:
    """Somebody else waits by now: nothing is stored for them."""
    company = await granted(office)
    (person,) = members(office, 1)
    store = office.runtime.store
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    address = await office.runtime.microsoft_address(attempt)
    ended = await office.browser.follow(
        address, account=person.user_principal_name, stop_at_redirect=True
    )
    seen = await office.runtime.finish_pasted(ended.url)
    async with store.transaction() as tx:
        await store.attempts.waiting.forget(tx, attempt.id)
        other = office.sandbox.tenants[0].directory.people[0]
        assert seen.person is not None
        swapped = type(seen.person)(other.id, seen.person.tenant_id, "s", "Other", "o@c.example")
        await store.attempts.waiting.keep(tx, attempt.id, swapped, Secret("{}"), (False, ""))
    with pytest.raises(NotConfirmed):
        await sign_in.confirm(office.runtime.access, seen)


async def test_a_proof_that_fails_is_told_on_its_attempt(office: Office) -> None:
    """Whoever watches the attempt, in this process or another, learns why nothing is proven."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    office.sandbox.dials.secret_expired = True
    await office.browser.follow(attempt.link)

    async def told() -> Attempt | None:
        seen = await now(office, attempt)
        return seen if seen.refusal is not None else None

    seen = await until(told)
    assert seen.refusal is not None
    assert seen.refusal.code == "AADSTS7000222"
    (alarm,) = await until(office.runtime.store.alarms.list)
    assert alarm.cause == "AADSTS7000222"


async def test_a_proof_that_a_restart_broke_off_is_taken_up(office: Office) -> None:
    """The next start goes on proving what Microsoft has answered about."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    office.sandbox.tenants[0].grant_all()
    await attempts.mark(office.runtime.store, attempt.id, Station.CAME_BACK)
    await office.runtime.resume()
    assert (await office.until_station(attempt, Station.PROVEN)).station is Station.PROVEN
