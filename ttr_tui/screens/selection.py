"""Which users are selected, and which of those the present search does not match.

Users are known here by the row ids of the local copy, whole numbers: selecting a hundred thousand
is one set operation. Nothing here reads or writes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ttr_tui.text import number


class Selection:
    """The selected users; `matched` are those the present search and filters match."""

    def __init__(self) -> None:
        self.marked: set[int] = set()
        self._matched: Sequence[int] = ()
        self._members: frozenset[int] | None = None
        self._unseen: int | None = 0

    @property
    def matched(self) -> Sequence[int]:
        """Who matches, in the order of the list; setting it leaves the selection alone."""
        return self._matched

    @matched.setter
    def matched(self, rids: Sequence[int]) -> None:
        self._matched = rids
        self._members = self._unseen = None

    @property
    def members(self) -> frozenset[int]:
        """Who matches, as a set."""
        if self._members is None:
            self._members = frozenset(self._matched)
        return self._members

    @property
    def count(self) -> int:
        """How many are selected."""
        return len(self.marked)

    @property
    def not_in_view(self) -> int:
        """How many of the selected the present search does not match."""
        if self._unseen is None:
            self._unseen = len(self.marked - self.members) if self.marked else 0
        return self._unseen

    def toggle(self, rid: int) -> None:
        """Select one user, or no longer."""
        if rid not in self.members:
            self._unseen = None
        self.marked ^= {rid}

    def add(self, rids: Iterable[int]) -> None:
        """Select these as well."""
        self.marked.update(rids)
        self._unseen = None

    def drop(self, rids: Iterable[int]) -> None:
        """Select these no longer."""
        self.marked.difference_update(rids)
        self._unseen = None

    def add_matched(self) -> None:
        """Select all that match, beside those who are selected already."""
        self.marked |= self.members

    def invert(self) -> None:
        """Swap selected and not selected among those that match; the others stay as they are."""
        self.marked ^= self.members

    def clear(self) -> None:
        """Select nobody."""
        self.marked.clear()
        self._unseen = 0

    def in_view_of(self, limit: int | None = None) -> list[int]:
        """Return the selected that match, in the order of the list, at most `limit`."""
        if not self.marked:
            return []
        return list(islice((rid for rid in self._matched if rid in self.marked), limit))

    def not_in_view_of(self, everyone: Iterable[int], limit: int | None = None) -> list[int]:
        """Return the selected that do not match, in the order of `everyone`, at most `limit`."""
        if not self.not_in_view:
            return []
        unseen = self.marked - self.members
        return list(islice((rid for rid in everyone if rid in unseen), limit))


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
            try:
                return start + bool(group.heading) + group.rids.index(rid)
            except ValueError:
                continue
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
    return sum(map(selection.marked.__contains__, rids))
