"""The body of O365 Agent Bulk Add: search, hidden kinds, list; on a wide screen the selection."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from ttr_tui.errors import NotConnected, TtrError
from ttr_tui.query import Sort, parse_query
from ttr_tui.screens import bulk_add_words as words
from ttr_tui.screens.bulk_add_columns import has_panel
from ttr_tui.screens.bulk_add_looking import Looking
from ttr_tui.screens.bulk_add_panel import SelectionPanel, read_beside
from ttr_tui.screens.selection import Listing, only_selected
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import PromptChanged
from ttr_tui.widgets.row_messages import RowsCursorMoved

if TYPE_CHECKING:
    from textual.worker import Worker

    from ttr_tui.screens.bulk_add_source import Source


class UserFinder(Looking):
    """The body, and what of it changes with a search."""

    DEFAULT_CSS = """
    UserFinder { height: 1fr; width: 100%; layout: vertical; }
    UserFinder > #hidden { height: 1; }
    UserFinder > #list { height: 1fr; width: 100%; layout: horizontal; }
    UserFinder #users { width: 1fr; }
    """

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._hidden = Page([""], id="hidden")
        self._panel = SelectionPanel()
        self._panel.display = False

    def compose(self) -> ComposeResult:
        """Search, hidden kinds, list and selection."""
        yield self.search
        yield self._hidden
        with Container(id="list"):
            yield self.rows
            yield self._panel

    # What the screen asks for

    def toggle_hidden(self) -> None:
        """Show the hidden kinds, or hide them again."""
        self.rows.cancel_range()
        self.show_hidden = not self.show_hidden
        self.look()

    def sort_by(self, sort: Sort) -> None:
        """Sort by a column; where the list stands so already, the other way."""
        self.rows.cancel_range()
        self.descending = sort is self.sort and not self.descending
        self.sort = sort
        self.look()

    def search_again(self) -> None:
        """Search for what stands in the field now."""
        self.look()

    list_again = search_again

    def nobody(self, sentence: str) -> None:
        """Show a sentence in place of a list that is no more."""
        self.source.forget()
        self.only_selected = False
        self.rows.give_up()
        self._hidden.lines = [""]
        self.search.count = ""
        self.rows.listing = Listing()
        self.rows.set_count(0)
        self.rows.empty = sentence

    # What comes from below

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Find out what a filter could be; the search itself is under way by now."""
        event.stop()
        unknown = self.search.unknown
        if unknown is not None:
            self.run_worker(self._learn(*unknown), group="learn")

    def on_selection_changed(self) -> None:
        """Show the counts; the screen is told as well."""
        self.catch_up()
        if self.only_selected:
            self.rows.recount(only_selected(self.source.selection, *self._chosen))
        self.show_beside()

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:
        """Show the facts of the user at the cursor."""
        event.stop()
        if self._panel.display:
            self._panel.beside = replace(self._panel.beside, here=self.rows.user_here)

    def on_resize(self, event: Resize) -> None:
        """Take what room there is."""
        width = event.size.width
        self._panel.display = has_panel(width)
        self.search.fit(width)
        self.rows.fit(width)
        self.show_counts()
        self.show_beside()

    # Showing

    def show_counts(self) -> None:
        """Show how many match, by what they are sorted, and who is left out."""
        matches, width = self.source.matches, self.size.width
        self.search.count = words.match_count(matches)
        self.rows.sorted_by = words.sort_mark(self.sort, descending=self.descending)
        if matches is None:
            return
        asks = not parse_query(self.search.value).hides
        row = words.hidden_row(matches.hidden, width, shown=self.show_hidden, asks=asks)
        self._hidden.lines = ["" if self.only_selected else row]
        self.rows.empty = self._empty_sentence()

    def _empty_sentence(self) -> str:
        matches, state = self.source.matches, self.source.state
        if self.only_selected:
            return "Nobody is selected. o shows all again; space selects there."
        complete = state is not None and state.complete
        if matches is None:
            return ""
        return words.nobody_listed(
            self.search.value, matches, shown=self.show_hidden, complete=complete
        )

    def show_beside(self) -> None:
        """Read what stands beside a wide list, and show it."""
        if self._panel.display and self.size.width:
            # Not the coroutine: one that is replaced before it began would be said to be lost.
            _reading: Worker[None] = self.run_worker(
                self._read_beside, group="beside", exclusive=True
            )

    async def _read_beside(self) -> None:
        with suppress(NotConnected):
            here = self.rows.user_here
            self._panel.beside = await read_beside(self.source, self.size.height, here)

    async def _learn(self, name: str, begins: str) -> None:
        with suppress(TtrError):
            self.search.learn(name, await self.source.values(name, begins))
