"""What is searched for: words and filters as they are typed, read into a value.

`parse_query` never fails: a filter that cannot be is told in `Query.wrong`, and matches nobody, so
that "all that match" is never more than was meant. The names and values of all filters stand in
`FILTERS`, for completion, chips and help alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
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
_LAST = re.compile(r'(?:(?<=\s)|^)(?:(?P<name>[^\s:"]+):)?(?P<value>"[^"]*|[^\s":]*)$')
_TYPED = re.compile(r'(?P<name>[^\s:"]+):(?P<value>"[^"]*"?|[^\s"]*)(?=\s|$)|\S+')


class Sort(StrEnum):
    """The column a list is sorted by; where it is the same, by name. Agents stand first."""

    NAME = "name"
    ADDRESS = "address"
    DEPARTMENT = "department"
    TITLE = "title"
    KIND = "kind"
    AGENT = "agent"


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

    @property
    def asks_agents(self) -> bool:
        """Whether who is an agent must be known."""
        return self.sort is Sort.AGENT or any(one.name == "agent" for one in self.filters)


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


def taken_apart(typed: str) -> tuple[list[str], str]:
    """Return the finished filters of `typed`, as they stand in it, and what is left without them.

    Finished is a filter that can be and has a space behind it.
    """
    filters, left, end = [], "", 0
    for part in _TYPED.finditer(typed):
        if part.end() < len(typed) and _can_be(part[0]):
            filters.append(part[0])
            left += typed[end : part.start()]
            end = part.end() + 1
    return filters, left + typed[end:]


def completions(typed: str, values: Callable[[str], Sequence[str]] = lambda _name: ()) -> list[str]:
    """Return what the last word of `typed` could become: filter names, or a filter's values.

    `values` tells which a filter with any text may have; of names and values the first fit best.
    """
    name, value = last_word(typed)
    if not name:
        return [f"{one}:" for one in FILTERS if value and one.startswith(value.casefold())]
    called = filter_name(name)
    if not called or not (value or FILTERS[called]):
        return []
    known = FILTERS[called] or [one for one in values(called) if '"' not in one]
    fit = [one for one in known if fold(one).startswith(fold(value))]
    return [f'{name}:"{one}"' if " " in one else f"{name}:{one}" for one in fit]


def spelled_out(typed: str) -> str:
    """Return a filter with its value whole where that is one of few: `kind:g` is `kind:guest`."""
    filters = parse_query(typed).filters
    if len(filters) != 1 or not FILTERS[filters[0].name] or len(filters[0].meant) != 1:
        return typed
    return f"{filters[0].name}:{filters[0].meant[0]}"


def last_word(typed: str) -> tuple[str, str]:
    """Return the filter's name (empty: none) and the text of the word that `typed` ends with."""
    part = _LAST.search(typed)
    return (part["name"] or "", part["value"].lstrip('"')) if part else ("", "")


def _can_be(typed: str) -> bool:
    query = parse_query(typed)
    return bool(query.filters) and not query.wrong


def _meant(name: str, value: str) -> tuple[str, ...]:
    value = value.casefold().rstrip("?")
    return tuple(one for one in FILTERS[name] if value and one.startswith(value))
