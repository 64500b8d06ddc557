"""What Microsoft refused of an authentication last, whole: its class, its next try, its ids."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.screens.explained import who_acts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ttr_tui.model import Authentication, Problem

_ENDS_BY = {
    "try again": "nothing is to be done: it is tried again",
    "sign in again": "signing in again ends it",
    "operator": "you end it: the app's own settings are refused, not this sign-in",
    "administrator": "the customer's administrator ends it",
    "unknown": "nobody can say what ends it",
}
"""What ends a refusal, by its class (an `advice.Act`)."""


def refusal_facts(row: Authentication, now: datetime) -> Iterator[tuple[str, *tuple[str, ...]]]:
    """Yield labelled values about the refusal that stands; none while Microsoft accepts it."""
    problem = row.refusal
    if problem is None:
        return
    code = f" ({problem.code})" if problem.code else ""
    times = f", {text.number(row.refusals)} times in a row" if row.refusals > 1 else ""
    yield "Last refusal", f"{text.clean(problem.happened).rstrip('.')}{text.clean(code)}{times}"
    if problem.means:
        yield "What it means", text.clean(problem.means)
    yield "What ends it", _ENDS_BY.get(row.refusal_class, text.clean(row.refusal_class))
    if problem.who:
        yield "Who can act", who_acts(problem.who)
    if problem.cure:
        yield "What to do", text.clean(problem.cure)
    if row.next_try_at is not None:
        yield "Tried again", next_try(row.next_try_at, now)
    ids = _ids(problem)
    if ids:
        yield "Microsoft's ids", *ids


def next_try(at: datetime, now: datetime) -> str:
    """Return when keep-alive asks again: `at 14:05, in 23 min`."""
    if at <= now:
        return "as soon as keep-alive comes to it"
    stamp = text.stamp(at)
    shown = stamp[11:] if stamp[:10] == text.stamp(now)[:10] else stamp
    return f"at {shown}, in {text.until(at, now)}, by keep-alive"


def _ids(problem: Problem) -> list[str]:
    named = (
        ("correlation id", problem.correlation_id),
        ("trace id", problem.trace_id),
        ("time", problem.timestamp),
    )
    return [f"{name:<16}{text.clean(value)}" for name, value in named if value]
