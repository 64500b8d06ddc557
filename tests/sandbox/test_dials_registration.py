"""The dials of the registration, its permissions and credentials change what they name, alone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from tests.sandbox.client import ADMIN, BULK, Client, Reply, answered, claims, client_of
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.permissions import APP_ROLES, EXCHANGE_APP_ID, FULL_ACCESS_AS_APP, SCOPES

DAY = 86400.0
OUT_OF_TOWN = "https://elsewhere.example/back"


@dataclass
class Home:
    """A single-tenant registration in its home tenant, with consent, and the app's token."""

    client: Client
    token: str = field(repr=False)

    @property
    def sandbox(self) -> Sandbox:
        return self.client.sandbox

    async def ask(self, path: str) -> Any:
        """Return what Graph answers, which must be good."""
        reply = await self.client.graph(path, self.token)
        assert reply.status == 200, reply.text
        return reply.json

    async def seen(self) -> dict[str, Any]:
        """Return everything a dial of the registration could change, one entry for each."""
        appid = self.sandbox.client_id
        whole = await self.ask(f"/applications(appId='{appid}')")
        ours = await self.ask(f"/servicePrincipals(appId='{appid}')")
        root = f"/servicePrincipals/{ours['id']}"
        roles = (await self.ask(f"{root}/appRoleAssignments"))["value"]
        grants = (await self.ask(f"{root}/oauth2PermissionGrants"))["value"]
        asked = {
            (each["id"], each["type"])
            for resource in whole["requiredResourceAccess"]
            for each in resource["resourceAccess"]
        }
        return {
            "audience": {whole["signInAudience"], ours["signInAudience"]},
            "web": set(whole["web"]["redirectUris"]),
            "spa": whole["spa"]["redirectUris"],
            "public": whole["publicClient"]["redirectUris"],
            "replies": set(ours["replyUrls"]),
            "boxes": whole["web"]["implicitGrantSettings"],
            "enabled": ours["accountEnabled"],
            "required": asked,
            "roles": {(each["appRoleId"], each["resourceDisplayName"]) for each in roles},
            "scopes": {scope for each in grants for scope in each["scope"].split()},
            "hints": [each["hint"] for each in whole["passwordCredentials"]],
            "ends": [each["endDateTime"] for each in whole["passwordCredentials"]],
            "certificates": whole["keyCredentials"],
        }

    async def with_dials(self, **turned: object) -> dict[str, Any]:
        """Turn dials, return what changed and how it is now, and turn them back."""
        before = await self.seen()
        self.sandbox.dials.turn(turned)
        after = await self.seen()
        self.sandbox.dials.reset()
        return {name: value for name, value in after.items() if value != before[name]}

    async def app(self, **changes: str) -> Reply:
        """Ask for the app's own token."""
        scope = f"{self.sandbox.graph_base_url}/.default"
        return await self.client.token("client_credentials", scope=scope, **changes)

    async def refresh(self, token: object) -> Reply:
        """Refresh somebody's token."""
        scope = self.client.scope()
        return await self.client.token("refresh_token", refresh_token=str(token), scope=scope)


@pytest.fixture
async def home() -> AsyncIterator[Home]:
    async with Sandbox(users=5, hosting="self") as alone, client_of(alone) as client:
        client.tenant.grant_all()
        yield Home(client, await client.app_token())


def days_left(moment: str) -> int:
    return round((datetime.fromisoformat(moment).timestamp() - time.time()) / DAY)


async def test_the_registration_dials(home: Home) -> None:
    """Audience, redirect URIs and their platforms, token boxes: as Graph shows them."""
    redirects = set(home.sandbox.registration.redirect_uris)
    gone = home.client.redirects[BULK]
    assert await home.with_dials(audience="AzureADandPersonalMicrosoftAccount") == {
        "audience": {"AzureADandPersonalMicrosoftAccount"}
    }
    left = redirects - {gone}
    assert await home.with_dials(redirects_missing=[gone]) == {"web": left, "replies": left}
    more = redirects | {OUT_OF_TOWN}
    assert await home.with_dials(redirects_foreign=[OUT_OF_TOWN]) == {"web": more, "replies": more}
    for dial, place in (("redirects_spa", "spa"), ("redirects_public", "public")):
        assert await home.with_dials(**{dial: [gone]}) == {"web": left, place: [gone]}
    for dial, box in (
        ("access_token_box", "enableAccessTokenIssuance"),
        ("id_token_box", "enableIdTokenIssuance"),
    ):
        boxes = (await home.with_dials(**{dial: False}))["boxes"]
        assert [name for name, ticked in boxes.items() if not ticked] == [box]
    assert await home.with_dials(app_disabled=True) == {"enabled": False}
    home.sandbox.dials.application_hidden = True
    appid = home.sandbox.client_id
    by_key = await home.client.graph(f"/applications(appId='{appid}')", home.token)
    assert (by_key.status, by_key.code) == (404, "Request_ResourceNotFound")
    listed = await home.ask(f"/applications?$filter=appId eq '{appid}'")
    assert listed["value"] == []
    await home.ask(f"/servicePrincipals(appId='{appid}')")


