"""The token endpoint and discovery refuse exactly as Entra does (error shapes, codes, statuses)."""

from __future__ import annotations

import base64
import uuid

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.sandbox.client import BULK, Client, Reply, claims, client_of
from ttr_tui.sandbox import Sandbox

DAY = 86400.0


async def granted(client: Client) -> str:
    """Consent, sign in, and return a code."""
    await client.consent()
    return (await client.sign_in())["code"]


def outcome(reply: Reply) -> tuple[int, object, object]:
    return reply.status, reply.json["error"], reply.code


async def test_an_error_has_every_field(sandbox: Sandbox) -> None:
    """Codes, ids and times stand in the body; the caller's request id comes back."""
    async with client_of(sandbox) as client:
        caller = str(uuid.uuid4())
        url = client.url("oauth2/v2.0/token")
        reply = await client.send("POST", url, data={}, headers={"client-request-id": caller})
        body = reply.json
        assert (reply.status, body["error"], body["error_codes"]) == (
            400,
            "invalid_request",
            [900144],
        )
        assert body["correlation_id"] == caller
        assert uuid.UUID(str(body["trace_id"]))
        assert str(body["timestamp"]).endswith("Z")
        assert body["error_uri"] == f"{sandbox.authority_host}/error?code=900144"
        text = str(body["error_description"])
        assert text.startswith("AADSTS900144: ")
        assert text.split("\r\n")[1:] == [
            f"Correlation ID: {caller}",
            f"Timestamp: {body['timestamp']}",
        ]


CLIENT: list[tuple[dict[str, str | None], tuple[int, str, int]]] = [
    ({"client_id": None}, (400, "invalid_request", 900144)),
    ({"client_id": str(uuid.UUID(int=7))}, (400, "unauthorized_client", 700016)),
    ({"client_secret": None}, (401, "invalid_client", 7000218)),
    ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
    ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
    ({"scope": None}, (400, "invalid_request", 900144)),
    ({"scope": "User.Read"}, (400, "invalid_scope", 70011)),
    ({"scope": "https://graph.microsoft.com/.default"}, (400, "invalid_scope", 70011)),
]


@pytest.mark.parametrize(("changes", "expected"), CLIENT)
async def test_the_client_is_checked(
    sandbox: Sandbox, changes: dict[str, str | None], expected: tuple[int, str, int]
) -> None:
    """Client id, secret, grant type and scope: each has its own refusal."""
    async with client_of(sandbox) as client:
        usual: dict[str, str | None] = {"scope": f"{sandbox.graph_base_url}/.default"}
        grant = changes.pop("grant_type", None) or "client_credentials"
        assert outcome(await client.token(grant, **(usual | changes))) == expected


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [
        ("nowhere.example", (400, "invalid_request", 90002)),
        ("common", (400, "invalid_request", 9001023)),
    ],
)
async def test_the_app_needs_a_real_tenant(
    sandbox: Sandbox, tenant: str, expected: tuple[int, str, int]
) -> None:
    """Client credentials work for one tenant, by GUID or verified domain."""
    async with client_of(sandbox) as client:
        scope = f"{sandbox.graph_base_url}/.default"
        assert outcome(await client.token("client_credentials", tenant, scope=scope)) == expected
        await client.consent()
        good = await client.token("client_credentials", "CONTOSO.example", scope=scope)
        assert good.status == 200
        assert 3600 <= int(str(good.json["expires_in"])) <= 5400


CODE: list[tuple[dict[str, str | None], tuple[int, str, int]]] = [
    ({"code": "garbage"}, (400, "invalid_grant", 70000)),
    ({"code": None}, (400, "invalid_request", 900144)),
    ({"redirect_uri": "http://localhost:9/msgraph-auth"}, (400, "invalid_grant", 500112)),
    ({"redirect_uri": None}, (400, "invalid_request", 900144)),
    ({"code_verifier": "x" * 50}, (400, "invalid_grant", 501481)),
    ({"code_verifier": None}, (400, "invalid_grant", 501481)),
    ({"tenant": "fabrikam.example"}, (400, "invalid_grant", 700005)),
]


@pytest.mark.parametrize(("changes", "expected"), CODE)
async def test_a_code_is_bound(
    sandbox: Sandbox, changes: dict[str, str | None], expected: tuple[int, str, int]
) -> None:
    """A code is bound to tenant, redirect URI and verifier; a wrong try does not use it up."""
    async with client_of(sandbox) as client:
        code = await granted(client)
        tenant = changes.pop("tenant", None) or ""
        assert outcome(await client.redeem(code, tenant, **changes)) == expected
        assert (await client.redeem(code)).status == 200


