"""The part of an app registration's manifest that this product needs (facts sections 9 and 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui.model import PERMISSIONS
from ttr_tui.model.permissions import GRAPH

if TYPE_CHECKING:
    from ttr_tui.setup_guide.wanted import Wanted


def required_resource_access() -> list[dict[str, Any]]:
    """Return the six permissions as the manifest's `requiredResourceAccess`."""
    access = [{"id": permission.id, "type": permission.type.value} for permission in PERMISSIONS]
    return [{"resourceAppId": GRAPH, "resourceAccess": access}]


def app_manifest(wanted: Wanted) -> dict[str, Any]:
    """Return the manifest's fragment: audience, redirect URLs, the two boxes, permissions."""
    return {
        "signInAudience": wanted.audience,
        "web": {
            "redirectUris": list(wanted.redirects.values()),
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": wanted.ticked,
                "enableIdTokenIssuance": wanted.ticked,
            },
        },
        "requiredResourceAccess": required_resource_access(),
    }
