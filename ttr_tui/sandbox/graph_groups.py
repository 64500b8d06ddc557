"""Groups and their members, nested ones too (facts section 6.4; checklist G5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import (
    Answer,
    Call,
    GraphRefused,
    collection,
    not_found,
    one,
    route,
    selected,
    unsupported,
)
from ttr_tui.sandbox.graph_users import entry_of
from ttr_tui.sandbox.groups import HIDDEN, Group, groups_of, within
from ttr_tui.sandbox.issued import PageToken

READ_GROUPS = {"Directory.Read.All", "GroupMember.Read.All"}

_GROUP_TYPE = "#microsoft.graph.group"
_USER_TYPE = "#microsoft.graph.user"
_CAST = "/microsoft.graph.user"

_TERM = re.compile(r"(displayName|mail|mailNickname|id)\s+eq\s+'((?:[^']|'')*)'", re.IGNORECASE)
_CLAUSE = re.compile(r'"displayName:([^"]*)"')
_USUAL_PAGE, _LARGEST_PAGE = 100, 999

Entity = dict[str, object]


def list_groups(call: Call) -> Answer:
    """Answer `GET /groups`, all of those that fit `$filter` or `$search`."""
    call.needs(READ_GROUPS, READ_GROUPS)
    found = groups_of(call.tenant)
    if "$filter" in call.query:
        fits = _filter(call.query["$filter"])
        found = [group for group in found if fits(group)]
    if "$search" in call.query:
        fits = _search(call)
        found = [group for group in found if fits(group)]
    size = _page_size(call)
    return collection(call, "groups", [selected(call, group.entity()) for group in found[:size]])


def _filter(text: str) -> Callable[[Group], bool]:
    """Return the test of a filter: comparisons joined by `or`; case does not count."""
    terms = _TERM.findall(text)
    if not terms or _TERM.sub("", text).replace(" or ", "").strip():
        raise unsupported("Unsupported or invalid query filter clause specified.")
    wanted = [(name, value.replace("''", "'").casefold()) for name, value in terms]

    def fits(group: Group) -> bool:
        entity = group.entity()
        return any(str(entity[name] or "").casefold() == value for name, value in wanted)

    return fits


def _search(call: Call) -> Callable[[Group], bool]:
    if not call.advanced:
        raise unsupported(
            "Request with $search query parameter only works through MSGraph with a special "
            "request header: 'ConsistencyLevel: eventual'"
        )
    clause = _CLAUSE.fullmatch(call.query["$search"])
    if clause is None:
        raise unsupported("Syntax error: every clause of $search stands in double quotes.")
    words = clause[1].casefold().split()

    def fits(group: Group) -> bool:
        tokens = group.name.casefold().split()
        return all(any(token.startswith(word) for token in tokens) for word in words)

    return fits


def _page_size(call: Call) -> int:
    text = call.query.get("$top", str(_USUAL_PAGE))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise unsupported(f"Invalid page size specified: '{text}'.")
    return int(text)


def _named(call: Call) -> Group:
    wanted = call.named["group"].lower()
    found = next((group for group in groups_of(call.tenant) if group.id == wanted), None)
    if found is None:
        raise not_found(call.named["group"])
    return found


def get_group(call: Call) -> Answer:
    """Answer one group."""
    call.needs(READ_GROUPS, READ_GROUPS)
    return one(call, "groups", selected(call, _named(call).entity()))


def members(call: Call) -> Answer:
    """Answer the members of a group, a page at a time.

    The cast to users is an advanced query (facts section 6.2). A hidden membership is empty
    without Member.Read.Hidden.
    """
    call.needs(READ_GROUPS, READ_GROUPS)
    cast = call.path.endswith(_CAST)
    if "$skiptoken" in call.query:
        place = _resume(call)
        call.query, position = place.query, place.position
    else:
        position = 0
    if cast and not (call.advanced and call.query.get("$count") == "true"):
        raise unsupported("The cast needs ConsistencyLevel: eventual and $count=true.")
    group = _named(call)
    found = [] if group.visibility == HIDDEN else _within(call, group, cast=cast)
    end = position + _page_size(call)
    answer = collection(call, "directoryObjects", found[position:end])
    body = answer.body
    if isinstance(body, dict):
        if cast and not position:
            body["@odata.count"] = len(found)
        if end < len(found):
            body["@odata.nextLink"] = _next_link(call, end)
    return answer


def _within(call: Call, group: Group, *, cast: bool) -> list[Entity]:
    everything = groups_of(call.tenant)
    nested = "/transitiveMembers" in call.path
    inner = within(everything, group) if nested else [g for g in everything if g.id in group.inner]
    holders = [group, *inner] if nested else [group]
    properties = user_properties.chosen(call.query.get("$select", ""))
    kind: Entity = {} if cast else {"@odata.type": _USER_TYPE}
    people = [
        kind | entry_of(call, person, properties)
        for person in call.tenant.directory.people
        if any(holder.belongs(person) for holder in holders)
    ]
    if cast:
        return people
    shown: list[Entity] = [{"@odata.type": _GROUP_TYPE, "id": each.id} for each in inner]
    return [*shown, *people]


def _resume(call: Call) -> PageToken:
    kept = call.world.page_tokens.find(call.query["$skiptoken"])
    alive = kept is not None and kept.tenant is call.tenant and kept.resource == call.path
    if kept is None or not alive or (kept.advanced and not call.advanced):
        message = "The specified page token value has expired and can no longer be included."
        raise GraphRefused(400, "Directory_ExpiredPageToken", message)
    return kept


def _next_link(call: Call, position: int) -> str:
    kept = PageToken(
        call.tenant, call.path, position, dict(call.query), call.advanced, call.tenant.now()
    )
    token = call.world.page_tokens.add(kept)
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in call.query.items())
    return f"{call.world.graph}/v1.0{call.path}?{query}{'&' if query else ''}$skiptoken={token}"


ROUTES = (
    route("/groups", list_groups),
    route("/groups/{group}", get_group),
    *(
        route(f"/groups/{{group}}/{path}", members)
        for path in ("members", "transitiveMembers", f"transitiveMembers{_CAST}")
    ),
)
