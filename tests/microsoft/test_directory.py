"""The directory: users as they come, kinds as far as they can be known, and what is granted."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import CLIENT_ID, TENANT, Reply
from ttr_tui.errors import AnswerBroken, ConsentNeeded, PermissionMissing
from ttr_tui.microsoft import directory, grants
from ttr_tui.microsoft.directory_user import users_in
from ttr_tui.microsoft.endpoints import GRAPH_APP_ID
from ttr_tui.microsoft.user_page import read_users
from ttr_tui.model import Secret, UserKind

EXCHANGE = {"service": "exchange", "capabilityStatus": "Enabled", "servicePlanId": "p"}
ENDED = {"service": "exchange", "capabilityStatus": "Deleted", "servicePlanId": "p"}
TEAMS = {"service": "TeamspaceAPI", "capabilityStatus": "Enabled", "servicePlanId": "p"}
GRAPH_SP, OUR_SP = "sp-graph", "sp-ours"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"assignedPlans": [EXCHANGE]}, UserKind.MEMBER),
        ({"assignedPlans": [TEAMS, EXCHANGE], "userType": None}, UserKind.MEMBER),
        ({"assignedPlans": [EXCHANGE], "userType": "Guest"}, UserKind.GUEST),
        ({"assignedPlans": [], "userType": "guest", "accountEnabled": False}, UserKind.GUEST),
        ({"assignedPlans": [], "accountEnabled": False, "mail": "team@x"}, UserKind.SHARED),
        ({"assignedPlans": [ENDED], "accountEnabled": False, "mail": "t@x"}, UserKind.SHARED),
        ({"assignedPlans": [], "accountEnabled": False, "mail": None}, UserKind.DISABLED),
        ({"assignedPlans": [EXCHANGE], "accountEnabled": False, "mail": "x@x"}, UserKind.DISABLED),
        ({"assignedPlans": [], "mail": "x@x"}, UserKind.NO_LICENCE),
        ({"assignedPlans": [TEAMS, ENDED]}, UserKind.NO_LICENCE),
        ({"assignedPlans": [], "accountEnabled": None}, UserKind.NO_LICENCE),
        ({"assignedPlans": None}, UserKind.MEMBER),
        ({}, UserKind.MEMBER),
        ({"assignedPlans": ["odd", None, {}]}, UserKind.NO_LICENCE),
    ],
)
def test_a_user_has_exactly_one_kind(told: dict[str, Any], kind: UserKind) -> None:
    """Guest, shared?, disabled, no licence, member: the first that fits; nulls are tolerated."""
    assert directory.kind_of(told) is kind


async def test_users_come_page_by_page_with_only_the_fields_shown(
    connected: Connected, token: Secret
) -> None:
    """999 at a time, selected fields, and whatever is null or odd is empty, not an error."""
    link = f"{connected.graph.url}/v1.0/users?$skiptoken=two"
    users = [
        {
            "id": "u-1",
            "displayName": "Ægir [bold]\x1b[31m\0",
            "userPrincipalName": "aegir@contoso.example",
            "mail": "a@contoso.example",
            "department": "Sales",
            "jobTitle": "Lead",
            "officeLocation": "Berlin",
            "assignedPlans": [EXCHANGE],
            "proxyAddresses": [
                *("SMTP:A@contoso.example", "smtp:Old@x.example", "SMTP:old@X.example"),
                *("sip:a@contoso.example", "X500:/o=x", "smtp:", 7),
            ],
        },
        {
            "id": "u-2",
            "userPrincipalName": "b@contoso.example",
            "mail": None,
            "jobTitle": 7,
            "accountEnabled": False,
            "proxyAddresses": "odd",
        },
        {"id": None, "displayName": "nobody"},
    ]
    connected.graph.on(
        "GET", "/v1.0/users", Reply({"value": users, "@odata.nextLink": link}), Reply({"value": []})
    )
    pages = [page async for page in directory.user_pages(connected.ms, token)]
    first, second = pages[0].users
    assert (first.name, first.address) == ("Ægir [bold]\x1b[31m", "a@contoso.example")
    assert (first.department, first.title) == ("Sales", "Lead")
    assert (second.name, second.address, second.title) == ("", "b@contoso.example", "")
    assert [page.next_link for page in pages] == [link, ""]
    target = unquote(connected.graph.seen[0].target)
    assert "$top=999" in target
    assert "assignedPlans" in target
    assert "proxyAddresses" in target
    assert (first.office, first.aliases, first.licensed) == ("Berlin", ("Old@x.example",), True)
    assert (second.office, second.aliases, second.licensed, second.enabled) == ("", (), None, False)


async def test_a_poll_goes_on_at_a_former_link(connected: Connected, token: Secret) -> None:
    """`start` is a next link of an earlier poll, checked like any other."""
    connected.graph.on("GET", "/v1.0/users", Reply({"value": [{"id": "u-9"}]}))
    link = f"{connected.graph.url}/v1.0/users?$skiptoken=nine"
    pages = [page async for page in directory.user_pages(connected.ms, token, link)]
    assert [user.object_id for page in pages for user in page.users] == ["u-9"]
    assert "skiptoken=nine" in connected.graph.seen[0].target


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        (Reply("\ufeff2512", headers={"Content-Type": "text/plain"}), 2512),
        (Reply("2512\n"), 2512),
        (Reply("many"), None),
        (Reply("-1"), None),
        (Reply("", 404), None),
        (Reply("", 429, {"Retry-After": "60"}), None),
        (Reply("", 500), None),
    ],
)
async def test_not_knowing_the_count_is_no_failure(
    connected: Connected, token: Secret, reply: Reply, count: int | None
) -> None:
    """The count is asked for once, with ConsistencyLevel, and may be None."""
    connected.graph.on("GET", "/v1.0/users/$count", reply)
    assert await directory.count_users(connected.ms, token) == count
    assert [s.headers["ConsistencyLevel"] for s in connected.graph.seen] == ["eventual"]


async def test_the_organization_names_its_tenant(connected: Connected, token: Secret) -> None:
    """Exactly one organization is expected; its id is the tenant's."""
    told = {
        "id": TENANT.upper(),
        "displayName": "Contoso",
        "verifiedDomains": [{"name": "contoso.example"}, None],
    }
    connected.graph.on("GET", "/v1.0/organization", Reply({"value": [told]}))
    found = await directory.organization(connected.ms, token)
    assert (found.id, found.name, found.domains) == (TENANT, "Contoso", ("contoso.example",))
    for value in ([], [told, told], [{"displayName": "no id"}], None):
        connected.graph.on("GET", "/v1.0/organization", Reply({"value": value}))
        with pytest.raises(AnswerBroken):
            await directory.organization(connected.ms, token)


