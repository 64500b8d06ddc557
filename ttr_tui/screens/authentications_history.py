"""The journal's lines about one authentication, found among those of its company."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import COMPANY_MASTER_NAME, AuthenticationKind, JournalEntry
from ttr_tui.widgets.lines import Line

if TYPE_CHECKING:
    from ttr_tui.model import Authentication, Company

MOST_LINES = 12

_WHAT, _WHO = 35, 23
_RUN_BEGINS = ("bulk add started", "bulk add retried")
_OF_THE_MASTER = (
    "company master stored",
    "company master signed in again",
    "company master taken over",
    "company master used",
    "sign-in not confirmed",
)


def history(
    row: Authentication, company: Company, entries: Sequence[JournalEntry]
) -> list[JournalEntry]:
    """Return the entries about this authentication, oldest first.

    `entries` are the whole journal's, oldest first. A child is told of by the run that added it.
    """
    ours = _of_company(company, entries)
    if row.kind is AuthenticationKind.COMPANY_MASTER:
        return [e for e in ours if e.what in _OF_THE_MASTER or COMPANY_MASTER_NAME in e.subject]
    named = [e for e in ours if row.address and row.address in f"{e.subject} {e.detail}"]
    if row.kind is AuthenticationKind.CHILD:
        begun = [e for e in ours if e.what in _RUN_BEGINS and e.at <= row.since]
        run = begun[-1].subject if begun else ""
        added = [e for e in ours if run and e.subject == run]
        return sorted({e.id: e for e in (*named, *added)}.values(), key=lambda e: e.id)
    return named


def lines(entries: Sequence[JournalEntry]) -> list[Line]:
    """Return the entries as rows, newest first: when, what, who and from where."""
    return [_line(entry) for entry in list(reversed(entries))[:MOST_LINES]]


def who(entry: JournalEntry) -> str:
    """Return who did it, and from where when that was elsewhere."""
    return f"{entry.who} from {entry.origin}" if entry.origin else entry.who


def _line(entry: JournalEntry) -> Line:
    what = entry.what
    if entry.what == "company master used":
        what = f"used to open {entry.subject}"
    elif entry.subject and COMPANY_MASTER_NAME not in entry.subject:
        what = f"{entry.what}, {entry.subject}"
    if entry.outcome != "done":
        what = f"{what}: {entry.outcome}"
    shown = text.cut_right(text.clean(what), _WHAT)
    blank = " " * (_WHAT - text.cells(shown))
    return (
        f" {text.stamp(entry.at)}   {shown}{blank} {text.cut_right(text.clean(who(entry)), _WHO)}"
    )


def _of_company(company: Company, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Return the company's entries, also those under former names."""
    name, ours = company.name, []
    for entry in reversed(entries):
        if entry.company_name != name:
            continue
        ours.append(entry)
        if entry.what == "company renamed":
            name = entry.detail.removeprefix("formerly ")
    return ours[::-1]
