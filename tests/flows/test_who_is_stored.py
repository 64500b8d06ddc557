"""Whose sign-in is stored as what: stale links, stale copies, other people's answers store none."""

from __future__ import annotations

import pytest

from tests.flows.test_agents_sign_in import granted, members, now, user
from tests.flows.test_renewing import own_sign_in
from tests.office import Office
from ttr_tui import attempts, pinning
from ttr_tui.attempts.ongoing import ongoing_again
from ttr_tui.errors import (
    AgentHeld,
    Gone,
    LinkOver,
    PasteUnusable,
    PinRefused,
)
from ttr_tui.flows import bulk_add, invitations, polling, revocation, sign_in
from ttr_tui.flows.invitations import InvitationState
from ttr_tui.model import AttemptEnd, Company, Purpose, Station
from ttr_tui.sandbox.browser import Administrator


async def delete(office: Office, company: Company, authentication_id: str) -> None:
    access = office.runtime.access
    planned = await revocation.plan(access, company, [authentication_id])
    await revocation.carry_out(access, planned, company.name)


async def test_a_link_renewed_after_its_agent_went_makes_nobody_company_master(
    office: Office,
) -> None:
    """A re-authentication without its agent is not one for the company."""
    company = await granted(office)
    (person,) = members(office, 1)
    own = await own_sign_in(office, company, person)
    again = await office.runtime.begin_again(company, own)
    await delete(office, company, own.id)
    async with office.runtime.store.transaction() as tx:
        assert await office.runtime.store.agents.remove(tx, own.agent_id or "")
    access = office.runtime.access
    with pytest.raises(Gone):
        await attempts.renew(access.store, access.redirects, again, access.actor)
    stale = attempts.Wanted(again.expected, again.agent_id)
    with pytest.raises(Gone):
        await attempts.open_attempt(
            access.store, access.redirects, company, Purpose.REAUTHENTICATION, access.actor, stale
        )
    assert await access.store.authentications.company_master(company.id) is None


async def test_a_deleted_company_master_is_not_made_again_without_a_word(office: Office) -> None:
    """Neither by a renewed link nor by one that a race left open."""
    company = await office.connected()
    access = office.runtime.access
    master = await access.company_master(company)
    again = await office.runtime.begin_again(company, master)
    await delete(office, company, master.id)
    with pytest.raises(LinkOver):
        await attempts.renew(access.store, access.redirects, again, access.actor)
    left_open = await office.runtime.begin_again(company, master)
    page = await Administrator(office.sandbox.ca_file).follow(left_open.link)
    assert page.status == 410
    assert await access.store.authentications.company_master(company.id) is None


async def test_an_answer_is_taken_only_for_the_attempt_it_was_pasted_for(office: Office) -> None:
    """Nothing is spent: it can still be pasted where it belongs."""
    company = await granted(office)
    first, second = members(office, 2)
    mine = await office.runtime.begin_agent(company, await user(office, company, first))
    other = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
    ended = await office.browser.follow(
        await office.runtime.microsoft_address(other),
        account=second.user_principal_name,
        stop_at_redirect=True,
    )
    with pytest.raises(PasteUnusable):
        await office.runtime.finish_pasted(ended.url, mine)
    assert (await office.runtime.finish_pasted(ended.url, other)).person is not None


async def test_a_stale_copy_pins_nobody_elses_token(office: Office) -> None:
    """The agent is somebody else by now, and that person signed in: the pin is refused."""
    company = await granted(office)
    first, second, third = members(office, 3)
    access = office.runtime.access
    await office.runtime.begin_agent(company, await user(office, company, first))
    (stale,) = await access.store.agents.list(company.id)
    await pinning.repin(access, company, stale, await user(office, company, second))
    (link,) = await access.store.attempts.open_of_agents([stale.id])
    await office.browser.follow(link.link, account=second.user_principal_name)
    with pytest.raises(PinRefused):
        await pinning.repin(access, company, stale, await user(office, company, third))
    (own,) = (await access.store.authentications.tree(company.id)).own
    assert own.object_id == second.id


async def test_an_open_link_follows_the_pin_with_name_and_hint(office: Office) -> None:
    """Who is asked for is who can sign in; what the former person brought is gone."""
    company = await granted(office)
    first, second = members(office, 2)
    access = office.runtime.access
    attempt = await office.runtime.begin_agent(company, await user(office, company, first))
    ended = await office.browser.follow(
        await office.runtime.microsoft_address(attempt),
        account=first.user_principal_name,
        stop_at_redirect=True,
    )
    assert (await office.runtime.finish_pasted(ended.url)).person is not None
    (agent,) = await access.store.agents.list(company.id)
    await pinning.repin(access, company, agent, await user(office, company, second))
    seen = await now(office, attempt)
    assert seen.person is None
    assert seen.expected is not None
    assert (seen.expected.object_id, seen.expected.name) == (second.id, second.display_name)
    assert seen.expected.user_principal_name == ""
    page = await Administrator(office.sandbox.ca_file).follow(
        attempt.link, account=second.user_principal_name
    )
    assert "Signed in" in page.text