async def test_first_user_proves_that_users_answer(connected: Connected, token: Secret) -> None:
    """A 403 there is the missing permission."""
    connected.graph.on("GET", "/v1.0/users", Reply({"value": []}))
    await directory.first_user(connected.ms, token)
    connected.graph.on("GET", "/v1.0/users", Reply({"error": {"code": "Denied"}}, 403))
    with pytest.raises(PermissionMissing):
        await directory.first_user(connected.ms, token)


def lists_grants(connected: Connected, *, key_form: bool) -> None:
    """Let Graph list our service principal and grants; without the key form, by filter only."""
    for app_id, sp in ((CLIENT_ID, OUR_SP), (GRAPH_APP_ID, GRAPH_SP)):
        if key_form:
            path = f"/v1.0/servicePrincipals(appId='{app_id}')"
            connected.graph.on("GET", path, Reply({"id": sp}))
    if not key_form:
        ours, graph = ({"value": [{"id": sp}]} for sp in (OUR_SP, GRAPH_SP))
        connected.graph.on("GET", "/v1.0/servicePrincipals", Reply(ours), Reply(graph))
    grants = f"/v1.0/servicePrincipals/{OUR_SP}"
    connected.graph.on(
        "GET",
        f"{grants}/appRoleAssignments",
        Reply(
            {
                "value": [
                    role("693c5e45-0940-467d-9b8a-1022fb9d42ef"),
                    role("DF021288-BDEF-4463-88DB-98F22DE89214"),
                    role("7ab1d382-f21e-4acd-a863-ba3e13f7da61", resource="sp-of-somebody-else"),
                    role("00000000-0000-0000-0000-000000000000"),
                ]
            }
        ),
    )
    connected.graph.on(
        "GET",
        f"{grants}/oauth2PermissionGrants",
        Reply(
            {
                "value": [
                    delegated(" Mail.ReadBasic User.Read"),
                    delegated("Mail.Read", consent="Principal"),
                    delegated("Files.Read.All", resource="sp-of-somebody-else"),
                ]
            }
        ),
    )


