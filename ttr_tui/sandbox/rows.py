"""Users as JSON text: the same as `json.dumps` of their entries, four times as fast.

A poll of 100,000 users is measured against this host, so its own work has to stay out of the way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from json.encoder import encode_basestring_ascii as quoted

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.people import Person

Properties = dict[str, Callable[[Person], object]]


def rows(people: Iterable[Person], properties: Properties) -> str:
    """Return people with these properties as the text of a JSON list."""
    columns = [(f"{quoted(name)}: ", _written(name, read)) for name, read in properties.items()]
    each = (", ".join([name + write(p) for name, write in columns]) for p in people)
    return "[" + ", ".join(["{" + row + "}" for row in each]) + "]"


def _written(name: str, read: Callable[[Person], object]) -> Callable[[Person], str]:
    if name == "assignedPlans":
        return lambda person: _plans(person.licensed, person.draw % 60_000)
    if name == "proxyAddresses":
        return lambda p: (
            "[" + ", ".join([quoted(each) for each in user_properties.proxies(p)]) + "]"
        )

    def plain(person: Person) -> str:
        value = read(person)
        return quoted(value) if type(value) is str else json.dumps(value)

    return plain


@cache
def _plans(licensed: bool, draw: int) -> str:
    somebody = Person("", "", "", None, licensed=licensed, draw=draw)
    return json.dumps(user_properties.ALL["assignedPlans"](somebody))
