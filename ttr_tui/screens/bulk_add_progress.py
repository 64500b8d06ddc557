"""A bulk-add run under way: counts that keep their places, a bar, a rate, and what it waits for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import bulk_add
from ttr_tui.model import Outcome, now
from ttr_tui.screens.bulk_add_words import clock, fits
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.question import Asked, Question
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import Line, join, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.progress import BAR_WIDTH, bar
from ttr_tui.works import WorkKind

if TYPE_CHECKING:
    from ttr_tui.flows.bulk_add import RunProgress
    from ttr_tui.model import Company, Run
    from ttr_tui.works import Work

LONG_RUN = 30.0
"""Seconds after which the end of a run rings the bell."""

OUTCOMES = (
    (Outcome.ADDED, "✓ added"),
    (Outcome.ALREADY, "- already an agent"),
    (Outcome.NO_MAILBOX, "✗ no mailbox"),
    (Outcome.BLOCKED, "✗ blocked by the customer's Exchange policy"),
    (Outcome.FAILED, "✗ failed"),
    (Outcome.WAITING, "» waiting"),
)
STANDS_STILL = (
    "The run stands still; what is done is kept. r goes on with it, and so does the next start; d "
    "stops it."
)
ELSEWHERE = (
    "You may go elsewhere: the run goes on. If you quit, what is done is kept and the rest goes on "
    "at the next start."
)


class ProgressScreen(FrameScreen[bool]):
    """One run; comes back with True when it has ended, with None when its person left before."""

    help_here = (
        "d stops the run after the batch under way; who still waits can be added later.",
        "r goes on with a run that came to a halt.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d,delete", "stop", show=False),
        Binding("r", "again", show=False),
    ]

    def __init__(self, company: Company, run: Run) -> None:
        super().__init__(company)
        self.run = run
        total = text.plural(sum(run.counts.values()), "agent")
        self.title_text = f"Adding {total} to {text.clean(company.name)}"
        self.fact = f"since {clock(run.started_at, now(), seconds=True)}"
        self.status_left = f"Run {run.id} in the journal"
        self._page = Page(id="counts")

    def compose_body(self) -> ComposeResult:
        """One page of numbers."""
        yield self._page

    def on_mount(self) -> None:
        """Count seconds: of a pause, of silence."""
        self.set_interval(1.0, self._show)
        self._show()

    @property
    def work(self) -> Work | None:
        """What carries the run on in this process, if anything does or did."""
        if self.company is None:
            return None
        return self.runtime.works.find(WorkKind.BULK_ADD, self.company.id, str(self.run.id))

    @property
    def halted(self) -> TtrError | None:
        """Why the run came to a halt, while it stands still."""
        work = self.work
        return work.problem if work is not None and not work.running else None

    async def load(self) -> None:
        """Read where the run is; when it has ended, leave."""
        try:
            self.run = await self.runtime.store.runs.get(self.run.id)
        except TtrError as problem:
            self.message = state(f"✗ {text.clean(problem.happened)}")
            return
        if self.run.ended_at is not None and self.is_current:
            began = self.work.began_at if self.work is not None else self.run.started_at
            if (now() - began).total_seconds() > LONG_RUN:
                self.app.bell()
            self.dismiss(True)
        else:
            self._show()

    def work_moved(self) -> None:
        """Show the numbers; look into the store when the work has ended."""
        self._show()
        if self.work is None or not self.work.running:
            self.reload()

    def action_stop(self) -> None:
        """Ask whether to stop."""
        self.run_worker(self._ask_to_stop(), group="stop", exclusive=True)

    def action_again(self) -> None:
        """Go on with a run that came to a halt."""
        if self.company is not None and (self.work is None or not self.work.running):
            self.runtime.carry_on(self.company.id, self.run.id)
            self._show()

    async def _ask_to_stop(self) -> None:
        waiting = text.plural(self._numbers()[0].counts.get(Outcome.WAITING, 0), "agent")
        name = text.clean(self.company.name) if self.company is not None else "it"
        asked = Asked(
            f"Stop adding {waiting} to {name}?",
            (
                ("What stops", "No mailbox is asked after the batch under way."),
                (),
                ("What stays", "Who was added stays an agent. Who waits can be added later."),
            ),
            (Choice("cancel", "Cancel"), Choice("stop", "Stop after this batch")),
        )
        answer = await self.app.push_screen_wait(Question(asked, self.company))
        if answer is None:
            return
        try:
            await bulk_add.stop(self.runtime.access, self.run.id)
        except TtrError as problem:
            self.report(problem)
            return
        self.say("The run stops after the batch under way.")
        self.action_again()

    def _numbers(self) -> tuple[Run, RunProgress | None]:
        """Return the run's latest counts and, while it runs here, its pace."""
        work = self.work
        if work is None or not work.running or work.progress is None:
            return self.run, None
        progress: RunProgress = work.progress
        return progress.run, progress

    def _show(self) -> None:
        run, progress = self._numbers()
        moment = now()
        below = ELSEWHERE if self.halted is None else STANDS_STILL
        self._page.lines = [*progress_lines(run, progress, moment), *sentences(below)]
        until = progress.waiting_until if progress is not None else None
        paused = until is not None and until > moment
        self.status_right = (
            f"paused by Microsoft until {clock(until, seconds=True)}" if until and paused else ""
        )
        self.message = self._halt()
        again = (KeyHint("r", "go on"),) if self.halted is not None else ()
        back = "back" if self.halted is not None else "back, the run goes on"
        self.keys = (
            *again,
            KeyHint("esc", back),
            KeyHint("d", "stop after the running batch"),
        )

    def _halt(self) -> Line:
        problem = self.halted
        if problem is None:
            return ""
        sentence = f"✗ {text.clean(problem.happened)}"
        whole = f"{sentence} Nothing is lost: r goes on."
        return state(whole if fits(whole) else sentence)


def progress_lines(run: Run, progress: RunProgress | None, moment: datetime) -> list[Line]:
    """Return the rows of the body, without the sentence at their end."""
    total = sum(run.counts.values())
    waiting = run.counts.get(Outcome.WAITING, 0)
    done = total - waiting
    pace = f"{text.number(done)} of {text.number(total)}"
    if progress is not None and progress.rate > 0:
        pace += f", {text.number(max(1, round(progress.rate)))} a second"
        if progress.seconds_left is not None:
            pace += f", {text.span(progress.seconds_left + 0.5)} left"
    pause = _pause(progress.waiting_until if progress is not None else None, moment)
    return [
        "",
        bar(done, total, BAR_WIDTH),
        f" {pace}",
        "",
        *(_count(run.counts.get(outcome, 0), words) for outcome, words in OUTCOMES),
        "",
        *pause,
        "",
    ]


def _count(count: int, words: str) -> Line:
    return join(f"{text.number(count):>10}   ", state(words))


def _pause(until: datetime | None, moment: datetime) -> list[Line]:
    """Return two rows, blank unless Microsoft asked for a pause: what is below keeps its place."""
    if until is None or until <= moment:
        return ["", ""]
    left = text.span((until - moment).total_seconds() + 0.5)
    rows = sentences(
        f"Microsoft asked for a pause and goes on at {clock(until, seconds=True)}, in {left}. "
        "Waiting is not failing: no user is lost by it."
    )
    return [*rows, "", ""][:2]
