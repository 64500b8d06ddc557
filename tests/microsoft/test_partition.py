"""Parts of a directory: disjoint, complete, and within what Graph takes."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from ttr_tui.microsoft.partition import cut, first_parts, path_of
from ttr_tui.sandbox.filters import read_filter
from ttr_tui.sandbox.people import Person

LONGEST_ROOT = "https://microsoftgraph.chinacloudapi.cn/v1.0"

NAMES = [
    *("anna@x", "ANNA@x", "ann@x", "a@x", "a.b@x", "ab@x", "a-b@x", "aß@x", "s1@x", "sam@x"),
    *("Ägir@x", "Ωmega@x", "李@x", "o'brien@x", "_svc@x", "#ext#@x", "7@x", "'@x", "", "m"),
]


def holds(part: str) -> Callable[[str], bool]:
    """Return whether a name is in a part, as Graph would decide it by the part's path."""
    query = parse_qs(urlsplit(path_of(part)).query)
    condition = read_filter(query["$filter"][0], advanced=query["$count"] == ["true"])
    return lambda name: condition.test(Person("", "", name, None))


def test_each_name_of_any_script_is_in_exactly_one_part() -> None:
    """First parts, and the parts of a part that is cut, once, twice and three times."""
    parts = list(first_parts())
    for too_large in ("a", "k,y", "ab", "ann", "s"):
        if too_large in parts:
            parts.remove(too_large)
        smaller = cut(too_large)
        inside = [name for name in NAMES if holds(too_large)(name)]
        for name in inside:
            assert sum(holds(part)(name) for part in smaller) == 1, (name, too_large)
        parts += smaller if too_large in {"a", "k,y", "s"} else ()
    for name in NAMES:
        assert sum(holds(part)(name) for part in parts) == 1, name


def test_a_part_is_cut_until_graph_takes_no_longer_address() -> None:
    """2,048 characters, fifteen `or`; what is left over of a part is never cut again."""
    assert cut("") == cut("!") == cut("s!") == ()
    part, depth = "s", 0
    while smaller := cut(part):
        for one in smaller:
            assert len(f"{LONGEST_ROOT}{path_of(one)}") <= 2048, one
            assert path_of(one).count("+or+") < 15
        part, depth = smaller[0], depth + 1
    assert depth >= 3
