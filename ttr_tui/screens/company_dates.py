"""What is due, as the list of companies tells it: the banner, and a company's `Ends next`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.flows.forecast import when
from ttr_tui.model import EndingKind, Verdict
from ttr_tui.screens.readiness_words import SHAPES, in_time
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Company

_STOPS_ALL = (EndingKind.CLIENT_SECRET, EndingKind.CERTIFICATE, EndingKind.TLS_CERTIFICATE)
"""What stops every sign-in when it ends is told before anything else."""

_LASTING = (*_STOPS_ALL, EndingKind.AUTHENTICATION, EndingKind.SIGN_IN_FREQUENCY)
"""What was meant to last: a link that runs out is nothing to be told of in advance."""

_NAMED_WIDTH = 40


def due_now(due: Iterable[Due], now: datetime) -> list[Due]:
    """Return what is over or within its notice, what stops everything first, then the soonest.

    A sign-in that has ended is told by its state, wherever it stands in a list; what has no date
    (a backup that was never made) is told by Readiness alone.
    """
    wanted = (Verdict.FAIL, Verdict.WARNING)
    found = [
        one
        for one in due
        if one.verdict in wanted and one.ending.at is not None and not _ended_sign_in(one, now)
    ]
    return sorted(found, key=lambda one: (one.ending.kind not in _STOPS_ALL, when(one)))


def ends_next(due: Sequence[Due], now: datetime) -> Line:
    """Return what ends next of a company: `the client secret, 2026-12-11, in 18 d`, or nothing."""
    urgent = due_now(due, now)
    if urgent:
        return state(f"{SHAPES[urgent[0].verdict]} {ending_words(urgent[0], now)}")
    for one in due:
        lasts = one.ending.kind in _LASTING and one.ending.at is not None
        if lasts and not _ended_sign_in(one, now):
            return ending_words(one, now)
    return ""


def banner(companies: Sequence[Company], due: Mapping[str, Sequence[Due]], now: datetime) -> Line:
    """Return the sentence about what is due first in any company, and how many others are.

    What all companies share (secret, certificates, backup) is counted once and named without one.
    The one thing that is due of the only company stands among its facts.
    """
    whose: dict[Due, list[Company]] = {}
    for company in companies:
        for one in due.get(company.id, ()):
            whose.setdefault(one, []).append(company)
    urgent = due_now(whose, now)
    if not urgent or len(urgent) == len(companies) == 1:
        return ""
    first, more = urgent[0], len(urgent) - 1
    alone = len(companies) > 1 and len(whose[first]) == 1
    name = text.clean(whose[first][0].name) if alone else ""
    others = f", and {text.number(more)} more" if more else ""
    tail = f"{others}. 4 shows {'them' if more else 'it'}."
    whom = f"{name}: " if name else ""
    for said in (ending_words(first, now), ending_words(first, now, whose=False)):
        room = SENTENCE_WIDTH - text.cells(f"! {said}{tail}")
        if text.cells(whom) <= room:
            break
    else:
        whom = f"{text.cut_middle(name, room - 2)}: "
    return state(f"{SHAPES[first.verdict]} {whom}{said}{tail}")


def ending_words(one: Due, now: datetime, *, whose: bool = True) -> str:
    """Return what ends (and which of its kind), its date, and how far off that is."""
    ending = one.ending
    subject = text.clean(ending.subject)
    named = f"the {ending.kind}" if ending.kind in _STOPS_ALL else ending.kind.value
    if subject and whose and ending.kind not in _STOPS_ALL:
        named = f"{ending.kind} of {text.cut_middle(subject, _NAMED_WIDTH)}"
    date = text.stamp(ending.at)[:10] if ending.at is not None else ""
    return ", ".join(filter(None, (named, date, in_time(ending, now))))


def _ended_sign_in(one: Due, now: datetime) -> bool:
    ending = one.ending
    over = ending.at is not None and ending.at <= now
    return over and ending.kind is EndingKind.AUTHENTICATION
