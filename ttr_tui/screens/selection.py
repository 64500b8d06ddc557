"""Which users are selected, and which of those the present search does not match.

Users are known here by their row ids, whole numbers, and sets of them are bitmaps: selecting a
million is one operation. Nothing here reads or writes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pyroaring import BitMap

from ttr_tui.text import number


class Selection:
    """The selected users; `matched` are those the present search and filters match."""

    def __init__(self) -> None:
        self.marked: Any = BitMap()
        self._matched: Sequence[int] = ()
        self._members: Any = None
        self._ascending = False

    @property
    def matched(self) -> Sequence[int]:
        """Who matches, in the order of the list; setting it leaves the selection alone."""
        return self._matched

    @matched.setter
    def matched(self, rids: Sequence[int]) -> None:
        self._matched = rids
        self._members = None

    @property
    def members(self) -> Any:
        """Who matches, as a bitmap."""
        if self._members is None:
            self._members = BitMap(self._matched)
            self._ascending = self._members.to_array() == self._matched
        return self._members

    @property
    def count(self) -> int:
        """How many are selected."""
        return len(self.marked)

    @property
    def not_in_view(self) -> int:
        """How many of the selected the present search does not match."""
        if not self.marked:
            return 0
        return len(self.marked) - int(self.marked.intersection_cardinality(self.members))

    def toggle(self, rid: int) -> None:
        """Select one user, or no longer."""
        self.marked ^= BitMap([rid])

    def add(self, rids: Iterable[int]) -> None:
        """Select these as well."""
        self.marked |= rids if isinstance(rids, BitMap) else BitMap(rids)

    def drop(self, rids: Iterable[int]) -> None:
        """Select these no longer."""
        self.marked -= rids if isinstance(rids, BitMap) else BitMap(rids)

    def add_matched(self) -> None:
        """Select all that match, beside those who are selected already."""
        self.marked |= self.members

    def invert(self) -> None:
        """Swap selected and not selected among those that match; the others stay as they are."""
        self.marked ^= self.members

    def clear(self) -> None:
        """Select nobody."""
        self.marked = BitMap()

    def in_view_of(self, limit: int | None = None) -> Sequence[int]:
        """Return the selected that match, in the order of the list, at most `limit`."""
        if not self.marked:
            return []
        seen = self.marked & self.members
        if self._ascending:
            return _first(seen, limit)
        return list(islice((rid for rid in self._matched if rid in seen), limit))

    def not_in_view_of(
        self, everyone: Iterable[int] | None = None, limit: int | None = None
    ) -> Sequence[int]:
        """Return the selected that do not match, at most `limit`.

        They stand in the order of `everyone`; without it, in that of their numbers.
        """
        if not self.not_in_view:
            return []
        unseen = self.marked - self.members
        if everyone is None:
            return _first(unseen, limit)
        return list(islice((rid for rid in everyone if rid in unseen), limit))


def _first(rids: Any, limit: int | None) -> Sequence[int]:
    some: array[int] = (rids if limit is None else rids[:limit]).to_array()
    return some


@dataclass(frozen=True, slots=True)
class Group:
    """Some users under a heading of their own; an empty heading takes no row."""

    heading: str
    rids: Sequence[int]


@dataclass(frozen=True)
class Listing:
    """What stands in the rows of the list: groups of users, each below its heading."""

    groups: tuple[Group, ...] = ()
    _starts: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        start = 0
        for group in self.groups:
            self._starts.append(start)
            start += len(group.rids) + bool(group.heading)

    @property
    def count(self) -> int:
        """How many rows there are, headings included."""
        return sum(len(group.rids) + bool(group.heading) for group in self.groups)

    def at(self, index: int) -> int | str:
        """Return the row id, or the heading, that stands in row `index`."""
        at = bisect_right(self._starts, index) - 1
        group = self.groups[at]
        inside = index - self._starts[at] - bool(group.heading)
        return group.heading if inside < 0 else group.rids[inside]

    def users(self, first: int, last: int) -> list[int]:
        """Return the users of rows `first` to `last`, both included."""
        found: list[int] = []
        for start, group in zip(self._starts, self.groups, strict=True):
            begin = start + bool(group.heading)
            found += group.rids[max(first - begin, 0) : max(last + 1 - begin, 0)]
        return found

    def index_of(self, rid: int) -> int | None:
        """Return the row in which a user stands, or None."""
        for start, group in zip(self._starts, self.groups, strict=True):
            at = _index(group.rids, rid)
            if at is not None:
                return start + bool(group.heading) + at
        return None


def _index(rids: Sequence[int], rid: int) -> int | None:
    # Most lists are sorted by number: then there is nothing to look through.
    at = bisect_left(rids, rid)
    if at < len(rids) and rids[at] == rid:
        return at
    try:
        return rids.index(rid)
    except ValueError:
        return None


def all_matched(rids: Sequence[int]) -> Listing:
    """Return the listing of everybody who matches."""
    return Listing((Group("", rids),))


def only_selected(
    selection: Selection, not_in_view: Sequence[int], in_view: Sequence[int]
) -> Listing:
    """Return the listing of these users as selected ones, those not in view first.

    The headings count who of them is selected now; the users stay where they are.
    """
    groups = (
        ("Not in view: the search does not match them", not_in_view),
        ("In view", in_view),
    )
    return Listing(
        tuple(
            Group(f"{words} ({number(_marked_among(selection, rids))})", rids)
            for words, rids in groups
            if rids
        )
    )


def _marked_among(selection: Selection, rids: Sequence[int]) -> int:
    return int(selection.marked.intersection_cardinality(BitMap(rids)))
