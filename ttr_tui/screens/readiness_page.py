"""What the page of one step says: what it means, what was seen, who can act, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.style import Style

from ttr_tui import text
from ttr_tui.model import Verdict
from ttr_tui.screens.readiness_report import ids_of, message
from ttr_tui.screens.readiness_words import SHAPES
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, Span, join, state, wrap
from ttr_tui.widgets.paragraphs import paragraph

if TYPE_CHECKING:
    from ttr_tui.model import Company, Finding, Seen

LEAD = 3
"""Cells before a line of evidence."""

SHAPE = 2
"""Cells of a shape and the space behind it."""

NOTE_GAP = 2


def step_lines(finding: Finding, company: Company, width: int, *, earlier: bool) -> list[Line]:
    """Return the rows of an opened step, on a screen of `width` columns.

    `earlier` says that this was found by a check before the present one.
    """
    groups = (
        paragraph("What it means", finding.means) if finding.means else [],
        _why_not_known(finding),
        [*_seen(finding, earlier=earlier), *evidence(finding.evidence[_told(finding) :], width)],
        [*_who(finding), *_cure(finding)],
        copied_lines(finding.lines, width),
        _refusal(finding, company),
    )
    rows: list[Line] = []
    for group in filter(None, groups):
        rows += ["", *group]
    return rows


def evidence(seen: Sequence[Seen], width: int) -> list[Line]:
    """Return a row for each thing seen, its note behind it where both fit, notes in line."""
    room = width - LEAD - SHAPE - 1
    lengths = [(text.cells(text.clean(s.text)), text.cells(text.clean(s.note))) for s in seen]
    behind = max(
        (long + NOTE_GAP for long, note in lengths if note and long + NOTE_GAP + note <= room),
        default=0,
    )
    rows: list[Line] = []
    for one, (long, note) in zip(seen, lengths, strict=True):
        at = behind if behind + note <= room else long + NOTE_GAP
        rows += _evidence_row(one, room, at if long < at and at + note <= room else 0)
    return rows


def copied_lines(lines: Sequence[str], width: int) -> list[Line]:
    """Return each line to be copied, alone from column 1 on, never cut or wrapped."""
    rows: list[Line] = []
    for line in lines:
        shown = text.clean(line)
        if text.cells(shown) > width:
            rows.append(f" A line of {len(line)} characters; u prints it whole, alone on its line.")
        else:
            rows.append(Span(shown, Style(underline=True)))
    return rows


def what_is_copied(finding: Finding) -> str:
    """Return what `c` copies, as row 24 names it."""
    if not finding.lines:
        return "report"
    if all(line.startswith(("https://", "http://")) for line in finding.lines):
        return "URL" if len(finding.lines) == 1 else "URLs"
    return "line" if len(finding.lines) == 1 else "lines"


def _told(finding: Finding) -> int:
    """Return 1 when the first line of evidence says what was looked at."""
    return int(bool(finding.evidence) and finding.evidence[0].verdict is None)


def _why_not_known(finding: Finding) -> list[Line]:
    unknown = finding.verdict is Verdict.UNKNOWN
    return paragraph("Why not known", text.clean(finding.seen)) if unknown else []


def _seen(finding: Finding, *, earlier: bool) -> list[Line]:
    at = text.stamp(finding.checked_at, seconds=True)
    first = finding.evidence[0].text if _told(finding) else finding.seen
    if finding.verdict is Verdict.UNKNOWN and not _told(finding):
        first = "what could be seen:" if finding.evidence else "nothing"
    if earlier:
        return paragraph("Seen before", f"{at[:16]}, by an earlier check:", text.clean(first))
    return paragraph(f"Seen {at[11:]}", text.clean(first))


def _evidence_row(one: Seen, room: int, behind: int) -> list[Line]:
    words, note = text.clean(one.text), text.clean(one.note)
    shape: Line = state(f"{SHAPES[one.verdict]} ") if one.verdict is not None else "  "
    if note and behind:
        words += " " * (behind - text.cells(words)) + note
    first, *more = wrap(words, room)
    rows: list[Line] = [join(" " * LEAD, shape, first)]
    rows += [join(" " * (LEAD + SHAPE), row) for row in more]
    if note and not behind:
        rows += [join(" " * (LEAD + 2 * SHAPE), row) for row in wrap(note, room - SHAPE)]
    return rows


def _who(finding: Finding) -> list[Line]:
    return paragraph("Who can act", text.clean(finding.who)) if finding.who else []


def _cure(finding: Finding) -> list[Line]:
    return paragraph("What to do", finding.cure) if finding.cure else []


def _refusal(finding: Finding, company: Company) -> list[Line]:
    """Return what was refused, and Microsoft's identifiers: as they are to be sent, or alone."""
    problem = finding.problem
    if problem is None:
        return []
    code = f" ({problem.code})" if problem.code and problem.code not in problem.happened else ""
    rows = paragraph("In the way", f"{text.clean(problem.happened).rstrip('.')}{code}.")
    send = message(finding, company)
    if not send:
        return rows + [row for label, value in ids_of(problem) for row in paragraph(label, value)]
    rows += ["", " Message to send"]
    rows += [
        join("   ", row) for line in filter(None, send) for row in wrap(line, SENTENCE_WIDTH - 2)
    ]
    return rows
