"""Every dial does the harm it names, no more, and for as often as it says."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.sandbox.client import Client, Reply, answered, claims, client_of
from ttr_tui.sandbox import Sandbox


async def refresh(client: Client, token: object) -> Reply:
    return await client.token("refresh_token", refresh_token=str(token), scope=client.scope())


async def test_throttling_and_failing(sandbox: Sandbox) -> None:
    """The next N answers at the place are spoiled; other places are not."""
    async with client_of(sandbox) as client:
        await client.consent()
        sandbox.dials.throttle_next, sandbox.dials.retry_after = 1, 3
        sandbox.dials.fail_next = 1
        token = await client.app_token()
        replies = [await client.graph("/organization", token) for _ in range(3)]
        assert [reply.status for reply in replies] == [429, 503, 200]
        assert [reply.headers.get("Retry-After") for reply in replies] == ["3", "3", None]
        sandbox.dials.at, sandbox.dials.fail_next, sandbox.dials.fail_status = "/token", 1, 500
        reply = await client.token("client_credentials")
        assert (reply.status, reply.json["error"]) == (500, "temporarily_unavailable")
        assert (await client.graph("/organization", token)).status == 200
        sandbox.dials.at, sandbox.dials.fail_next = "graph GET /v1.0/users?", 1
        assert (await client.graph("/users/$count", token, eventual=True)).status == 200
        assert (await client.graph("/users?$top=5", token)).status == 500


async def test_broken_answers(sandbox: Sandbox) -> None:
    """Truncated JSON, a proxy's HTML, a lost connection, a slow and a missing answer."""
    async with client_of(sandbox) as client:
        await client.consent()
        token, dials = await client.app_token(), sandbox.dials
        dials.truncate_next = dials.html_next = 1
        html = await client.graph("/users", token)
        assert (html.status, html.headers["Content-Type"].split(";")[0]) == (200, "text/html")
        cut = await client.graph("/users", token)
        assert cut.headers["Content-Type"].startswith("application/json")
        with pytest.raises(json.JSONDecodeError):
            cut.json  # noqa: B018  # reading it is the point
        dials.drop_next = 2  # an idempotent request is tried twice by the client itself
        with pytest.raises(aiohttp.ClientError):
            await client.graph("/users", token)
        dials.drop_next, dials.hang = 0, True
        waiting = asyncio.create_task(client.graph("/users", token))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
        dials.hang = False
        assert (await waiting).status == 200
        dials.denied = True
        assert (await client.graph("/users", token)).code == "Authorization_RequestDenied"
        dials.denied, dials.unauthorized = False, True
        assert (await client.graph("/users", token)).code == "InvalidAuthenticationToken"


async def test_bad_pages(sandbox: Sandbox) -> None:
    """An empty page with a link, overlapping pages, a link that repeats, a link to a stranger."""
    async with client_of(sandbox) as client:
        await client.consent()
        token, dials = await client.app_token(), sandbox.dials
        ids = [person.id for person in client.tenant.directory.people]
        dials.empty_page_next = 1
        empty = await client.graph("/users?$top=10", token)
        assert empty.values == []
        page = await client.graph(str(empty.json["@odata.nextLink"]), token)
        assert [user["id"] for user in page.values] == ids[:10]
        dials.overlap_rows = 2
        page = await client.graph("/users?$top=10", token)
        page = await client.graph(str(page.json["@odata.nextLink"]), token)
        assert [user["id"] for user in page.values] == ids[8:18]
        dials.repeat_link = True
        page = await client.graph("/users?$top=10", token)
        link = str(page.json["@odata.nextLink"])
        again = await client.graph(link, token)
        assert again.json["@odata.nextLink"] == link
        dials.repeat_link, dials.foreign_next_link = False, True
        link = str((await client.graph("/users?$top=10", token)).json["@odata.nextLink"])
        assert link.startswith(sandbox.world.stranger)
        await client.graph(link, token)
        assert [stray.authorization for stray in sandbox.stranger.requests] == [True]


async def test_consent_takes_its_time(sandbox: Sandbox) -> None:
    """Between consent and effect the app has no principal here, then roles as granted."""
    async with client_of(sandbox) as client:
        sandbox.dials.replication_seconds = 300
        sandbox.dials.missing_roles.add("User.Read.All")
        await client.consent()
        scope = f"{sandbox.graph_base_url}/.default"
        assert (await client.token("client_credentials", scope=scope)).code == 7000229
        client.tenant.advance(301)
        roles = claims(await client.app_token())["roles"]
        assert roles == ["Directory.Read.All", "Mail.ReadBasic.All"]
        sandbox.dials.missing_roles.clear()
        await client.consent()
        assert len(claims(await client.app_token())["roles"]) == 2  # type: ignore[arg-type]  # JSON
        client.tenant.advance(301)
        assert len(claims(await client.app_token())["roles"]) == 3  # type: ignore[arg-type]  # JSON
        sandbox.dials.grant_revoked = True
        assert "roles" not in claims(await client.app_token())


