"""Graph's resources in their real shapes, with Graph's own rules about queries and permissions."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.sandbox.client import Client, client_of
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.people import Kind
from ttr_tui.sandbox.permissions import APP_ROLES, GRAPH_APP_ID, ROLE_TEMPLATES

DEFAULT_SET = {
    *("businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone"),
    *("officeLocation", "preferredLanguage", "surname", "userPrincipalName"),
}


async def ready(client: Client) -> str:
    """Consent and return the app's token."""
    await client.consent()
    return await client.app_token()


async def test_the_bearer_is_checked(sandbox: Sandbox) -> None:
    """Missing, unknown and expired tokens are 401 InvalidAuthenticationToken."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        bare = await client.send("GET", f"{sandbox.graph_base_url}/v1.0/users")
        assert (bare.status, bare.code) == (401, "InvalidAuthenticationToken")
        assert bare.headers["WWW-Authenticate"].startswith("Bearer")
        assert (await client.graph("/users", "nonsense")).status == 401
        good = await client.graph("/users", token)
        assert {"request-id", "client-request-id", "x-ms-resource-unit"} <= good.headers.keys()
        client.tenant.advance(5401)
        late = await client.graph("/users", token)
        assert (late.status, late.code) == (401, "InvalidAuthenticationToken")
        error = late.json["error"]
        assert isinstance(error, dict)
        assert error["innerError"].keys() == {"date", "request-id", "client-request-id"}


async def test_a_token_shows_its_own_tenant_only(sandbox: Sandbox) -> None:
    """Consent in one tenant opens no other."""
    async with client_of(sandbox) as client, client_of(sandbox, 1) as other:
        token = await ready(client)
        scope = f"{sandbox.graph_base_url}/.default"
        assert (await other.token("client_credentials", scope=scope)).code == 7000229
        theirs = other.tenant.administrator.id
        missing = await client.graph(f"/users/{theirs}", token)
        assert (missing.status, missing.code) == (404, "Request_ResourceNotFound")


async def test_select(sandbox: Sandbox) -> None:
    """Without $select there is the default set; unknown and impossible properties are refused."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        plain = await client.graph("/users?$top=1", token)
        assert plain.values[0].keys() == DEFAULT_SET
        few = await client.graph("/users?$top=1&$select=id,department,assignedPlans", token)
        assert few.values[0].keys() == {"id", "department", "assignedPlans"}
        assert (await client.graph("/users?$select=mailboxSettings", token)).status == 501
        unknown = await client.graph("/users?$select=nonsense", token)
        assert (unknown.status, unknown.code) == (400, "BadRequest")
        person = client.tenant.administrator
        for name in (person.id, person.user_principal_name.upper()):
            found = await client.graph(f"/users/{name}?$select=displayName", token)
            assert found.json["displayName"] == person.display_name
        guest = next(p for p in client.tenant.directory.people if p.kind is Kind.GUEST)
        found = await client.graph(f"/users/{quote(guest.user_principal_name)}", token)
        assert found.json["id"] == guest.id


REFUSED = [
    ("/users?$top=1000", "Request_UnsupportedQuery"),
    ("/users?$top=0", "Request_UnsupportedQuery"),
    ("/users?$skip=5", "Request_UnsupportedQuery"),
    ('/users?$search="displayName:an"', "Request_UnsupportedQuery"),
    ("/users?$filter=userType ne 'Guest'", "Request_UnsupportedQuery"),
    ("/users?$filter=nonsense eq 'a'", "Request_UnsupportedQuery"),
    ("/users?$filter=gibberish", "Request_UnsupportedQuery"),
    ("/users?$orderby=department", "Request_UnsupportedQuery"),
    ("/users?$orderby=displayName&$filter=accountEnabled eq true", "Request_UnsupportedQuery"),
    ("/users/$count", "Request_BadRequest"),
    ("/users?$skiptoken=made-up", "Directory_ExpiredPageToken"),
    ("/nonsense", "BadRequest"),
    ("/me", "BadRequest"),
]


@pytest.mark.parametrize(("path", "code"), REFUSED)
async def test_queries_graph_does_not_support(sandbox: Sandbox, path: str, code: str) -> None:
    """Each is 400 without `ConsistencyLevel: eventual`, with Graph's code."""
    async with client_of(sandbox) as client:
        reply = await client.graph(path, await ready(client))
        assert (reply.status, reply.code) == (400, code)