def role(app_role: str, resource: str = GRAPH_SP) -> dict[str, Any]:
    return {"appRoleId": app_role, "resourceId": resource, "resourceDisplayName": "Microsoft Graph"}


def delegated(
    scope: str, consent: str = "AllPrincipals", resource: str = GRAPH_SP
) -> dict[str, Any]:
    return {"consentType": consent, "resourceId": resource, "scope": scope}


@pytest.mark.parametrize("key_form", [True, False])
async def test_grants_are_compared_by_id_and_resource(
    connected: Connected, token: Secret, key_form: bool
) -> None:
    """Only Graph's own roles count, by GUID, and only what was granted for everybody."""
    lists_grants(connected, key_form=key_form)
    found = await grants.granted(connected.ms, token, CLIENT_ID)
    assert found.application == {"Mail.ReadBasic.All", "User.Read.All"}
    assert found.delegated == {"Mail.ReadBasic", "User.Read"}
    assert found.service_principal_id == OUR_SP


async def test_no_service_principal_means_no_consent(connected: Connected, token: Secret) -> None:
    """An app the tenant does not know needs consent; a denied look-up is a missing permission."""
    connected.graph.on("GET", "/v1.0/servicePrincipals", Reply({"value": []}))
    with pytest.raises(ConsentNeeded):
        await grants.granted(connected.ms, token, CLIENT_ID)
    path = f"/v1.0/servicePrincipals(appId='{CLIENT_ID}')"
    connected.graph.on("GET", path, Reply({"error": {"code": "Authorization_RequestDenied"}}, 403))
    with pytest.raises(PermissionMissing):
        await grants.granted(connected.ms, token, CLIENT_ID)


PLAIN = {
    "id": "u-1",
    "displayName": "Ægir 😀",
    "userPrincipalName": "aegir@contoso.example",
    "mail": None,
    "accountEnabled": True,
    "userType": "Member",
    "assignedPlans": [EXCHANGE],
    "department": None,
    "proxyAddresses": ["SMTP:aegir@contoso.example", "smtp:Sea@contoso.example", "x500:/o=x"],
}


@pytest.mark.parametrize(
    ("odd", "quick"),
    [
        ({}, True),
        ({"more": {"deep": [1, {}]}, "assignedPlans": [], "proxyAddresses": []}, True),
        ({"accountEnabled": None, "assignedPlans": None, "proxyAddresses": None}, True),
        ({"id": None}, True),
        ({"displayName": 1}, False),
        ({"displayName": "NUL \0 within"}, False),
        ({"displayName": "half \ud800 of a pair"}, False),
        ({"assignedPlans": ["odd", None, {}]}, False),
        ({"proxyAddresses": "smtp:a@b.example"}, False),
        ({"accountEnabled": "no"}, False),
    ],
)
def test_a_page_is_read_at_once_or_field_by_field(odd: dict[str, Any], quick: bool) -> None:
    """Both give the same users; only what is of another type, or cannot be stored, needs more."""
    text = json.dumps({"@odata.nextLink": "https://there", "value": [PLAIN | odd, PLAIN]})

    read = read_users(text.encode())

    assert (read is not None) == quick
    if read is not None:
        assert read == (users_in(json.loads(text)["value"]), "https://there")