async def test_redirects_at_sign_in(home: Home) -> None:
    """A missing URI is refused on the page (50011), a public one without a secret; SPA: a day."""
    client, dials = home.client, home.sandbox.dials
    dials.redirects_missing = {client.redirects[BULK]}
    page = await client.administrator.follow(client.authorize_url())
    assert "AADSTS50011" in page.text
    assert answered(page.url).get("code") is None
    admin = await client.administrator.follow(
        client.authorize_url(redirect_uri=client.redirects[ADMIN]),
        account=client.tenant.administrator.user_principal_name,
    )
    assert "code" in answered(admin.url)
    dials.reset()
    dials.redirects_public = {client.redirects[BULK]}
    refused = await client.redeem((await client.sign_in())["code"])
    assert (refused.status, refused.code) == (401, 700025)
    dials.reset()
    dials.redirects_spa = {client.redirects[BULK]}
    token = (await client.redeem((await client.sign_in())["code"])).json["refresh_token"]
    client.tenant.advance(DAY / 2)
    token = (await home.refresh(token)).json["refresh_token"]
    client.tenant.advance(DAY / 2 + 60)
    assert (await home.refresh(token)).code == 700084


async def test_the_permission_dials(home: Home) -> None:
    """Requested, granted, and the roles of tokens: by name, by kind where both have it."""
    whole = await home.seen()
    basic = (SCOPES["Mail.ReadBasic"], "Scope")
    unknown = "12345678-1234-1234-1234-123456789abc"
    for missing, extra, gone, new in (
        (["Mail.ReadBasic"], [], {basic}, set()),
        (["Role:Mail.ReadBasic"], [], set(), set()),
        (["User.Read.All"], [], {(APP_ROLES["User.Read.All"], "Role")}, set()),
        (["Scope:User.Read.All"], [], set(), set()),
        ([], ["Role:Mail.ReadBasic"], set(), {(APP_ROLES["Mail.ReadBasic"], "Role")}),
        ([], ["Scope:Mail.Read"], set(), {(SCOPES["Mail.Read"], "Scope")}),
        ([], [unknown], set(), {(unknown, "Role")}),
    ):
        changed = await home.with_dials(required_missing=missing, required_extra=extra)
        assert changed.get("required", whole["required"]) == whole["required"] - gone | new
        assert changed.keys() <= {"required"}
    changed = await home.with_dials(granted_missing=["offline_access", "User.Read.All"])
    assert changed == {
        "scopes": whole["scopes"] - {"offline_access"},
        "roles": whole["roles"] - {(APP_ROLES["User.Read.All"], "Microsoft Graph")},
    }
    changed = await home.with_dials(granted_extra=["Mail.ReadWrite", "Scope:Mail.Read"])
    assert changed == {
        "scopes": whole["scopes"] | {"Mail.Read"},
        "roles": whole["roles"] | {(APP_ROLES["Mail.ReadWrite"], "Microsoft Graph")},
    }
    changed = await home.with_dials(granted_elsewhere=True)
    other = (FULL_ACCESS_AS_APP, "Office 365 Exchange Online")
    assert changed == {"roles": whole["roles"] | {other}}
    exchange = await home.ask(f"/servicePrincipals(appId='{EXCHANGE_APP_ID}')")
    assert [role["value"] for role in exchange["appRoles"]] == ["full_access_as_app"]
    home.sandbox.dials.turn({"granted_missing": ["Mail.ReadBasic.All"]})
    home.sandbox.dials.turn({"granted_extra": ["Mail.Read"]})
    roles = claims(await home.client.app_token())["roles"]
    assert roles == ["Directory.Read.All", "Mail.Read", "User.Read.All"]