async def test_advanced_queries(sandbox: Sandbox) -> None:
    """With the header (and $count=true) search, count, `ne` and sorting work."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        people = client.tenant.directory.people
        count = await client.graph("/users/$count", token, eventual=True)
        assert (count.text, count.headers["Content-Type"].split(";")[0]) == ("60", "text/plain")
        ignored = await client.graph("/users?$count=true", token)
        assert "@odata.count" not in ignored.json
        found = await client.graph(
            '/users?$search="displayName:web" OR "mail:web"', token, eventual=True
        )
        assert "Anna Weber" in [user["displayName"] for user in found.values]
        guests = [p.id for p in people if p.kind is Kind.GUEST]
        reply = await client.graph("/users?$filter=userType eq 'Guest'&$select=id", token)
        assert [user["id"] for user in reply.values] == guests
        path = "/users?$filter=userType ne 'Guest'&$select=id&$count=true&$top=999"
        reply = await client.graph(path, token, eventual=True)
        assert reply.json["@odata.count"] == len(people) - len(guests)
        plan = (
            "assignedPlans/any(p:p/service eq 'exchange' and p/capabilityStatus eq 'Enabled')"
            " and accountEnabled eq true"
        )
        path = f"/users?$filter={plan}&$count=true&$top=999&$orderby=displayName desc"
        names = [
            user["displayName"] for user in (await client.graph(path, token, eventual=True)).values
        ]
        assert len(names) == sum(p.licensed and p.account_enabled for p in people)
        assert names == sorted(names, key=lambda name: str(name).lower(), reverse=True)


async def test_page_tokens_are_opaque_and_end(sandbox: Sandbox) -> None:
    """The header is needed again on page two; tokens age, and serve one listing of one tenant."""
    async with client_of(sandbox) as client, client_of(sandbox, 1) as other:
        token = await ready(client)
        first = await client.graph("/users?$top=10&$count=true", token, eventual=True)
        link = str(first.json["@odata.nextLink"])
        without = await client.graph(link, token)
        assert (without.status, without.code) == (400, "Directory_ExpiredPageToken")
        again = [(await client.graph(link, token, eventual=True)).values for _ in range(2)]
        assert again[0] == again[1] != first.values
        stolen = await client.graph(link, await ready(other), eventual=True)
        assert stolen.code == "Directory_ExpiredPageToken"
        client.tenant.advance(601)
        assert (await client.graph(link, token, eventual=True)).code == "Directory_ExpiredPageToken"


async def test_our_app_as_graph_lists_it(sandbox: Sandbox) -> None:
    """Service principal, role assignments and delegated grants, by real GUIDs."""
    async with client_of(sandbox) as client:
        token, appid = await ready(client), sandbox.client_id
        ours = (await client.graph(f"/servicePrincipals(appId='{appid}')", token)).json
        assert ours["appOwnerOrganizationId"] == sandbox.home.id
        listed = await client.graph(f"/servicePrincipals?$filter=appId eq '{appid}'", token)
        assert [entry["id"] for entry in listed.values] == [ours["id"]]
        graph = (
            await client.graph(
                f"/servicePrincipals(appId='{GRAPH_APP_ID}')?$select=id,appRoles", token
            )
        ).json
        assert graph.keys() == {"@odata.context", "id", "appRoles"}
        roles = await client.graph(f"/servicePrincipals/{ours['id']}/appRoleAssignments", token)
        wanted = {
            APP_ROLES[n] for n in ("Mail.ReadBasic.All", "User.Read.All", "Directory.Read.All")
        }
        assert {entry["appRoleId"] for entry in roles.values} == wanted
        assert {entry["resourceId"] for entry in roles.values} == {graph["id"]}
        for path in (
            f"/servicePrincipals/{ours['id']}/oauth2PermissionGrants",
            f"/oauth2PermissionGrants?$filter=clientId eq '{ours['id']}'",
        ):
            grant = (await client.graph(path, token)).values[0]
            assert (grant["consentType"], grant["principalId"]) == ("AllPrincipals", None)
            assert {"Mail.ReadBasic", "User.Read", "offline_access"} <= set(
                str(grant["scope"]).split()
            )
        unknown = await client.graph(f"/servicePrincipals(appId='{client.tenant.id}')", token)
        assert unknown.status == 404


async def test_the_registration_is_at_home_only(sandbox: Sandbox) -> None:
    """A customer's tenant has no application object: 404 by key, empty by filter."""
    async with client_of(sandbox) as client:
        token, appid = await ready(client), sandbox.client_id
        assert (await client.graph(f"/applications(appId='{appid}')", token)).status == 404
        path = f"/applications?$filter=appId eq '{appid}'"
        assert (await client.graph(path, token)).values == []
    async with Sandbox(users=5, hosting="self") as alone, client_of(alone) as client:
        token = await ready(client)
        path = f"/applications?$filter=appId eq '{alone.client_id}'"
        found = (await client.graph(path, token)).values[0]
        secret = found["passwordCredentials"][0]  # type: ignore[index]  # JSON
        assert (secret["hint"], secret["secretText"]) == (alone.client_secret[:3], None)


