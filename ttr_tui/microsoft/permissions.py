"""Names of Graph's permissions by id and type: a name alone says too little (facts section 10).

Mail.ReadBasic is an application permission and a delegated one, with two ids.
"""

from __future__ import annotations

from ttr_tui.microsoft.endpoints import APP_ROLES
from ttr_tui.model import PERMISSIONS, PermissionType

SIGN_IN_ITSELF = frozenset({"openid", "profile", "email"})
"""What any sign-in brings along; it opens nothing of the tenant."""

_SIGN_IN_IDS = {
    "37f7f235-527c-4136-accd-4a02d197296e": "openid",
    "14dad69e-099b-42c9-810b-d002981feec1": "profile",
    "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0": "email",
}

KNOWN_NAMES = {
    **{(key, PermissionType.APPLICATION): name for key, name in APP_ROLES.items()},
    **{(key, PermissionType.DELEGATED): name for key, name in _SIGN_IN_IDS.items()},
    **{(one.id, one.type): one.name for one in PERMISSIONS},
}
"""Names by (id, type), where Graph itself does not tell them."""
