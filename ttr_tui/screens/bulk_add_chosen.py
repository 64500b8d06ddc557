"""What a file or a group came to: sentences, and rows of who was not found and who was."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.screens.bulk_add_words import hidden_counts
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.row_windows import Row

if TYPE_CHECKING:
    from ttr_tui.address_file import AddressFile
    from ttr_tui.flows.choosing import Addressed, Ambiguous, Choice, Grouped
    from ttr_tui.model import DirectoryUser, UserKind
    from ttr_tui.store import CopyState

COLUMNS = (
    Column("Line", 7, right=True),
    Column("Outcome", 12),
    Column("Address", 29, Cut.ADDRESS, grow=1),
    Column("Who", 26, grow=1),
)

FOUND = "✓ found"


@dataclass(frozen=True, slots=True)
class Trouble:
    """A line that names nobody, or not just one user."""

    line: int
    outcome: str
    address: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a file or a group names; those in doubt stand before those who were found."""

    told: tuple[Line, ...]
    troubles: tuple[Trouble, ...]
    choice: Choice
    _found: array[int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", self.choice.marks.rids.to_array())

    @property
    def count(self) -> int:
        """How many users were found."""
        return len(self._found)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.troubles) + self.count

    def rids(self, start: int, end: int) -> Sequence[int]:
        """Return the users of the rows `start` up to `end`."""
        before = len(self.troubles)
        return self._found[max(start - before, 0) : max(end - before, 0)]

    def window(self, start: int, end: int, users: Sequence[DirectoryUser]) -> list[Row]:
        """Return the rows `start` up to `end`; `users` are theirs, as `rids` named them."""
        doubtful = [
            Row((_line(one.line), state(one.outcome), one.address, one.who), selectable=False)
            for one in self.troubles[start:end]
        ]
        return doubtful + [
            Row(("", state(FOUND), user.address or user.user_principal_name, user.name))
            for user in users
        ]


def of_file(
    name: str, file: AddressFile, found: Addressed, choice: Choice, copy: CopyState | None
) -> Chosen:
    """Return what a file of addresses came to."""
    where = f" in {text.clean(file.column)}" if file.column else ""
    guessed = ", which is a guess" if file.guessed else ""
    counts = (
        (len(found.unmatched), "not found"),
        (len(found.ambiguous), "ambiguous"),
        (len(file.twice) + len(found.again), "of somebody named before"),
        (len(file.unusable), "without an address"),
    )
    addresses = text.plural(len(file.entries), "address")
    told = [f"{text.number(count)} {words}" for count, words in counts if count]
    return Chosen(
        (
            f"{text.clean(name)}: {addresses}{where}, read as {file.encoding}{guessed}.",
            f"{', '.join((f'{text.number(len(found.marks.rids))} found', *told))}.",
            *_left_out(choice.hidden),
            *_not_yet(copy),
        ),
        tuple(chain(map(_doubtful, found.ambiguous), _nobody(file, found))),
        choice,
    )


def of_group(grouped: Grouped, choice: Choice, copy: CopyState | None) -> Chosen:
    """Return what a group came to."""
    group = grouped.group
    kind = "Dynamic group" if group.dynamic else "Group"
    count = len(grouped.marks.rids) + grouped.elsewhere
    users = text.plural(count, "user")
    elsewhere = f"{text.number(grouped.elsewhere)} of them not in the directory as it was read."
    return Chosen(
        (
            f"{kind} {text.clean(group.name)}: {users}, those of groups within included.",
            *((elsewhere,) if grouped.elsewhere else ()),
            *_left_out(choice.hidden),
            *_not_yet(copy),
        ),
        (),
        choice,
    )


def _doubtful(one: Ambiguous) -> Trouble:
    who = f"{len(one.users)}: {', '.join(user.user_principal_name for user in one.users)}"
    return Trouble(one.entry.line, "! ambiguous", one.entry.address, who)


def _nobody(file: AddressFile, found: Addressed) -> Iterator[Trouble]:
    for entry in found.unmatched:
        yield Trouble(entry.line, "- not found", entry.address)
    for unusable in file.unusable:
        yield Trouble(unusable.line, "- no address", unusable.text)


def _left_out(hidden: Mapping[UserKind, int]) -> tuple[str, ...]:
    counted = hidden_counts(hidden)
    if not counted:
        return ()
    return (f"Left out as hidden: {counted}. After . in the list they are taken, too.",)


def _not_yet(copy: CopyState | None) -> tuple[Line, ...]:
    if copy is None or copy.complete:
        return ()
    return (state("! The directory is still being read: who is not read yet is not found."),)


def _line(line: int) -> str:
    return text.number(line) if line else ""
