"""An administrator as the directory lists them: roles in effect, licences (facts section 9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import GraphRefused
from ttr_tui.microsoft.shapes import records, text
from ttr_tui.model import Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft

GRANTING_ROLES = {
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
}
"""Who may grant Graph's application permissions, by role template (facts sections 1.6 and 9.5)."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The granting roles somebody holds; `told` is False when roles came as bare ids."""

    granting: tuple[str, ...]
    told: bool


async def is_member(ms: Microsoft, token: Secret, object_id: str) -> bool:
    """Tell whether somebody is a member of the token's tenant: no guest, and not from elsewhere.

    Raises what `Graph.get` raises, but for nobody by that id.
    """
    path = f"/users/{quote(object_id, safe='')}?$select=id,userType"
    try:
        body = await ms.graph.get(path, token)
    except GraphRefused as refusal:
        if refusal.status != 404:
            raise
        return False
    return text(body, "userType").lower() != "guest"


async def roles(ms: Microsoft, token: Secret, object_id: str) -> Roles:
    """Return the granting roles in effect, also through groups; eligible ones (PIM) are not told.

    The cast is an advanced query (facts section 6.2). Raises what `Graph.get` raises.
    """
    user = quote(object_id, safe="")
    path = f"/users/{user}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true"
    found: set[str] = set()
    told = True
    async for page in ms.graph.pages(path, token, advanced=True):
        templates = [text(one, "roleTemplateId").lower() for one in page.records]
        told = told and all(templates)
        found.update(template for template in templates if template in GRANTING_ROLES)
    held = tuple(name for template, name in GRANTING_ROLES.items() if template in found)
    return Roles(held, told or bool(held))


async def licensed(ms: Microsoft, token: Secret, object_id: str) -> bool:
    """Tell whether somebody has any licence; raises what `Graph.get` raises."""
    path = f"/users/{quote(object_id, safe='')}/licenseDetails?$select=id"
    return bool(records((await ms.graph.get(path, token)).get("value")))
