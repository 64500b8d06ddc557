"""Attacks on a sign-in from outside: states, browsers, tabs, scanners. The whole product answers.

Whatever is tried, no authentication is stored that nobody confirmed, and the right person's own
sign-in still works.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.journeys.attacking import (
    another_browser,
    answer_of,
    begun,
    changed,
    moved,
    parameters,
    require_nothing_stored,
    token_requests,
)
from tests.office import Office
from ttr_tui import pinning
from ttr_tui.attempts import links
from ttr_tui.flows import companies, sign_in
from ttr_tui.model import Attempt, AttemptEnd, Purpose, Station

ADMIN, BULK = Purpose.ADMIN_CONSENT, Purpose.COMPANY_MASTER


async def now(office: Office, attempt: Attempt) -> Attempt:
    return await office.runtime.store.attempts.get(attempt.id)


async def require_finished(office: Office, attempt: Attempt) -> None:
    """Confirm who waits, and fail unless that is the administrator."""
    waiting = await now(office, attempt)
    stored = await sign_in.confirm(office.runtime.access, waiting)
    assert stored.person is not None
    assert stored.person.object_id == office.sandbox.tenants[0].administrator.id


@pytest.mark.parametrize("state", ["forged-state", "", "é", "x" * 3000])
async def test_a_forged_state_is_nobodys(office: Office, state: str) -> None:
    """400, Microsoft is not asked, and the real answer is as good as before."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    asked = token_requests(office)
    page = await office.browser.get(changed(url, state=state))
    assert (page.status, token_requests(office)) == (400, asked)
    await require_nothing_stored(office, company)
    await office.browser.get(url)
    await require_finished(office, attempt)


async def test_a_state_is_good_at_its_own_redirect_only(office: Office) -> None:
    """The consent's at the sign-in's redirect and the other way round; neither is used up."""
    company = await office.add_company()
    consent = await office.runtime.begin(company, ADMIN)
    granted = await answer_of(office, consent)
    master = await begun(office, company)
    signed_in = await answer_of(office, master)
    asked, redirects = token_requests(office), office.runtime.access.redirects
    for url in (
        moved(granted, redirects[BULK]),
        moved(signed_in, redirects[ADMIN]),
        changed(signed_in, state=parameters(granted)["state"]),
        changed(granted, state=parameters(signed_in)["state"]),
    ):
        page = await office.browser.get(url)
        assert (page.status, page.title) == (400, "This answer belongs to no request - timetoreply")
    assert token_requests(office) == asked
    await require_nothing_stored(office, company)
    assert (await office.runtime.store.companies.get(company.id)).consent_proven_at is None
    await office.browser.get(granted)
    await office.until_station(consent, Station.PROVEN)
    await office.browser.get(signed_in)
    await require_finished(office, master)


@pytest.mark.parametrize("same_tenant", [True, False])
async def test_a_code_is_good_for_its_own_request_only(office: Office, same_tenant: bool) -> None:
    """Company A's state with company B's code: PKCE and the tenant refuse it (RFC 9700 4.5)."""
    first = await office.add_company()
    if same_tenant:
        found = await companies.resolve(office.runtime.access, first.domain)
        second = await companies.add(office.runtime.access, "Subsidiary", first.domain, found)
    else:
        second = await office.add_company(office.sandbox.tenants[1])
    mine, theirs = await begun(office, first), await begun(office, second)
    url = await answer_of(office, mine)
    code = parameters(await answer_of(office, theirs, another_browser(office)))["code"]
    page = await office.browser.get(changed(url, code=code))
    assert page.status == 403
    assert "AADSTS" in page.text
    for attempt in (mine, theirs):
        assert (await now(office, attempt)).person is None
    await require_nothing_stored(office, first, second)


async def test_an_answer_is_good_for_ten_minutes(office: Office) -> None:
    """Later it is refused before anything is exchanged, with the way back to the start page."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    ten_minutes = 600 * 1_000_000
    async with office.runtime.store.transaction() as tx:
        await tx.execute(
            "UPDATE authorization_requests SET expires_at = expires_at - ?", (ten_minutes,)
        )
    asked = token_requests(office)
    page = await office.browser.get(url)
    assert (page.status, token_requests(office)) == (410, asked)
    assert f'href="{urlsplit(attempt.link).path}"' in page.html
    await require_nothing_stored(office, company)


async def test_a_replayed_answer_asks_nobody_again(office: Office) -> None:
    """Another browser is refused; the own one is told what became of it; one exchange."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    await office.browser.get(url)
    asked = token_requests(office)
    thief = await another_browser(office).get(url)
    assert thief.status == 409
    assert "Anna" not in thief.text
    assert "Waiting for the terminal" in (await office.browser.get(url)).text
    assert token_requests(office) == asked
    await require_nothing_stored(office, company)
    await require_finished(office, attempt)


async def test_a_code_of_a_former_answer_is_refused(office: Office) -> None:
    """Redeemed once, a code is worth nothing beside a new state."""
    company = await office.add_company()
    attempt = await begun(office, company)
    used = await answer_of(office, attempt)
    await office.browser.get(used)
    await sign_in.refuse(office.runtime.access, await now(office, attempt))
    fresh = await answer_of(office, attempt)
    page = await office.browser.get(changed(fresh, code=parameters(used)["code"]))
    assert page.status == 403
    assert "AADSTS54005" in page.text
    assert (await now(office, attempt)).person is None
    await require_nothing_stored(office, company)


