"""What a tenant has granted to our app, as Graph lists it, compared by id and never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import ConsentNeeded
from ttr_tui.microsoft import principal
from ttr_tui.microsoft.endpoints import APP_ROLES
from ttr_tui.microsoft.shapes import text
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_ALL_PRINCIPALS = "allprincipals"


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """One application permission by its id; `resource` names whose it is, as far as told."""

    id: str
    resource_id: str
    resource: str


@dataclass(frozen=True, slots=True)
class ScopesGranted:
    """Delegated permissions of one resource: for everybody, or for one person (`person_id`)."""

    scopes: tuple[str, ...]
    resource_id: str
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """Everything a tenant granted to our app, whatever its resource."""

    roles: tuple[RoleGranted, ...]
    scopes: tuple[ScopesGranted, ...]


@dataclass(frozen=True, slots=True)
class Grants:
    """The permissions of Graph a tenant granted to our app, for everybody in it."""

    application: frozenset[str]
    delegated: frozenset[str]
    service_principal_id: str = ""


async def granted(ms: Microsoft, token: Secret, client_id: str) -> Grants:
    """Return the grants of the token's tenant to `client_id` (facts sections 9.1 and 10).

    Raises ConsentNeeded when our service principal is not there, and what `Graph.get` raises.
    """
    ours = await principal.id_of(ms, token, client_id)
    if not ours:
        raise not_here()
    graph = await principal.id_of_graph(ms, token)
    everything = await listed(ms, token, ours)
    names = (APP_ROLES.get(one.id) for one in everything.roles if one.resource_id == graph)
    for_all = (one for one in everything.scopes if one.resource_id == graph and not one.person_id)
    return Grants(
        frozenset(filter(None, names)),
        frozenset(scope for one in for_all for scope in one.scopes),
        ours,
    )


async def listed(ms: Microsoft, token: Secret, principal_id: str) -> Granted:
    """Return all that is granted to a service principal of the token's tenant.

    Raises what `Graph.get` raises.
    """
    return Granted(await _roles(ms, token, principal_id), await _scopes(ms, token, principal_id))


def not_here() -> ConsentNeeded:
    """Return the error for a tenant in which our service principal does not exist."""
    return ConsentNeeded(
        "The app is not known in this tenant.",
        means="Nobody has granted the admin permission yet, or it was taken back.",
        cure="Grant the admin permission.",
    )


async def _roles(ms: Microsoft, token: Secret, ours: str) -> tuple[RoleGranted, ...]:
    found = []
    path = f"/servicePrincipals/{quote(ours, safe='')}/appRoleAssignments"
    async for page in ms.graph.pages(path, token):
        found += [
            RoleGranted(
                text(one, "appRoleId").lower(),
                text(one, "resourceId"),
                text(one, "resourceDisplayName"),
            )
            for one in page.records
        ]
    return tuple(found)


async def _scopes(ms: Microsoft, token: Secret, ours: str) -> tuple[ScopesGranted, ...]:
    found = []
    path = f"/servicePrincipals/{quote(ours, safe='')}/oauth2PermissionGrants"
    async for page in ms.graph.pages(path, token):
        for grant in page.records:
            for_all = text(grant, "consentType").lower() == _ALL_PRINCIPALS
            person = "" if for_all else text(grant, "principalId") or "somebody"
            scopes = tuple(text(grant, "scope").split())
            found.append(ScopesGranted(scopes, text(grant, "resourceId"), person))
    return tuple(found)
