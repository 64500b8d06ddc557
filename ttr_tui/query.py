"""What is searched for: words and filters as they are typed, read into a value.

`parse_query` never fails: a filter that cannot be is told in `Query.wrong`, and matches nobody, so
that "all that match" is never more than was meant. The names and values of all filters stand in
`FILTERS`, for completion, chips and help alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ttr_tui.text import fold

LONGEST_TEXT = 400
"""Characters of a search that count; nobody types more, and SQLite bounds an expression."""

TEXT_FILTERS = ("name", "address", "department", "title", "office")
"""Filters whose words must stand in that field; `address` is also user principal name and alias."""

YES_NO = ("yes", "no")
KINDS = ("member", "guest", "shared", "disabled", "unlicensed")

FILTERS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(TEXT_FILTERS, ()),
    "kind": KINDS,
    "enabled": YES_NO,
    "license": YES_NO,
    "agent": YES_NO,
}
"""Every filter with the values it may have; none: any text."""

_SPELLED = {"licence": "license", "licensed": "license", "dept": "department", "mail": "address"}
_TYPED = re.compile(r'(?P<name>[^\s:"]+):(?P<value>"[^"]*"?|[^\s"]*)(?=\s|$)|\S+')


class Sort(StrEnum):
    """The column a list is sorted by; where it is the same, by name."""

    NAME = "name"
    ADDRESS = "address"
    DEPARTMENT = "department"
    TITLE = "title"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: `typed` as it stands in the box, `meant` what it asks for.

    `meant` is, for a text filter, the folded words that all must stand in the field; for another
    one the values of which any will do (`kind:` with one letter may mean several).
    """

    name: str
    meant: tuple[str, ...]
    typed: str = ""


@dataclass(frozen=True, slots=True)
class WrongWord:
    """A filter that cannot be: what was typed, and what is possible in its place."""

    typed: str
    possible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """Who is looked for: whom every word and every filter fits.

    `show_hidden` lets hidden kinds through as well (a filter that asks for them does so by itself).
    `only` limits the search to these object ids, `among` to these row ids. `wrong` are filters that
    cannot be: with any, nobody is found.
    """

    words: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    wrong: tuple[WrongWord, ...] = ()
    show_hidden: bool = False
    only: Collection[str] | None = None
    among: Collection[int] | None = None
    sort: Sort = Sort.NAME
    descending: bool = False

    @property
    def hides(self) -> bool:
        """Whether hidden kinds are left out."""
        asked = {(one.name, value) for one in self.filters for value in one.meant}
        asks = {("enabled", "no"), ("license", "no")} & asked or any(n == "kind" for n, _ in asked)
        return not (self.show_hidden or asks)


def parse_query(
    typed: str,
    show_hidden: bool = False,
    *,
    only: Sequence[str] | None = None,
) -> Query:
    """Read what stands in the search box: words, and filters like `department:"north sales"`.

    A filter without a value yet is none; a value may be cut short (`enabled:y`). What has a colon
    but no filter's name before it is a word like any other.
    """
    words: list[str] = []
    filters: list[Filter] = []
    wrong: list[WrongWord] = []
    for part in _TYPED.finditer(typed[:LONGEST_TEXT]):
        name = filter_name(part["name"] or "")
        if not name:
            words += fold(part[0]).split()
            continue
        value = (part["value"] or "").strip('"')
        if FILTERS[name]:
            meant = _meant(name, value)
            if value and not meant:
                wrong.append(WrongWord(part[0], FILTERS[name]))
        else:
            meant = tuple(fold(value).split())
        if meant:
            filters.append(Filter(name, meant, part[0]))
    return Query(tuple(dict.fromkeys(words)), tuple(filters), tuple(wrong), show_hidden, only=only)


def filter_name(written: str) -> str:
    """Return the filter that is called so, in any case and spelling; empty: none."""
    name = written.casefold()
    name = _SPELLED.get(name, name)
    return name if name in FILTERS else ""


def completions(typed: str) -> list[str]:
    """Return how the last word of `typed` could go on: filter names, or a filter's values."""
    last = typed.rpartition(" ")[2]
    name, colon, value = last.partition(":")
    if not colon:
        return [f"{one}:" for one in FILTERS if last and one.startswith(last.casefold())]
    name = filter_name(name)
    return [f"{name}:{one}" for one in FILTERS.get(name, ()) if one.startswith(value.casefold())]


def _meant(name: str, value: str) -> tuple[str, ...]:
    value = value.casefold().rstrip("?")
    return tuple(one for one in FILTERS[name] if value and one.startswith(value))
