"""What O365 Agent Bulk Add says: each sentence and count of its list, made from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.flows.polling import Reading
from ttr_tui.model import HIDDEN_KINDS, UserKind
from ttr_tui.query import Sort, filter_name
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, bold, both_ends, join, plain
from ttr_tui.widgets.shapes import OPEN

if TYPE_CHECKING:
    from ttr_tui.flows.polling import PollProgress
    from ttr_tui.query import WrongWord
    from ttr_tui.store import CopyState, Matches
    from ttr_tui.store.directory_copy import Screenful

TRY_NOW, READ_AGAIN = "try now", "read again"
"""What `r` does: ask Microsoft because it gave no answer, or because its person wishes."""

SILENCE = 10.0
"""Seconds without news after which the silence itself is told."""

AGED = 100 * 86_400.0
"""Seconds from which the date alone says how old something is."""

_LABEL = 9


def match_count(matches: Matches | None) -> str:
    """Return how many of how many match, as it stands at the right of the search."""
    if matches is None or not matches.total:
        return ""
    return f"{text.number(len(matches.rids))} of {text.number(matches.total)} match"


def count_so_far(first: Screenful, state: CopyState | None) -> str:
    """Return how many match while they are still counted: `14+`; all of them when few do."""
    total = state.count if state is not None else 0
    many = f"{text.number(len(first.rids))}{'+' if first.more else ''}"
    return f"{_of(many, total)} match" if total else ""


SORTED_HEADS = {
    Sort.NAME: "Name",
    Sort.ADDRESS: "Address",
    Sort.DEPARTMENT: "Department",
    Sort.TITLE: "Title",
    Sort.KIND: "Kind",
    Sort.AGENT: "Agent",
}
"""The head of the column by which a list is sorted."""

SORT_LETTERS = {
    "n": Sort.NAME,
    "a": Sort.ADDRESS,
    "d": Sort.DEPARTMENT,
    "t": Sort.TITLE,
    "k": Sort.KIND,
    "g": Sort.AGENT,
}
"""What is pressed after `s`; Address has the first letter that Agent has, too."""

SORT_KEYS = tuple(
    KeyHint(letter, SORTED_HEADS[sort].lower()) for letter, sort in SORT_LETTERS.items()
)
"""Row 24 after `s`."""

SORT_SENTENCE = "Sorted by which column? The same one again: the other way."


def sort_mark(sort: Sort, *, descending: bool) -> tuple[str, str]:
    """Return the head of the sorted column and the shape before it; none for the usual order."""
    if sort is Sort.NAME and not descending:
        return "", ""
    return SORTED_HEADS[sort], OPEN if descending else "^"


def wrong_filter(wrong: Sequence[WrongWord]) -> str:
    """Return why nobody matches a filter that cannot be, and what is possible; empty without."""
    if not wrong:
        return ""
    typed = text.cut_right(text.clean(wrong[0].typed), 11)
    name = filter_name(wrong[0].typed.partition(":")[0])
    *some, last = wrong[0].possible
    return f"{typed} fits nobody: {name} is {', '.join(some)} or {last}."


def hidden_counts(hidden: Mapping[UserKind, int]) -> str:
    """Return the hidden kinds with their counts: `214 guests, 97 disabled`; empty for none."""
    counts = {kind: hidden.get(kind, 0) for kind in HIDDEN_KINDS}
    words = {
        UserKind.GUEST: text.plural(counts[UserKind.GUEST], "guest"),
        UserKind.DISABLED: f"{text.number(counts[UserKind.DISABLED])} disabled",
        UserKind.NO_LICENCE: (
            f"{text.number(counts[UserKind.NO_LICENCE])} without a mailbox licence"
        ),
    }
    return ", ".join(words[kind] for kind in HIDDEN_KINDS if counts[kind])


def hidden_row(
    hidden: Mapping[UserKind, int], width: int, *, shown: bool, asks: bool = False
) -> Line:
    """Return the row below the search: who is left out, or shown all the same, and the key.

    With `asks` the search itself asks for them, and no key hides them.
    """
    counted = hidden_counts(hidden)
    label = "Shown" if shown or (asks and counted) else "Hidden"
    lead = f" {label.ljust(_LABEL - 1)}{counted or 'nobody'}"
    if asks or not (counted or shown):
        return lead
    key = join(bold("."), " hides them " if shown else " shows them ")
    return both_ends(lead, key, width)


def selected_of(count: int, not_in_view: int) -> str:
    """Return row 23, left."""
    return f"{text.number(count)} selected, {text.number(not_in_view)} not in view"


def reading(progress: PollProgress | None, silent_for: float, now: datetime) -> str:
    """Return row 23, right, while the directory is read; `silent_for` seconds without news."""
    if progress is None:
        return _silence("asking for the first users", silent_for)
    many = _how_many(progress)
    if progress.waiting_until is not None and progress.waiting_until > now:
        return f"{many}, paused by Microsoft until {clock(progress.waiting_until, seconds=True)}"
    if silent_for >= SILENCE:
        return _silence(f"reading {many}", silent_for)
    side_by_side = progress.parts > 1
    parts = [many if side_by_side else f"reading {many}"]
    if progress.rate >= 1:
        parts.append(f"{text.number(round(progress.rate))} a second")
        if side_by_side:
            parts.append(f"{progress.parts_done} of {progress.parts} parts read")
        elif progress.seconds_left is not None:
            parts.append(f"{text.span(progress.seconds_left + 0.5)} left")
    return ", ".join(parts)


def _how_many(progress: PollProgress) -> str:
    read = text.number(progress.read)
    if progress.how is Reading.CHANGES:
        return f"what changed, {read} so far"
    return f"{read} so far" if progress.expected is None else _of(read, progress.expected)


def was_read(state: CopyState | None, now: datetime) -> str:
    """Return row 23, right, while nothing is read: how much the copy holds, and its age."""
    if state is None or (state.polled_at is None and not state.count):
        return "nothing read yet"
    count = text.number(state.count)
    if state.polled_at is None:
        many = _of(count, state.expected) if state.expected is not None else count
        return f"{many} read, not all"
    read = f"read {count} of {count} at {clock(state.polled_at, now)}"
    seconds = (now - state.polled_at).total_seconds()
    # No age within the first minute: it would be drawn again every second.
    return f"{read}, {text.ago(state.polled_at, now)} ago" if 60 <= seconds < AGED else read


def copy_of(polled_at: datetime, now: datetime) -> str:
    """Return the fact of a list that is an older copy."""
    old = f", {text.ago(polled_at, now)} old"
    aged = 60 <= (now - polled_at).total_seconds() < AGED
    return f"! copy of {text.stamp(polled_at)}{old if aged else ''}"


def nobody_listed(search: str, matches: Matches, *, shown: bool, complete: bool) -> str:
    """Return what stands in a list without rows: who would be here, and the key."""
    hidden = 0 if shown else sum(matches.hidden.values())
    if not matches.total:
        return "No user is read yet." if not complete else "The tenant has no users."
    found = f'No user matches "{text.clean(search, 40)}"' if search.strip() else "No user is shown"
    so_far = "." if complete else " so far."
    if not hidden:
        return found + so_far
    do = "does" if hidden == 1 else "do"
    if not search.strip():
        return f"{found}{so_far} {text.number(hidden)} are hidden: . shows them."
    return f"{found}{so_far} {text.number(hidden)} {do} among the hidden: . shows them."


def list_keys(matching: int, adds: int, again: str, *, beside: bool = False) -> tuple[KeyHint, ...]:
    """Return the keys of the list.

    `adds` is how many `enter` would add (0: nobody can be added now), `again` what `r` does. With
    the selection `beside` the list its key is needed least.
    """
    urgent = again == TRY_NOW
    first = (KeyHint("r", again),) if urgent else ()
    last = (KeyHint("r", again, rank=5),) if again and not urgent else ()
    add = (KeyHint("enter", f"add {text.number(adds)}"),) if adds else ()
    return (
        *first,
        KeyHint("space", "select"),
        KeyHint("v", "range", rank=2),
        KeyHint("a", f"all {text.number(matching)}"),
        KeyHint("i", "invert", rank=3),
        KeyHint("n", "none", rank=3),
        KeyHint(".", "hidden", rank=4),
        KeyHint("s", "sort", rank=5),
        KeyHint("o", "selection", rank=6 if beside else 0),
        *last,
        KeyHint("/", "search", rank=1),
        *add,
        KeyHint("esc", "back", rank=4),
    )


def selection_keys(adds: int) -> tuple[KeyHint, ...]:
    """Return the keys of the selection shown alone; `adds` as for the list."""
    add = (KeyHint("enter", f"add {text.number(adds)}"),) if adds else ()
    return (
        KeyHint("space", "deselect"),
        KeyHint("n", "none"),
        KeyHint("o", "all again"),
        KeyHint("e", "export"),
        *add,
        KeyHint("esc", "back"),
    )


SEARCH_KEYS = (
    KeyHint("enter", "to the list"),
    KeyHint("right", "complete a filter"),
    KeyHint("ctrl+u", "empty"),
    KeyHint("esc", "leave the field"),
)
"""The keys while the search has the focus."""


def clock(moment: datetime, now: datetime | None = None, *, seconds: bool = False) -> str:
    """Return a time of day, local; with its date when that is not the day of `now`."""
    stamp = text.stamp(moment, seconds=seconds)
    if now is not None and stamp[:10] != text.stamp(now)[:10]:
        return stamp
    return stamp[11:]


def fits(sentence: Line) -> bool:
    """Tell whether a sentence fits into row 22."""
    return text.cells(plain(sentence)) <= SENTENCE_WIDTH


def _of(read: str, expected: int) -> str:
    return f"{read} of {text.number(expected)}"


def _silence(what: str, silent_for: float) -> str:
    return f"{what}, no answer for {text.span(silent_for)}" if silent_for >= SILENCE else what
