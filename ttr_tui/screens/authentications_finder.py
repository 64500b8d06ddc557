"""The body of View Microsoft Authentications: search and tree, or the selection alone."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.message import Message

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import now
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.authentications_rows import TreeRows
from ttr_tui.screens.authentications_source import Source
from ttr_tui.screens.bulk_add_selection import only_selected
from ttr_tui.widgets.lines import both_ends
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Resize

    from ttr_tui.model import Company
    from ttr_tui.store import Store

SEARCH_AT, SEARCH_WIDTH = 9, 48

PATIENCE = 3.0
"""A tree that changes all the time is read again after so many times what reading took."""

MOST_PATIENCE = 1.0
"""But after at most so many seconds: what another program did is seen within two."""


class TreeFound(Message):
    """The tree stands as read; `gone` of the selected were deleted, `problem` is why it may not."""

    def __init__(self, gone: int = 0, problem: TtrError | None = None) -> None:
        super().__init__()
        self.gone = gone
        self.problem = problem


class TreeFinder(Container):
    """Search and tree; `only_selected` shows the selection alone, below headings."""

    DEFAULT_CSS = """
    TreeFinder { height: 1fr; width: 100%; layout: vertical; }
    TreeFinder > #gap { height: 1; }
    """

    def __init__(self, store: Store, company: Company) -> None:
        super().__init__(id="finder")
        self.source = Source(store, company)
        self.only_selected = False
        self.search = Prompt(
            "Search", width=SEARCH_WIDTH, at=SEARCH_AT, placeholder="name or address", id="search"
        )
        self.rows = TreeRows(self.source)
        self.rows.empty = "The authentications are being read."
        self._company = company
        self._wanted = self._reading = False
        self._held: int | None = None
        self._shut: dict[bool, set[Branch]] = {False: set(), True: set()}
        self._chosen: tuple[list[int], list[int]] = ([], [])

    def compose(self) -> ComposeResult:
        """Search, a blank row, the tree."""
        yield self.search
        yield Page([""], id="gap")
        yield self.rows

    # What the screen asks for

    def look(self) -> None:
        """Read the tree; while it is read, once more after that."""
        self._wanted = True
        if not self._reading:
            self._reading = True
            self.run_worker(self._look(), group="tree")

    def look_for_closed(self) -> None:
        """Find out behind the list which rows do not open."""
        self.run_worker(self._look_for_closed(), group="closed", exclusive=True)

    def toggle(self, branch: Branch) -> None:
        """Open a branch, or close it."""
        self._shut_now ^= {branch}
        self._list()

    def open(self, branch: Branch) -> None:
        """Open a branch."""
        if branch in self._shut_now:
            self.toggle(branch)

    def shut(self, branch: Branch) -> None:
        """Close a branch."""
        if branch not in self._shut_now and self.source.matched.rids[branch]:
            self.toggle(branch)

    def toggle_selected(self) -> None:
        """Show the selection alone, or the tree again."""
        self.rows.cancel_range()
        self.only_selected = not self.only_selected
        self._list(to_top=self.only_selected)

    def undo_layer(self) -> bool:
        """Undo the last of range, field, search, selection view; tell whether there was one."""
        if self.rows.cancel_range():
            self._catch_up()
        elif self.search.is_focused:
            self.rows.focus()
        elif self.search.value:
            self.search.value = ""
            self._match()
        elif self.only_selected:
            self.toggle_selected()
        else:
            return False
        return True

    # What comes from below

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Search as it is typed."""
        event.stop()
        self.rows.cancel_range()
        self._match(to_top=True)

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Go to the tree."""
        event.stop()
        self.rows.focus()

    def on_selection_changed(self) -> None:
        """Count the headings of the selection anew."""
        self._catch_up()
        if self.only_selected:
            self._relist()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the search knows its own row
        """Put the count at the right end."""
        self._show_count()

    # Reading, matching, listing

    @property
    def _shut_now(self) -> set[Branch]:
        return self._shut[self.source.matched.searched]

    @_shut_now.setter
    def _shut_now(self, shut: set[Branch]) -> None:
        self._shut[self.source.matched.searched] = shut

    async def _look(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                began = monotonic()
                gone = await self.source.read()
                self._take(gone)
                pause = PATIENCE * (monotonic() - began)
                await asyncio.sleep(min(pause, MOST_PATIENCE))
        except TtrError as problem:
            self.post_message(TreeFound(problem=problem))
        finally:
            self._reading = False

    async def _look_for_closed(self) -> None:
        try:
            if await self.source.look_for_closed():
                self.look()
        except TtrError as problem:
            self.post_message(TreeFound(problem=problem))

    def _take(self, gone: int) -> None:
        if self.rows.range is not None:
            self._held = gone + (self._held or 0)
            return
        self.only_selected = self.only_selected and self.source.selection.count > 0
        self._match()
        self.post_message(TreeFound(gone))

    def _catch_up(self) -> None:
        """Do what a range put off."""
        if self._held is not None:
            gone, self._held = self._held, None
            self._take(gone)

    def _match(self, *, to_top: bool = False) -> None:
        searched = bool(self.search.value.strip())
        if not searched:
            self._shut[True].clear()
        source = self.source
        source.match(source.catalogue.matching(self.search.value, now()))
        self._list(to_top=to_top)

    def _list(self, *, to_top: bool = False) -> None:
        source = self.source
        self.rows.shut = self._shut_now
        self.rows.empty = self._nobody()
        if self.only_selected:
            selection = source.selection
            self._chosen = (selection.not_in_view_of(source.everyone()), selection.in_view_of())
            listing = only_selected(selection, *self._chosen)
        else:
            listing = source.catalogue.listing(source.matched, self._shut_now)
        if listing == self.rows.listing and not to_top and self.rows.count:
            self.rows.listing = listing
            self.rows.renew()
        else:
            self.rows.show(listing, to_top=to_top)
        self._show_count()
        self.post_message(TreeFound())

    def _relist(self) -> None:
        """Show the same rows with the counts of their headings as they are now."""
        self.rows.listing = only_selected(self.source.selection, *self._chosen)
        self.rows.renew()

    def _show_count(self) -> None:
        source = self.source
        note = ""
        if source.matched.searched:
            match = f"{text.number(source.matched.count)} of {text.number(source.catalogue.total)}"
            note = f"{match} match "
        room = self.size.width - SEARCH_AT - SEARCH_WIDTH - 1
        shown = both_ends("", note, room) if note else ""
        if shown != self.search.note:
            self.search.note = shown

    def _nobody(self) -> str:
        if not self.source.known:
            return "The authentications are being read."
        if self.source.catalogue.total or self.source.catalogue.master is not None:
            return f'No authentication matches "{text.clean(self.search.value, 40)}".'
        return f"No authentication is stored. 1 connects {text.clean(self._company.name)}."