async def test_an_answer_in_another_browser_waits_as_a_strangers(office: Office) -> None:
    """It is kept for the operator, who is told that this browser did not press the button."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    page = await another_browser(office).get(url)
    assert "Waiting for the terminal" in page.text
    waiting = await now(office, attempt)
    assert (waiting.browser_known, waiting.station) == (False, Station.IDENTITY_CHECKED)
    await require_nothing_stored(office, company)
    await sign_in.refuse(office.runtime.access, waiting)
    await require_nothing_stored(office, company)


async def test_an_owners_answer_in_another_browser_is_not_stored_at_once(office: Office) -> None:
    """The pinned person alone is not enough: whoever pressed the button must have brought it."""
    company = await office.add_company()
    tenant, access = office.sandbox.tenants[0], office.runtime.access
    tenant.grant_all()
    owner = tenant.ordinary.user_principal_name
    found = await pinning.find(access, company, owner)
    assert found is not None
    attempt = await office.runtime.begin_agent(company, found)
    page = await office.browser.follow(attempt.link, account=owner, stop_at_redirect=True)
    assert "Waiting for a confirmation" in (await another_browser(office).get(page.url)).text
    waiting = await now(office, attempt)
    assert (waiting.browser_known, waiting.ended) == (False, None)
    await require_nothing_stored(office, company)


async def test_of_two_tabs_the_first_one_stored_ends_the_other(office: Office) -> None:
    """Both buttons were pressed and both people signed in: one row, one exchange."""
    company = await office.add_company()
    attempt = await begun(office, company)
    first, second = await answer_of(office, attempt), await answer_of(office, attempt)
    await office.browser.get(first)
    await require_finished(office, attempt)
    asked = token_requests(office)
    page = await office.browser.get(second)
    assert (page.status, token_requests(office)) == (410, asked)
    assert (await now(office, attempt)).ended is AttemptEnd.DONE
    master = await office.runtime.store.authentications.company_master(company.id)
    assert master is not None
    assert master.generation == 2


async def test_nobody_takes_the_place_of_who_waits(office: Office) -> None:
    """Somebody else signs in through the same link while the operator looks: refused, forgotten."""
    company = await office.add_company()
    attempt = await begun(office, company)
    await office.browser.get(await answer_of(office, attempt))
    shown = await now(office, attempt)
    other = office.sandbox.tenants[0].other_administrator.user_principal_name
    page = await another_browser(office).follow(attempt.link, account=other)
    assert page.status == 410
    assert (await now(office, attempt)).person == shown.person
    await require_nothing_stored(office, company)
    await require_finished(office, shown)


async def test_a_scanner_that_opens_and_presses_everything_changes_nothing(office: Office) -> None:
    """It only gets to be `opened` by being opened; the person's press works before and after."""
    company = await office.add_company()
    attempt = await begun(office, company)
    before = await now(office, attempt)
    for _ in range(5):
        assert (await another_browser(office).get(attempt.link)).status == 200
    opened = await now(office, attempt)
    assert opened.station is Station.OPENED
    assert (opened.link, opened.expires_at, opened.ended) == (before.link, before.expires_at, None)
    await press_all(office, attempt)
    url = await answer_of(office, attempt)
    await require_nothing_stored(office, company)
    await office.browser.get(url)
    await require_finished(office, attempt)


async def press_all(office: Office, attempt: Attempt, presses: int = 20) -> None:
    """Press the button as a scanner does, each time as another browser, and go no further."""
    for _ in range(presses):
        page = await another_browser(office).follow(attempt.link, until="/authorize")
        assert page.status == 200


async def test_a_scanner_does_not_push_out_who_is_at_microsoft(office: Office) -> None:
    """Twenty presses while the person signs in: their answer is still known."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    await press_all(office, attempt)
    page = await office.browser.get(url)
    assert "Waiting for the terminal" in page.text
    await require_finished(office, attempt)


@pytest.mark.parametrize(
    "fields",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
async def test_another_site_presses_nobodys_button(office: Office, fields: dict[str, str]) -> None:
    """403, no request, no cookie; the attempt does not even count as opened."""
    company = await office.add_company()
    attempt = await begun(office, company)
    async with (
        aiohttp.ClientSession() as session,
        session.post(attempt.link, headers=fields, allow_redirects=False) as answer,
    ):
        assert (answer.status, answer.headers.getall("Set-Cookie", [])) == (403, [])
    after = await now(office, attempt)
    assert (after.station, after.request_expires_at) == (Station.WAITING, None)


async def test_a_link_is_not_guessed_below_another_redirect(office: Office) -> None:
    """A code of one purpose opens nothing at the others, and does not count as opened."""
    company = await office.add_company()
    attempt = await begun(office, company)
    code = attempt.link.rpartition("/")[2]
    for purpose, redirect in office.runtime.access.redirects.items():
        if purpose is not BULK:
            assert (await office.browser.get(f"{redirect}/{code}")).status == 404
    assert (await now(office, attempt)).station is Station.WAITING


async def test_a_withdrawn_links_answer_is_refused(office: Office) -> None:
    """Whoever is at Microsoft by then comes back to nothing: no exchange, no row."""
    company = await office.add_company()
    attempt = await begun(office, company)
    url = await answer_of(office, attempt)
    await links.withdraw(office.runtime.store, attempt.id)
    asked = token_requests(office)
    page = await office.browser.get(url)
    assert (page.status, token_requests(office)) == (410, asked)
    await require_nothing_stored(office, company)
