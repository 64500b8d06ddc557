"""The six permissions of Microsoft Graph the product asks for: what each is for, and what not.

One table for the set-up guide, the start pages and whatever compares them with what was granted.
The ids are Microsoft's, the same in every tenant and cloud (facts section 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GRAPH = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's own application id, the same in every tenant (facts section 10)."""


class PermissionType(StrEnum):
    """What `requiredResourceAccess` calls a permission of the app, and one of whoever signs in."""

    APPLICATION = "Role"
    DELEGATED = "Scope"

    @property
    def word(self) -> str:
        """What the Entra admin center calls it."""
        return "application" if self is PermissionType.APPLICATION else "delegated"


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission, known by its id and type, never by its name (facts section 10).

    `allows` says to whoever grants it what it opens; `used_for` what the product does with it;
    `excludes` what it does not allow. The latter two read on behind a colon.
    """

    name: str
    type: PermissionType
    id: str
    allows: str
    used_for: str
    excludes: str


_NO_TEXT = (
    "Reading the body of a message, its preview, attachments or extended properties; searching "
    "mail; sending, moving, changing or deleting anything."
)

PERMISSIONS = (
    Permission(
        "Mail.ReadBasic.All",
        PermissionType.APPLICATION,
        "693c5e45-0940-467d-9b8a-1022fb9d42ef",
        "sender, recipients, subject and times of messages in every mailbox.",
        "Response times of agents added in bulk: when mail came and went, between whom, and its "
        "subject. TTR reads mailboxes that were added as agents, and no others.",
        f"{_NO_TEXT} It reaches every mailbox of the tenant, unless Exchange narrows it by an "
        "application access policy.",
    ),
    Permission(
        "User.Read.All",
        PermissionType.APPLICATION,
        "df021288-bdef-4463-88db-98f22de89214",
        "the list of users: names, addresses, departments.",
        "The list that agents are chosen from, and telling a person from a shared mailbox, a guest "
        "or a disabled account.",
        "Creating, changing or deleting a user; reading a password, or mail.",
    ),
    Permission(
        "Directory.Read.All",
        PermissionType.APPLICATION,
        "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
        "users, groups and apps of the directory, and what was granted to them.",
        "Choosing agents by group, and checking this set-up: the registration, what was granted, "
        "the administrator's role.",
        "Changing anything in the directory, assigning a role, granting a permission; reading "
        "mail.",
    ),
    Permission(
        "Mail.ReadBasic",
        PermissionType.DELEGATED,
        "a4b8392a-d8d1-4954-a029-8e668a39a170",
        "sender, recipients, subject and times of messages in your mailbox.",
        "The same for an agent who signed in alone: that person's own mailbox.",
        f"{_NO_TEXT} Reaching any mailbox but that of the person who signed in.",
    ),
    Permission(
        "User.Read",
        PermissionType.DELEGATED,
        "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
        "your name and address.",
        "Signing in, and knowing who signed in.",
        "Reading the profile of anybody else; changing one's own.",
    ),
    Permission(
        "offline_access",
        PermissionType.DELEGATED,
        "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        "the same while you are away, until it is revoked.",
        "Going on with the above without a new sign-in each hour.",
        "Anything beyond the other permissions: it adds none of its own. It ends when the sign-in "
        "or the consent is revoked.",
    ),
)
"""All six, application permissions first, in the order in which they are asked for."""
