"""How far a poll is, for whoever looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ttr_tui.model import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ttr_tui.microsoft import WaitingFor


class Reading(StrEnum):
    """What a poll reads: the whole directory, the whole in parts at once, or what changed."""

    WHOLE = "the whole directory"
    PARTS = "the whole directory in parts"
    CHANGES = "what changed"


@dataclass(frozen=True, slots=True)
class PollProgress:
    """How far a poll is: users read, users expected (None: not told), and users a second.

    `how` is what is read; while it is changes, `read` counts those. `waiting_until` is set while
    Microsoft asked for a pause, for `waiting_for`. `parts_done` of `parts` are read to their end.
    """

    read: int
    expected: int | None
    rate: float
    complete: bool = False
    waiting_until: datetime | None = None
    waiting_for: str = ""
    how: Reading = Reading.WHOLE
    parts: int = 1
    parts_done: int = 0

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at this rate, in seconds, or None when it cannot be known."""
        if self.expected is None or self.rate <= 0:
            return None
        return max(0.0, (self.expected - self.read) / self.rate)


class Pace:
    """Counts what was read and tells whoever listens."""

    def __init__(self, tell: Callable[[PollProgress], None]) -> None:
        self._tell = tell
        self._began = now()
        self._already = 0
        self.progress = PollProgress(0, None, 0.0)

    def begins(self, how: Reading, already: int = 0, expected: int | None = None) -> None:
        """Begin to count anew: `already` users were read before."""
        self._began, self._already = now(), already
        self.progress = PollProgress(already, expected, 0.0, how=how)

    def has_read(self, users: int) -> None:
        """Count users that are stored."""
        read, expected = self.progress.read + users, self.progress.expected
        elapsed = (now() - self._began).total_seconds()
        rate = (read - self._already) / elapsed if elapsed > 0 else 0.0
        if expected is not None and expected < read:
            # The count was wrong or is old by now: better none than `999 of 60`.
            expected = None
        self.progress = replace(
            self.progress,
            read=read,
            expected=expected,
            rate=rate,
            waiting_until=None,
            waiting_for="",
        )
        self._tell(self.progress)

    def parts_are(self, done: int, parts: int) -> None:
        """Keep how many parts there are, for the next time something is told."""
        self.progress = replace(self.progress, parts=parts, parts_done=done)

    def not_read(self, users: int) -> None:
        """Take back users that are read a second time."""
        self.progress = replace(self.progress, read=self.progress.read - users)

    def waits(self, wait: WaitingFor) -> None:
        """Tell of a pause Microsoft asked for."""
        self.progress = replace(self.progress, waiting_until=wait.until, waiting_for=wait.reason)
        self._tell(self.progress)

    def ends(self, *, complete: bool) -> PollProgress:
        """Return the end: nothing more is expected than what was read."""
        self.progress = replace(self.progress, expected=self.progress.read, complete=complete)
        return self.progress
