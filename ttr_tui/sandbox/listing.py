"""Whom a listing of users holds, and its pages as text; both are kept where a directory is large.

What is kept counts until somebody is known to have changed (`Directory.changes`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import Call, unsupported
from ttr_tui.sandbox.filters import NameIndex, read_filter, read_search
from ttr_tui.sandbox.people import Directory, Person
from ttr_tui.sandbox.rows import Properties, rows
from ttr_tui.sandbox.world import World

LARGE = 10_000
"""Users from which a directory counts as large."""

_MOST_PAGES = 300
_SORTED_FREELY = {"displayName", "userPrincipalName"}


@dataclass(eq=False)
class Kept:
    """What is kept of one directory, as it stood after so many changes."""

    stamp: tuple[int, int]
    names: NameIndex | None = None
    found: dict[Hashable, list[Person]] = field(default_factory=dict)
    pages: OrderedDict[Hashable, str] = field(default_factory=OrderedDict)


def _kept(world: World, directory: Directory) -> Kept:
    stamp = (len(directory.changes), len(directory.people))
    kept = world.kept.get(directory)
    if not isinstance(kept, Kept) or kept.stamp != stamp:
        kept = world.kept[directory] = Kept(stamp)
    return kept


def counts(call: Call) -> bool:
    """Say whether `$count=true` counts here: it is ignored without eventual consistency."""
    return call.query.get("$count", "").lower() == "true" and call.advanced


def _asked(call: Call) -> tuple[str, ...]:
    return tuple(call.query.get(name, "") for name in ("$filter", "$search", "$orderby"))


def matching(call: Call) -> list[Person]:
    """Return who fits a listing's `$filter` and `$search`, in its `$orderby`."""
    directory = call.tenant.directory
    if len(directory.people) < LARGE or not any(_asked(call)):
        return _matching(call, None)
    kept = _kept(call.world, directory)
    key = (*_asked(call), counts(call))
    if key not in kept.found:
        kept.names = kept.names or NameIndex(directory.people)
        kept.found[key] = _matching(call, kept.names)
    return kept.found[key]


def _matching(call: Call, names: NameIndex | None) -> list[Person]:
    people, full = call.tenant.directory.people, counts(call)
    if "$filter" in call.query:
        condition = read_filter(call.query["$filter"], advanced=full)
        places = condition.places(names) if names else None
        if places is None:
            people = [person for person in people if condition.test(person)]
        else:
            people = [people[place] for place in sorted(places)]
    if "$search" in call.query:
        finds = read_search(call.query["$search"])
        people = [person for person in people if finds(person)]
    return _ordered(call, people)


def _ordered(call: Call, people: list[Person]) -> list[Person]:
    order = call.query.get("$orderby", "")
    if not order:
        return people
    name, _, direction = order.partition(" ")
    free = name in _SORTED_FREELY and "$filter" not in call.query
    if name not in user_properties.ALL or not (free or counts(call)):
        raise unsupported(f"Sorting by '{name}' is not supported with this query.")
    read = user_properties.ALL[name]
    return sorted(people, key=lambda p: str(read(p) or "").lower(), reverse="d" in direction)


def page_text(call: Call, people: list[Person], places: range, properties: Properties) -> str:
    """Return a page of a listing as the text of a JSON list."""
    directory = call.tenant.directory
    if len(directory.people) < LARGE:
        return rows(people[places.start : places.stop], properties)
    pages = _kept(call.world, directory).pages
    key = (*_asked(call), counts(call), tuple(properties), places)
    if key not in pages:
        pages[key] = rows(people[places.start : places.stop], properties)
        if len(pages) > _MOST_PAGES:
            pages.popitem(last=False)
    return pages[key]