async def test_refusals_on_demand(sandbox: Sandbox) -> None:
    """Any AADSTS code at the token endpoint, for one grant or all, and in the redirect."""
    async with client_of(sandbox) as client:
        await client.consent()
        body = (await client.redeem((await client.sign_in())["code"])).json
        dials = sandbox.dials
        dials.refresh_revoked = True
        assert (await refresh(client, body["refresh_token"])).code == 50173
        dials.refresh_revoked, dials.secret_expired = False, True
        reply = await refresh(client, body["refresh_token"])
        assert (reply.status, reply.code) == (401, 7000222)
        dials.secret_expired = False
        dials.token_refused, dials.token_refused_grant = 50076, "refresh_token"
        reply = await refresh(client, body["refresh_token"])
        assert (reply.code, "claims" in reply.json) == (50076, True)
        assert await client.app_token()
        dials.sign_in_refused = 53003
        answer = await client.sign_in()
        assert (answer["error"], "AADSTS53003" in answer["error_description"]) == (
            "access_denied",
            True,
        )
        answer = await client.consent()
        assert (answer["admin_consent"], answer["error"]) == ("True", "access_denied")


LIES = [
    ("wrong_nonce", "nonce"),
    ("wrong_iss", "iss"),
    ("wrong_tid", "tid"),
    ("wrong_aud", "aud"),
    ("wrong_sub", "sub"),
    ("wrong_oid", "oid"),
    ("expired", "exp"),
]


async def test_lying_id_tokens(sandbox: Sandbox) -> None:
    """Each lie changes what it names; `other_tenant` is true in itself, of another tenant."""
    async with client_of(sandbox) as client:
        await client.consent()
        honest = claims((await client.redeem((await client.sign_in())["code"])).json["id_token"])
        changing = {"iat", "nbf", "exp", "uti", "rh"}
        for lie, claim in LIES:
            sandbox.dials.turn({"id_token": lie})
            code = (await client.sign_in())["code"]
            told = claims((await client.redeem(code)).json["id_token"])
            assert {n for n in told if told[n] != honest[n]} - changing == {claim} - changing, lie
        assert int(str(told["exp"])) < int(str(honest["iat"]))
        sandbox.dials.id_token = "other_tenant"
        told = claims((await client.redeem((await client.sign_in())["code"])).json["id_token"])
        assert told["tid"] == sandbox.tenants[1].id
        assert told["preferred_username"] == sandbox.tenants[1].administrator.user_principal_name
        sandbox.dials.id_token, sandbox.dials.no_refresh_token = "missing", True
        body = (await client.redeem((await client.sign_in())["code"])).json
        assert not {"id_token", "refresh_token"} & body.keys()


async def test_foreign_endpoints(sandbox: Sandbox) -> None:
    """Discovery can name a stranger, and the token endpoint can send one there (307)."""
    async with client_of(sandbox) as client:
        sandbox.dials.foreign_endpoint = "token_endpoint"
        path = "v2.0/.well-known/openid-configuration"
        body = (await client.send("GET", client.url(path))).json
        assert str(body["token_endpoint"]).startswith(sandbox.world.stranger)
        assert str(body["issuer"]).startswith(sandbox.authority_host)
        sandbox.dials.redirect_token = True
        reply = await client.token("client_credentials")
        assert (reply.status, reply.headers["Location"]) == (307, body["token_endpoint"])


async def test_dials_turn_over_http(sandbox: Sandbox) -> None:
    """Another process reads and turns the dials, and lets things happen in a tenant."""
    async with client_of(sandbox) as client:
        root = f"{sandbox.graph_base_url}/sandbox"
        turned = await client.send(
            "POST", f"{root}/dials", json={"slow_seconds": 0, "blocked": ["a"]}
        )
        assert (turned.status, turned.json["blocked"]) == (200, ["a"])
        for wrong in ({"nonsense": 1}, {"hang": 1}, {"blocked": "a"}, {"throttle_next": True}, [1]):
            reply = await client.send("POST", f"{root}/dials", json=wrong)
            assert (reply.status, sandbox.dials.blocked) == (400, {"a"})
        await client.send("POST", f"{root}/dials", json={})
        assert (await client.send("GET", f"{root}/dials")).json["blocked"] == []
        await client.consent()
        for action, value, status in (
            ("advance", "60", 200),
            ("disable", client.tenant.ordinary.user_principal_name, 200),
            ("disable", "nobody", 400),
            ("revoke-role", "User.Read.All", 200),
            ("nonsense", "", 400),
        ):
            url = f"{root}/tenants/contoso.example/{action}"
            assert (await client.send("POST", url, data=value)).status == status
        assert client.tenant.ahead == 60
        assert len(client.tenant.roles()) == 2
        assert not client.tenant.ordinary.account_enabled
        await client.send("POST", f"{root}/tenants/contoso.example/remove-app")
        assert client.tenant.principal() is None
        assert (await client.send("POST", f"{root}/tenants/nowhere/advance")).status == 404


async def test_requests_are_counted(sandbox: Sandbox) -> None:
    """`seen` says what was asked for, without parameters or secrets."""
    async with client_of(sandbox) as client:
        await client.consent()
        answered("")
        await client.graph("/organization?$select=id", await client.app_token())
        assert sandbox.seen[-2:] == [
            f"login POST /{client.tenant.id}/oauth2/v2.0/token",
            "graph GET /v1.0/organization",
        ]