async def test_a_code_is_used_once_and_ages(sandbox: Sandbox) -> None:
    """The second redemption is 54005; after ten minutes it is 70008."""
    async with client_of(sandbox) as client:
        code = await granted(client)
        assert (await client.redeem(code)).status == 200
        assert outcome(await client.redeem(code)) == (400, "invalid_grant", 54005)
        late = (await client.sign_in())["code"]
        client.tenant.advance(601)
        assert outcome(await client.redeem(late)) == (400, "invalid_grant", 70008)


async def test_the_id_token_is_microsofts(sandbox: Sandbox) -> None:
    """RS256 under a published key, with nonce verbatim and a stable pairwise subject."""
    async with client_of(sandbox) as client:
        body = (await client.redeem(await granted(client))).json
        said, person = claims(body["id_token"]), client.tenant.administrator
        assert said["iss"] == f"{sandbox.authority_host}/{client.tenant.id}/v2.0"
        assert (said["aud"], said["tid"], said["oid"], said["nonce"], said["ver"]) == (
            sandbox.client_id,
            client.tenant.id,
            person.id,
            "n-1",
            "2.0",
        )
        assert said["preferred_username"] == person.user_principal_name
        assert int(str(said["exp"])) - int(str(said["iat"])) == 3600
        again = (await client.redeem((await client.sign_in())["code"])).json
        assert claims(again["id_token"])["sub"] == said["sub"]
        keys = await client.send("GET", client.url("discovery/v2.0/keys"))
        published = keys.json["keys"]
        assert isinstance(published, list)
        der = base64.b64decode(published[0]["x5c"][0])
        key = x509.load_der_x509_certificate(der).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        signed, _, signature = str(body["id_token"]).rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        key.verify(raw, signed.encode(), padding.PKCS1v15(), hashes.SHA256())


async def refresh(client: Client, token: object, **changes: str | None) -> Reply:
    usual: dict[str, str | None] = {"refresh_token": str(token), "scope": client.scope()}
    return await client.token("refresh_token", **(usual | changes))


async def test_refreshing_rotates_and_the_old_one_lives(sandbox: Sandbox) -> None:
    """Every use gives a new refresh token; Entra does not revoke the old one."""
    async with client_of(sandbox) as client:
        body = (await client.redeem(await granted(client))).json
        assert body["scope"] == client.scope().replace(" offline_access", "")
        first = await refresh(client, body["refresh_token"])
        assert first.json["refresh_token"] != body["refresh_token"]
        assert "nonce" not in claims(first.json["id_token"])
        assert (await refresh(client, body["refresh_token"])).status == 200
        assert (await refresh(client, first.json["refresh_token"])).status == 200
        missing = await refresh(client, body["refresh_token"], scope=None)
        assert outcome(missing) == (400, "invalid_request", 900144)
        less = await client.redeem((await client.sign_in(scope="User.Read openid"))["code"])
        assert "refresh_token" not in less.json
        assert less.json["scope"] == "User.Read openid"


async def test_a_refresh_token_dies_of_what_happens(sandbox: Sandbox) -> None:
    """Age, revoked sessions, withdrawn consent and a disabled account each have their code."""
    async with client_of(sandbox) as client:
        tenant = client.tenant
        token = (await client.redeem(await granted(client))).json["refresh_token"]
        foreign = await client.token(
            "refresh_token", "fabrikam.example", refresh_token=str(token), scope=client.scope()
        )
        assert outcome(foreign) == (400, "invalid_grant", 50020)
        tenant.advance(89 * DAY)
        assert (await refresh(client, token)).status == 200
        tenant.advance(2 * DAY)
        assert outcome(await refresh(client, token)) == (400, "invalid_grant", 700082)
        token = (await client.redeem((await client.sign_in())["code"])).json["refresh_token"]
        tenant.revoke_consent()
        reply = await refresh(client, token)
        assert outcome(reply) == (400, "invalid_grant", 65001)
        assert reply.json["suberror"] == "consent_required"
        await client.consent()
        tenant.revoke_sessions(tenant.administrator)
        reply = await refresh(client, token)
        assert (*outcome(reply), reply.json["suberror"]) == (
            400,
            "invalid_grant",
            50173,
            "bad_token",
        )
        tenant.disable(tenant.administrator.id)
        assert outcome(await refresh(client, token)) == (400, "invalid_grant", 50057)
        tenant.remove_user(tenant.administrator.id)
        assert outcome(await refresh(client, token)) == (400, "invalid_grant", 50034)
        assert outcome(await refresh(client, "garbage")) == (400, "invalid_grant", 70000)


