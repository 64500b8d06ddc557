"""The reading of the directory as the list follows it: its numbers, its silence, its end."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.screens.bulk_add_words import fits, reading, was_read
from ttr_tui.widgets.lines import Line, state
from ttr_tui.works import WorkKind

if TYPE_CHECKING:
    from ttr_tui.errors import TtrError
    from ttr_tui.model import Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import CopyState
    from ttr_tui.works import Work


class PollWatch:
    """Follows the poll of one company, which goes on whether anybody looks or not."""

    def __init__(self, runtime: Runtime, company: Company) -> None:
        self._runtime = runtime
        self._company = company
        self._seen: object = None
        self._ended = True
        self._news_at: datetime | None = None

    @property
    def work(self) -> Work | None:
        """The poll that runs or was the last one, if this process knows of any."""
        return self._runtime.works.find(WorkKind.POLL, self._company.id)

    @property
    def running(self) -> bool:
        """Whether the directory is being read."""
        return self.work is not None and self.work.running

    @property
    def problem(self) -> TtrError | None:
        """Why the last poll ended before its end, if it did."""
        return self.work.problem if self.work is not None and not self.work.running else None

    def begin(self, now: datetime, *, whole: bool) -> None:
        """Have what changed in the directory read, or the `whole`, unless one is under way."""
        self._runtime.poll(self._company, whole=whole)
        self._ended, self._news_at = False, now

    def news(self, now: datetime) -> bool:
        """Tell whether there is anything new since the last time this was asked."""
        work = self.work
        if work is None:
            return False
        ended = not work.running
        moved = work.progress is not self._seen or ended != self._ended
        self._seen, self._ended = work.progress, ended
        if moved:
            self._news_at = now
        return moved

    def status(self, state_of_copy: CopyState | None, now: datetime) -> str:
        """Return row 23, right."""
        work = self.work
        if work is None or not work.running:
            return was_read(state_of_copy, now)
        silent = (now - (self._news_at or work.began_at)).total_seconds()
        return reading(work.progress, silent, now)

    @property
    def message_fits(self) -> bool:
        """Whether row 22 has room for what happened."""
        return fits(self._named())

    def message(self) -> Line:
        """Return row 22 when the last poll broke: what happened, and the key that goes on."""
        if self.problem is None:
            return ""
        if self.message_fits:
            return state(self._named())
        return state("✗ The directory was not read to its end. r says why, and reads on.")

    def _named(self) -> str:
        return f"✗ {text.clean(self.problem.happened)} r reads on." if self.problem else ""
