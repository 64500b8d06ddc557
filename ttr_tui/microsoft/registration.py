"""What a tenant has granted to our app, as Graph lists it, compared by id and never by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import AnswerBroken, ConsentNeeded, GraphRefused
from ttr_tui.microsoft.endpoints import APP_ROLES, GRAPH_APP_ID
from ttr_tui.microsoft.shapes import records, text
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_ALL_PRINCIPALS = "allprincipals"
_TRY_THE_FILTER = frozenset({400, 404, 501})


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
    ours = await _service_principal(ms, token, client_id)
    if not ours:
        raise ConsentNeeded(
            "The app is not known in this tenant.",
            means="Nobody has granted the admin permission yet, or it was taken back.",
            cure="Grant the admin permission.",
        )
    graph = await _service_principal(ms, token, GRAPH_APP_ID)
    if not graph:
        raise AnswerBroken(
            "Microsoft Graph does not list itself in this tenant.", cure="Try again."
        )
    return Grants(
        await _application(ms, token, ours, graph), await _delegated(ms, token, ours, graph), ours
    )


async def _service_principal(ms: Microsoft, token: Secret, app_id: str) -> str:
    """Return the id of an app's service principal in the tenant; empty when it has none."""
    named = quote(app_id, safe="")
    try:
        body = await ms.graph.get(f"/servicePrincipals(appId='{named}')?$select=id,appId", token)
        return text(body, "id")
    except GraphRefused as refusal:
        if refusal.status not in _TRY_THE_FILTER:
            raise
    filtered = f"/servicePrincipals?$filter=appId%20eq%20'{named}'&$select=id,appId"
    body = await ms.graph.get(filtered, token)
    ids = [text(found, "id") for found in records(body.get("value"))]
    return ids[0] if ids else ""


async def _application(ms: Microsoft, token: Secret, ours: str, graph: str) -> frozenset[str]:
    names = set()
    path = f"/servicePrincipals/{quote(ours, safe='')}/appRoleAssignments"
    async for page in ms.graph.pages(path, token):
        for assignment in page.records:
            name = APP_ROLES.get(text(assignment, "appRoleId").lower())
            if name and text(assignment, "resourceId") == graph:
                names.add(name)
    return frozenset(names)


async def _delegated(ms: Microsoft, token: Secret, ours: str, graph: str) -> frozenset[str]:
    names: set[str] = set()
    path = f"/servicePrincipals/{quote(ours, safe='')}/oauth2PermissionGrants"
    async for page in ms.graph.pages(path, token):
        for grant in page.records:
            for_all = text(grant, "consentType").lower() == _ALL_PRINCIPALS
            if for_all and text(grant, "resourceId") == graph:
                names.update(text(grant, "scope").split())
    return frozenset(names)
