"""The dials of people, mailboxes and refusals; and every way access is revoked at Microsoft's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.sandbox.client import Client, Reply, client_of
from ttr_tui.sandbox import Dials, Sandbox

DAY = 86400.0
ADVANCED = "transitiveMemberOf/microsoft.graph.directoryRole?$count=true"


async def refresh(client: Client, token: object) -> Reply:
    return await client.token("refresh_token", refresh_token=str(token), scope=client.scope())


async def signed_in(client: Client) -> object:
    return (await client.redeem((await client.sign_in())["code"])).json["refresh_token"]


async def about_administrator(client: Client, token: str) -> dict[str, Any]:
    """Return what the reads about an administrator answer, one entry for each."""
    person = client.tenant.administrator
    replies = {
        "user": await client.graph(f"/users/{person.id}?$select=id,userType", token),
        "roles": await client.graph(f"/users/{person.id}/{ADVANCED}", token, eventual=True),
        "licences": await client.graph(f"/users/{person.id}/licenseDetails", token),
        "assignments": await client.graph(
            f"/roleManagement/directory/roleAssignments?$filter=principalId eq '{person.id}'", token
        ),
    }
    return {
        name: reply.json.get("value", reply.json) if reply.status == 200 else reply.status
        for name, reply in replies.items()
    }


async def test_the_administrator_dials(sandbox: Sandbox) -> None:
    """Role, licence, guest, elsewhere, bare ids: each changes the reads it names, and no other."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        token, dials = await client.app_token(), sandbox.dials
        before = await about_administrator(client, token)
        assert before["user"]["userType"] == "Member"

        async def changed(**turned: object) -> dict[str, Any]:
            dials.turn(turned)
            after = await about_administrator(client, token)
            dials.reset()
            return {name: value for name, value in after.items() if value != before[name]}

        without = await changed(administrators_without_role=True)
        assert without == {"roles": [], "assignments": []}
        assert await changed(administrators_unlicensed=True) == {"licences": []}
        guest = await changed(administrators_guests=True)
        assert guest.keys() == {"user"}
        assert guest["user"]["userType"] == "Guest"
        gone = await changed(administrators_elsewhere=True)
        assert gone == {"user": 404, "roles": 404, "licences": 404}
        (bare,) = (await changed(roles_as_ids=True))["roles"]
        assert [name for name, value in bare.items() if value is not None] == ["id"]
        dials.administrators_without_role = True
        page = await client.administrator.follow(
            client.consent_url(), account=client.tenant.administrator.user_principal_name
        )
        assert "AADSTS90094" in page.text


async def test_reads_are_denied_one_by_one(sandbox: Sandbox) -> None:
    """403 where the path has the part, inside a batch too; the others stand."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        token, dials = await client.app_token(), sandbox.dials
        administrator = client.tenant.administrator.id
        dials.denied_at = {"/licenseDetails", "/applications"}
        for path, status in (
            ("/applications", 403),
            (f"/users/{administrator}/licenseDetails", 403),
            (f"/users/{administrator}/transitiveMemberOf", 200),
            ("/users?$top=1", 200),
        ):
            assert (await client.graph(path, token)).status == status
        items = [
            {"id": "1", "method": "GET", "url": f"/users/{administrator}/licenseDetails"},
            {"id": "2", "method": "GET", "url": f"/users/{administrator}"},
        ]
        batch = await client.graph("/$batch", token, body={"requests": items})
        responses: Any = batch.json["responses"]
        assert {each["id"]: each["status"] for each in responses} == {"1": 403, "2": 200}


async def test_the_mailbox_dials(sandbox: Sandbox) -> None:
    """Bodies show where they leak, and with Mail.Read; Exchange can open what Entra does not."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        token, dials = await client.app_token(), sandbox.dials
        person = client.tenant.ordinary
        plain = f"/users/{person.id}/mailFolders/inbox/messages?$top=1"
        hidden = {"body", "bodyPreview", "uniqueBody"}
        (message,) = (await client.graph(plain, token)).values
        assert not hidden & message.keys()
        assert (await client.graph(f"{plain}&$select=body", token)).code == "ErrorAccessDenied"
        dials.body_leaks = True
        (message,) = (await client.graph(plain, token)).values
        assert hidden <= message.keys()
        (message,) = (await client.graph(f"{plain}&$select=id,body", token)).values
        assert message.keys() == {"id", "body"}
        dials.empty_inboxes = {person.id}
        assert (await client.graph(plain, token)).values == []
        dials.reset()
        dials.granted_extra = {"Mail.Read"}
        (message,) = (await client.graph(plain, await client.app_token())).values
        assert hidden <= message.keys()
        dials.reset()
        client.tenant.revoke_role("Mail.ReadBasic.All")
        bare = await client.app_token()
        assert (await client.graph(plain, bare)).code == "ErrorAccessDenied"
        dials.mail_by_rbac = True
        (message,) = (await client.graph(plain, bare)).values
        assert not hidden & message.keys()


