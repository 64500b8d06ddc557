"""Service principals: our app, and Graph, as they stand in one tenant (facts section 9.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ttr_tui.errors import AnswerBroken, GraphRefused
from ttr_tui.microsoft.endpoints import GRAPH_APP_ID
from ttr_tui.microsoft.shapes import records, text, texts
from ttr_tui.model import PermissionType, Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_TRY_THE_FILTER = frozenset({400, 404, 501})
_OURS = (
    "id,appId,displayName,accountEnabled,isDisabled,appOwnerOrganizationId,signInAudience,"
    "replyUrls,disabledByMicrosoftStatus"
)


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """Our app in a tenant; `home_tenant_id` is where its registration stands.

    `reply_urls` are the registration's redirect URLs of every platform, which is not told.
    """

    id: str
    name: str
    home_tenant_id: str
    audience: str
    reply_urls: tuple[str, ...]
    enabled: bool


@dataclass(frozen=True, slots=True)
class GraphPrincipal:
    """Microsoft Graph in a tenant, with the names of its permissions by (id, type)."""

    id: str
    names: Mapping[tuple[str, PermissionType], str]


async def ours(ms: Microsoft, token: Secret, client_id: str) -> ServicePrincipal | None:
    """Return our app in the token's tenant, or None; raises what `Graph.get` raises."""
    body = await _read(ms, token, client_id, _OURS)
    if body is None:
        return None
    switched_off = body.get("isDisabled") is True or bool(text(body, "disabledByMicrosoftStatus"))
    return ServicePrincipal(
        id=text(body, "id"),
        name=text(body, "displayName"),
        home_tenant_id=text(body, "appOwnerOrganizationId").lower(),
        audience=text(body, "signInAudience"),
        reply_urls=texts(body.get("replyUrls")),
        enabled=body.get("accountEnabled") is not False and not switched_off,
    )


async def graph(ms: Microsoft, token: Secret) -> GraphPrincipal:
    """Return Graph in the token's tenant; raises AnswerBroken when it is not there."""
    body = await _read(ms, token, GRAPH_APP_ID, "id,appId,appRoles,oauth2PermissionScopes")
    if body is None:
        raise _no_graph()
    lists = (
        (PermissionType.APPLICATION, "appRoles"),
        (PermissionType.DELEGATED, "oauth2PermissionScopes"),
    )
    return GraphPrincipal(
        text(body, "id"),
        {
            (text(one, "id").lower(), kind): text(one, "value")
            for kind, name in lists
            for one in records(body.get(name))
        },
    )


async def id_of(ms: Microsoft, token: Secret, app_id: str) -> str:
    """Return the id of an app's service principal in the tenant; empty when it has none."""
    body = await _read(ms, token, app_id, "id,appId")
    return "" if body is None else text(body, "id")


async def id_of_graph(ms: Microsoft, token: Secret) -> str:
    """Return the id of Graph's own service principal; raises AnswerBroken when it has none."""
    found = await id_of(ms, token, GRAPH_APP_ID)
    if not found:
        raise _no_graph()
    return found


async def _read(ms: Microsoft, token: Secret, app_id: str, fields: str) -> dict[str, Any] | None:
    named = quote(app_id, safe="")
    try:
        return await ms.graph.get(f"/servicePrincipals(appId='{named}')?$select={fields}", token)
    except GraphRefused as refusal:
        if refusal.status not in _TRY_THE_FILTER:
            raise
    filtered = f"/servicePrincipals?$filter=appId%20eq%20'{named}'&$select={fields}"
    found = records((await ms.graph.get(filtered, token)).get("value"))
    return found[0] if found else None


def _no_graph() -> AnswerBroken:
    return AnswerBroken("Microsoft Graph does not list itself in this tenant.", cure="Try again.")