async def test_an_unpinned_link_replaces_nothing_and_dies_with_a_deletion(office: Office) -> None:
    """Who came has an authentication: it is not replaced; deleted, their sign-in waits no more."""
    company = await office.add_company()
    office.sandbox.dials.users_may_consent = True
    (person,) = members(office, 1)
    access = office.runtime.access
    first = await office.runtime.begin_agent(company, person.user_principal_name)
    await office.browser.follow(first.link, account=person.user_principal_name)
    own = await sign_in.confirm(access, await now(office, first))
    second = await office.runtime.begin_agent(company, person.user_principal_name)
    await office.browser.follow(second.link, account=person.user_principal_name)
    waits = await now(office, second)
    assert waits.person is not None
    with pytest.raises(AgentHeld):
        await sign_in.confirm(access, waits)
    assert (await access.authentication(own.id)).generation == own.generation
    await delete(office, company, own.id)
    assert (await now(office, second)).ended is AttemptEnd.WITHDRAWN


async def test_an_older_invitation_replaces_nothing(office: Office) -> None:
    """Who is connected by now is told so; nobody who is, is invited or missed."""
    company = await granted(office)
    (person,) = members(office, 1)
    access = office.runtime.access
    found = await user(office, company, person)
    (invitation,) = (await invitations.invite(access, company, [found])).invitations
    own = await own_sign_in_by(office, company, person.user_principal_name, invitation.agent_id)
    assert invitations.state_of(await now(office, invitation)) is InvitationState.DONE
    invited = await invitations.invite(access, company, [found])
    assert invited.invitations == ()
    assert "already" in invited.left_out[0][1]
    assert await invitations.reissue(access, company) == ()
    assert (await access.authentication(own)).agent_id == invitation.agent_id


async def own_sign_in_by(office: Office, company: Company, upn: str, agent_id: str) -> str:
    """Sign an invited agent in through another link; return the authentication's id."""
    access = office.runtime.access
    found = await pinning.find(access, company, upn)
    assert found is not None
    attempt = await office.runtime.begin_agent(company, found)
    assert attempt.agent_id == agent_id
    await office.browser.follow(attempt.link, account=upn)
    (own,) = (await access.store.authentications.tree(company.id)).own
    return own.id


async def test_a_browser_raises_no_alarm_about_our_secret(office: Office) -> None:
    """Whoever was sent a link can write any error into a redirect."""
    company = await granted(office)
    (person,) = members(office, 1)
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    page = await office.browser.follow(attempt.link, until="/authorize")
    state = page.url.partition("state=")[2].partition("&")[0]
    redirect = office.runtime.settings.redirects[Purpose.AGENT]
    for code in (7000222, 53003):
        await Administrator(office.sandbox.ca_file).get(
            f"{redirect}?error=invalid_client&error_description=AADSTS{code}:+x&state={state}"
        )
    assert await office.runtime.store.alarms.list() == []


async def test_another_try_stands_at_microsoft_again(office: Office) -> None:
    """After somebody else came the next press is shown, and still asks for the account picker."""
    company = await granted(office)
    right, wrong = members(office, 2)
    attempt = await office.runtime.begin_agent(company, await user(office, company, right))
    await office.browser.follow(attempt.link, account=wrong.user_principal_name)
    for _ in range(2):
        page = await office.browser.follow(attempt.link, until="/authorize")
        assert "prompt=select_account" in page.url
        seen = await now(office, attempt)
        assert seen.station is Station.AT_MICROSOFT
        assert seen.refusal is not None


async def test_what_an_attempt_is_never_shows_its_link(office: Office) -> None:
    """Whoever holds the link can open it: no trace or log has it."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
    assert attempt.link.rpartition("/")[2] not in repr(attempt)


async def test_a_child_is_renewed_by_a_link_that_can_replace_it(office: Office) -> None:
    """An invitation from before is still open: it replaces nothing, and is not gone on with."""
    company = await office.connected()
    (person,) = members(office, 1)
    access = office.runtime.access
    await invitations.invite(access, company, [await user(office, company, person)])
    await polling.poll(access, company)
    copy = await access.store.directory(company)
    plan = await bulk_add.plan(access, company, await copy.addresses.marks_of([person.id]))
    run = await bulk_add.start(access, company, plan.to_add.marks)
    await bulk_add.carry_on(access, run.id)
    (child,) = (await access.store.authentications.tree(company.id)).children
    assert await ongoing_again(access.store, company, child) is None
    again = await office.runtime.begin_again(company, child)
    found = await ongoing_again(access.store, company, child)
    assert found is not None
    assert found.id == again.id