async def test_sign_in_frequency(sandbox: Sandbox) -> None:
    """Counted from the sign-in, not from the last refresh (70043)."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        token = await signed_in(client)
        sandbox.dials.sign_in_frequency = DAY
        client.tenant.advance(DAY / 2)
        token = (await refresh(client, token)).json["refresh_token"]
        client.tenant.advance(DAY / 2 + 60)
        refused = await refresh(client, token)
        assert (refused.status, refused.json["error"], refused.code) == (
            400,
            "invalid_grant",
            70043,
        )
        assert (await refresh(client, await signed_in(client))).status == 200
        sandbox.dials.reset()
        assert (await refresh(client, token)).status == 200


async def test_access_ends_at_microsofts_side(sandbox: Sandbox) -> None:
    """Each action over HTTP ends the refresh token with its own code, and what can be undone is."""
    async with client_of(sandbox) as client:
        client.tenant.grant_all()
        who = client.tenant.administrator.user_principal_name
        scope = f"{sandbox.graph_base_url}/.default"

        async def act(action: str, value: str = "") -> None:
            url = f"{sandbox.graph_base_url}/sandbox/tenants/{client.tenant.id}/{action}"
            reply = await client.send("POST", url, data=value)
            assert reply.status == 200, reply.text

        token = await signed_in(client)
        for action, value, undo, code in (
            ("disable", who, "enable", 50057),
            ("disable-app", "", "enable-app", 7000112),
            ("revoke-consent", "", "grant", 65001),
            ("remove-app", "", "grant", 65001),
        ):
            await act(action, value)
            assert (await refresh(client, token)).code == code, action
            await act(undo, value)
            assert (await refresh(client, token)).status == 200, action
        for action in ("reset-password", "revoke-sessions"):
            await act(action, who)
            refused = await refresh(client, token)
            assert (refused.code, refused.json["suberror"]) == (50173, "bad_token")
            token = await signed_in(client)
            assert (await refresh(client, token)).status == 200
        await act("remove-user", who)
        assert (await refresh(client, token)).code == 50034
        await act("remove-app")
        assert (await client.token("client_credentials", scope=scope)).code == 7000229
        url = f"{sandbox.graph_base_url}/sandbox/tenants/{client.tenant.id}/disable-app"
        assert (await client.send("POST", url)).status == 400


async def test_dials_of_permissions_know_their_names(sandbox: Sandbox) -> None:
    """A misspelt permission is refused as a dial; reading and resetting covers all of them."""
    async with client_of(sandbox) as client:
        url = f"{sandbox.graph_base_url}/sandbox/dials"
        for wrong in ("Mail.Reed", "Role:User.Read", "Kind:Mail.Read"):
            reply = await client.send("POST", url, json={"granted_extra": [wrong]})
            assert (reply.status, sandbox.dials.granted_extra) == (400, set())
        fresh = (await client.send("GET", url)).json
        turned = {
            name: not value if isinstance(value, bool) else ["User.Read"]
            for name, value in fresh.items()
            if isinstance(value, bool | list) and name != "hang"
        }
        after = (await client.send("POST", url, json=turned)).json
        assert {name for name in fresh if after[name] != fresh[name]} == turned.keys()
        assert (await client.send("POST", url, json={})).json == fresh


def test_every_dial_is_on_paper() -> None:
    """docs/sandbox.md names all dials, and none that is not there."""
    page = Path(__file__).parent.parent.parent / "docs" / "sandbox.md"
    tables = page.read_text(encoding="utf-8").split("## What happens in a tenant")[0]
    first = [row.split("|")[1] for row in tables.splitlines() if row.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`(\w+)`", cell)} == set(
        Dials().reading()
    )