async def test_mailboxes(sandbox: Sandbox) -> None:
    """Folders and messages without bodies; 404 where there is no mailbox, 403 where blocked."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        people = client.tenant.directory.people
        for person in people:
            reply = await client.graph(f"/users/{person.id}/mailFolders/inbox?$select=id", token)
            assert reply.status == (200 if person.mailbox else 404), person
            assert person.mailbox or reply.code == "MailboxNotEnabledForRESTAPI"
        person = next(p for p in people if p.mailbox and p.draw % 900 > 30)
        inbox = f"/users/{person.user_principal_name}/mailFolders/inbox"
        page = await client.graph(f"{inbox}/messages?$top=20&$select=id,subject", token)
        more = await client.graph(str(page.json["@odata.nextLink"]), token)
        ids = [message["id"] for message in (*page.values, *more.values)]
        assert len(ids) == len(set(ids)) > 20
        whole = (await client.graph(f"{inbox}/messages", token)).values[0]
        assert not {"body", "bodyPreview", "uniqueBody"} & whole.keys()
        body = await client.graph(f"{inbox}/messages?$select=body", token)
        assert (body.status, body.code) == (403, "ErrorAccessDenied")
        sandbox.dials.blocked.add(person.user_principal_name)
        blocked = await client.graph(inbox, token)
        assert (blocked.status, blocked.code) == (403, "ErrorAccessDenied")
        assert "[RAOP]" in blocked.text
        sandbox.dials.blocked.clear()
        sandbox.dials.no_mailbox.add(person.id)
        assert (await client.graph(inbox, token)).status == 404
        client.tenant.revoke_role("Mail.ReadBasic.All")
        denied = await client.graph(inbox, await client.app_token())
        assert (denied.status, denied.code) == (403, "ErrorAccessDenied")
        assert "[RAOP]" not in denied.text


async def test_delegated_tokens_see_themselves(sandbox: Sandbox) -> None:
    """/me, the organisation and one's own mail; not the directory, not another's mail."""
    async with client_of(sandbox) as client:
        await client.consent()
        body = (await client.redeem((await client.sign_in())["code"])).json
        token = str(body["access_token"])
        me = client.tenant.administrator
        assert (await client.graph("/me", token)).json["id"] == me.id
        assert (await client.graph("/organization", token)).status == 200
        assert (await client.graph("/me/mailFolders/inbox", token)).status == 200
        denied = await client.graph("/users", token)
        assert (denied.status, denied.code) == (403, "Authorization_RequestDenied")
        other = client.tenant.other_administrator.id
        assert (await client.graph(f"/users/{other}/messages", token)).status == 403
        roles = (await client.graph("/me/transitiveMemberOf", token)).values
        assert [role["roleTemplateId"] for role in roles] == [None]


async def test_roles_groups_and_licences(sandbox: Sandbox) -> None:
    """The readiness reads: roles by template, groups, licences, domains, the consent policy."""
    async with client_of(sandbox) as client:
        token, tenant = await ready(client), client.tenant
        template = ROLE_TEMPLATES["Privileged Role Administrator"]
        path = f"/users/{tenant.administrator.id}/transitiveMemberOf"
        assert (await client.graph(path, token)).values[0]["roleTemplateId"] == template
        cast = f"{path}/microsoft.graph.directoryRole"
        assert (await client.graph(cast, token)).status == 400
        advanced = await client.graph(f"{cast}?$count=true", token, eventual=True)
        assert [role["roleTemplateId"] for role in advanced.values] == [template]
        holders = await client.graph(f"/directoryRoles(roleTemplateId='{template}')/members", token)
        assert [entry["id"] for entry in holders.values] == [tenant.administrator.id]
        held = f"$filter=principalId eq '{tenant.ordinary.id}'"
        path = f"/roleManagement/directory/roleAssignments?{held}"
        assert (await client.graph(path, token)).values == []
        licence = await client.graph(f"/users/{tenant.ordinary.id}/licenseDetails", token)
        assert licence.values[0]["skuPartNumber"] == "ENTERPRISEPACK"
        groups = (await client.graph("/groups", token)).values
        it = next(group["id"] for group in groups if group["displayName"] == "Team IT")
        members = (await client.graph(f"/groups/{it}/transitiveMembers", token)).values
        assert tenant.administrator.id in [member["id"] for member in members]
        for path in ("/domains", "/subscribedSkus", "/policies/adminConsentRequestPolicy"):
            assert (await client.graph(path, token)).status == 200


async def test_nothing_can_be_written(sandbox: Sandbox) -> None:
    """Revoking upstream needs permissions our registration does not have."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        path = f"/users/{client.tenant.administrator.id}/revokeSignInSessions"
        reply = await client.graph(path, token, body={})
        assert (reply.status, reply.code) == (403, "Authorization_RequestDenied")


