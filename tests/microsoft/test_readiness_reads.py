"""What readiness reads at Graph: whatever comes becomes values, and bodies are never kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import CLIENT_ID, Reply
from ttr_tui.errors import AnswerBroken, PermissionMissing, TokenStale, Unreachable
from ttr_tui.microsoft import administrator, mailbox, principal, registration
from ttr_tui.microsoft.admin_center import AdminCenter
from ttr_tui.model import Outcome, PermissionType, Secret

APPLICATION = f"/v1.0/applications(appId='{CLIENT_ID}')"
OURS = f"/v1.0/servicePrincipals(appId='{CLIENT_ID}')"
WHO = "0b0b0b0b-0000-4000-8000-000000000001"
ROLES = f"/v1.0/users/{WHO}/transitiveMemberOf/microsoft.graph.directoryRole"
INBOX = f"/v1.0/users/{WHO}/mailFolders/inbox/messages"


def refusal(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


async def test_a_registration_is_read_by_platform_and_id(
    connected: Connected, token: Secret
) -> None:
    """Seven digits of a second, upper-case ids and missing parts are all read."""
    body = {
        "displayName": "TTR",
        "signInAudience": "AzureADMyOrg",
        "web": {
            "redirectUris": ["https://p.example/a"],
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": False,
                "enableIdTokenIssuance": True,
            },
        },
        "spa": {"redirectUris": ["https://p.example/b"]},
        "publicClient": None,
        "requiredResourceAccess": [
            {"resourceAppId": "AB", "resourceAccess": [{"id": "CD", "type": "Scope"}, {"id": "x"}]}
        ],
        "passwordCredentials": [
            {
                "keyId": "k",
                "displayName": None,
                "hint": "abc",
                "endDateTime": "2027-01-02T03:04:05Z",
            }
        ],
        "keyCredentials": [{"displayName": "CN=x", "endDateTime": "2027-01-02T03:04:05.1234567Z"}],
    }
    connected.graph.on("GET", APPLICATION, Reply(body))
    read = await registration.application(connected.ms, token, CLIENT_ID)
    assert read is not None
    assert (read.web, read.spa, read.public) == (
        ("https://p.example/a",),
        ("https://p.example/b",),
        (),
    )
    assert (read.access_token_box, read.id_token_box) == (False, True)
    (requested,) = read.requested
    assert (requested.resource_app_id, requested.id) == ("ab", "cd")
    assert requested.type is PermissionType.DELEGATED
    (secret,), (certificate,) = read.secrets, read.certificates
    assert (secret.name, secret.hint) == ("k", "abc")
    assert secret.ends is not None
    assert certificate.ends is not None
    assert secret.ends.isoformat() == "2027-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"web": "x", "spa": [1], "requiredResourceAccess": {}, "passwordCredentials": "none"},
        {"web": {"redirectUris": [1, None], "implicitGrantSettings": {"enableIdTokenIssuance": 1}}},
        {"passwordCredentials": [{"endDateTime": "soon", "hint": 7}], "keyCredentials": [None]},
        {"passwordCredentials": [{"endDateTime": "9999-12-31T23:59:59-12:00", "hint": "abc"}]},
    ],
)
async def test_a_registration_of_odd_shapes_tells_nothing(
    connected: Connected, token: Secret, body: dict[str, Any]
) -> None:
    """What is not of its type is not told; nothing is guessed and nothing crashes."""
    connected.graph.on("GET", APPLICATION, Reply(body))
    read = await registration.application(connected.ms, token, CLIENT_ID)
    assert read is not None
    assert (read.web, read.requested, read.certificates) == ((), (), ())
    assert (read.access_token_box, read.id_token_box) == (None, None)
    assert all(secret.ends is None for secret in read.secrets)


async def test_a_registration_elsewhere_is_none_and_a_closed_one_is_refused(
    connected: Connected, token: Secret
) -> None:
    """404 and an empty list say it is not here; 403 is no such word."""
    connected.graph.on("GET", "/v1.0/applications", Reply({"value": []}))
    assert await registration.application(connected.ms, token, CLIENT_ID) is None
    connected.graph.on("GET", APPLICATION, Reply(refusal("Authorization_RequestDenied"), 403))
    with pytest.raises(PermissionMissing):
        await registration.application(connected.ms, token, CLIENT_ID)


@pytest.mark.parametrize(
    ("body", "enabled"),
    [
        ({"id": "sp", "accountEnabled": True, "disabledByMicrosoftStatus": None}, True),
        ({"id": "sp"}, True),
        ({"id": "sp", "accountEnabled": False}, False),
        ({"id": "sp", "isDisabled": True}, False),
        ({"id": "sp", "disabledByMicrosoftStatus": "DisabledDueToViolation"}, False),
    ],
)
async def test_whether_the_app_is_switched_on(
    connected: Connected, token: Secret, body: dict[str, Any], enabled: bool
) -> None:
    """By the tenant or by Microsoft: either switches it off."""
    connected.graph.on("GET", OURS, Reply(body))
    found = await principal.ours(connected.ms, token, CLIENT_ID)
    assert found is not None
    assert found.enabled is enabled


async def test_graph_that_is_not_there_is_a_broken_answer(
    connected: Connected, token: Secret
) -> None:
    """Every tenant has Graph; one without it is not believed."""
    connected.graph.on("GET", "/v1.0/servicePrincipals", Reply({"value": []}))
    assert await principal.ours(connected.ms, token, CLIENT_ID) is None
    with pytest.raises(AnswerBroken):
        await principal.graph(connected.ms, token)


@pytest.mark.parametrize(
    ("templates", "granting", "told"),
    [
        ([], 0, True),
        (["e8611ab8-c189-46e8-94e1-60213ab1f814"], 1, True),
        (["62E90394-69F5-4237-9190-012177145E10", None], 1, True),
        (["158c047a-c907-4556-b7ef-446551a6b5f7"], 0, True),
        (["158c047a-c907-4556-b7ef-446551a6b5f7", None], 0, False),
    ],
)
async def test_roles_are_known_by_their_template(
    connected: Connected, token: Secret, templates: list[str | None], granting: int, told: bool
) -> None:
    """Bare ids tell nothing, unless a granting role stands beside them; the cast is advanced."""
    values = [{"id": "r", "roleTemplateId": template} for template in templates]
    connected.graph.on("GET", ROLES, Reply({"value": values}))
    found = await administrator.roles(connected.ms, token, WHO)
    assert (len(found.granting), found.told) == (granting, told)
    assert connected.graph.seen[-1].headers["ConsistencyLevel"] == "eventual"
    assert connected.graph.seen[-1].target.endswith("?$count=true")


@pytest.mark.parametrize(
    ("reply", "member"),
    [
        (Reply({"id": WHO, "userType": "Member"}), True),
        (Reply({"id": WHO, "userType": None}), True),
        (Reply({"id": WHO, "userType": "Guest"}), False),
        (Reply(refusal("Request_ResourceNotFound"), 404), False),
    ],
)
async def test_who_is_a_member(
    connected: Connected, token: Secret, reply: Reply, member: bool
) -> None:
    """Old accounts have no type and are members; guests and strangers are not."""
    connected.graph.on("GET", f"/v1.0/users/{WHO}", reply)
    assert await administrator.is_member(connected.ms, token, WHO) is member


async def test_one_message_as_it_comes_and_nothing_kept(
    connected: Connected, token: Secret
) -> None:
    """No property is selected; that bodies came is told by name, their text by nothing."""
    body = {"subject": "s", "body": {"content": "deep-secret"}, "bodyPreview": "deep", "x": 1}
    connected.graph.on("GET", INBOX, Reply({"value": [body]}))
    answer = await mailbox.one_message(connected.ms, token, WHO)
    assert (answer.message, answer.body_properties) == (True, ("body", "bodyPreview"))
    assert "deep" not in repr(answer)
    assert connected.graph.seen[-1].target == f"{INBOX}?$top=1"
    connected.graph.on("GET", INBOX, Reply({"value": [{"id": "m", "body": None}]}))
    answer = await mailbox.one_message(connected.ms, token, WHO)
    assert (answer.outcome, answer.message, answer.body_properties) == (Outcome.ADDED, True, ())
    connected.graph.on("GET", INBOX, Reply({"value": []}))
    answer = await mailbox.one_message(connected.ms, token, WHO)
    assert (answer.outcome, answer.message) == (Outcome.ADDED, False)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(refusal("ErrorAccessDenied", "Access to OData is disabled."), 403), Outcome.BLOCKED),
        (Reply(refusal("ErrorAccessDenied", "Access is denied."), 403), Outcome.FAILED),
        (Reply(refusal("MailboxNotEnabledForRESTAPI"), 404), Outcome.NO_MAILBOX),
        (Reply(refusal("ErrorInvalidUser"), 404), Outcome.NO_MAILBOX),
    ],
)
async def test_a_closed_mailbox_is_told_from_a_missing_one(
    connected: Connected, token: Secret, reply: Reply, outcome: Outcome
) -> None:
    """By status, code and Exchange's own words; the refusal itself is kept."""
    connected.graph.on("GET", INBOX, reply)
    answer = await mailbox.one_message(connected.ms, token, WHO)
    assert answer.outcome is outcome
    assert answer.refusal is not None
    assert answer.refusal.status == reply.status


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(refusal("InvalidAuthenticationToken"), 401), TokenStale),
        (Reply("", 500), Unreachable),
        (Reply('{"value": ['), AnswerBroken),
    ],
)
async def test_what_says_nothing_of_a_mailbox_is_raised(
    connected: Connected, token: Secret, reply: Reply, error: type[Exception]
) -> None:
    """A stale token, a server's trouble and a broken answer are no mailbox's."""
    connected.graph.on("GET", INBOX, reply)
    with pytest.raises(error):
        await mailbox.one_message(connected.ms, token, WHO)


