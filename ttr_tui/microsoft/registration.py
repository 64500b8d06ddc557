"""Our app registration as its home tenant lists it; no other tenant does (facts section 9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ttr_tui.errors import GraphRefused
from ttr_tui.microsoft.shapes import records, text, texts
from ttr_tui.model import PermissionType, Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

_FIELDS = (
    "id,appId,displayName,signInAudience,isDisabled,web,spa,publicClient,requiredResourceAccess,"
    "passwordCredentials,keyCredentials"
)
_TRY_THE_FILTER = frozenset({400, 404, 501})


@dataclass(frozen=True, slots=True)
class Credential:
    """A client secret or certificate of the registration; `hint` is a secret's first characters.

    `name` is what somebody called it, else its key id; `ends` is None where no date is told.
    """

    name: str
    hint: str
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Requested:
    """One permission the registration asks for: compared by resource, id and type."""

    resource_app_id: str
    id: str
    type: PermissionType


@dataclass(frozen=True, slots=True)
class Application:
    """The registration: redirect URLs by platform, boxes, permissions asked for, credentials.

    The two boxes are None where Graph does not tell them.
    """

    name: str
    audience: str
    enabled: bool
    web: tuple[str, ...]
    spa: tuple[str, ...]
    public: tuple[str, ...]
    access_token_box: bool | None
    id_token_box: bool | None
    requested: tuple[Requested, ...]
    secrets: tuple[Credential, ...]
    certificates: tuple[Credential, ...]


async def application(ms: Microsoft, token: Secret, client_id: str) -> Application | None:
    """Return the registration, or None when the token's tenant is not its home.

    Raises what `Graph.get` raises.
    """
    named = quote(client_id, safe="")
    try:
        return _application(
            await ms.graph.get(f"/applications(appId='{named}')?$select={_FIELDS}", token)
        )
    except GraphRefused as refusal:
        if refusal.status not in _TRY_THE_FILTER:
            raise
    filtered = f"/applications?$filter=appId%20eq%20'{named}'&$select={_FIELDS}"
    found = records((await ms.graph.get(filtered, token)).get("value"))
    return _application(found[0]) if found else None


def _application(body: Mapping[str, Any]) -> Application:
    web = _record(body.get("web"))
    boxes = _record(web.get("implicitGrantSettings"))
    return Application(
        name=text(body, "displayName"),
        audience=text(body, "signInAudience"),
        enabled=body.get("isDisabled") is not True,
        web=texts(web.get("redirectUris")),
        spa=texts(_record(body.get("spa")).get("redirectUris")),
        public=texts(_record(body.get("publicClient")).get("redirectUris")),
        access_token_box=_box(boxes, "enableAccessTokenIssuance"),
        id_token_box=_box(boxes, "enableIdTokenIssuance"),
        requested=tuple(_requested(body)),
        secrets=tuple(_credential(one) for one in records(body.get("passwordCredentials"))),
        certificates=tuple(_credential(one) for one in records(body.get("keyCredentials"))),
    )


def _requested(body: Mapping[str, Any]) -> list[Requested]:
    kinds = {kind.lower(): kind for kind in PermissionType}
    return [
        Requested(
            text(resource, "resourceAppId").lower(),
            text(one, "id").lower(),
            kinds[text(one, "type").lower()],
        )
        for resource in records(body.get("requiredResourceAccess"))
        for one in records(resource.get("resourceAccess"))
        if text(one, "type").lower() in kinds
    ]


def _credential(body: Mapping[str, Any]) -> Credential:
    name = text(body, "displayName") or text(body, "keyId")
    return Credential(name, text(body, "hint"), _moment(text(body, "endDateTime")))


def _moment(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _box(boxes: Mapping[str, Any], name: str) -> bool | None:
    value = boxes.get(name)
    return value if isinstance(value, bool) else None


def _record(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
