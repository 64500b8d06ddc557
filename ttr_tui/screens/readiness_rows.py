"""The rows of readiness: the seven steps, the proof by use, what ends next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import SETUP_STEPS, Check
from ttr_tui.screens import readiness_words as words
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.row_windows import Row

if TYPE_CHECKING:
    from ttr_tui.screens.readiness_sight import Sight

COLUMNS = (
    Column("Step", 27, Cut.NEVER),
    Column("State", 11, Cut.NEVER),
    Column("What was seen", 37, Cut.RIGHT, grow=1, gap=0),
)
ENDS = "ends"
"""The key of the row about dates; the others have their check's."""

HEIGHT = 13
"""Rows of the whole list with its heads."""

_PROOF = "Proof by use, and dates"


def rows(sight: Sight) -> list[Row]:
    """Return all rows; each keeps its place whatever is known of it."""
    proofs = [check for check in Check if check not in SETUP_STEPS]
    due = sight.due
    ends = Row(
        (
            words.WHAT_ENDS_NEXT,
            state(words.due_state(due)) if due is not None else "",
            words.due_words(due) if due is not None else "",
        ),
        key=ENDS,
    )
    return [
        *(_row(sight, check) for check in SETUP_STEPS),
        Row(("",), heading=True),
        Row((_PROOF,), heading=True),
        *(_row(sight, check) for check in proofs),
        ends,
    ]


def _row(sight: Sight, check: Check) -> Row:
    shown, seen = told(sight, check)
    return Row((words.step_name(check), state(shown), seen), key=check)


def told(sight: Sight, check: Check) -> tuple[str, str]:
    """Return a check's state, and what was seen or why nothing is known."""
    found, before = sight.findings.get(check), sight.before.get(check)
    if found is not None:
        return words.verdict_words(found.verdict), text.clean(found.seen)
    earlier = words.before_words(before) if before is not None else ""
    if sight.running or sight.work is None:
        return words.CHECKING, earlier
    return "? not known", text.clean(sight.not_asked) or "nobody answered"
