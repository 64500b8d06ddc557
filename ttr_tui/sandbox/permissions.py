"""Microsoft Graph's permissions and Entra's roles by their real GUIDs (facts sections 9.5, 10)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
EXCHANGE_APP_ID = "00000002-0000-0ff1-ce00-000000000000"
FULL_ACCESS_AS_APP = "dc890d15-9560-4a4c-9b7f-a736ec74ec40"
"""Exchange Online's own application permission for every mailbox."""

APP_ROLES = {
    "Mail.ReadBasic.All": "693c5e45-0940-467d-9b8a-1022fb9d42ef",
    "Mail.ReadBasic": "6be147d2-ea4f-4b5a-a3fa-3eab6f3c140a",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "DelegatedPermissionGrant.ReadWrite.All": "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "User.RevokeSessions.All": "77f3a031-c388-4f99-b373-dc68676a979e",
    "RoleManagement.Read.Directory": "483bed4a-2ad3-4361-a73b-c83ccdbdc53c",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "MailboxSettings.Read": "40f97065-369a-49f4-947c-6a255697ae91",
    "User.ReadBasic.All": "97235f07-e226-4f63-ace3-39588e11d3a1",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Mail.Read": "810c84a8-4a9e-49e6-bf7d-12d183f40d01",
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
}

SCOPES = {
    "Mail.ReadBasic": "a4b8392a-d8d1-4954-a029-8e668a39a170",
    "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
    "User.Read.All": "a154be20-db9c-4678-8ab7-66f6cc099a59",
    "Directory.Read.All": "06da0dbc-49e2-44d2-8312-53f166ab848a",
    "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "MailboxSettings.Read": "87f447af-9fa4-4c32-9dfa-4a57a73d18ce",
    "User.ReadBasic.All": "b340eb25-3456-403f-be2f-af7a0d370277",
    "GroupMember.Read.All": "bc024368-1153-4739-b217-4326f2e966d0",
    "Mail.Read": "570282fd-fa5c-430d-a7fd-fc8dc98a9dca",
}

OIDC_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})

USER_CONSENTABLE = OIDC_SCOPES | {"User.Read", "User.ReadBasic.All"}
"""What an ordinary user may grant where Microsoft keeps the consent policy (facts section 1.7)."""

REQUIRED_ROLES = ("Mail.ReadBasic.All", "User.Read.All", "Directory.Read.All")
REQUIRED_SCOPES = ("Mail.ReadBasic", "User.Read", "offline_access")

SHOW_BODIES = frozenset({"Mail.Read", "Mail.ReadWrite"})
READ_MAIL = SHOW_BODIES | {"Mail.ReadBasic.All", "Mail.ReadBasic"}

PRIVILEGED_ROLE_ADMINISTRATOR = "Privileged Role Administrator"
GLOBAL_ADMINISTRATOR = "Global Administrator"
CLOUD_APPLICATION_ADMINISTRATOR = "Cloud Application Administrator"

ROLE_TEMPLATES = {
    PRIVILEGED_ROLE_ADMINISTRATOR: "e8611ab8-c189-46e8-94e1-60213ab1f814",
    GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
    CLOUD_APPLICATION_ADMINISTRATOR: "158c047a-c907-4556-b7ef-446551a6b5f7",
}

MAY_GRANT_GRAPH_ROLES = frozenset({PRIVILEGED_ROLE_ADMINISTRATOR, GLOBAL_ADMINISTRATOR})
"""Who may consent to Graph's application permissions (facts section 1.6)."""

MAY_GRANT_SCOPES = MAY_GRANT_GRAPH_ROLES | {CLOUD_APPLICATION_ADMINISTRATOR}


def id_of(kind: str, name: str) -> str:
    """Return the GUID of a permission of this kind; a name that is none is a GUID itself."""
    return (APP_ROLES if kind == "Role" else SCOPES).get(name, name)


def read_name(text: str) -> tuple[str, str]:
    """Return the kind, `Role` or `Scope`, and the name a dial means (see `Dials`)."""
    kind, colon, name = text.partition(":")
    if colon:
        return kind, name
    if text in REQUIRED_ROLES or (text in APP_ROLES and text not in REQUIRED_SCOPES):
        return "Role", text
    return "Scope" if text in SCOPES else "Role", text


def is_known(text: str) -> bool:
    """Say whether a dial's name is a permission of its kind, or a GUID."""
    kind, name = read_name(text)
    known = {"Role": APP_ROLES, "Scope": SCOPES}.get(kind)
    return known is not None and (name in known or bool(_GUID.fullmatch(name)))


def changed(
    kind: str, names: Iterable[str], missing: Iterable[str], extra: Iterable[str]
) -> list[str]:
    """Return the names of one kind without the missing ones, and with the extra ones."""
    without = {read_name(text) for text in missing}
    kept = [name for name in names if (kind, name) not in without]
    more = sorted(name for of_kind, name in map(read_name, extra) if of_kind == kind)
    return [*kept, *(name for name in more if name not in kept)]
