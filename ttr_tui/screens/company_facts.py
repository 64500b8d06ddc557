"""What is said of a company: its state in a list, and the facts below the list."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import Status
from ttr_tui.screens.company_dates import ends_next
from ttr_tui.screens.explained import who_acts
from ttr_tui.screens.session import NEEDS_YOU
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, bold, join, state
from ttr_tui.widgets.paragraphs import paragraph
from ttr_tui.widgets.row_windows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Alarm, Authentication
    from ttr_tui.store import CompanySummary

_REASON_LENGTH = 130

A_DAY = 86_400

RIGHT_HAS_IT = "; right shows it whole"

STOPPED_ROWS = 7
"""Rows below the list for what stops a company, so that Next step is never cut."""

CODE = "AADSTS"
"""What each of Microsoft's codes begins with."""

STATE_WIDTH = 20
"""Cells of the list's last column: a state is never cut."""


COLUMNS = (
    Column("Company", 23, Cut.NAME, grow=3),
    Column("Domain", 22, Cut.RIGHT, grow=2, gap=2),
    Column("Agents", 7, Cut.NEVER, gap=2, right=True),
    Column("State", STATE_WIDTH, Cut.NEVER),
)


def list_row(summary: CompanySummary, alarms: Sequence[Alarm], now: datetime) -> Row:
    """Return a company's row of the list."""
    company = summary.company
    words = stopped_words(alarms) if alarms else state_words(summary, now)
    agents = text.number(summary.agents)
    return Row((company.name, company.domain, agents, state(words)), key=company.id)


def stopped_words(alarms: Sequence[Alarm]) -> str:
    """Return the state of a stopped company: `✗ stopped: 53003`; its facts have the whole code."""
    cause = alarms[0].cause
    for words in (f"✗ stopped: {cause}", f"✗ stopped: {cause.removeprefix(CODE)}"):
        if cause and text.cells(words) <= STATE_WIDTH:
            return words
    return "✗ stopped"


def needs_you(summary: CompanySummary) -> bool:
    """Tell whether nothing more can be added until somebody signs in again."""
    return summary.master is not None and summary.master.status in NEEDS_YOU


def state_words(summary: CompanySummary, now: datetime) -> str:
    """Return the state as the list shows it."""
    master = summary.master
    if master is None:
        return "- not connected"
    if master.status is Status.HEALTHY:
        return "✓ healthy"
    if master.status is Status.UNPROVEN:
        return "? unproven"
    if master.status in (Status.REFUSED, Status.EXPIRED):
        ago = text.ago(master.status_since, now)
        words = f"✗ {master.status} since {ago}"
        return words if text.cells(words) <= STATE_WIDTH else f"✗ {master.status} {ago}"
    return f"✗ {master.status}"


def next_step(summary: CompanySummary) -> str:
    """Return what `enter` does for this company."""
    if summary.company.consent_proven_at is None:
        again = " again" if summary.master is not None else ""
        return f"Connect: an administrator grants permission{again}"
    if summary.master is None:
        return "Connect: sign in the Company Master"
    if needs_you(summary):
        return "Sign in the Company Master again"
    return "Open O365 Agent Bulk Add"


def facts(
    summary: CompanySummary,
    now: datetime,
    alarms: Sequence[Alarm] = (),
    due: Sequence[Due] = (),
) -> list[Line]:
    """Return the rows below the list, for the company at the cursor.

    What stops all of it stands in place of the Company Master's own state; `due` is what has a
    date, soonest first.
    """
    company = summary.company
    name = text.cut_middle(text.clean(company.name), 31)
    rows: list[Line] = [
        join(" ", bold(name), f"   tenant {company.tenant_id}"),
        "",
        *(_stopped(alarms, now) or _state(summary, now)),
        *paragraph("Next step", next_step(summary)),
    ]
    next_end = ends_next(due, now) if not alarms else ""
    return [*rows, *paragraph("Ends next", next_end)] if next_end else rows


def _state(summary: CompanySummary, now: datetime) -> list[Line]:
    return [*paragraph("State", state(_state_sentence(summary, now))), ""]


def _stopped(alarms: Sequence[Alarm], now: datetime) -> list[Line]:
    """Return what stops a company: the oldest cause whole, the others by their codes."""
    if not alarms:
        return []
    first, *others = alarms
    problem = first.problem
    happened = text.clean(problem.happened).rstrip(".")
    code = f" ({problem.code})" if problem.code else ""
    also = f" Also: {', '.join(one.cause for one in others)}." if others else ""
    met = "refused once"
    if first.times > 1:
        met = (
            f"refused {text.number(first.times)} times, the last {text.ago(first.last_at, now)} ago"
        )
    rows = [
        *paragraph("State", state(f"✗ stopped: {happened}{code}.{also}")),
        *paragraph("Since", f"{text.stamp(first.since)}, {met}"),
        *paragraph("Who can act", f"{who_acts(problem.who)}{RIGHT_HAS_IT}"),
    ]
    cure = paragraph("What to do", problem.cure) if problem.cure else []
    if len(rows) + len(cure) > STOPPED_ROWS:
        cure = paragraph("What to do", "More than fits here: right shows it.")
    return [*rows, *cure]


def _state_sentence(summary: CompanySummary, now: datetime) -> str:
    master = summary.master
    if master is None:
        return _not_connected(summary)
    if master.status is Status.HEALTHY:
        return _healthy(master, summary.agents, now)
    if master.status is Status.UNREADABLE:
        return (
            "✗ unreadable: the Company Master cannot be opened with the keys at hand. Signing in "
            "again replaces it."
        )
    if master.status is Status.UNPROVEN:
        return "? unproven: it is stored, and no refresh has proven it yet"
    if summary.company.consent_proven_at is None:
        return _withdrawn_sentence(master)
    return _refused_sentence(master, summary.agents)


def _withdrawn_sentence(master: Authentication) -> str:
    return (
        "✗ Microsoft no longer shows the admin permission of this app since "
        f"{text.stamp(master.status_since)}. Nothing was deleted: adding, and reading through the "
        "app's permission, wait until an administrator grants it again."
    )


def _not_connected(summary: CompanySummary) -> str:
    proven = summary.company.consent_proven_at
    if proven is None:
        return "- not connected: nobody has granted permission or signed in yet"
    since = text.stamp(proven)
    return f"- not connected: permission is granted since {since}, nobody is signed in"


def _healthy(master: Authentication, agents: int, now: datetime) -> str:
    if master.last_used is None:
        return f"✓ healthy; {text.plural(agents, 'agent')}"
    ago = text.ago(master.last_used, now)
    at = text.stamp(master.last_used)
    if (now - master.last_used).total_seconds() < A_DAY:
        at = at[11:]
    return f"✓ healthy: Microsoft accepted it at {at}" + (f", {ago} ago" if ago not in at else "")


def _refused_sentence(master: Authentication, agents: int) -> str:
    since = text.stamp(master.status_since)
    reason = text.clean(master.status_reason).partition(". ")[0].rstrip(".")
    work_on = f"the {text.plural(agents, 'agent')} work on" if agents > 1 else "agents work on"
    return (
        f"✗ Microsoft has refused the Company Master since {since}: "
        f"{text.cut_right(reason, _REASON_LENGTH)}. Nothing was deleted: {work_on}, and adding "
        "waits until somebody signs in again."
    )
