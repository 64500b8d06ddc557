"""Authorize and admin consent are as strict as Entra, and answer in its shapes."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.sandbox.client import ADMIN, BULK, Client, answered, client_of
from ttr_tui.sandbox import Sandbox

PAGE_ONLY: list[tuple[dict[str, str | None], int]] = [
    ({"client_id": None}, 900144),
    ({"client_id": "00000000-0000-4000-a000-000000000000"}, 700016),
    ({"redirect_uri": None}, 900971),
    ({"redirect_uri": "http://localhost:9/other"}, 50011),
    ({"redirect_uri": "http://localhost:9/TOOLS/agents/msgraph-store-bulk"}, 50011),
    ({"redirect_uri": "http://localhost:9/tools/agents/msgraph-store-bulk/"}, 50011),
    ({"redirect_uri": "http://localhost:9/tools/agents/msgraph-store-bulk?a=1"}, 50011),
    ({"redirect_uri": "https://localhost:9/tools/agents/msgraph-store-bulk"}, 50011),
    ({"redirect_uri": "http://127.0.0.1:9/tools/agents/msgraph-store-bulk"}, 50011),
    ({"redirect_uri": "http://a@localhost:9/tools/agents/msgraph-store-bulk"}, 50011),
]

REDIRECTED: list[tuple[dict[str, str | None], str, str]] = [
    ({"response_type": "token"}, "unsupported_response_type", "AADSTS700054"),
    ({"response_type": None}, "invalid_request", "AADSTS900144"),
    ({"scope": None}, "invalid_request", "AADSTS900144"),
    ({"scope": "openid https://graph.microsoft.com/User.Read"}, "invalid_resource", "500011"),
    ({"scope": "openid Mail.Everything"}, "invalid_client", "AADSTS650053"),
    ({"scope": "openid User.Read .default"}, "invalid_scope", "AADSTS70011"),
    ({"code_challenge": None}, "invalid_request", "AADSTS9002325"),
    ({"code_challenge_method": "plain"}, "invalid_request", "AADSTS9002325"),
    ({"code_challenge_method": None}, "invalid_request", "AADSTS9002325"),
    ({"code_challenge": "short"}, "invalid_request", "AADSTS9002325"),
    ({"prompt": "admin_consent"}, "invalid_request", "AADSTS90023"),
    ({"login_hint": "a.weber@contoso.example"}, "invalid_request", "AADSTS90023"),
    ({"response_mode": "jwt"}, "invalid_request", "AADSTS90023"),
    ({"prompt": "none"}, "login_required", "AADSTS50058"),
]


@pytest.mark.parametrize(("changes", "code"), PAGE_ONLY)
async def test_a_bad_client_gets_a_page(
    sandbox: Sandbox, changes: dict[str, str | None], code: int
) -> None:
    """Unknown clients and redirect URIs are refused on our page: nothing is redirected."""
    async with client_of(sandbox) as client:
        reply = await client.send("GET", client.authorize_url(**changes))
        assert (reply.status, "Location" in reply.headers) == (400, False)
        assert f"AADSTS{code}:" in reply.text
        if "/tools/" not in str(changes.get("redirect_uri")):
            consent = await client.send("GET", client.consent_url(**changes))
            assert (consent.status, f"AADSTS{code}:" in consent.text) == (400, True)


@pytest.mark.parametrize(("changes", "error", "code"), REDIRECTED)
async def test_a_bad_request_is_redirected(
    sandbox: Sandbox, changes: dict[str, str | None], error: str, code: str
) -> None:
    """What is wrong beyond the client goes back to it, with its state."""
    async with client_of(sandbox) as client:
        reply = await client.send("GET", client.authorize_url(**changes))
        assert reply.status == 302
        assert reply.headers["Location"].startswith(client.redirects[BULK] + "?")
        answer = answered(reply.headers["Location"])
        assert (answer["error"], answer["state"]) == (error, "st")
        assert code in answer["error_description"]
        assert "\r\nCorrelation ID: " in answer["error_description"]
        assert "code" not in answer


async def test_any_port_of_localhost_is_registered(sandbox: Sandbox) -> None:
    """Entra ignores the port of an http://localhost redirect URI, and of no other."""
    async with client_of(sandbox) as client:
        moved = client.redirects[BULK].replace(":9/", ":8123/")
        assert (await client.send("GET", client.authorize_url(redirect_uri=moved))).status == 200
        sandbox.register("https://portal.example:8443/back")
        for uri, status in (
            ("https://portal.example:8443/back", 200),
            ("https://portal.example/back", 400),
        ):
            reply = await client.send("GET", client.authorize_url(redirect_uri=uri))
            assert reply.status == status


@pytest.mark.parametrize(
    ("tenant", "code"), [("nowhere.example", 90002), ("common", 50059), ("organizations", 0)]
)
async def test_admin_consent_needs_a_tenant(sandbox: Sandbox, tenant: str, code: int) -> None:
    """`organizations` and a verified domain will do; `common` and unknown names will not."""
    async with client_of(sandbox) as client:
        query = urlencode(client.consent_query())
        reply = await client.send("GET", f"{client.url('v2.0/adminconsent', tenant)}?{query}")
        assert reply.status == (400 if code else 200)
        assert not code or f"AADSTS{code}:" in reply.text


