"""Addresses beside the user principal name, and how strictly Graph is asked for them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.sandbox.client import Client, client_of
from ttr_tui.sandbox import Sandbox

DESK = "front-desk@contoso.example"


async def ready(client: Client) -> str:
    client.tenant.grant_all()
    return await client.app_token()


async def filtered(client: Client, token: str, text: str) -> list[str]:
    reply = await client.graph(f"/users?$filter={quote(text)}&$select=displayName", token)
    assert reply.status == 200, reply.text
    return [str(user["displayName"]) for user in reply.values]


async def test_people_have_primary_addresses_and_aliases(sandbox: Sandbox) -> None:
    """One primary, `SMTP:`; one account whose address is not its name; one alias of two."""
    async with client_of(sandbox) as client:
        reply = await client.graph("/users?$select=mail,proxyAddresses", await ready(client))
        for user in reply.values:
            proxies = user["proxyAddresses"]
            assert isinstance(proxies, list)
            primary = [address for address in proxies if address.startswith("SMTP:")]
            assert primary == ([f"SMTP:{user['mail']}"] if user["mail"] else [])
        renamed = client.tenant.application_administrator
        assert renamed.mail == "priya.raman@contoso.example" != renamed.user_principal_name
        holders = [p.display_name for p in client.tenant.directory.people if DESK in p.aliases]
        assert holders == ["Björn Lindqvist", "Tom Becker"]
        everybody = sandbox.tenants[2].directory.people
        assert "siobhan.o'neill@northwind.example" in everybody[0].aliases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"proxyAddresses/any(p:p eq 'smtp:{DESK}')", ["Björn Lindqvist", "Tom Becker"]),
        (f"proxyAddresses/any(p:p eq 'SMTP:{DESK}')", []),
        ("proxyAddresses/any(x:x eq 'SMTP:A.Weber@Contoso.example')", ["Anna Weber"]),
        ("proxyAddresses/any(p:startsWith(p,'smtp:anna.w'))", ["Anna Weber"]),
        (f"mail eq 't.becker@contoso.example' or mail eq '{DESK}'", ["Tom Becker"]),
        ("proxyAddresses/any(p:p eq 'smtp:o''neill@contoso.example')", []),
    ],
)
async def test_addresses_are_filtered_without_an_advanced_query(
    sandbox: Sandbox, text: str, found: list[str]
) -> None:
    """`eq` and `startsWith`; the kind before the colon is compared as written."""
    async with client_of(sandbox) as client:
        assert await filtered(client, await ready(client), text) == found


@pytest.mark.parametrize(
    "text",
    [
        "proxyAddresses/any(p:endsWith(p,'@contoso.example'))",
        "proxyAddresses/any(p:p eq 'smtp:o'neill@contoso.example')",
        "proxyAddresses/any(p:q eq 'smtp:a')",
        "proxyAddresses eq 'smtp:a@contoso.example'",
        "mail eq 'o'neill@contoso.example'",
    ],
)
async def test_what_graph_does_not_understand_is_refused(sandbox: Sandbox, text: str) -> None:
    """`endsWith` without ConsistencyLevel, and a quote that is not doubled."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        reply = await client.graph(f"/users?$filter={quote(text)}", token)
        assert (reply.status, reply.code) == (400, "Request_UnsupportedQuery")
        if "endsWith" in text:
            path = f"/users?$filter={quote(text)}&$count=true"
            assert (await client.graph(path, token, eventual=True)).values
