"""Users: listing, counting, one by one (checklist G2, G3 and G13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import (
    Answer,
    Call,
    GraphRefused,
    Text,
    not_found,
    one,
    route,
    unsupported,
)
from ttr_tui.sandbox.issued import PageToken
from ttr_tui.sandbox.listing import counts, matching, page_text
from ttr_tui.sandbox.people import Person

READ_USERS = {"User.Read.All", "Directory.Read.All", "User.ReadBasic.All"}

_USUAL_PAGE = 100
_LARGEST_PAGE = 999
_OPTIONS = {"$select", "$filter", "$search", "$orderby", "$top", "$count", "$skiptoken", "$expand"}
_LONGEST_URL = 2048


def find_person(call: Call) -> Person:
    """Return the user a path names, by object id or user principal name; 404 when there is none."""
    name = call.named["user"]
    if name == "me":
        if call.token.person is None:
            message = "/me request is only valid with delegated authentication flow."
            raise GraphRefused(400, "BadRequest", message)
        return call.token.person
    person = call.tenant.directory.find(name)
    if person is None or (person.roles and call.world.dials.administrators_elsewhere):
        raise not_found(name)
    return person


def entry_of(
    call: Call, person: Person, properties: dict[str, Callable[[Person], object]]
) -> dict[str, object]:
    """Return somebody with these properties, as a guest where a dial says so."""
    entry = user_properties.shown(person, properties)
    if "userType" in entry and person.roles and call.world.dials.administrators_guests:
        entry["userType"] = "Guest"
    return entry


def _check_query(call: Call) -> None:
    for name in call.query:
        if name not in _OPTIONS and name.startswith("$"):
            raise unsupported(f"The query option '{name}' is not supported.")
    if "$search" in call.query and not call.advanced:
        raise unsupported(
            "Request with $search query parameter only works through MSGraph with a special "
            "request header: 'ConsistencyLevel: eventual'"
        )
    if "$filter" in call.query and "$skiptoken" not in call.query and len(call.url) > _LONGEST_URL:
        raise unsupported(f"The URL of this query has more than {_LONGEST_URL} characters.")


def _page_size(call: Call) -> int:
    text = call.query.get("$top", str(_USUAL_PAGE))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _LARGEST_PAGE:
        raise unsupported(
            f"Invalid page size specified: '{text}'. Must be between 1 and {_LARGEST_PAGE} "
            "inclusive."
        )
    return int(text)


@dataclass(slots=True)
class _Page:
    """A place in a listing: from where, under which parameters, and by which token."""

    query: dict[str, str]
    position: int = 0
    token: str = ""
    following: str = ""

    def begin_in(self, people: list[Person]) -> None:
        """Find the place again in a listing that may have changed since."""
        there = people[self.position].id if self.position < len(people) else ""
        if self.following and there != self.following:
            places = (place for place, p in enumerate(people) if p.id == self.following)
            self.position = next(places, self.position)


def _resume(call: Call) -> _Page:
    """Return the place a `$skiptoken` names.

    Raises GraphRefused `Directory_ExpiredPageToken`: unknown, too old, of another listing, or the
    header of the first page was not sent again (facts section 6.1).
    """
    token = call.query["$skiptoken"]
    kept = call.world.page_tokens.find(token)
    dials = call.world.dials
    spoiled = dials.expire_page_next > 0 and dials.expire_page_at in call.shown_query
    dials.expire_page_next -= spoiled
    alive = (
        not spoiled
        and kept is not None
        and kept.tenant is call.tenant
        and kept.resource == call.path
        and call.tenant.now() - kept.issued_at <= dials.page_token_seconds
        and (call.advanced or not kept.advanced)
    )
    if kept is None or not alive:
        message = "The specified page token value has expired and can no longer be included."
        raise GraphRefused(400, "Directory_ExpiredPageToken", message)
    return _Page(kept.query, kept.position, token, kept.following)


def list_users(call: Call) -> Answer:
    """Answer `GET /users`, a page at a time."""
    call.needs(READ_USERS, READ_USERS)
    _check_query(call)
    place = _resume(call) if "$skiptoken" in call.query else _Page(dict(call.query))
    call.query = place.query
    properties = user_properties.chosen(call.query.get("$select", ""))
    size = _page_size(call)
    people = matching(call)
    place.begin_in(people)
    dials = call.world.dials
    empty = dials.empty_page_next > 0
    dials.empty_page_next -= empty
    end = place.position if empty else place.position + size
    names = call.query.get("$select", "")
    kind = f"users({names})" if names else "users"
    body: dict[str, object] = {"@odata.context": f"{call.world.graph}/v1.0/$metadata#{kind}"}
    if counts(call) and not place.token:
        body["@odata.count"] = max(0, len(people) + dials.count_off)
    if end < len(people):
        body["@odata.nextLink"] = _next_link(call, place, max(end - dials.overlap_rows, 0), people)
    if "userType" in properties and dials.administrators_guests:
        body["value"] = [entry_of(call, p, properties) for p in people[place.position : end]]
    else:
        body["value"] = Text(page_text(call, people, range(place.position, end), properties))
    return Answer(body, headers={"x-ms-resource-unit": "1" if names else "2"})


def _next_link(call: Call, place: _Page, position: int, people: list[Person]) -> str:
    world = call.world
    position = place.position if world.dials.repeat_link else position
    token = place.token if world.dials.repeat_link else ""
    if not token:
        kept = PageToken(
            tenant=call.tenant,
            resource=call.path,
            position=position,
            query=place.query,
            advanced=call.advanced and bool({"$count", "$search"} & place.query.keys()),
            issued_at=call.tenant.now(),
            following=people[position].id,
        )
        token = world.page_tokens.add(kept)
    root = world.stranger if world.dials.foreign_next_link else world.graph
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in place.query.items())
    return f"{root}/v1.0{call.path}?{query}{'&' if query else ''}$skiptoken={token}"


def count_users(call: Call) -> Answer:
    """Answer `GET /users/$count` in plain text (facts section 6.2)."""
    call.needs(READ_USERS, READ_USERS)
    if not call.advanced:
        raise GraphRefused(400, "Request_BadRequest", "$count is not currently supported.")
    call.query["$count"] = "true"
    return Answer(str(max(0, len(matching(call)) + call.world.dials.count_off)))


def get_user(call: Call) -> Answer:
    """Answer `GET /users/{id or user principal name}` and `/me`."""
    own = call.named["user"] == "me"
    call.needs(READ_USERS, READ_USERS | ({"User.Read"} if own else set()))
    person = find_person(call)
    properties = user_properties.chosen(call.query.get("$select", ""))
    return one(call, "users", entry_of(call, person, properties))


def get_me(call: Call) -> Answer:
    """Answer `GET /me`."""
    call.named = {"user": "me"}
    if call.token.person is None:
        find_person(call)
    return get_user(call)


ROUTES = (
    route("/users", list_users),
    route("/users/$count", count_users),
    route("/users/{user}", get_user),
    route("/me", get_me),
)