async def test_admin_consent_needs_a_scope(sandbox: Sandbox) -> None:
    """Version 2 takes a scope; version 1 has none and always means everything."""
    async with client_of(sandbox) as client:
        reply = await client.send("GET", client.consent_url(scope=None))
        assert "AADSTS900144" in reply.text
        query = urlencode(client.consent_query(scope=None))
        page = await client.administrator.follow(f"{client.url('adminconsent')}?{query}")
        answer = answered(page.url)
        assert answer == {"admin_consent": "True", "tenant": client.tenant.id, "state": "s t/1"}
        assert len(client.tenant.roles()) == 3
        declined = await client.administrator.follow(
            f"{client.url('adminconsent')}?{query}", accept=False
        )
        assert answered(declined.url)["error"] == "permission_denied"


async def test_a_declined_consent_says_true_all_the_same(sandbox: Sandbox) -> None:
    """`admin_consent=True` stands beside the error, and nothing was granted."""
    async with client_of(sandbox) as client:
        answer = await client.consent(accept=False)
        assert (answer["admin_consent"], answer["error"]) == ("True", "access_denied")
        assert "AADSTS65004" in answer["error_description"]
        assert "tenant" not in answer
        assert client.tenant.service_principal is None


async def refused_account(client: Client, account: str) -> str:
    page = await client.administrator.follow(client.consent_url(), account=account)
    assert page.url.startswith(client.sandbox.authority_host)
    assert page.status == 400
    return page.text


async def test_not_every_account_may_consent(sandbox: Sandbox) -> None:
    """A Cloud Application Administrator cannot grant Graph's application permissions."""
    async with client_of(sandbox) as client:
        lesser = client.tenant.application_administrator.user_principal_name
        assert "AADSTS90094" in await refused_account(client, lesser)
        foreign = sandbox.tenants[1].administrator.user_principal_name
        assert "AADSTS50020" in await refused_account(client, foreign)
        assert "AADSTS50034" in await refused_account(client, "nobody@contoso.example")
        client.tenant.disable(client.tenant.administrator.id)
        assert "AADSTS50057" in await refused_account(client, "")
        other = client.tenant.other_administrator.user_principal_name
        assert (await client.consent(other.upper()))["tenant"] == client.tenant.id


async def test_delegated_mail_needs_an_administrator(sandbox: Sandbox) -> None:
    """Without consent, an ordinary user meets "need admin approval"; an administrator is asked."""
    async with client_of(sandbox) as client:
        page = await client.administrator.follow(
            client.authorize_url(), account=client.tenant.ordinary.user_principal_name
        )
        assert (page.status, "AADSTS90094" in page.text) == (400, True)
        answer = await client.sign_in(client.tenant.application_administrator.user_principal_name)
        assert answer["code"]
        grants = client.tenant.grants()
        assert grants[0].principal_id == client.tenant.application_administrator.id
        sandbox.dials.users_may_consent = True
        assert "code" in await client.sign_in(client.tenant.ordinary.user_principal_name)


async def test_the_browser_is_remembered(sandbox: Sandbox) -> None:
    """Without select_account a session signs in silently, but never as another than hinted."""
    async with client_of(sandbox) as client:
        await client.consent()
        url = client.authorize_url(prompt="none")
        assert "code" in answered((await client.administrator.get(url)).url)
        hinted = client.authorize_url(prompt=None, login_hint="b.lindqvist@contoso.example")
        page = await client.administrator.get(hinted)
        assert (page.status, page.title) == (200, "Sign in")
        await client.administrator.get(client.url("oauth2/v2.0/logout"))
        assert answered((await client.administrator.get(url)).url)["error"] == "login_required"


async def test_form_post_and_fragment(sandbox: Sandbox) -> None:
    """form_post answers a page whose form goes to the app; fragment never reaches a server."""
    async with client_of(sandbox) as client:
        await client.consent()
        page = await client.administrator.get(
            client.authorize_url(prompt=None, response_mode="form_post")
        )
        assert page.forms[0].action == client.redirects[BULK]
        assert {"code", "state", "session_state", "client_info"} <= page.forms[0].fields.keys()
        page = await client.administrator.get(
            client.authorize_url(prompt=None, response_mode="fragment")
        )
        assert "#code=" in page.url


async def test_a_decision_counts_once(sandbox: Sandbox) -> None:
    """A consent form sent twice is refused the second time."""
    async with client_of(sandbox) as client:
        page = await client.administrator.get(client.consent_url())
        page = await client.administrator.submit(page, label="weber")
        assert page.title.startswith("Permissions requested")
        first = await client.administrator.submit(page, label="accept")
        assert first.url.startswith(client.redirects[ADMIN])
        again = await client.administrator.submit(page, label="accept")
        assert (again.status, "AADSTS90023" in again.text) == (400, True)


async def test_pages_carry_no_script(sandbox: Sandbox) -> None:
    """The pages are plain forms, cannot be framed, and escape what they are given."""
    async with client_of(sandbox) as client:
        url = client.authorize_url(prompt=None, login_hint='"><script>alert(1)</script>')
        reply = await client.send("GET", url)
        assert "<script" not in reply.text
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
