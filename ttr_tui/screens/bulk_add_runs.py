"""The company's latest bulk-add run as the list tells of it, and the way to its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui import text
from ttr_tui.model import Outcome
from ttr_tui.screens.bulk_add_outcome import OutcomeScreen
from ttr_tui.screens.bulk_add_progress import ProgressScreen
from ttr_tui.widgets.lines import Line, state
from ttr_tui.works import WorkKind

if TYPE_CHECKING:
    from ttr_tui.model import Company, Run
    from ttr_tui.runtime import Runtime
    from ttr_tui.screens.frame import FrameScreen


class RunWatch:
    """Knows the company's latest run, and whether its end was seen."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.run: Run | None = None
        self._known = False
        self._seen: int | None = None

    @property
    def open(self) -> bool:
        """Whether the run has not come to its end."""
        return self.run is not None and self.run.ended_at is None

    @property
    def halted(self) -> bool:
        """Whether the run is open but stands still."""
        if self.run is None or not self.open:
            return False
        run = self.run
        work = self._runtime.works.find(WorkKind.BULK_ADD, run.company_id, str(run.id))
        return work is not None and not work.running

    def take(self, run: Run | None) -> None:
        """Take the latest run; one that had ended before anybody looked is no news."""
        if not self._known and run is not None and run.ended_at is not None:
            self._seen = run.id
        self._known, self.run = True, run

    def seen(self) -> None:
        """Take note that the run's numbers were looked at."""
        self._seen = self.run.id if self.run is not None and self.run.ended_at else None

    def message(self) -> Line:
        """Return row 22: that a run goes on, or has ended unseen, and the key that shows it."""
        run = self.run
        if run is None or (not self.open and self._seen == run.id):
            return ""
        total = sum(run.counts.values())
        if self.open:
            done = total - run.counts.get(Outcome.WAITING, 0)
            numbers = f"{text.number(done)} of {text.number(total)}"
            if self.halted:
                return state(f"✗ Run {run.id} stands still at {numbers}. 2 says why.")
            return state(f"» Run {run.id} goes on: {numbers}. 2 shows it.")
        added = text.number(run.counts.get(Outcome.ADDED, 0))
        ended = "was stopped" if run.stopped else "has ended"
        return f"Run {run.id} {ended}: {added} of {text.number(total)} added. 2 shows who was not."

    def why_not(self) -> str:
        """Return why nobody else can be added now."""
        number = self.run.id if self.run is not None else 0
        if self.halted:
            return (
                f"Run {number} stands still; 2 shows it, and it is gone on with or stopped there."
            )
        return f"Run {number} goes on. More can be added when it has ended; 2 shows it."


async def show_run(screen: FrameScreen[Any], company: Company, run_id: int) -> None:
    """Show a run, from its progress to its outcome and round again; awaited in a worker.

    Returns when its person goes back or elsewhere. Raises Gone when the run is no more.
    """
    while True:
        run = await screen.runtime.store.runs.get(run_id)
        shown: FrameScreen[bool]
        if run.ended_at is None:
            shown = ProgressScreen(company, run)
        else:
            shown = OutcomeScreen(company, run)
        if not await screen.app.push_screen_wait(shown):
            return
