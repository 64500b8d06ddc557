"""Which users are selected, and which of those the present search does not match.

Users are known here by the row ids of the local copy, whole numbers: selecting a hundred thousand
is one set operation. Nothing here reads or writes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice


class Selection:
    """The selected users; `matched` are those the present search and filters match."""

    def __init__(self) -> None:
        self.marked: set[int] = set()
        self._matched: Sequence[int] = ()
        self._matched_set: frozenset[int] | None = None

    @property
    def matched(self) -> Sequence[int]:
        """Who matches, in the order of the list; setting it leaves the selection alone."""
        return self._matched

    @matched.setter
    def matched(self, rids: Sequence[int]) -> None:
        self._matched = rids
        self._matched_set = None

    @property
    def count(self) -> int:
        """How many are selected."""
        return len(self.marked)

    @property
    def not_in_view(self) -> int:
        """How many of the selected the present search does not match."""
        return len(self.marked - self._members()) if self.marked else 0

    def toggle(self, rid: int) -> None:
        """Select one user, or no longer."""
        self.marked ^= {rid}

    def add(self, rids: Iterable[int]) -> None:
        """Select these as well."""
        self.marked.update(rids)

    def drop(self, rids: Iterable[int]) -> None:
        """Select these no longer."""
        self.marked.difference_update(rids)

    def add_matched(self) -> None:
        """Select all that match, beside those who are selected already."""
        self.marked |= self._members()

    def invert(self) -> None:
        """Swap selected and not selected among those that match; the others stay as they are."""
        self.marked ^= self._members()

    def clear(self) -> None:
        """Select nobody."""
        self.marked.clear()

    def in_view_of(self, limit: int | None = None) -> list[int]:
        """Return the selected that match, in the order of the list, at most `limit`."""
        if not self.marked:
            return []
        return list(islice((rid for rid in self._matched if rid in self.marked), limit))

    def not_in_view_of(self, everyone: Iterable[int], limit: int | None = None) -> list[int]:
        """Return the selected that do not match, in the order of `everyone`, at most `limit`."""
        unseen = self.marked - self._members() if self.marked else set()
        if not unseen:
            return []
        return list(islice((rid for rid in everyone if rid in unseen), limit))

    def _members(self) -> Collection[int] | frozenset[int]:
        if self._matched_set is None:
            self._matched_set = frozenset(self._matched)
        return self._matched_set


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
        rows = range(max(first, 0), min(last + 1, self.count))
        return [entry for entry in map(self.at, rows) if isinstance(entry, int)]

    def index_of(self, rid: int) -> int | None:
        """Return the row in which a user stands, or None."""
        for start, group in zip(self._starts, self.groups, strict=True):
            try:
                return start + bool(group.heading) + group.rids.index(rid)
            except ValueError:
                continue
        return None
