"""Groups and their members: one group for each department (facts section 6.4; checklist G5)."""

from __future__ import annotations

from ttr_tui.sandbox import names, user_properties
from ttr_tui.sandbox.calls import (
    Answer,
    Call,
    collection,
    not_found,
    one,
    route,
    selected,
    unsupported,
)
from ttr_tui.sandbox.graph_users import entry_of
from ttr_tui.sandbox.people import guid

READ_GROUPS = {"Directory.Read.All", "GroupMember.Read.All"}

_GROUP_TYPE = "#microsoft.graph.group"
_USER_TYPE = "#microsoft.graph.user"

Entity = dict[str, object]


def _group(call: Call, place: int) -> Entity:
    name = names.DEPARTMENTS[place]
    dynamic = place % 4 == 0
    rule = f'(user.department -eq "{name}")' if dynamic else None
    return {
        "id": guid(call.tenant.seed, -300 - place),
        "displayName": f"Team {name}",
        "description": None,
        "groupTypes": ["DynamicMembership"] if dynamic else [],
        "mail": None,
        "mailEnabled": False,
        "mailNickname": f"team{place}",
        "membershipRule": rule,
        "securityEnabled": True,
    }


def list_groups(call: Call) -> Answer:
    """Answer `GET /groups`."""
    call.needs(READ_GROUPS, READ_GROUPS)
    groups = [selected(call, _group(call, place)) for place in range(len(names.DEPARTMENTS))]
    return collection(call, "groups", groups)


def _place(call: Call) -> int:
    for place in range(len(names.DEPARTMENTS)):
        if _group(call, place)["id"] == call.named["group"].lower():
            return place
    raise not_found(call.named["group"])


def get_group(call: Call) -> Answer:
    """Answer one group."""
    call.needs(READ_GROUPS, READ_GROUPS)
    return one(call, "groups", selected(call, _group(call, _place(call))))


def members(call: Call) -> Answer:
    """Answer the members of a group, all of them users.

    The cast to users is an advanced query (facts section 6.2).
    """
    call.needs(READ_GROUPS, READ_GROUPS)
    department = names.DEPARTMENTS[_place(call)]
    cast = call.path.endswith("/microsoft.graph.user")
    if cast and not (call.advanced and call.query.get("$count") == "true"):
        raise unsupported("The cast needs ConsistencyLevel: eventual and $count=true.")
    properties = user_properties.chosen(call.query.get("$select", ""))
    kind: Entity = {} if cast else {"@odata.type": _USER_TYPE}
    found = [
        kind | entry_of(call, person, properties)
        for person in call.tenant.directory.people
        if person.department == department
    ]
    return collection(call, "directoryObjects", found)


ROUTES = (
    route("/groups", list_groups),
    route("/groups/{group}", get_group),
    *(
        route(f"/groups/{{group}}/{path}", members)
        for path in (
            "members",
            "transitiveMembers",
            "transitiveMembers/microsoft.graph.user",
        )
    ),
)
