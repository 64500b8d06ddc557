"""The frame of O365 Agent Bulk Add: whether the Company Master is accepted, and how far reading is.

Opening the place asks Microsoft each time, and then has the directory read; both go on while the
list is used, and what they find stands in rows 4 and 22 to 24.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import polling
from ttr_tui.model import now
from ttr_tui.query import parse_query
from ttr_tui.screens import bulk_add_words as words
from ttr_tui.screens.bulk_add_columns import has_panel
from ttr_tui.screens.bulk_add_finder import UserFinder
from ttr_tui.screens.bulk_add_opening import Opening
from ttr_tui.screens.bulk_add_poll import PollWatch
from ttr_tui.screens.bulk_add_runs import RunWatch
from ttr_tui.screens.bulk_add_source import Source
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint

if TYPE_CHECKING:
    from datetime import datetime

    from textual.timer import Timer

    from ttr_tui.model import Company
    from ttr_tui.widgets.lines import Line

TITLE = "O365 Agent Bulk Add"


class BulkAddFrame(FrameScreen[None]):
    """All but the keys; `finder` is the body."""

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.title_text = TITLE
        self.place_of = company
        self.opening = Opening()
        self.sorting = False
        self._at_place = False
        self._later: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Search, hidden kinds, list."""
        self.finder = UserFinder(Source(self.runtime.access, self.place_of))
        self.finder.found = self.found
        self.runs = RunWatch(self.runtime)
        self.poll = PollWatch(self.runtime, self.place_of)
        yield self.finder

    def on_mount(self) -> None:
        """Keep ages and silences true."""
        self.set_interval(1.0, self._each_second)

    def on_screen_resume(self) -> None:
        """Ask Microsoft when its person comes here from another place."""
        if not self._at_place and self.is_current:
            self._at_place = True
            self.opening = Opening()
            self.ask()

    def on_screen_suspend(self) -> None:
        """Take note when its person goes to another place."""
        if self not in self.app.screen_stack:
            self._at_place = False
            self._stop_waiting()

    def found(self, left: int) -> None:  # noqa: ARG002 - for the screen that says so
        """Show the counts of what the list shows; `left` of the selected left the directory."""
        self.stand()

    async def load(self) -> None:
        """Look again at the list and the latest run."""
        self.runs.take(await self.runtime.store.runs.latest(self.place_of.id))
        self.finder.look()
        self.stand()

    def work_moved(self) -> None:
        """Show the poll's numbers and what has come."""
        if self.poll.news(now()):
            if self.poll.running:
                self.finder.look_soon()
            else:
                self.finder.look()
        self.stand()

    def ask(self, *, whole: bool = False) -> None:
        """Ask Microsoft whether it accepts the Company Master, and read the directory if so.

        What changed is read, or everybody: when there is no other way, or `whole` asks for it.
        """
        self._stop_waiting()
        self.opening.ask(now())
        self.stand()
        self.run_worker(self._open(whole=whole), group="opening", exclusive=True)

    async def _open(self, *, whole: bool) -> None:
        try:
            opened = await polling.open_bulk_add(self.runtime.access, self.place_of)
        except TtrError as problem:
            self.opening.failed(problem)
        else:
            pause = self.opening.answered(opened, now())
            if pause is not None:
                self._later = self.set_timer(pause, partial(self.ask, whole=whole))
            if self.opening.accepted:
                self.poll.begin(now(), whole=whole)
        self.stand()

    def _stop_waiting(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None

    def _each_second(self) -> None:
        if self.is_current:
            self.stand()

    def stand(self) -> None:
        """Put what is true now into rows 4 and 22 to 24; only what changed is drawn."""
        moment, source = now(), self.finder.source
        copy, selection = source.state, source.selection
        opening = self.opening
        self.title_text = f"{TITLE}, only selected" if self.finder.only_selected else TITLE
        self.fact = opening.fact(copy.polled_at if copy is not None else None, moment)
        self.message = self._message(moment)
        reading = self.poll.status(copy, moment)
        self.status_right = reading if self.poll.running else opening.status(moment) or reading
        self.status_left = words.selected_of(selection.count, selection.not_in_view)
        if self.sorting or self.finder.search.is_focused:
            self.keys = words.SORT_KEYS if self.sorting else words.SEARCH_KEYS
            return
        adds = selection.count or min(self.finder.rows.count, 1)
        adds = adds if opening.accepted and not self.runs.open else 0
        if self.finder.only_selected:
            self.keys = words.selection_keys(min(adds, selection.count))
        else:
            again, beside = self._again_words(), has_panel(self.size.width)
            keys = words.list_keys(len(selection.matched), adds, again, beside=beside)
            self.keys = keys if adds else (*keys[:1], *self._invite_key(), *keys[1:])

    def _message(self, moment: datetime) -> Line:
        """Row 22: what is asked or wrong here, then what is true of the rest."""
        wrong = words.wrong_filter(parse_query(self.finder.search.value).wrong)
        return (
            (words.SORT_SENTENCE if self.sorting else wrong)
            or self.opening.message(moment)
            or self.poll.message()
            or self.runs.message()
        )

    def _invite_key(self) -> tuple[KeyHint, ...]:
        """What `enter` does while nobody can be added."""
        count = self.finder.source.selection.count or min(self.finder.rows.count, 1)
        works = self.opening.invites_only and not self.runs.open and count
        return (KeyHint("enter", f"invite {text.number(count)}"),) if works else ()

    def _again_words(self) -> str:
        if self.opening.unreachable or self.poll.problem is not None:
            return words.TRY_NOW
        return "" if self.poll.running or self.opening.asked_at else words.READ_AGAIN
