"""The words of readiness: a step's name and number, its state, what was counted."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import SETUP_STEPS, Check, EndingKind, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Ending

SHAPES = {Verdict.PASS: "✓", Verdict.WARNING: "!", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?"}

CHECKING = "» checking"

SEEN_WIDTH = 38
"""Cells of the list's last column at 80 columns; sentences are never cut."""

WHAT_ENDS_NEXT = "What ends next"
WITHOUT_A_DATE = "- none"

LIMITS = (
    "Nothing is called pass that was not seen. PIM-eligible roles, consent policy and conditional "
    "access cannot be read with these six permissions."
)

WORST_FIRST = (Verdict.FAIL, Verdict.WARNING, Verdict.UNKNOWN, Verdict.PASS)
_COUNTED = {
    Verdict.FAIL: ("fail", "fails"),
    Verdict.WARNING: ("warning", "warnings"),
    Verdict.UNKNOWN: ("not known yet", "not known yet"),
}


def step_name(check: Check) -> str:
    """Return a check as the list has it: `2 Redirect URLs`, `A mailbox, without body`."""
    name = check.value[0].upper() + check.value[1:]
    return f"{SETUP_STEPS.index(check) + 1} {name}" if check in SETUP_STEPS else name


def verdict_words(verdict: Verdict) -> str:
    """Return a verdict with its shape: `✗ fail`."""
    return f"{SHAPES[verdict]} {verdict}"


def counted(findings: Iterable[Finding]) -> str:
    """Return what needs a look, the worst first: `1 fail, 1 warning, 1 not known yet`."""
    verdicts = [finding.verdict for finding in findings]
    counts = [(verdicts.count(verdict), words) for verdict, words in _COUNTED.items()]
    return ", ".join(text.plural(count, *words) for count, words in counts if count)


def asking(answered: Iterable[Check], silent: float = 0.0) -> str:
    """Return how many still ask: `Checking: 1 of 7 steps still asks`.

    `silent` are the seconds since anything was heard; more than ten of them are said.
    """
    known = set(answered)
    steps = [check for check in SETUP_STEPS if check not in known]
    proofs = [check for check in Check if check not in (*SETUP_STEPS, *known)]
    if not steps and not proofs:
        return "Checking: all have answered"
    left, of = (len(steps), "7 steps") if steps else (len(proofs), "2 proofs by use")
    since = f", no answer for {text.span(silent)}" if silent > 10 else ""
    return f"Checking: {left} of {of} still {'asks' if left == 1 else 'ask'}{since}"


def before_words(finding: Finding) -> str:
    """Return what an earlier check found, said as such: it colours nothing."""
    return f"before: {finding.verdict}, {text.stamp(finding.checked_at)}"


def worst_of(due: Sequence[Due]) -> Due | None:
    """Return what needs a look first: of those with the worst verdict the soonest."""
    for verdict in WORST_FIRST:
        for one in due:
            if one.verdict is verdict:
                return one
    return None


def due_state(due: Sequence[Due]) -> str:
    """Return the state of all that has a date."""
    worst = worst_of(due)
    return verdict_words(worst.verdict) if worst is not None else WITHOUT_A_DATE


def due_words(due: Sequence[Due]) -> str:
    """Return what ends next: `first: client secret, 2026-12-11`."""
    worst = worst_of(due)
    if worst is None:
        return "nothing stored here has a date"
    ending = worst.ending
    if ending.at is None:
        note = text.clean(ending.note).removeprefix("not known: ").partition(";")[0]
        whole = f"{ending.kind}: {note}"
        return whole if note and text.cells(whole) <= SEEN_WIDTH else f"{ending.kind}: not known"
    first = "first: " if worst is due[0] else ""
    return f"{first}{ending.kind}, {text.stamp(ending.at)[:10]}"


def named(ending: Ending) -> str:
    """Return what it is that ends, and which: `client secret: TTR production`."""
    subject = text.clean(ending.subject)
    kind = ending.kind.value
    return kind if subject in ("", kind) else f"{kind}: {subject}"


_DONE_AGAIN = (EndingKind.BACKUP, EndingKind.KEEP_ALIVE)


def in_time(ending: Ending, now: datetime) -> str:
    """Return how far off an end is: `in 18 d`, `ended 3 h ago`; nothing without a date.

    What is to be done again by then does not end: `due 3 h ago`.
    """
    if ending.at is None:
        return ""
    if ending.at <= now:
        ago = text.ago(ending.at, now)
        over = "due" if ending.kind in _DONE_AGAIN else "ended"
        return f"{over} {ago} ago" if " " in ago else over
    until = text.until(ending.at, now)
    return f"in {until}" if " " in until else ""
