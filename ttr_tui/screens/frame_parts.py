"""Rows 1-4, rows 22-24, and the message of a terminal that is too small."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.geometry import Offset

from ttr_tui import text
from ttr_tui.model import Hosting, Purpose
from ttr_tui.screens.keys import key_row
from ttr_tui.screens.places import PLACES
from ttr_tui.widgets.lines import (
    REVERSE,
    Line,
    LineWidget,
    Span,
    bold,
    both_ends,
    cells,
    join,
    plain,
    state,
    wrap,
)

if TYPE_CHECKING:
    from ttr_tui.model import Company
    from ttr_tui.screens.frame import FrameScreen
    from ttr_tui.screens.session import Session

LEAST_WIDTH, LEAST_HEIGHT = 80, 24

HEAD_AND_FOOT = 7
"""Rows that are not body: 1-4 and the last three."""

HOSTING_WORDS = {Hosting.SELF: "self-hosted", Hosting.SAAS: "SaaS"}


def who_line(session: Session, company: Company | None, width: int) -> Line:
    """Return row 1: whom this is about and how it is hosted; at the right what must be known."""
    hosting = HOSTING_WORDS[session.runtime.settings.hosting]
    right = notice(session)
    room = width - cells(right) - 4
    if company is None:
        left = text.cut_right(f"ttr-tui on {session.host}   {hosting}", room)
    else:
        rest = f"   {text.clean(company.domain)}   {hosting}"
        left = text.cut_middle(text.clean(company.name), max(8, room - len(rest))) + rest
    return both_ends(f" {left}", right, width)


def notice_line(session: Session, right: Line, width: int) -> Line:
    """Return row 1 before anything can be chosen, with the screen's own words at the right."""
    return both_ends(f" ttr-tui on {session.host}", join(right, " "), width)


def notice(session: Session) -> Line:
    """Return the first of the three notices that is true, or nothing; ends with its margin."""
    settings = session.runtime.settings
    if session.demo is not None:
        return (Span("demo: nothing reaches Microsoft", REVERSE), " ")
    if settings.not_microsoft:
        return f"not Microsoft: {settings.not_microsoft} "
    troubled = session.in_trouble()
    if not troubled:
        return ""
    names = text.cut_middle(text.clean(troubled[0].company.name), 24)
    if len(troubled) == 1:
        return f"1 company needs you: {names} "
    return f"{text.plural(len(troubled), 'company')} need you: {names} and others "


def waiting_sentence(session: Session) -> Line:
    """Return the sentence about the first sign-in that waits for somebody's word, or nothing."""
    for attempt in session.waiting:
        company = session.company(attempt.company_id)
        if company is not None and attempt.person is not None:
            who = text.cut_middle(text.clean(attempt.person.called), 24)
            name = text.cut_middle(text.clean(company.name), 24)
            key = "1" if attempt.purpose is Purpose.COMPANY_MASTER else "w"
            return f"{who} signed in for {name} and waits for your word: {key} asks."
    return ""


def places_line(number: int | None, offered: int, running: int | None) -> Line:
    """Return row 2: the places, the present one in brackets, and how far a run elsewhere is."""
    parts: list[Line] = []
    for place in PLACES[:offered]:
        label = f"{place.number} {place.name}"
        parts.append(Span(f"[{label}]", REVERSE) if place.number == number else f" {label} ")
        parts.append(" ")
    if running is not None:
        parts.extend((" ", state(f"» {running} %")))
    return join(*parts)


class Head(LineWidget):
    """Rows 1-4."""

    DEFAULT_CSS = "Head { height: 4; }"

    def __init__(self, screen: FrameScreen[Any]) -> None:
        super().__init__()
        self._frame = screen

    def line(self, y: int) -> Line:
        """Return one of the four rows."""
        frame, width = self._frame, self.size.width
        if y == 0:
            return frame.who_line(width)
        if y == 1:
            running = frame.session.percent_running if frame.tells_run else None
            return places_line(frame.present_place, frame.places_offered, running)
        if y == 2:
            return ""
        left = text.cut_right(text.clean(frame.title_text), width - 4 - cells(frame.fact))
        fact = join(frame.fact, " ") if cells(frame.fact) else ""
        return both_ends(join(" ", bold(left)), fact, width)

    def on_mount(self) -> None:
        """Follow what the screen says."""
        for name, y in (("places_offered", 1), ("title_text", 3), ("fact", 3)):
            self.watch(self._frame, name, partial(self.refresh_row, y), init=False)

    def refresh_row(self, y: int) -> None:
        """Draw one of the rows again, as far as it changed."""
        self.refresh_changed(y, y + 1)


class Foot(LineWidget):
    """Rows 22-24."""

    DEFAULT_CSS = "Foot { height: 3; }"

    def __init__(self, screen: FrameScreen[Any]) -> None:
        super().__init__()
        self._frame = screen

    def line(self, y: int) -> Line:
        """Return the message, the status or the keys."""
        frame, width = self._frame, self.size.width
        if y == 0:
            return join(" ", frame.shown_message())
        if y == 1:
            left = join(" ", frame.status_left)
            right = whole_clauses(plain(frame.status_right), width - text.cells(plain(left)) - 3)
            return both_ends(left, f"{right} " if right else "", width)
        return key_row(frame.keys, width, help_too=frame.has_help and frame.help_hint)

    def on_mount(self) -> None:
        """Follow what the screen says."""
        rows = (
            ("load_problem", 0),
            ("message", 0),
            ("status_left", 1),
            ("status_right", 1),
            ("keys", 2),
        )
        for name, y in rows:
            self.watch(self._frame, name, partial(self.refresh_row, y), init=False)

    def refresh_row(self, y: int) -> None:
        """Draw one of the rows again, as far as it changed."""
        self.refresh_changed(y, y + 1)


def whole_clauses(sentence: str, room: int) -> str:
    """Return as many of a sentence's clauses as fit; the last give way first, none is cut."""
    while sentence and text.cells(sentence) > room:
        sentence = sentence.rpartition(", ")[0]
    return sentence


class TooSmall(LineWidget):
    """What stands alone on a terminal below 80x24, until there is room again."""

    def line(self, y: int) -> Line:
        """Return the sentence, wrapped to the width there is."""
        width, height = self.app.size
        sentence = (
            f"ttr-tui needs {LEAST_WIDTH} columns and {LEAST_HEIGHT} lines; "
            f"this terminal has {width} and {height}."
        )
        rows = wrap(sentence, max(1, width - 1))
        return join(" " if width > LEAST_HEIGHT else "", rows[y]) if y < len(rows) else ""

    def cursor_at(self) -> Offset:
        """The sentence's start."""
        return Offset(0, 0)
