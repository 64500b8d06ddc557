"""Parts of a directory: disjoint, complete, and within what Graph takes."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from ttr_tui.microsoft.partition import STARTS, balanced, cut, path_of
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
    """Balanced ones, and the parts of a part that is cut, once, twice and three times."""
    counts = {part: sum(holds(part)(name) for name in NAMES) for part in STARTS}
    for parts in (STARTS, balanced(counts, 8)):
        for name in NAMES:
            assert sum(holds(part)(name) for part in parts) == 1, name
    for too_large in ("a", "k,y", "ab", "ann", "s", *balanced(counts, 8)[:-1]):
        for name in filter(holds(too_large), NAMES):
            assert sum(holds(part)(name) for part in cut(too_large)) == 1, (name, too_large)


def test_parts_are_of_about_the_same_size() -> None:
    """Out of one count for each first letter; fifteen terms in each at most, and one remainder."""
    counts = {part: 10 * len(part) + n * n for n, part in enumerate(STARTS)}
    parts = balanced(counts, 8)
    sizes = [sum(counts[one] for one in STARTS if one in part) for part in parts]
    assert (len(parts), parts[-1], sum(sizes)) == (9, "!", sum(counts.values()))
    assert max(sizes[:-1]) < 1.1 * sum(sizes) / 8
    assert all(path_of(part).count("+or+") < 15 for part in parts)
    nobody = balanced(dict.fromkeys(STARTS, 0), 8)
    assert sorted(",".join(nobody).split(",")) == sorted(",".join(STARTS).split(","))


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
