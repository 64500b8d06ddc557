"""What the tree of authentications says of a row: its state, when it was used, when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.flows.invitations import STILL_OPEN, InvitationState
from ttr_tui.model import Authentication, AuthenticationKind, Status
from ttr_tui.store.branches import ENDS_SOON, SOON_STATE
from ttr_tui.widgets.lines import Line, cells, join, state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATES: Mapping[Status, str] = {
    Status.HEALTHY: "✓ healthy",
    Status.UNPROVEN: "? unproven",
    Status.REFUSED: "✗ refused",
    Status.EXPIRED: "✗ expired",
    Status.BLOCKED: "✗ blocked",
    Status.NO_MAILBOX: "✗ no mailbox",
    Status.UNREADABLE: "✗ unreadable",
}
SOON = "! ends soon"
NONE = "- none"

_OVER = (Status.REFUSED, Status.EXPIRED)
_WHOLE_STATE, _STATE_AND_USED = 12, 17
_GAP_BEFORE_ENDS = 2


def state_of(row: Authentication, now: datetime) -> str:
    """Return a row's state, shape and words; a child ends with its parent, so never soon."""
    if row.status in (Status.HEALTHY, Status.UNPROVEN) and row.parent_id is None:
        ends = row.expires_at
        if ends is not None and ends <= now:
            return STATES[Status.EXPIRED]
        if ends is not None and ends - now < ENDS_SOON:
            return SOON
    return STATES[row.status]


def used(row: Authentication, now: datetime) -> str:
    """Return how long ago it was used, in one unit of at most two digits beside days."""
    if row.last_used is None:
        return "never"
    seconds = (now - row.last_used).total_seconds()
    return text.span(seconds) if seconds >= 60 else "<1 min"


def ends(row: Authentication, now: datetime) -> str:
    """Return when it ends, as the list has it."""
    if row.kind is AuthenticationKind.CHILD:
        return "parent"
    if row.status in _OVER or (row.expires_at is not None and row.expires_at <= now):
        return "ended"
    if row.expires_at is None:
        return "-"
    return f"in {text.until(row.expires_at, now)}"


def tail(shown: Line, used_words: str = "", ends_words: str = "") -> Line:
    """Return the cells behind the address: state, used (right-aligned), ends.

    They are one cell of the row, because the longest state beside the longest time needs a cell
    more than the columns have; nothing else moves for it.
    """
    room = max(_STATE_AND_USED - cells(shown), text.cells(used_words) + 1)
    left = join(shown, used_words.rjust(room) if used_words else " " * room)
    gap = max(1, _STATE_AND_USED + _GAP_BEFORE_ENDS - cells(left))
    return join(left, " " * gap, ends_words)


HEADS = "State".ljust(_STATE_AND_USED - len("Used")) + "Used" + " " * _GAP_BEFORE_ENDS + "Ends"


def troubles(states: Mapping[str, int]) -> Line:
    """Return what is to be looked at in a group: `1 ✗ refused`, `3 ✗ stopped`; empty for none.

    `states` counts the group by its states as the store has them.
    """
    shown = {_shown(one): count for one, count in states.items()}
    stopped = {words: count for words, count in shown.items() if words.startswith("✗")}
    if len(stopped) == 1:
        words, count = stopped.popitem()
        return join(f"{text.number(count)} ", state(words))
    if stopped:
        return join(f"{text.number(sum(stopped.values()))} ", state("✗ stopped"))
    soon = shown.get(SOON, 0)
    return join(f"{text.number(soon)} ", state(SOON)) if soon else ""


def by_state(states: Mapping[str, int]) -> Line:
    """Return all states with their counts, the good first: `1,203 ✓ healthy, 1 ✗ blocked`."""
    shown = ((_shown(one), count) for one, count in states.items())
    ordered = sorted(shown, key=lambda one: ("✓?!✗".find(one[0][0]), one[0]))
    parts: list[Line] = []
    for words, count in ordered:
        parts += [", " if parts else "", f"{text.number(count)} ", state(words)]
    return join(*parts)


def _shown(stored: str) -> str:
    return SOON if stored == SOON_STATE else STATES[Status(stored)]


def invited_counts(invited: Sequence[InvitationState]) -> str:
    """Return what the head of the invitations counts: `9 open, 2 expired`, else what is over."""
    states = Counter(invited)
    still = sum(states[one] for one in STILL_OPEN)
    first = ((still, "open"), (states[InvitationState.EXPIRED], "expired"))
    rest = (
        (states[InvitationState.DONE], "done"),
        (states[InvitationState.WITHDRAWN], "withdrawn"),
    )
    told = [_counted(first), _counted(rest)]
    return next(filter(None, told), "")


def invited_waiting(invited: Sequence[InvitationState]) -> Line:
    """Return how many invited owners wait for the operator's word; empty for none."""
    waits = Counter(invited)[InvitationState.WAITS]
    return join(f"{text.number(waits)} ", state("! waits for you")) if waits else ""


def _counted(parts: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{text.number(count)} {word}" for count, word in parts if count)


def status_counts(children: int, own: int, without: int) -> str:
    """Return row 23, right: how many there are of each; those of which there are none left out."""
    parts = [
        text.plural(children, "child") if children else "",
        text.plural(own, "own sign-in") if own else "",
        f"{text.number(without)} without" if without else "",
    ]
    return ", ".join(part for part in parts if part)
