"""Everything the sandbox remembers while it runs, and nothing after."""

from __future__ import annotations

import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property

from ttr_tui.sandbox.dials import Dials
from ttr_tui.sandbox.issued import AccessToken, Code, Ledger, PageToken, RefreshToken, SignIn
from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.registration import Registration, among
from ttr_tui.sandbox.signing import SigningKey, signing_key
from ttr_tui.sandbox.tenants import Tenant

SHARED_SEGMENTS = frozenset({"common", "organizations"})


@dataclass(eq=False)
class World:
    """The state all endpoints share. The three roots have no trailing slash."""

    registration: Registration
    tenants: list[Tenant]
    dials: Dials = field(default_factory=Dials)
    login: str = ""
    graph: str = ""
    stranger: str = ""
    sign_ins: Ledger[SignIn] = field(default_factory=lambda: Ledger[SignIn](length=24))
    sessions: Ledger[tuple[Tenant, str]] = field(
        default_factory=lambda: Ledger[tuple[Tenant, str]](length=24)
    )
    codes: Ledger[Code] = field(default_factory=lambda: Ledger[Code]("1.A"))
    refresh_tokens: Ledger[RefreshToken] = field(
        default_factory=lambda: Ledger[RefreshToken]("1.R", 96)
    )
    access_tokens: Ledger[AccessToken] = field(default_factory=Ledger[AccessToken])
    page_tokens: Ledger[PageToken] = field(default_factory=lambda: Ledger[PageToken]("RFNwdAIAAQ"))
    kept: dict[object, object] = field(default_factory=dict)  # by directory: `listing.Kept`
    seen: deque[str] = field(default_factory=lambda: deque(maxlen=20_000))

    at_once: int = 0  # requests to Graph under way
    most_at_once: int = 0
    closed_until: float = 0.0  # the loop's time until which a throttled Graph wants no request
    impatient: int = 0  # requests that came all the same

    @cached_property
    def key(self) -> SigningKey:
        """The key that signs tokens, made when the first one is."""
        return signing_key()

    def tenant(self, segment: str) -> Tenant | None:
        """Return the tenant of a URL segment: its GUID or one of its verified domains."""
        wanted = segment.lower()
        return next((t for t in self.tenants if wanted == t.id or wanted in t.domains), None)

    def issuer(self, tenant: Tenant) -> str:
        """Return the tenant's issuer (facts section 14)."""
        return f"{self.login}/{tenant.id}/v2.0"

    def host_for(self, endpoint: str) -> str:
        """Return the root discovery names for an endpoint: the stranger's if a dial says so."""
        return self.stranger if self.dials.foreign_endpoint == endpoint else self.login

    def token_lifetime(self) -> int:
        """Return how long an access token lives: 60 to 90 minutes (facts section 2.3)."""
        return 3600 + secrets.randbelow(1801)

    def may_use(self, tenant: Tenant) -> bool:
        """Say whether the registration may be used in a tenant at all (its audience)."""
        home = tenant.id == self.registration.home_tenant_id
        return home or self.registration.multi_tenant

    def home_time(self) -> float:
        """Return the time in the registration's home tenant, in seconds since the epoch."""
        home = self.tenant(self.registration.home_tenant_id)
        return home.now() if home else time.time()

    def accepts(self, redirect_uri: str) -> bool:
        """Say whether a redirect URI is registered, on whatever platform."""
        return among(redirect_uri, self.registration.replies(self.dials))

    def disabled(self, tenant: Tenant) -> bool:
        """Say whether our app is disabled in a tenant."""
        principal = tenant.principal()
        return principal is not None and (self.dials.app_disabled or not principal.enabled)

    def roles_of(self, person: Person) -> tuple[str, ...]:
        """Return the directory roles somebody holds."""
        return () if self.dials.administrators_without_role else person.roles
