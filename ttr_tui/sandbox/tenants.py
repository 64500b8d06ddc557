"""The tenants of the sandbox: who administers them, and what they granted to our app."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.people import Directory, Person, guid


@dataclass(slots=True, eq=False)
class RoleAssignment:
    """An application permission of Graph granted to our service principal."""

    id: str
    role: str
    visible_at: float


@dataclass(slots=True, eq=False)
class DelegatedGrant:
    """Delegated permissions granted for everybody (`principal_id` is None) or for one person."""

    id: str
    scopes: set[str]
    principal_id: str | None
    visible_at: float


@dataclass(slots=True, eq=False)
class ServicePrincipal:
    """Our app as it stands in one tenant."""

    id: str
    visible_at: float
    enabled: bool = True
    roles: list[RoleAssignment] = field(default_factory=list)
    grants: list[DelegatedGrant] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Tenant:
    """A tenant in small. `ahead` is how many seconds its clock is ahead of ours."""

    id: str
    name: str
    domain: str
    directory: Directory
    seed: int
    service_principal: ServicePrincipal | None = None
    ahead: float = 0.0
    sessions_revoked: dict[str, float] = field(default_factory=dict)
    made: int = 0

    @property
    def administrator(self) -> Person:
        """The administrator who may grant everything (Privileged Role Administrator)."""
        return self.directory.fixed[0]

    @property
    def other_administrator(self) -> Person:
        """Another administrator who may grant everything (Global Administrator)."""
        return self.directory.fixed[1]

    @property
    def application_administrator(self) -> Person:
        """An administrator who may not grant Graph's application permissions."""
        return self.directory.fixed[2]

    @property
    def ordinary(self) -> Person:
        """Somebody without any role."""
        return self.directory.fixed[3]

    @property
    def domains(self) -> tuple[str, str]:
        """The default domain, and the initial one every tenant has."""
        return self.domain, f"{self.domain.partition('.')[0]}.onmicrosoft.example"

    @property
    def graph_principal_id(self) -> str:
        """The object id of Microsoft Graph's own service principal here."""
        return guid(self.seed, -7)

    def now(self) -> float:
        """Return the tenant's time in seconds since the epoch."""
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Let time pass for what this tenant issued: codes, tokens, delays."""
        self.ahead += seconds

    def next_id(self) -> str:
        """Return a fresh object id."""
        self.made += 1
        return guid(self.seed, -1000 - self.made)

    def principal(self) -> ServicePrincipal | None:
        """Return our service principal once it can be seen."""
        principal = self.service_principal
        return principal if principal and principal.visible_at <= self.now() else None

    def ensure_principal(self, delay: float = 0.0) -> ServicePrincipal:
        """Return our service principal, made when there was none; visible after `delay` s."""
        if self.service_principal is None:
            self.service_principal = ServicePrincipal(self.next_id(), self.now() + delay)
        return self.service_principal

    def roles(self) -> list[RoleAssignment]:
        """Return the application permissions in effect."""
        principal = self.principal()
        return [r for r in principal.roles if r.visible_at <= self.now()] if principal else []

    def grants(self) -> list[DelegatedGrant]:
        """Return the delegated permissions in effect."""
        principal = self.principal()
        return [g for g in principal.grants if g.visible_at <= self.now()] if principal else []

    def grant_all(self, without: Collection[str] = (), delay: float = 0.0) -> None:
        """Record tenant-wide consent to what the registration requires.

        `without` names application permissions that are left out; all of it shows after `delay`
        seconds.
        """
        roles = [role for role in permissions.REQUIRED_ROLES if role not in without]
        self.grant(roles, permissions.REQUIRED_SCOPES, delay)

    def grant(self, roles: Collection[str], scopes: Collection[str], delay: float = 0.0) -> None:
        """Record tenant-wide consent to these permissions, in effect after `delay` seconds."""
        principal = self.ensure_principal(delay)
        visible_at = self.now() + delay
        have = {assignment.role for assignment in principal.roles}
        new = [role for role in roles if role not in have]
        principal.roles += [RoleAssignment(self.next_id(), role, visible_at) for role in new]
        self._grant(principal, None, {*scopes, "openid", "profile"}, delay)

    def grant_scopes(
        self, scopes: Collection[str], person: Person | None, delay: float = 0.0
    ) -> None:
        """Record consent to delegated permissions: one person's, or for everybody (None)."""
        who = person.id if person else None
        self._grant(self.ensure_principal(delay), who, scopes, delay)

    def _grant(
        self,
        principal: ServicePrincipal,
        person_id: str | None,
        scopes: Collection[str],
        delay: float,
    ) -> None:
        for grant in principal.grants:
            if grant.principal_id == person_id:
                grant.scopes |= set(scopes)
                return
        grant = DelegatedGrant(self.next_id(), set(scopes), person_id, self.now() + delay)
        principal.grants.append(grant)

    def allowed_scopes(self, person: Person) -> set[str]:
        """Return the delegated permissions our app has for somebody."""
        mine = (g for g in self.grants() if g.principal_id in {None, person.id})
        return {scope for grant in mine for scope in grant.scopes}

    def revoke_consent(self) -> None:
        """Take every grant back; the service principal stays."""
        if self.service_principal:
            self.service_principal.roles.clear()
            self.service_principal.grants.clear()

    def revoke_role(self, role: str) -> None:
        """Take one application permission back."""
        if self.service_principal:
            kept = [r for r in self.service_principal.roles if r.role != role]
            self.service_principal.roles[:] = kept

    def remove_app(self) -> None:
        """Delete our service principal, with all grants."""
        self.service_principal = None

    def disable_app(self) -> None:
        """Disable our service principal (AADSTS7000112). Raises KeyError when there is none."""
        self._app_enabled(enabled=False)

    def enable_app(self) -> None:
        """Enable our service principal again. Raises KeyError when there is none."""
        self._app_enabled(enabled=True)

    def _app_enabled(self, *, enabled: bool) -> None:
        if self.service_principal is None:
            raise KeyError("app")
        self.service_principal.enabled = enabled

    def revoke_sessions(self, person: Person) -> None:
        """Make every refresh token somebody has unusable from now on (AADSTS50173)."""
        self.sessions_revoked[person.id] = self.now()

    def reset_password(self, name: str) -> None:
        """Set a new password in the admin center, which ends refresh tokens (facts section 2.5).

        Raises KeyError when there is no such account.
        """
        self.revoke_sessions(self.person(name))

    def disable(self, name: str) -> None:
        """Disable an account by object id or user principal name.

        Raises KeyError when there is none.
        """
        self._enabled(name, enabled=False)

    def enable(self, name: str) -> None:
        """Enable an account again. Raises KeyError when there is none."""
        self._enabled(name, enabled=True)

    def _enabled(self, name: str, *, enabled: bool) -> None:
        person = self.person(name)
        person.account_enabled = enabled
        self.directory.changed(person)

    def remove_user(self, name: str) -> None:
        """Delete an account. Raises KeyError when there is none."""
        self.directory.remove(self.person(name))

    def person(self, name: str) -> Person:
        """Return who has this object id or user principal name; KeyError when nobody."""
        person = self.directory.find(name)
        if person is None:
            raise KeyError(name)
        return person
