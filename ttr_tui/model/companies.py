"""Companies, who works with them, and what the product asks Microsoft for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

COMPANY_MASTER_NAME = "Company Master"
"""The user principal name under which an administrator's authentication is stored."""


APPLICATION_PERMISSIONS = ("Mail.ReadBasic.All", "User.Read.All", "Directory.Read.All")
"""Application permissions the product needs (Graph app roles; facts section 10)."""


DELEGATED_PERMISSIONS = ("Mail.ReadBasic", "User.Read", "offline_access")
"""Delegated permissions every sign-in asks for (facts section 10)."""


def now() -> datetime:
    """Return the present moment in UTC, to the second's fraction."""
    return datetime.now(UTC)


class Hosting(StrEnum):
    """Whose app registration the installation uses."""

    SELF = "self"
    SAAS = "saas"


class Purpose(StrEnum):
    """What an authorization request is for; each has its own configured redirect URL."""

    AGENT = "agent"
    INVITATION = "invitation"
    REAUTHENTICATION = "reauthentication"
    COMPANY_MASTER = "company_master"
    ADMIN_CONSENT = "admin_consent"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sits here: the login name and where the session came from (empty when local)."""

    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A customer company, pinned to one Microsoft 365 tenant, one authority and one Graph host."""

    id: str
    name: str
    domain: str
    tenant_id: str
    authority_host: str
    graph_base_url: str
    created_at: datetime
    consent_proven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in, as Microsoft's ID token names them. `tenant_id` and `object_id` identify."""

    object_id: str
    tenant_id: str
    subject: str
    name: str
    user_principal_name: str

    @property
    def called(self) -> str:
        """The name, else the address, else the object: never nothing (OIDC Core 5.4)."""
        return self.name or self.user_principal_name or f"object {self.object_id}"

    @property
    def shown(self) -> str:
        """Name and address, as far as the ID token told them (OIDC Core 5.4), else the object."""
        told = ", ".join(filter(None, (self.name, self.user_principal_name)))
        return told or f"object {self.object_id}"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Who did what, when, from where, and how it ended; never a secret."""

    id: int
    at: datetime
    who: str
    origin: str
    what: str
    company_name: str
    subject: str
    outcome: str
    detail: str
