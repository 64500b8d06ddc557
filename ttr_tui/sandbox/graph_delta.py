"""`GET /users/delta`: the directory once, then only what changed (facts section 6.3)."""

from __future__ import annotations

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import Answer, Call, GraphRefused, route, unsupported
from ttr_tui.sandbox.graph_users import READ_USERS, entry_of
from ttr_tui.sandbox.issued import PageToken

TOKEN_SECONDS = 7 * 86400.0

_PAGE = 200
_OPTIONS = {"$select", "$deltatoken", "$skiptoken", "$filter"}
_FIRST, _LATER = "delta page", "delta link"


def _link(call: Call, kind: str, position: int, query: dict[str, str]) -> str:
    kept = PageToken(call.tenant, kind, position, query, False, call.tenant.now())
    name = "$skiptoken" if kind == _FIRST else "$deltatoken"
    return f"{call.world.graph}/v1.0/users/delta?{name}={call.world.page_tokens.add(kept)}"


def _place(call: Call, option: str, kind: str) -> PageToken:
    """Return what a token stands for; 410 with where to begin again when it is over."""
    kept = call.world.page_tokens.find(call.query[option])
    alive = kept is not None and kept.tenant is call.tenant and kept.resource == kind
    if kept is None or not alive or call.tenant.now() - kept.issued_at > TOKEN_SECONDS:
        raise GraphRefused(
            410,
            "syncStateNotFound",
            "The sync state generation is not found; resync is required.",
            {"Location": f"{call.world.graph}/v1.0/users/delta?$deltatoken="},
        )
    return kept


def delta(call: Call) -> Answer:
    """Answer a round of delta: `@odata.nextLink` until `@odata.deltaLink`."""
    call.needs(READ_USERS)
    for name in call.query:
        if name not in _OPTIONS:
            raise unsupported(f"The query option '{name}' is not supported with delta.")
    if call.query.get("$deltatoken") == "latest":
        return _body(call, [], _link(call, _LATER, len(_changes(call)), dict(call.query)))
    if call.query.get("$deltatoken"):
        return _changed(call)
    return _first_round(call)


def _changes(call: Call) -> list[str]:
    return call.tenant.directory.changes


def _body(call: Call, rows: list[dict[str, object]], link: str, *, more: bool = False) -> Answer:
    name = "@odata.nextLink" if more else "@odata.deltaLink"
    context = f"{call.world.graph}/v1.0/$metadata#users"
    return Answer({"@odata.context": context, name: link, "value": rows})


def _first_round(call: Call) -> Answer:
    query, position = dict(call.query), 0
    if "$skiptoken" in call.query:
        kept = _place(call, "$skiptoken", _FIRST)
        query, position = kept.query, kept.position
    else:
        query["changes"] = str(len(_changes(call)))
    properties = user_properties.chosen(query.get("$select", "")) | {
        "id": user_properties.ALL["id"]
    }
    people = call.tenant.directory.people
    end = position + _PAGE
    rows = [entry_of(call, person, properties) for person in people[position:end]]
    if end < len(people):
        return _body(call, rows, _link(call, _FIRST, end, query), more=True)
    return _body(call, rows, _link(call, _LATER, int(query.pop("changes")), query))


def _changed(call: Call) -> Answer:
    kept = _place(call, "$deltatoken", _LATER)
    changes = _changes(call)
    properties = user_properties.chosen(kept.query.get("$select", "")) | {
        "id": user_properties.ALL["id"]
    }
    rows: list[dict[str, object]] = []
    for object_id in dict.fromkeys(changes[kept.position :]):
        person = call.tenant.directory.find(object_id)
        gone: dict[str, object] = {"id": object_id, "@removed": {"reason": "changed"}}
        rows.append(entry_of(call, person, properties) if person else gone)
    return _body(call, rows, _link(call, _LATER, len(changes), kept.query))


ROUTES = (route("/users/delta", delta),)
