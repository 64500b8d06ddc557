"""What the sandbox handed out and must recognise again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.tenants import Tenant

CODE_SECONDS = 600.0
REFRESH_SECONDS = 90 * 86400.0
SPA_SECONDS = 86400.0


@dataclass(slots=True, eq=False)
class SignIn:
    """Somebody is at our sign-in pages; `kind` says which request brought them."""

    kind: Literal["authorize", "admin_consent", "admin_consent_v1"]
    segment: str
    query: dict[str, str] = field(repr=False)
    tenant: Tenant | None = None
    person: Person | None = None


@dataclass(slots=True, eq=False)
class Code:
    """An authorization code: bound to tenant, person, redirect URI and PKCE challenge."""

    tenant: Tenant
    segment: str
    person: Person
    redirect_uri: str
    scope: str
    challenge: str = field(repr=False)
    nonce: str = field(repr=False)
    issued_at: float = 0.0
    used: bool = False


@dataclass(slots=True, eq=False)
class RefreshToken:
    """A refresh token: bound to person and client (facts section 2.5).

    `signed_in_at` and `spa` are inherited from the sign-in it descends from.
    """

    tenant: Tenant
    person: Person
    scope: str
    issued_at: float
    signed_in_at: float
    spa: bool = False


@dataclass(slots=True, eq=False)
class AccessToken:
    """An access token for Graph: somebody's (`person`), or the app's own."""

    tenant: Tenant
    expires_at: float
    audience: str
    person: Person | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class PageToken:
    """Where a listing goes on, and with which parameters it was begun.

    `following` is the id of who comes next: a place moves when somebody before it leaves.
    """

    tenant: Tenant
    resource: str
    position: int
    query: dict[str, str]
    advanced: bool
    issued_at: float
    following: str = ""


Kept = TypeVar("Kept")


class Ledger(Generic[Kept]):
    """Values behind random handles."""

    def __init__(self, prefix: str = "", length: int = 48) -> None:
        self._kept: dict[str, Kept] = {}
        self._prefix = prefix
        self._length = length

    def add(self, value: Kept) -> str:
        """Keep a value; return its handle."""
        handle = self._prefix + secrets.token_urlsafe(self._length)
        self._kept[handle] = value
        return handle

    def put(self, handle: str, value: Kept) -> None:
        """Keep a value behind a handle made elsewhere."""
        self._kept[handle] = value

    def find(self, handle: str) -> Kept | None:
        """Return the value behind a handle."""
        return self._kept.get(handle)

    def drop(self, handle: str) -> None:
        """Forget a handle."""
        self._kept.pop(handle, None)
