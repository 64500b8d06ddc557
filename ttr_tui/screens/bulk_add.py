"""O365 Agent Bulk Add: find users, select them, add them as agents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import DescendantBlur, DescendantFocus, Key

from ttr_tui import text
from ttr_tui.errors import NotConnected, TtrError
from ttr_tui.screens import bulk_add_deeds as deeds
from ttr_tui.screens import bulk_add_words as words
from ttr_tui.screens.bulk_add_frame import BulkAddFrame
from ttr_tui.screens.bulk_add_users import ReadingFailed
from ttr_tui.screens.places import BULK_ADD
from ttr_tui.widgets.keys_in_turn import LEAVE_KEYS

if TYPE_CHECKING:
    from textual.timer import Timer

    from ttr_tui.model import Company
    from ttr_tui.widgets.row_messages import RowsChosen

SAVE_AFTER = 0.5
"""Seconds after the last change of the selection when it is written down."""


class BulkAddScreen(BulkAddFrame):
    """The list of one company's users."""

    place_number = BULK_ADD
    help_here = (
        (
            "enter adds the selected as agents, or invites their owners; with none selected, "
            "the row under >."
        ),
        "Search takes words; all of them must stand in name, address, department, title or office.",
        (
            "Filters are words, too: department:sales, title:, office:, name:, address:, "
            "enabled:yes, license:no, agent:no, kind:member (guest, shared, disabled, unlicensed). "
            'right completes them; several words stand in quotes: department:"north sales". '
            "backspace at the start of the search takes the last filter back."
        ),
        "s and a column's first letter (g: agent) sorts by it; again: the other way.",
        "The palette (:) has Select by group, Select by file and Read everybody.",
        "Not in view means: selected, but not matched by the present search.",
        "r asks Microsoft again and reads the directory again. 2 shows the latest run.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", show=False),
        Binding("full_stop", "hidden", show=False),
        Binding("o", "selected", show=False),
        Binding("e", "export", show=False),
        Binding("s", "sort", show=False),
        Binding("r", "again", show=False),
        Binding("down,up,pagedown,pageup", "to_list", show=False),
    ]

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self._save: Timer | None = None

    async def on_unmount(self) -> None:
        """Write the selection down before the store is closed."""
        if self._save is not None:
            await self._save_selection()

    def undo_layer(self) -> bool:
        """Range, field, search, selection view."""
        return self.finder.undo_layer()

    def palette(self) -> Iterable[SystemCommand]:
        """Select by group, by file; read everybody; the latest run."""
        yield SystemCommand(
            "Select by group", "Its members, those of groups within it too", self._by_group
        )
        yield SystemCommand(
            "Select by file", "Addresses, one a line or in a column of a CSV", self._by_file
        )
        yield SystemCommand(
            "Read everybody",
            "All users from Microsoft, not only what changed",
            self._read_everybody,
        )
        if self.runs.run is not None:
            yield SystemCommand("Run", "Show the latest run of Bulk Add", self._show_run)

    # What the finder tells

    def found(self, left: int) -> None:
        """Show the counts, and say so when selected users have left the directory."""
        if left:
            users = text.plural(left, "selected user")
            self.say(f"{users} left the directory and {_are(left)} selected no longer.")
            self._save_later()
        super().found(left)

    def on_selection_changed(self) -> None:
        """Show the counts, and write the selection down soon."""
        self.stand()
        self._save_later()

    def on_reading_failed(self, event: ReadingFailed) -> None:
        """Say why there is no list."""
        if isinstance(event.problem, NotConnected):
            self.opening.failed(event.problem)
            self.finder.nobody(f"{text.clean(event.problem.happened)} 1 connects it.")
        else:
            self.report(event.problem)
        self.stand()

    def on_rows_chosen(self, event: RowsChosen) -> None:
        """Add; while Microsoft refuses or is silent, invite."""
        event.stop()
        if not (self.opening.accepted or self.opening.invites_only):
            self.say(self.opening.why_not())
            return
        self.run_worker(deeds.add(self, self.place_of), group="add", exclusive=True)

    def on_descendant_focus(self, event: DescendantFocus) -> None:  # noqa: ARG002 - only that it came
        """Row 24 has the keys that work here."""
        self.stand()

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - only that it came
        """Row 24 has the keys that work here."""
        self.stand()

    # Keys

    def action_go(self, number: int) -> None:
        """Go to a place; here already, to the latest run."""
        if number == BULK_ADD:
            self._show_run()
        else:
            super().action_go(number)

    def action_search(self) -> None:
        """Go to the search."""
        self.finder.rows.cancel_range()
        self.finder.search.focus()

    def action_to_list(self) -> None:
        """Go from the search to the list."""
        self.finder.rows.focus()

    def action_hidden(self) -> None:
        """Show the hidden kinds, or hide them."""
        if not self.finder.only_selected:
            self.finder.toggle_hidden()

    def action_selected(self) -> None:
        """Show the selection alone, or all again."""
        self.finder.toggle_selected()
        self.stand()

    def action_sort(self) -> None:
        """Ask by which column; the next key tells."""
        self.sorting = True
        self.stand()

    def before_key(self, event: Key) -> bool:
        """After `s`, take the next key as the column's letter; any other one ends that."""
        goes_on = super().before_key(event)
        if not self.sorting or not goes_on or event.key in LEAVE_KEYS:
            return goes_on
        self.sorting = False
        sort = words.SORT_LETTERS.get(event.key)
        if sort is not None:
            self.finder.sort_by(sort)
            self.run_worker(self._keep_order(), group="order")
        self.stand()
        return False

    async def _keep_order(self) -> None:
        finder = self.finder
        try:
            await finder.source.keep_order(finder.sort, descending=finder.descending)
        except TtrError as problem:
            self.report(problem)

    def action_export(self) -> None:
        """Write the selection to a CSV."""
        if not self.finder.source.selection.count:
            self.say("Nobody is selected. space selects; a selects all that match.")
            return
        self.run_worker(deeds.export_selection(self, self.place_of), group="export", exclusive=True)

    def action_again(self) -> None:
        """Ask Microsoft, and read the directory, again."""
        problem = self.poll.problem
        if problem is not None and not self.poll.message_fits:
            self.report(problem)
        self.ask()

    def _read_everybody(self) -> None:
        if self.poll.running:
            self.say("The directory is being read already.")
        else:
            self.ask(whole=True)

    def _by_group(self) -> None:
        deed = deeds.select_by_group(self, self.place_of)
        self.run_worker(deed, group="add", exclusive=True)

    def _by_file(self) -> None:
        deed = deeds.select_by_file(self, self.place_of)
        self.run_worker(deed, group="add", exclusive=True)

    # For the deeds

    def show_selection(self) -> None:
        """Show the selection alone."""
        if not self.finder.only_selected:
            self.action_selected()

    def forget_selection(self) -> None:
        """Select nobody: they are in a run now."""
        if self.finder.only_selected:
            self.finder.toggle_selected()
        self.finder.rows.action_select_none()

    def run_seen(self) -> None:
        """Take note that the latest run was looked at."""
        self.runs.seen()
        self.stand()

    # The latest run, the selection

    def _show_run(self) -> None:
        run = self.runs.run
        if run is None:
            self.say("No run yet: nobody was added from here.")
            return
        showing = deeds.show_latest(self, self.place_of, run.id)
        self.run_worker(showing, group="add", exclusive=True)

    def _save_later(self) -> None:
        if self._save is not None:
            self._save.stop()
        self._save = self.set_timer(SAVE_AFTER, self._save_now)

    def _save_now(self) -> None:
        self.run_worker(self._save_selection(), group="save")

    async def _save_selection(self) -> None:
        self._save = None
        try:
            await self.finder.source.save_marks()
        except TtrError as problem:
            self.report(problem)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