async def test_the_secret_expires(sandbox: Sandbox) -> None:
    """Half a year after it was made, by the home tenant's clock."""
    async with client_of(sandbox) as client:
        await client.consent()
        assert await client.app_token()
        sandbox.home.advance(181 * DAY)
        reply = await client.token("client_credentials", scope=f"{sandbox.graph_base_url}/.default")
        assert outcome(reply) == (401, "invalid_client", 7000222)


async def test_the_app_in_a_tenant(sandbox: Sandbox) -> None:
    """Disabled, without consent, removed: 7000112, no roles, 7000229; old tokens work on."""
    async with client_of(sandbox) as client:
        tenant = client.tenant
        await client.consent()
        old = await client.app_token()
        principal = tenant.service_principal
        assert principal is not None
        tenant.revoke_role("User.Read.All")
        tenant.revoke_role("Directory.Read.All")
        assert claims(await client.app_token())["roles"] == ["Mail.ReadBasic.All"]
        assert (await client.graph("/users?$top=1", old)).status == 200
        assert (await client.graph("/users?$top=1", await client.app_token())).status == 403
        tenant.revoke_consent()
        assert "roles" not in claims(await client.app_token())
        principal.enabled = False
        scope = f"{sandbox.graph_base_url}/.default"
        reply = await client.token("client_credentials", scope=scope)
        assert outcome(reply) == (400, "unauthorized_client", 7000112)
        tenant.remove_app()
        reply = await client.token("client_credentials", scope=scope)
        assert outcome(reply) == (401, "invalid_client", 7000229)
        gone = await client.graph("/users", old)
        assert (gone.status, gone.code) == (403, "Authorization_IdentityNotFound")


async def test_basic_authentication_will_do(sandbox: Sandbox) -> None:
    """Client id and secret are accepted as HTTP Basic too (RFC 6749 section 2.3.1)."""
    async with client_of(sandbox) as client:
        await client.consent()
        client_id = sandbox.client_id
        reply = await client.send(
            "POST",
            client.url("oauth2/v2.0/token"),
            data={
                "grant_type": "client_credentials",
                "scope": f"{sandbox.graph_base_url}/.default",
            },
            headers={"Authorization": aiohttp.encode_basic_auth(client_id, sandbox.client_secret)},
        )
        assert reply.status == 200


async def test_discovery(sandbox: Sandbox) -> None:
    """A domain resolves to its tenant's GUID; an unknown one is 400 invalid_tenant, 90002."""
    async with client_of(sandbox) as client:
        path = "v2.0/.well-known/openid-configuration"
        body = (await client.send("GET", client.url(path, "contoso.example"))).json
        root = f"{sandbox.authority_host}/{client.tenant.id}"
        assert body["issuer"] == f"{root}/v2.0"
        assert body["token_endpoint"] == f"{root}/oauth2/v2.0/token"
        assert body["authorization_endpoint"] == f"{root}/oauth2/v2.0/authorize"
        shared = (await client.send("GET", client.url(path, "organizations"))).json
        assert shared["issuer"] == f"{sandbox.authority_host}/{{tenantid}}/v2.0"
        unknown = await client.send("GET", client.url(path, "nowhere.example"))
        assert outcome(unknown) == (400, "invalid_tenant", 90002)
        host = sandbox.authority_host.removeprefix("https://")
        asked = f"{root}/oauth2/v2.0/authorize"
        url = client.url("discovery/instance", "common")
        found = await client.send("GET", f"{url}?api-version=1.1&authorization_endpoint={asked}")
        assert found.json["metadata"] == [
            {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
        ]


async def test_single_tenant_apps_stay_at_home() -> None:
    """With `AzureADMyOrg`, `organizations` is refused on the page (50194)."""
    async with Sandbox(users=5, hosting="self") as alone, client_of(alone) as client:
        reply = await client.send("GET", client.authorize_url("organizations"))
        assert "AADSTS50194" in reply.text
        assert client.redirects[BULK]