def item(number: int, url: str = "/organization", **more: object) -> dict[str, object]:
    return {"id": str(number), "method": "GET", "url": url, **more}


BAD_BATCHES: list[list[dict[str, object]]] = [
    [],
    [item(n) for n in range(21)],
    [item(1), item(1)],
    [{"id": "1", "method": "GET"}],
]


@pytest.mark.parametrize("requests", BAD_BATCHES)
async def test_bad_batches(sandbox: Sandbox, requests: list[dict[str, object]]) -> None:
    """Empty, more than twenty, a duplicate id, a missing url: the whole batch is 400."""
    async with client_of(sandbox) as client:
        reply = await client.graph("/$batch", await ready(client), body={"requests": requests})
        assert (reply.status, reply.code) == (400, "BadRequest")


async def test_batch_items_stand_alone(sandbox: Sandbox) -> None:
    """Each item has its own status, headers and throttling; a failed dependency is 424."""
    async with client_of(sandbox) as client:
        token = await ready(client)
        requests = [
            item(1, "/users/nobody@contoso.example"),
            item(2, dependsOn=["1"]),
            item(3, "/users/$count"),
            item(4, "/users/$count", headers={"ConsistencyLevel": "eventual"}),
            item(5, "/v1.0/organization"),
            item(6, f"{sandbox.graph_base_url}/v1.0/organization"),
        ]
        reply = await client.graph("/$batch", token, body={"requests": requests})
        responses = reply.json["responses"]
        assert isinstance(responses, list)
        assert {entry["id"]: entry["status"] for entry in responses} == {
            "1": 404,
            "2": 424,
            "3": 400,
            "4": 200,
            "5": 400,
            "6": 400,
        }
        sandbox.dials.batch_throttle_next, sandbox.dials.retry_after = 1, 7
        reply = await client.graph("/$batch", token, body={"requests": [item(1), item(2)]})
        responses = reply.json["responses"]
        assert isinstance(responses, list)
        told = {
            entry["id"]: (entry["status"], entry["headers"].get("Retry-After"))
            for entry in responses
        }
        assert told == {"1": (429, "7"), "2": (200, None)}


async def test_delta(sandbox: Sandbox) -> None:
    """A first round, then only what changed; after seven days 410 says where to begin again."""
    async with Sandbox(users=450) as big, client_of(big) as client:
        token, ids, link = await ready(client), [], "/users/delta?$select=displayName"
        while "$deltatoken" not in link:
            page = await client.graph(link, token)
            ids += [user["id"] for user in page.values]
            link = str(page.json.get("@odata.nextLink") or page.json["@odata.deltaLink"])
        assert len(set(ids)) == 450
        tenant = client.tenant
        gone, changed = tenant.directory.people[40], tenant.directory.people[50]
        tenant.remove_user(gone.id)
        tenant.disable(changed.id)
        page = await client.graph(link, token)
        assert page.values == [
            {"id": gone.id, "@removed": {"reason": "changed"}},
            {"displayName": changed.display_name, "id": changed.id},
        ]
        link = str(page.json["@odata.deltaLink"])
        assert (await client.graph(link, token)).values == []
        latest = await client.graph("/users/delta?$deltatoken=latest", token)
        assert latest.values == []
        assert (await client.graph("/users/delta?$top=5", token)).status == 400
        tenant.advance(7 * 86400 + 1)
        over = await client.graph(link, await client.app_token())
        assert (over.status, over.code) == (410, "syncStateNotFound")
        assert over.headers["Location"].endswith("/users/delta?$deltatoken=")
