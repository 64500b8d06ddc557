"""Who signs in: the account chooser, what the app suggests, and what a person does all the same."""

from __future__ import annotations

import pytest

from tests.sandbox.client import BULK, Client, answered, claims, client_of
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Page
from ttr_tui.sandbox.forms import Button
from ttr_tui.sandbox.people import Kind


def offered(page: Page) -> list[str]:
    return [button.value for button in page.forms[0].buttons]


def tile(page: Page, name: str) -> Button:
    return next(button for button in page.forms[0].buttons if button.value == name)


async def who(client: Client, page: Page) -> object:
    """Redeem what a journey ended with; return whose ID token it is."""
    body = (await client.redeem(answered(page.url)["code"])).json
    return claims(body["id_token"])["preferred_username"]


async def test_who_the_app_asks_for_stands_first(sandbox: Sandbox) -> None:
    """Known to the page or not, in any case; pressed without a thought, that one signs in."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        people = client.tenant.directory.people
        member = next(p for p in people[20:] if p.kind is Kind.MEMBER)
        for name in (client.tenant.ordinary.user_principal_name, member.user_principal_name):
            url = client.authorize_url(prompt="login", login_hint=name.upper())
            page = await client.administrator.get(url)
            assert (page.title, offered(page)[0]) == ("Sign in", name.upper())
            assert "the app asks for it" in page.forms[0].buttons[0].label
            assert [value.lower() for value in offered(page)].count(name) == 1
            assert await who(client, await client.administrator.follow(url)) == name
        url = client.authorize_url(prompt=None, login_hint="nobody@contoso.example")
        page = await client.administrator.follow(url)
        assert (page.status, "AADSTS50034" in page.text) == (400, True)


async def test_a_person_may_pick_another_account(sandbox: Sandbox) -> None:
    """By its button or typed, whoever was asked for: a hint binds nobody."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        hinted = client.tenant.ordinary.user_principal_name
        member = next(p for p in client.tenant.directory.people[20:] if p.kind is Kind.MEMBER)
        for other in (client.tenant.administrator.user_principal_name, member.user_principal_name):
            url = client.authorize_url(prompt="login", login_hint=hinted)
            page = await client.administrator.follow(url, account=other)
            assert await who(client, page) == other
        assert "Use another account" in (await client.administrator.get(url)).text


async def test_a_session_is_used_only_for_who_is_asked_for(sandbox: Sandbox) -> None:
    """Alone or hinted it signs in unasked; select_account, another hint or tenant ask."""
    async with client_of(sandbox) as client, client_of(sandbox, 1) as elsewhere:
        client.tenant.grant_all()
        here = client.tenant.other_administrator.user_principal_name
        browser = client.administrator
        await client.sign_in(here)
        for hint in (None, here, here.upper()):
            url = client.authorize_url(prompt=None, login_hint=hint)
            assert await who(client, await browser.get(url)) == here
        asked = await browser.get(client.authorize_url())
        assert asked.title == "Pick an account"
        assert "signed in" in tile(asked, here).label
        name = client.tenant.ordinary.user_principal_name
        hinted = await browser.get(client.authorize_url(prompt=None, login_hint=name))
        assert (hinted.title, offered(hinted)[0]) == ("Sign in", name)
        assert await who(client, await browser.go_on(hinted, account=here)) == here
        other_tenant = await browser.get(elsewhere.authorize_url(prompt=None))
        assert "signed in" in tile(other_tenant, here).label
        foreign = await browser.go_on(other_tenant, account=here)
        assert (foreign.status, "AADSTS50020" in foreign.text) == (400, True)


async def test_a_mailbox_owner_signs_in_without_being_asked(sandbox: Sandbox) -> None:
    """Once an administrator has consented for everybody there is nothing left to accept."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        owner = next(p for p in client.tenant.directory.people[20:] if p.kind is Kind.MEMBER)
        name = owner.user_principal_name
        url = client.authorize_url(prompt=None, login_hint=name)
        page = await client.administrator.follow(url, accept=False)
        assert await who(client, page) == name


async def test_somebody_may_stop_half_way_and_go_on(sandbox: Sandbox) -> None:
    """At the sign-in page, at the consent page, and where the app cannot be reached."""
    async with client_of(sandbox) as client:
        browser, before = client.administrator, len(sandbox.seen)
        url = client.authorize_url()
        page = await browser.follow(url, until="/oauth2/v2.0/authorize")
        assert (page.title, len(sandbox.seen) - before) == ("Pick an account", 1)
        page = await browser.go_on(page, until="/login")
        assert page.title == "Permissions requested"
        page = await browser.go_on(page, stop_at_redirect=True)
        assert (page.status, page.url.startswith(f"{client.redirects[BULK]}?")) == (0, True)
        assert {"code", "state", "session_state"} <= answered(page.url).keys()
        assert await who(client, page) == client.tenant.administrator.user_principal_name


async def test_an_answer_is_not_fetched_when_the_app_is_out_of_reach(sandbox: Sandbox) -> None:
    """A code, a refusal, a grant: the address is whole, and nobody was asked for it."""
    async with client_of(sandbox) as client:
        root = f"{sandbox.graph_base_url}/back"  # would answer, were it asked
        sandbox.register(root)
        browser = client.administrator
        consent = client.consent_url(redirect_uri=root)
        granted = await browser.follow(consent, stop_at_redirect=True)
        assert answered(granted.url)["admin_consent"] == "True"
        declined = await browser.follow(consent, accept=False, stop_at_redirect=True)
        assert answered(declined.url)["error"] == "access_denied"
        sandbox.dials.sign_in_refused = 53003
        url = client.authorize_url(redirect_uri=root)
        refused = await browser.follow(url, stop_at_redirect=True)
        assert "AADSTS53003" in answered(refused.url)["error_description"]
        assert [place for place in sandbox.seen if place.endswith("/back")] == []


@pytest.mark.parametrize("code", [50105, 53003, 90094, 90095, 50076])
async def test_what_the_page_says_the_app_does_not_hear(sandbox: Sandbox, code: int) -> None:
    """Code, correlation id, trace id and time are text to be read; nothing is redirected."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        sandbox.dials.page_refused = code
        for url in (client.authorize_url(), client.consent_url()):
            page = await client.administrator.follow(url)
            assert (page.status, page.url.startswith(sandbox.authority_host)) == (400, True)
            for words in (f"AADSTS{code}:", "Correlation ID: ", "Trace ID: ", "Timestamp: 20"):
                assert words in page.text
        sandbox.dials.page_refused = 0
        # Signed in they are all the same: only the app got nothing.
        page = await client.administrator.get(client.authorize_url(prompt=None))
        assert "code" in answered(page.url)


async def test_who_may_not_consent_can_ask_where_the_tenant_allows_it(sandbox: Sandbox) -> None:
    """AADSTS90095 in place of 90094, for a user and for a lesser administrator."""
    async with client_of(sandbox) as client:
        lesser = client.tenant.application_administrator.user_principal_name
        ordinary = client.tenant.ordinary.user_principal_name
        for asks, code in ((False, "AADSTS90094:"), (True, "AADSTS90095:")):
            sandbox.dials.approval_requests = asks
            for url, account in (
                (client.authorize_url(), ordinary),
                (client.consent_url(), lesser),
            ):
                page = await client.administrator.follow(url, account=account)
                assert (page.status, code in page.text) == (400, True)