def test_the_admin_center_opens_at_this_very_app() -> None:
    """The registration in its home tenant, the enterprise app and people in the company's."""
    center = AdminCenter("https://login.microsoftonline.com", "t", "c", "home", "sp")
    registered = "https://entra.microsoft.com/home/#view/Microsoft_AAD_RegisteredApps"
    pages = {
        center.overview(): "Overview/appId/c",
        center.authentication(): "Authentication/appId/c",
        center.api_permissions(): "CallAnAPI/appId/c",
        center.secrets(): "Credentials/appId/c",
    }
    for page, end in pages.items():
        assert page == f"{registered}/ApplicationMenuBlade/~/{end}"
    enterprise = "https://entra.microsoft.com/t/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~"
    assert center.consent() == f"{enterprise}/Permissions/objectId/sp/appId/c"
    assert center.properties() == f"{enterprise}/Properties/objectId/sp/appId/c"
    assert center.roles_of("o/1").endswith("AdministrativeRole/userId/o%2F1")
    unknown_home = AdminCenter("https://login.microsoftonline.us", "t", "c", "")
    assert unknown_home.secrets().startswith("https://entra.microsoft.us/#view/")
    elsewhere = AdminCenter("https://127.0.0.1:8443", "t", "c", "home", "sp")
    for page in (elsewhere.overview(), elsewhere.consent(), elsewhere.properties()):
        assert page == ""
    assert elsewhere.roles_of("o") == ""
