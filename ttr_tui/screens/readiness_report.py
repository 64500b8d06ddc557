"""The report as plain text, to be copied, printed or sent: times in UTC, no shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.errors import YOU
from ttr_tui.model import Check
from ttr_tui.screens import readiness_words as words

if TYPE_CHECKING:
    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Company, Finding, Problem, Seen
    from ttr_tui.screens.readiness_sight import Sight

_STATE = 11
_LABEL = 16


def report(sight: Sight, now: datetime) -> list[str]:
    """Return all that is known of a company's readiness; what was not seen is said to be so."""
    company, found = sight.company, sight.findings
    lines = [
        f"Readiness of {text.clean(company.name)}, {text.clean(company.domain)}",
        f"Tenant {company.tenant_id}, {text.stamp_z(now)}",
        words.counted(found.values()) or "Nothing needs a look",
        "",
    ]
    for check in Check:
        finding = found.get(check)
        lines += [*(step(finding) if finding is not None else [_not_seen(sight, check)]), ""]
    return [*lines, *ends(sight.due or (), now)]


def step(finding: Finding) -> list[str]:
    """Return one step: its verdict, what was seen, who can act, what to do."""
    told = [
        f"{finding.verdict:<{_STATE}}{words.step_name(finding.check)}: {text.clean(finding.seen)}",
        *(_labelled("Seen", text.stamp_z(finding.checked_at))),
        *(_evidence(one) for one in finding.evidence),
    ]
    for label, value in (
        ("What it means", finding.means),
        ("Who can act", finding.who),
        ("What to do", finding.cure),
    ):
        told += _labelled(label, value)
    told += [text.clean(line) for line in finding.lines]
    told += _labelled("Entra page", finding.link)
    if finding.problem is not None:
        told += _labelled("In the way", finding.problem.happened)
        for label, value in (("Code", finding.problem.code), *ids_of(finding.problem)):
            told += _labelled(label, value)
    return told


def ids_of(problem: Problem) -> list[tuple[str, str]]:
    """Return what Microsoft finds a refusal by, each with its label."""
    named = (
        ("Correlation id", problem.correlation_id),
        ("Trace id", problem.trace_id),
        ("Time", problem.timestamp),
    )
    return [(label, text.clean(value)) for label, value in named if value]


def message(finding: Finding, company: Company) -> list[str]:
    """Return a message about a refusal, ready to be sent; none where nobody else can act."""
    problem = finding.problem
    if problem is None or finding.who in ("", YOU):
        return []
    domain = text.clean(company.domain)
    shown = (
        ("Company", f"{text.clean(company.name)} ({domain})"),
        ("Code", text.clean(problem.code)),
        *ids_of(problem),
        ("Seen", text.stamp_z(finding.checked_at)),
    )
    return [
        f"Subject: {domain}: TTR cannot go on: {words.step_name(finding.check)}",
        "",
        *(text.clean(part) for part in (problem.happened, finding.means, finding.cure) if part),
        *(text.clean(line) for line in finding.lines),
        "",
        *(f"{label + ':':<16}{value}" for label, value in shown if value),
    ]


def ends(due: Sequence[Due], now: datetime) -> list[str]:
    """Return what has a date, soonest first."""
    if not due:
        return [f"{words.WHAT_ENDS_NEXT}: {words.due_words(due)}"]
    lines = [words.WHAT_ENDS_NEXT]
    for one in due:
        ending = one.ending
        at = text.stamp_z(ending.at)[:10] if ending.at is not None else "no date"
        parts = (words.named(ending), words.in_time(ending, now), text.clean(ending.note))
        lines.append(f"{one.verdict:<{_STATE}}{at:<12}{', '.join(filter(None, parts))}")
    return lines


def _not_seen(sight: Sight, check: Check) -> str:
    why = "still asks" if sight.running else text.clean(sight.not_asked) or "nobody answered"
    return f"{'not known':<{_STATE}}{words.step_name(check)}: {why}"


def _evidence(one: Seen) -> str:
    verdict = one.verdict.value if one.verdict is not None else ""
    note = f"   {text.clean(one.note)}" if one.note else ""
    return f"  {verdict:<{_STATE}}{text.clean(one.text)}{note}"


def _labelled(label: str, value: str) -> list[str]:
    return [f"  {label:<{_LABEL}}{text.clean(value)}"] if value else []
