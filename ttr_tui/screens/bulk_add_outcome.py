"""What became of a bulk-add run: who was not added and why, to be mended, retried and exported."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import bulk_add, export
from ttr_tui.model import Outcome, RunItem, now
from ttr_tui.screens.ask_path import export as ask_and_export
from ttr_tui.screens.ask_path import proposed_path
from ttr_tui.screens.bulk_add_ended import (
    COLUMNS,
    Ended,
    facts,
    has_message,
    hints,
    row_of,
    title,
    took,
)
from ttr_tui.screens.bulk_add_reasons import message_to_send
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted
from ttr_tui.widgets.rows import Rows
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from ttr_tui.model import Company, Run
    from ttr_tui.widgets.row_messages import (
        RowsCursorMoved,
        RowsRangeEnded,
        RowsToggled,
        RowsWanted,
    )


class OutcomeScreen(FrameScreen[bool]):
    """One ended run; comes back with True when it goes on again (a retry), else with None."""

    DEFAULT_CSS = "OutcomeScreen #facts { min-height: 7; padding: 1 0 0 0; }"
    help_here = (
        "The list holds who was not added; e exports everybody of the run.",
        "r retries the failed, or the selected when some are (a policy may have been mended).",
        "c copies a message about all with the outcome of the row under >; u prints it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", show=False),
        Binding("e", "export", show=False),
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("slash", "search", show=False),
        Binding("a", "select('all')", show=False),
        Binding("i", "select('invert')", show=False),
        Binding("n", "select('none')", show=False),
        Binding("down,up", "to_list", show=False),
    ]

    def __init__(self, company: Company, run: Run) -> None:
        super().__init__(company)
        self.ended = Ended(run)
        self.title_text = title(run, company)
        self.fact = took(run)
        self._counts = Page([self.ended.counts_line()], id="counts")
        self._search = Prompt("Search", at=9, placeholder="name or address", id="search")
        self._rows = Rows(COLUMNS, selects=True, id="outcomes")
        self._rows.is_marked = lambda row: row.key in self.ended.selected
        self._rows.empty = "The outcomes are being read."
        self._facts = Page(id="facts")

    def compose_body(self) -> ComposeResult:
        """Counts, the search or a blank row, the list, the reason of the row at the cursor."""
        yield self._counts
        self._search.display = False
        yield self._search
        yield Page([""], id="above")
        yield self._rows
        yield self._facts

    async def load(self) -> None:
        """Read the outcomes; once, since an ended run does not change."""
        if self.ended.known:
            return
        try:
            items = await self.runtime.store.runs.items(
                self.ended.run.id, [outcome for outcome in Outcome if outcome is not Outcome.ADDED]
            )
        except TtrError as problem:
            self.report(problem)
            return
        await asyncio.to_thread(self.ended.know, items)
        self._list()

    def undo_layer(self) -> bool:
        """Leave the range, the field, the search, the selection."""
        if self._rows.cancel_range():
            return True
        if self._search.is_focused and self._search.value:
            self._rows.focus()
            return True
        if self._search.display:
            self._search.display = False
            self.query_one("#above").display = True
            self._search.value = ""
            self._rows.focus()
            self._filter()
            return True
        return False

    def on_rows_wanted(self, event: RowsWanted) -> None:
        """Hand in rows; all are at hand."""
        rows = [row_of(item) for item in self.ended.shown[event.start : event.end]]
        self._rows.supply(event.start, rows)

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - only that it came
        """Explain the row."""
        self._show()

    def on_rows_toggled(self, event: RowsToggled) -> None:
        """Select a user, or no longer; who is an agent already has nothing to retry."""
        self.ended.toggle(event.index)
        self._rows.refresh_gutter(event.index)
        self._show()

    def on_rows_range_ended(self, event: RowsRangeEnded) -> None:
        """Select everybody in the range."""
        self.ended.select(event.first, event.last)
        self._rows.refresh_marks()
        self._show()

    def on_prompt_changed(self, event: PromptChanged) -> None:  # noqa: ARG002 - only that it came
        """Narrow the list."""
        self._filter()

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:  # noqa: ARG002 - only that it came
        """Go to the list."""
        self._rows.focus()

    def action_to_list(self) -> None:
        """Go from the search to the list."""
        self._rows.focus()

    def action_search(self) -> None:
        """Show the search where the blank row was."""
        self.query_one("#above").display = False
        self._search.display = True
        self._search.focus()

    def action_select(self, which: str) -> None:
        """Select all that match, invert within them, or select nobody."""
        self._rows.cancel_range()
        self.ended.select_all(which)
        self._rows.refresh_marks()
        self._show()

    def action_retry(self) -> None:
        """Try again: the selected, else the failed, else who was not asked."""
        if self.ended.retries():
            self.run_worker(self._retry(), group="retry", exclusive=True)
        else:
            self.say("Nobody failed. Select whom to try again: space selects.")

    def action_export(self) -> None:
        """Write every outcome of the run to a CSV."""
        if self.company is None:
            return
        run, access = self.ended.run, self.runtime.access
        what = text.plural(self.ended.total, "outcome")
        path = proposed_path("ttr-outcomes", self.company, f"run-{run.id}")
        writing = ask_and_export(
            self, self.company, what, path, lambda to: export.outcomes_csv(access, run.id, to)
        )
        self.run_worker(writing, group="export", exclusive=True)

    def action_copy(self) -> None:
        """Copy the message (OSC 52)."""
        message = self._message()
        if message:
            self.app.copy_to_clipboard(message)
            tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
            self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print the message outside of the full screen."""
        message = self._message()
        if message:
            self.run_worker(print_and_wait(self.app, message), group="plain", exclusive=True)

    async def _retry(self) -> None:
        run = self.ended.run
        try:
            await bulk_add.retry(self.runtime.access, run.id, sorted(self.ended.selected) or None)
        except TtrError as problem:
            self.report(problem)
            return
        self.runtime.carry_on(run.company_id, run.id)
        self.dismiss(True)

    def _message(self) -> str:
        item = self._here()
        if item is None or self.company is None or not has_message(item):
            return ""
        alike = [other for other in self.ended.shown if other.outcome is item.outcome]
        return message_to_send(self.company, self.ended.run.id, alike, now())

    def _here(self) -> RunItem | None:
        shown = self.ended.shown
        return shown[self._rows.cursor] if self._rows.cursor < len(shown) else None

    def _filter(self) -> None:
        self.ended.narrow(self._search.value)
        self._list()

    def _list(self) -> None:
        self._rows.empty = self.ended.empty_sentence(self._search.value)
        self._rows.set_count(len(self.ended.shown), cursor=0)
        self._show()

    def _show(self) -> None:
        item = self._here()
        if self.company is not None:
            self._facts.lines = facts(item, self.company) if item is not None else []
        self.status_left = self.ended.status()
        place = f"{text.number(self._rows.cursor + 1)} of {text.number(len(self.ended.shown))}"
        self.status_right = place if item is not None else ""
        self.keys = hints(self.ended, item)
