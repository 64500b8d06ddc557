"""Directory roles, who holds them, and licences (facts section 9.1; checklist G10 and G11)."""

from __future__ import annotations

import re

from ttr_tui.sandbox import permissions, user_properties
from ttr_tui.sandbox.calls import Answer, Call, collection, not_found, route, selected, unsupported
from ttr_tui.sandbox.graph_users import READ_USERS, entry_of, find_person
from ttr_tui.sandbox.people import Person, guid

READ_ROLES = {"Directory.Read.All", "RoleManagement.Read.Directory"}

Entity = dict[str, object]

_ROLE_TYPE = "#microsoft.graph.directoryRole"
_PRINCIPAL_FILTER = re.compile(r"principalId eq '([^']*)'", re.IGNORECASE)


def _role_id(call: Call, role: str) -> str:
    return guid(call.tenant.seed, -400 - list(permissions.ROLE_TEMPLATES).index(role))


def _role(call: Call, role: str) -> Entity:
    return {
        "id": _role_id(call, role),
        "deletedDateTime": None,
        "description": f"{role} of the tenant",
        "displayName": role,
        "roleTemplateId": permissions.ROLE_TEMPLATES[role],
    }


def _holders(call: Call, role: str) -> list[Person]:
    return [person for person in call.tenant.directory.fixed if role in call.world.roles_of(person)]


def member_of(call: Call) -> Answer:
    """Answer the roles somebody holds.

    Without Directory.Read.All the roles come as bare ids (facts section 6.4). The cast is an
    advanced query.
    """
    if call.path.startswith("/me/"):
        call.named["user"] = "me"
    call.needs(READ_USERS | READ_ROLES, READ_USERS | {"User.Read"})
    cast = call.path.endswith("/microsoft.graph.directoryRole")
    if cast and not (call.advanced and call.query.get("$count") == "true"):
        raise unsupported("The cast needs ConsistencyLevel: eventual and $count=true.")
    have = call.token.scopes if call.token.person else call.token.roles
    full = READ_ROLES & have and not call.world.dials.roles_as_ids
    values: list[Entity] = []
    for role in call.world.roles_of(find_person(call)):
        entry = _role(call, role)
        shown = entry if full else dict.fromkeys(entry) | {"id": entry["id"]}
        values.append(({} if cast else {"@odata.type": _ROLE_TYPE}) | shown)
    return collection(call, "directoryObjects", values)


def list_roles(call: Call) -> Answer:
    """Answer the activated roles."""
    call.needs(READ_ROLES)
    roles = [_role(call, role) for role in permissions.ROLE_TEMPLATES]
    return collection(call, "directoryRoles", roles)


def role_members(call: Call) -> Answer:
    """Answer who holds a role, named by its template."""
    call.needs(READ_ROLES)
    for role, template in permissions.ROLE_TEMPLATES.items():
        if call.named["role"].lower() in {template, _role_id(call, role)}:
            people = [
                {"@odata.type": "#microsoft.graph.user"}
                | entry_of(call, person, user_properties.DEFAULT)
                for person in _holders(call, role)
            ]
            return collection(call, "directoryObjects", people)
    raise not_found(call.named["role"])


def role_assignments(call: Call) -> Answer:
    """Answer role assignments, of one principal where the filter names it."""
    call.needs(READ_ROLES)
    wanted = _PRINCIPAL_FILTER.fullmatch(call.query.get("$filter", ""))
    values: list[Entity] = [
        {
            "id": f"{template[:8]}-{person.id[:8]}",
            "principalId": person.id,
            "roleDefinitionId": template,
            "directoryScopeId": "/",
        }
        for role, template in permissions.ROLE_TEMPLATES.items()
        for person in _holders(call, role)
        if wanted is None or person.id == wanted[1].lower()
    ]
    return collection(call, "roleManagement/directory/roleAssignments", values)


_PLAN: Entity = {
    "appliesTo": "User",
    "provisioningStatus": "Success",
    "servicePlanId": user_properties.EXCHANGE_PLAN_ID,
    "servicePlanName": "EXCHANGE_S_ENTERPRISE",
}


def licence_details(call: Call) -> Answer:
    """Answer the licences of one user."""
    call.needs(READ_USERS - {"User.ReadBasic.All"})
    person = find_person(call)
    without = call.world.dials.administrators_unlicensed and bool(person.roles)
    licensed = person.licensed and not without
    licence: Entity = {
        "id": guid(person.draw, -5),
        "servicePlans": [_PLAN],
        "skuId": user_properties.SKU_ID,
        "skuPartNumber": "ENTERPRISEPACK",
    }
    shown = [selected(call, licence)] if licensed else []
    return collection(call, "licenseDetails", shown)


def subscribed_skus(call: Call) -> Answer:
    """Answer the tenant's licences and how many are used."""
    call.needs({"Directory.Read.All"})
    used = sum(person.licensed for person in call.tenant.directory.people)
    sku: Entity = {
        "id": f"{call.tenant.id}_{user_properties.SKU_ID}",
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": used,
        "prepaidUnits": {"enabled": used + 25, "suspended": 0, "warning": 0},
        "servicePlans": [_PLAN],
        "skuId": user_properties.SKU_ID,
        "skuPartNumber": "ENTERPRISEPACK",
    }
    return collection(call, "subscribedSkus", [sku])


ROUTES = (
    *(
        route(f"{owner}/{path}", member_of)
        for owner in ("/users/{user}", "/me")
        for path in (
            "memberOf",
            "transitiveMemberOf",
            "transitiveMemberOf/microsoft.graph.directoryRole",
        )
    ),
    route("/directoryRoles", list_roles),
    route("/directoryRoles(roleTemplateId='{role}')/members", role_members),
    route("/directoryRoles/{role}/members", role_members),
    route("/roleManagement/directory/roleAssignments", role_assignments),
    route("/roleManagement/directory/transitiveRoleAssignments", role_assignments),
    route("/users/{user}/licenseDetails", licence_details),
    route("/subscribedSkus", subscribed_skus),
)
