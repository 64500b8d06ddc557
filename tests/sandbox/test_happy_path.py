"""The whole main job over the wire, as a real MSAL and a plain HTTP client see it."""

from __future__ import annotations

import asyncio
from functools import partial

import msal
import requests

from tests.sandbox.client import BULK, answered, claims, client_of
from ttr_tui.sandbox import Sandbox


async def test_consent_makes_the_apps_token_work(sandbox: Sandbox) -> None:
    """Before consent the app has no principal; after it the token carries the three roles."""
    async with client_of(sandbox) as client:
        scope = f"{sandbox.graph_base_url}/.default"
        before = await client.token("client_credentials", scope=scope)
        assert (before.status, before.code) == (401, 7000229)
        answer = await client.consent()
        assert answer["admin_consent"] == "True"
        assert answer["tenant"] == client.tenant.id
        assert answer["state"] == "s t/1"
        token = await client.app_token()
        roles = {"Mail.ReadBasic.All", "User.Read.All", "Directory.Read.All"}
        assert set(claims(token)["roles"]) == roles  # type: ignore[call-overload]  # a JSON list
        organization = await client.graph("/organization", token)
        assert [entry["id"] for entry in organization.values] == [client.tenant.id]


async def test_users_come_page_by_page(sandbox: Sandbox) -> None:
    """Every user comes once; the count stands on the first page only."""
    async with client_of(sandbox) as client:
        await client.consent()
        token = await client.app_token()
        link, names, counts = "/users?$select=id,displayName&$top=25&$count=true", [], []
        while link:
            page = (await client.graph(link, token, eventual=True)).json
            names += [user["id"] for user in page["value"]]  # type: ignore[attr-defined]  # JSON
            counts.append(page.get("@odata.count"))
            link = str(page.get("@odata.nextLink", ""))
        assert len(names) == len(set(names)) == 60
        assert counts == [60, None, None]


async def test_msal_signs_in_and_refreshes(sandbox: Sandbox) -> None:
    """MSAL itself, unchanged, gets through sign-in, refresh and the app's token."""
    async with client_of(sandbox) as client:
        await client.consent()
        session = requests.Session()
        session.trust_env = False
        session.verify = str(sandbox.ca_file)
        app = await asyncio.to_thread(
            partial(
                msal.ConfidentialClientApplication,
                sandbox.client_id,
                client_credential=sandbox.client_secret,
                authority=f"{sandbox.authority_host}/{client.tenant.id}",
                instance_discovery=False,
                http_client=session,
            )
        )
        scopes = [f"{sandbox.graph_base_url}/{name}" for name in ("Mail.ReadBasic", "User.Read")]
        flow = app.initiate_auth_code_flow(
            scopes,
            redirect_uri=client.redirects[BULK],
            prompt="select_account",
            response_mode="form_post",
        )
        page = await client.administrator.get(flow["auth_uri"].replace("form_post", "query"))
        page = await client.administrator.submit(page, label="weber")
        tokens = await asyncio.to_thread(
            app.acquire_token_by_auth_code_flow, flow, answered(page.url)
        )
        assert tokens["id_token_claims"]["tid"] == client.tenant.id
        again = await asyncio.to_thread(
            app.acquire_token_by_refresh_token, tokens["refresh_token"], scopes
        )
        assert again["refresh_token"] != tokens["refresh_token"]
        own = await asyncio.to_thread(
            app.acquire_token_for_client, [f"{sandbox.graph_base_url}/.default"]
        )
        assert own["access_token"]
        session.close()


async def test_a_batch_asks_twenty_mailboxes(sandbox: Sandbox) -> None:
    """Each item of a batch has its own status, and they come in another order."""
    async with client_of(sandbox) as client:
        await client.consent()
        token = await client.app_token()
        people = client.tenant.directory.people[:20]
        body = {
            "requests": [
                {"id": p.id, "method": "GET", "url": f"/users/{p.id}/mailFolders/inbox?$select=id"}
                for p in people
            ]
        }
        reply = await client.graph("/$batch", token, body=body)
        answers = reply.json["responses"]
        assert isinstance(answers, list)
        assert [answer["id"] for answer in answers] != [p.id for p in people]
        status = {answer["id"]: answer["status"] for answer in answers}
        assert status == {p.id: 200 if p.mailbox else 404 for p in people}


async def test_the_demo_hostings(sandbox: Sandbox) -> None:
    """A single-tenant registration lives in its only tenant; a multi-tenant one has a home."""
    assert [t.name for t in sandbox.tenants] == [
        "Contoso Ltd",
        "Fabrikam GmbH",
        "Northwind Traders",
    ]
    assert sandbox.home not in sandbox.tenants
    async with Sandbox(users=10, hosting="self") as alone, client_of(alone) as client:
        assert alone.tenants == [alone.home]
        token = await client.app_token()
        assert "roles" not in claims(token)
        assert (await client.graph("/organization", token)).status == 403
        await client.consent()
        found = await client.graph(
            f"/applications(appId='{alone.client_id}')", await client.app_token()
        )
        assert found.json["signInAudience"] == "AzureADMyOrg"
