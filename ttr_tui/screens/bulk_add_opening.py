"""Whether the Company Master is accepted: what was asked, what came back, when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.errors import ForeignHost, NotConnected, SignInNeeded, TtrError
from ttr_tui.screens.bulk_add_words import clock, copy_of, fits
from ttr_tui.widgets.lines import Line, state

if TYPE_CHECKING:
    from ttr_tui.flows.polling import Opened

PAUSES = (60.0, 120.0, 300.0)
"""Seconds until Microsoft is asked again by itself; the last one from then on."""

REFUSED = "✗ Microsoft refuses the Company Master. 1 signs in again; adding waits."
APP_REFUSED = "✗ Microsoft refuses the app, not this sign-in; adding waits."
LED_AWAY = "✗ An answer leads to a host that is not configured; adding waits."


@dataclass
class Opening:
    """What opening O365 Agent Bulk Add found out, and keeps finding out.

    `asked_at` is set while the answer is awaited; `blocked` is a problem of our own (nobody has
    signed in yet, a row that cannot be opened), which asking again does not mend.
    """

    asked_at: datetime | None = None
    opened: Opened | None = None
    blocked: TtrError | None = None
    silent_since: datetime | None = None
    tries: int = 0
    again_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        """Whether somebody can be added."""
        return self.opened is not None and self.opened.accepted_at is not None

    @property
    def invites_only(self) -> bool:
        """Whether nobody can be added for now, and inviting works all the same."""
        return self.asked_at is None and self.opened is not None and not self.accepted

    @property
    def unreachable(self) -> bool:
        """Whether Microsoft gave no answer, as against a refusal."""
        opened = self.opened
        return opened is not None and opened.problem is not None and not opened.refused

    def ask(self, now: datetime) -> None:
        """Take note that Microsoft is being asked."""
        self.asked_at, self.again_at = now, None

    def answered(self, opened: Opened, now: datetime) -> float | None:
        """Take note of the answer; return after how many seconds to ask again, or None."""
        self.asked_at, self.opened, self.blocked = None, opened, None
        if not self.unreachable:
            self.silent_since, self.tries = None, 0
            return None
        self.silent_since = self.silent_since or now
        pause = PAUSES[min(self.tries, len(PAUSES) - 1)]
        self.tries += 1
        self.again_at = now + timedelta(seconds=pause)
        return pause

    def failed(self, problem: TtrError) -> None:
        """Take note of a problem of our own."""
        self.asked_at, self.opened, self.blocked = None, None, problem

    def fact(self, polled_at: datetime | None, now: datetime) -> Line:
        """Return what stands at the right of the title."""
        if self.opened is not None and self.opened.accepted_at is not None:
            return f"Company Master accepted {clock(self.opened.accepted_at, now)}"
        if self.opened is None and self.blocked is None:
            return ""
        return state(copy_of(polled_at, now)) if polled_at is not None else ""

    def message(self, now: datetime) -> Line:
        """Return what stands in row 22 for as long as it is true."""
        if isinstance(self.blocked, NotConnected):
            return ""  # the list's own place says so
        if self.blocked is not None:
            sentence = f"✗ {text.clean(self.blocked.happened)}"
            cure = f"{sentence} {text.clean(self.blocked.cure)}"
            return state(cure if fits(cure) else sentence)
        if self.opened is None or self.opened.problem is None:
            return ""
        if self.opened.refused:
            return state(_refused(self.opened.problem))
        since = clock(self.silent_since or now, now)
        named = f"✗ {text.clean(self.opened.problem.happened)} You can select, not add."
        silent = f"✗ Microsoft has not answered since {since}. You can select, not add."
        return state(named if fits(named) else silent)

    def status(self, now: datetime) -> str:
        """Return row 23, right, while there is something to say about it; else nothing."""
        if self.asked_at is not None:
            seconds = (now - self.asked_at).total_seconds()
            asking = "asking about the Company Master"
            return f"{asking}, {text.span(seconds)}" if seconds >= 1 else ""
        if self.again_at is not None:
            return f"tries again at {clock(self.again_at)}; is the network or proxy up?"
        return ""

    def why_not(self) -> str:
        """Return why nobody can be added now, as a sentence."""
        if self.asked_at is not None or (self.opened is None and self.blocked is None):
            return "Microsoft is being asked about the Company Master; adding waits for the answer."
        if self.blocked is not None:
            return f"✗ {self.blocked.happened}"
        if self.opened is not None and self.opened.problem is not None and self.opened.refused:
            return _refused(self.opened.problem)
        return "✗ Microsoft does not answer, so nobody can be added now. r tries now."


def _refused(problem: TtrError) -> str:
    """Return who is refused: signing in again mends no expired secret and no missing consent."""
    if isinstance(problem, SignInNeeded):
        return REFUSED
    if isinstance(problem, ForeignHost):
        return LED_AWAY
    what = text.clean(problem.happened.partition(";")[0].rstrip("."))
    said = f"✗ {what}; adding waits."
    return said if fits(said) else APP_REFUSED