async def test_consent_grants_what_is_required(sandbox: Sandbox) -> None:
    """What the registration does not ask for is not granted, and what it asks besides is."""
    async with client_of(sandbox) as client:
        sandbox.dials.turn({"required_missing": ["User.Read.All", "Mail.ReadBasic"]})
        sandbox.dials.turn({"required_extra": ["Mail.ReadWrite"]})
        await client.consent()
        roles = claims(await client.app_token())["roles"]
        assert roles == ["Directory.Read.All", "Mail.ReadBasic.All", "Mail.ReadWrite"]
        granted = client.tenant.allowed_scopes(client.tenant.ordinary)
        assert "Mail.ReadBasic" not in granted


async def test_the_credential_dials(home: Home) -> None:
    """The end, the hint, more of the same hint, a certificate; an ended secret is refused."""
    dials, before = home.sandbox.dials, await home.seen()
    assert days_left(before["ends"][0]) == 180
    changed = await home.with_dials(secret_days=7)
    assert changed.keys() == {"ends"}
    assert days_left(changed["ends"][0]) == 7
    assert await home.with_dials(secret_hint="zzz") == {"hints": ["zzz"]}
    changed = await home.with_dials(secrets_more=2)
    assert changed["hints"] == before["hints"] * 3
    assert [days_left(each) for each in changed["ends"]] == [180, 220, 140]
    changed = await home.with_dials(certificate_days=12.5)
    (certificate,) = changed.pop("certificates")
    assert (changed, certificate["key"], certificate["usage"]) == ({}, None, "Verify")
    dials.secret_days = -1
    refused = await home.app()
    assert (refused.status, refused.code) == (401, 7000222)
    assert days_left((await home.seen())["ends"][0]) == -1


async def test_a_second_secret(home: Home) -> None:
    """It counts beside the first until either is removed; another process can make one."""
    sandbox = home.sandbox
    second = sandbox.add_secret(days=30)
    seen = await home.seen()
    assert seen["hints"] == [sandbox.client_secret[:3], second[:3]]
    assert (len(set(seen["hints"])), days_left(seen["ends"][1])) == (2, 30)
    assert (await home.app(client_secret=second)).status == 200
    assert (await home.app()).status == 200
    sandbox.remove_secret(sandbox.client_secret)
    assert (await home.app()).code == 7000215
    assert (await home.app(client_secret=second)).status == 200
    url = f"{sandbox.graph_base_url}/sandbox/secrets"
    third = (await home.client.send("POST", url, data="-2")).json
    assert (await home.app(client_secret=str(third["secret"]))).code == 7000222
    assert days_left(str(third["ends"])) == -2
    for wrong in ("soon", "nan", "inf"):
        assert (await home.client.send("POST", url, data=wrong)).status == 400
    sandbox.home.advance(181 * DAY)
    assert (await home.app(client_secret=sandbox.add_secret(days=1))).status == 200
    statuses = [(await home.client.send("DELETE", url, data=second)).status for _ in range(2)]
    assert statuses == [200, 404]
    assert (await home.app(client_secret=second)).code == 7000215
    assert second not in repr(sandbox.registration)


async def test_an_unknown_and_a_disabled_app(sandbox: Sandbox) -> None:
    """700016 wherever the client id is named; 7000112 for every grant and on the page."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        home, dials = Home(client, ""), sandbox.dials
        token = (await client.redeem((await client.sign_in())["code"])).json["refresh_token"]
        code = (await client.sign_in())["code"]
        for dial, number in (("app_unknown", 700016), ("app_disabled", 7000112)):
            dials.turn({dial: True})
            for refused in (await home.app(), await home.refresh(token)):
                assert (refused.status, refused.code) == (400, number)
            page = await client.administrator.follow(client.authorize_url())
            assert f"AADSTS{number}" in page.text
            dials.reset()
        dials.app_disabled = True
        assert (await client.redeem(code)).code == 7000112
        dials.reset()
        assert (await home.app()).status == 200


async def test_the_publisher_reads_its_own_registration(sandbox: Sandbox) -> None:
    """At home an app-only token is to be had; the registration answers once that was granted."""
    async with client_of(sandbox) as client:
        client.tenant = sandbox.home
        path = f"/applications(appId='{sandbox.client_id}')?$select=appId,passwordCredentials"
        refused = await client.graph(path, await client.app_token())
        assert (refused.status, refused.code) == (403, "Authorization_RequestDenied")
        sandbox.home.grant_all()
        found = await client.graph(path, await client.app_token())
        assert (found.status, found.json["appId"]) == (200, sandbox.client_id)
