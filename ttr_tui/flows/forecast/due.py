"""What a date means today: over, within its notice, far off, or not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui.model import Ending, EndingKind, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAY = timedelta(days=1)
_NO_DATE = datetime.max.replace(tzinfo=UTC)

NOTICE: Mapping[EndingKind, tuple[int, ...]] = {
    EndingKind.CLIENT_SECRET: (60, 30, 14, 7, 1),
    EndingKind.CERTIFICATE: (60, 30, 14, 7, 1),
    EndingKind.TLS_CERTIFICATE: (30, 14, 7, 1),
    EndingKind.AUTHENTICATION: (14, 7, 1),
    EndingKind.SIGN_IN_FREQUENCY: (1,),
}
"""How many days before its end each kind warns, and warns again more urgently. The other kinds are
told without a warning (a link), or are dates by which something was to be done anew."""

ONLY_WARN = (
    EndingKind.CERTIFICATE,
    EndingKind.SIGN_IN_FREQUENCY,
    EndingKind.BACKUP,
    EndingKind.KEEP_ALIVE,
)
"""A certificate that nothing here signs in with, an estimate, and what is overdue: nothing of ours
has ended when the date has passed."""

UNDONE = (EndingKind.BACKUP, EndingKind.KEEP_ALIVE)
"""What without a date was never done, and not: is not known."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a date, and what that date means today.

    `days` are the whole days left, rounded down: negative once it is over, None without a date.
    `level` is the notice that was reached (`NOTICE`), in days before the end; None for none.
    """

    ending: Ending
    verdict: Verdict
    days: int | None
    level: int | None = None


def judged(ending: Ending, moment: datetime, warn: int | None = None) -> Due:
    """Return what an end means at `moment`; `warn` replaces the days of notice of its kind.

    Without a date it is not known, or was never done.
    """
    over = Verdict.WARNING if ending.kind in ONLY_WARN else Verdict.FAIL
    if ending.at is None:
        never = ending.kind in UNDONE
        return Due(ending, Verdict.WARNING if never else Verdict.UNKNOWN, None)
    left = ending.at - moment
    if left <= timedelta(0):
        return Due(ending, over, left // DAY)
    notice = NOTICE.get(ending.kind, ())
    if warn is not None and notice:
        notice = (warn,)
    level = min((days for days in notice if left <= days * DAY), default=None)
    return Due(ending, Verdict.PASS if level is None else Verdict.WARNING, left // DAY, level)


def in_order(due: Iterable[Due]) -> tuple[Due, ...]:
    """Return it soonest first; what has no date comes last."""
    return tuple(sorted(due, key=when))


def when(due: Due) -> datetime:
    """Return its date, by which it is put in order."""
    return due.ending.at or _NO_DATE
