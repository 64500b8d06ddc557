"""`GET /users/delta`: the directory once, then only what changed (facts section 6.3)."""

from __future__ import annotations

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import Answer, Call, GraphRefused, route, unsupported
from ttr_tui.sandbox.graph_users import READ_USERS, entry_of
from ttr_tui.sandbox.issued import PageToken
from ttr_tui.sandbox.rows import Properties

TOKEN_SECONDS = 7 * 86400.0

_OPTIONS = {"$select", "$deltatoken", "$skiptoken", "$filter"}
_FIRST, _LATER, _MORE = "delta page", "delta link", "delta page of changes"


def _link(call: Call, kind: str, position: int, query: dict[str, str]) -> str:
    kept = PageToken(call.tenant, kind, position, query, False, call.tenant.now())
    name = "$deltatoken" if kind == _LATER else "$skiptoken"
    root = call.world.stranger if call.world.dials.foreign_next_link else call.world.graph
    return f"{root}/v1.0/users/delta?{name}={call.world.page_tokens.add(kept)}"


def _place(call: Call, *kinds: str) -> PageToken | None:
    """Return what the call's token stands for, None when it has none of these kinds.

    Raises GraphRefused when the token is over: where to begin again stands in `Location`.
    """
    text = call.query.get("$deltatoken") or call.query.get("$skiptoken")
    if not text:
        return None
    kept = call.world.page_tokens.find(text)
    ours = kept is not None and kept.tenant is call.tenant
    known = kept if ours and kept and kept.resource in {_FIRST, _LATER, _MORE} else None
    if call.world.dials.delta_gone or known is None or _too_old(call, known):
        raise _gone(call)
    return known if known.resource in kinds else None


def _too_old(call: Call, kept: PageToken) -> bool:
    return call.tenant.now() - kept.issued_at > TOKEN_SECONDS


def _gone(call: Call) -> GraphRefused:
    """Return the refusal of a token that is over, in one of the shapes it is met in."""
    how = call.world.dials.delta_gone
    return GraphRefused(
        410 if how in {"", "gone"} else 400,
        "syncStateNotFound" if how in {"", "gone"} else how,
        "The sync state generation is not found; resync is required.",
        {"Location": f"{call.world.graph}/v1.0/users/delta?$deltatoken="},
    )


def delta(call: Call) -> Answer:
    """Answer a round of delta: `@odata.nextLink` until `@odata.deltaLink`."""
    call.needs(READ_USERS)
    for name in call.query:
        if name not in _OPTIONS:
            raise unsupported(f"The query option '{name}' is not supported with delta.")
    if call.query.get("$deltatoken") == "latest":
        return _body(call, [], _link(call, _LATER, len(_changes(call)), dict(call.query)))
    kept = _place(call, _LATER, _MORE)
    return _changed(call, kept) if kept else _first_round(call)


def _changes(call: Call) -> list[str]:
    return call.tenant.directory.changes


def _body(call: Call, rows: list[dict[str, object]], link: str, *, more: bool = False) -> Answer:
    name = "@odata.nextLink" if more else "@odata.deltaLink"
    context = f"{call.world.graph}/v1.0/$metadata#users"
    return Answer({"@odata.context": context, name: link, "value": rows})


def _properties(query: dict[str, str]) -> Properties:
    """Return what is tracked: what `$select` named when the round began, and the id."""
    return user_properties.chosen(query.get("$select", "")) | {"id": user_properties.ALL["id"]}


def _first_round(call: Call) -> Answer:
    query, position = dict(call.query), 0
    kept = _place(call, _FIRST)
    if kept:
        query, position = kept.query, kept.position
    else:
        query["changes"] = str(len(_changes(call)))
    people = call.tenant.directory.people
    end = position + call.world.dials.delta_page
    properties = _properties(query)
    found = [entry_of(call, person, properties) for person in people[position:end]]
    if end < len(people):
        return _body(call, found, _link(call, _FIRST, end, query), more=True)
    return _body(call, found, _link(call, _LATER, int(query.pop("changes")), query))


def _changed(call: Call, kept: PageToken) -> Answer:
    """Answer the changes since a link was handed out, each with the entry as it is now."""
    changes = _changes(call)
    dials = call.world.dials
    if dials.empty_page_next > 0:
        dials.empty_page_next -= 1
        return _body(call, [], _link(call, _MORE, kept.position, kept.query), more=True)
    until = min(len(changes), kept.position + dials.delta_page)
    properties = _properties(kept.query)
    touched = call.tenant.directory.touched
    tracked = (
        changes[place]
        for place in range(kept.position, until)
        if not touched.get(place) or touched[place] & properties.keys()
    )
    ids = list(dict.fromkeys(tracked))
    found = [_entry(call, object_id, properties) for object_id in ids]
    if dials.delta_replays:
        found += [_replayed(call, entry) for entry in reversed(found)]
    more = until < len(changes)
    link = _link(call, _MORE if more else _LATER, until, kept.query)
    return _body(call, found, link, more=more)


def _replayed(call: Call, entry: dict[str, object]) -> dict[str, object]:
    """Return an entry as it comes again: of who was deleted and is back, the deletion."""
    if entry["id"] in call.tenant.directory.restored:
        return {"id": entry["id"], "@removed": {"reason": "changed"}}
    return entry


def _entry(call: Call, object_id: str, properties: Properties) -> dict[str, object]:
    directory = call.tenant.directory
    person = directory.find(object_id)
    if person is not None:
        return entry_of(call, person, properties)
    reason = "deleted" if object_id in directory.purged else "changed"
    return {"id": object_id, "@removed": {"reason": reason}}


ROUTES = (route("/users/delta", delta),)
