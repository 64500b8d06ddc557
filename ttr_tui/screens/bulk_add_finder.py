"""The body of O365 Agent Bulk Add: search, hidden kinds, list; on a wide screen the selection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize
from textual.message import Message

from ttr_tui.errors import NotConnected, TtrError
from ttr_tui.query import Sort, parse_query
from ttr_tui.screens import bulk_add_words as words
from ttr_tui.screens.bulk_add_ahead import Asked
from ttr_tui.screens.bulk_add_box import SearchBox
from ttr_tui.screens.bulk_add_columns import has_panel
from ttr_tui.screens.bulk_add_panel import SelectionPanel, read_beside
from ttr_tui.screens.bulk_add_source import Source
from ttr_tui.screens.bulk_add_users import ReadingFailed, UserRows
from ttr_tui.screens.finder import Finder
from ttr_tui.screens.selection import Listing, all_matched, only_selected
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import PromptChanged
from ttr_tui.widgets.row_messages import RowsCursorMoved

if TYPE_CHECKING:
    from ttr_tui.store import Matches

PATIENCE = 5.0
"""A list that fills is looked at again after so many times what the last look took."""

BLINK = 0.015
"""Seconds a whole list may take before the first screenful is shown in its place."""

UNTIL_ORDERED = 0.5
"""Seconds between two looks at a list of which some are still being put in order."""


class Found(Message):
    """The list shows what the search found; `left` of the selected have left the directory."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left


class UserFinder(Finder):
    """Finds users of `source`; the latest search wins, and no key waits for one.

    `only_selected` shows the selection alone; `show_hidden` lets hidden kinds through.
    """

    DEFAULT_CSS = """
    UserFinder { height: 1fr; width: 100%; layout: vertical; }
    UserFinder > #hidden { height: 1; }
    UserFinder > #list { height: 1fr; width: 100%; layout: horizontal; }
    UserFinder #users { width: 1fr; }
    """

    search: SearchBox
    rows: UserRows

    def __init__(self, source: Source) -> None:
        super().__init__(id="finder")
        self.source = source
        self.show_hidden = False
        self.search = SearchBox()
        self.sort, self.descending = Sort.NAME, False
        self.rows = UserRows(source)
        self.rows.asked = self._asked
        self._hidden = Page([""], id="hidden")
        self._panel = SelectionPanel()
        self._panel.display = False
        self._wanted = self._looking = self._held = self._due = False
        self._new = True
        self._took = self._looked_at = 0.0
        self._news = asyncio.Event()
        self._chosen: tuple[Sequence[int], Sequence[int]] = ([], [])

    def compose(self) -> ComposeResult:
        """Search, hidden kinds, list and selection."""
        yield self.search
        yield self._hidden
        with Container(id="list"):
            yield self.rows
            yield self._panel

    def _asked(self) -> Asked:
        found = self.search.value, self.show_hidden, self.only_selected
        return Asked(*found, self.sort, self.descending)

    # What the screen asks for

    def look(self) -> None:
        """Search for what stands in the field now; while a search runs, once more after it."""
        self._wanted, self._due = True, False
        self._news.set()
        if not self._looking:
            self._looking = True
            self.run_worker(self._look(), group="look")

    def look_soon(self) -> None:
        """Search again, not at once when that was just done: a list that fills slows no key."""
        wait = self._looked_at + PATIENCE * self._took - monotonic()
        if wait <= 0 or not self._took:
            self.look()
        elif not self._due:
            self._due = True
            self.set_timer(wait, self.look)

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
        """Search as it is typed, and find out what a filter could be."""
        event.stop()
        self.look()
        unknown = self.search.unknown
        if unknown is not None:
            self.run_worker(self._learn(*unknown), group="learn")

    def on_selection_changed(self) -> None:
        """Show the counts; the screen is told as well."""
        self.catch_up()
        if self.only_selected:
            self.rows.recount(only_selected(self.source.selection, *self._chosen))
        self._show_beside()

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
        self._show_counts()
        self._show_beside()

    # Searching

    async def _look(self) -> None:
        try:
            if self._new:
                self.sort, self.descending = await self.source.order()
                self._new = False
            while self._wanted:
                self._wanted = False
                await self._look_once()
        except TtrError as problem:
            self.rows.give_up()
            self.post_message(ReadingFailed(problem))
        finally:
            self._looking = False

    async def _look_once(self) -> None:
        began, asked, before = monotonic(), self.rows.wanted, self.source.matches
        matches = await self._matches(asked)
        left, here = await self.source.follow(matches, self.rows.rid_here)
        if matches is None or left is None or asked != self.rows.wanted:
            self._wanted = True
            return
        self.source.take(matches)
        listing, to_top = self._listing(asked), asked.begins_anew(self.rows.shown)
        same = before is not None and before.rids == matches.rids and not self.rows.provisional
        if same and not to_top and not asked.only_selected and listing == self.rows.listing:
            await self.rows.renew()
        elif self.rows.in_range or not await self.rows.show(listing, to_top=to_top, here=here):
            self._held = True
        self.rows.shown = asked
        self.rows.settle()
        self._wanted |= asked != self._asked()
        self._looked_at = monotonic()
        self._took = self._looked_at - began
        self._show_counts()
        self._show_beside()
        self._wait_for_order()
        self.post_message(Found(left))

    async def _matches(self, asked: Asked) -> Matches | None:
        """Return all who match, or None when something else is asked meanwhile.

        While that takes longer than a blink, the first screenful stands in the list.
        """
        whole = asyncio.ensure_future(self.source.look(asked))
        try:
            await asyncio.wait({whole}, timeout=BLINK)
            if not whole.done() and asked.by_name and asked.begins_anew(self.rows.shown):
                first = await self.source.first(asked)
                if asked == self.rows.wanted and not whole.done() and not self.rows.in_range:
                    await self.rows.show(all_matched(first.rids), to_top=True)
                    self.rows.provisional = True
                    self.search.count = words.count_so_far(first, self.source.state)
            while not whole.done() and asked == self.rows.wanted:
                self._news.clear()
                news = asyncio.ensure_future(self._news.wait())
                await asyncio.wait({whole, news}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
            return await whole if whole.done() else None
        finally:
            whole.cancel()

    def _wait_for_order(self) -> None:
        """Look again for as long as some users stand behind the others, in order of arrival."""
        state = self.source.state
        if state is not None and state.unplaced and state.complete and not self._due:
            self._due = True
            self.set_timer(max(UNTIL_ORDERED, PATIENCE * self._took), self.look)

    def _listing(self, asked: Asked) -> Listing:
        source = self.source
        if not asked.only_selected:
            return all_matched(source.selection.matched)
        selection = source.selection
        self._chosen = selection.not_in_view_of(), selection.in_view_of()
        return only_selected(selection, *self._chosen)

    def catch_up(self) -> None:
        """Do what a range put off."""
        if self._held:
            self._held = False
            self.look()

    # Showing

    def _show_counts(self) -> None:
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

    def _show_beside(self) -> None:
        if self._panel.display and self.size.width:
            self.run_worker(self._read_beside(), group="beside", exclusive=True)

    async def _read_beside(self) -> None:
        with suppress(NotConnected):
            here = self.rows.user_here
            self._panel.beside = await read_beside(self.source, self._panel.room, here)

    async def _learn(self, name: str, begins: str) -> None:
        with suppress(TtrError):
            self.search.learn(name, await self.source.values(name, begins))
