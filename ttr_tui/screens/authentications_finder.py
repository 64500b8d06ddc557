"""The body of View Microsoft Authentications: search and tree, or the selection alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.message import Message

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import now
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.authentications_panel import PANEL_FROM, Shown, TreePanel
from ttr_tui.screens.authentications_rows import TreeRows
from ttr_tui.screens.authentications_source import Source
from ttr_tui.screens.finder import Finder
from ttr_tui.screens.rereading import Rereading
from ttr_tui.screens.selection import only_selected
from ttr_tui.widgets.lines import both_ends
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import Prompt, PromptChanged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Resize

    from ttr_tui.access import Access
    from ttr_tui.model import Company

SEARCH_AT, SEARCH_WIDTH = 9, 48


class TreeFound(Message):
    """The tree stands as read; `gone` of the selected were deleted, `problem` is why it may not."""

    def __init__(self, gone: int = 0, problem: TtrError | None = None) -> None:
        super().__init__()
        self.gone = gone
        self.problem = problem


class TreeFinder(Finder):
    """Search and tree; `only_selected` shows the selection alone, below headings."""

    DEFAULT_CSS = """
    TreeFinder { height: 1fr; width: 100%; layout: vertical; }
    TreeFinder > #gap { height: 1; }
    TreeFinder > #list { height: 1fr; width: 100%; layout: horizontal; }
    TreeFinder #tree { width: 1fr; }
    """

    rows: TreeRows

    def __init__(self, access: Access, company: Company) -> None:
        super().__init__(id="finder")
        self.source = Source(access, company)
        self.search = Prompt(
            "Search", width=SEARCH_WIDTH, at=SEARCH_AT, placeholder="name or address", id="search"
        )
        self.rows = TreeRows(self.source)
        self.rows.empty = "The authentications are being read."
        self._panel = TreePanel()
        self._panel.display = False
        self._company = company
        self._reading = Rereading(self._look)
        self._held: int | None = None
        self._searched_for = ""
        # What a key asks for and what is read behind it do not meet half-way.
        self._turn = asyncio.Lock()
        self._shut: dict[bool, set[Branch]] = {False: {Branch.INVITED}, True: set()}
        self._chosen: tuple[Sequence[int], Sequence[int]] = ([], [])

    def compose(self) -> ComposeResult:
        """Search, a blank row, the tree."""
        yield self.search
        yield Page([""], id="gap")
        with Container(id="list"):
            yield self.rows
            yield self._panel

    # What the screen asks for

    def look(self) -> None:
        """Read the tree; while it is read, once more after that."""
        if self._reading.ask():
            self.run_worker(self._reading.run(), group="tree")

    async def toggle(self, branch: Branch) -> None:
        """Open a branch, or close it."""
        self._shut_now ^= {branch}
        await self._list()

    async def open(self, branch: Branch) -> None:
        """Open a branch."""
        if branch in self._shut_now:
            await self.toggle(branch)

    async def shut(self, branch: Branch) -> None:
        """Close a branch."""
        if branch not in self._shut_now and self.source.matched.rids[branch]:
            await self.toggle(branch)

    def search_again(self) -> None:
        """Match the tree with what stands in the field."""
        self.call_later(self._match)

    def list_again(self) -> None:
        """List the tree, or from its top the selection alone."""
        self.call_later(self._list, to_top=self.only_selected)

    # What comes from below

    async def on_prompt_changed(self, event: PromptChanged) -> None:
        """Search as it is typed; of what was typed meanwhile, only the last is searched for."""
        event.stop()
        self.rows.cancel_range()
        if self.search.value != self._searched_for:
            await self._match(to_top=True)

    async def on_selection_changed(self) -> None:
        """Count the headings of the selection anew."""
        self.catch_up()
        if self.only_selected:
            await self._relist()
        await self._show_beside()

    async def on_rows_cursor_moved(self) -> None:
        """Show the facts of the row at the cursor."""
        await self._show_beside()

    def on_resize(self, event: Resize) -> None:
        """Take what room there is."""
        self._panel.display = event.size.width >= PANEL_FROM
        self._show_count()
        self.call_after_refresh(self._show_beside)

    # Reading, matching, listing

    @property
    def _shut_now(self) -> set[Branch]:
        return self._shut[self.source.matched.searched]

    @_shut_now.setter
    def _shut_now(self, shut: set[Branch]) -> None:
        self._shut[self.source.matched.searched] = shut

    async def _look(self) -> None:
        try:
            await self._take(await self.source.read())
        except TtrError as problem:
            self.post_message(TreeFound(problem=problem))

    async def _look_for_closed(self) -> None:
        try:
            if await self.source.look_for_closed(children=self.source.matched.by_state):
                self.look()
        except TtrError as problem:
            self.post_message(TreeFound(problem=problem))

    async def _take(self, gone: int) -> None:
        if self.rows.range is not None:
            self._held = gone + (self._held or 0)
            return
        await self._match()
        self.post_message(TreeFound(gone))

    def catch_up(self) -> None:
        """Do what a range put off."""
        if self._held is not None:
            gone, self._held = self._held, None
            self.call_later(self._take, gone)

    async def _match(self, *, to_top: bool = False) -> None:
        source = self.source
        self._searched_for = self.search.value
        if not self._searched_for.strip():
            self._shut[True].clear()
        async with self._turn:
            await source.search(self._searched_for)
            self.only_selected = self.only_selected and source.selection.count > 0
        await self._list(to_top=to_top)
        self.run_worker(self._look_for_closed(), group="closed", exclusive=True)

    async def _list(self, *, to_top: bool = False) -> None:
        async with self._turn:
            await self._list_now(to_top=to_top)
        self._show_count()
        await self._show_beside()
        self.post_message(TreeFound())

    async def _list_now(self, *, to_top: bool) -> None:
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
            await self.rows.renew()
        else:
            await self.rows.show(listing, to_top=to_top)

    async def _relist(self) -> None:
        """Show the same rows with the counts of their headings as they are now."""
        async with self._turn:
            self.rows.listing = only_selected(self.source.selection, *self._chosen)
            await self.rows.renew()

    def _show_count(self) -> None:
        source = self.source
        note = ""
        room = self.size.width - SEARCH_AT - SEARCH_WIDTH - 1
        if source.matched.searched:
            count = text.number(source.matched.count)
            whole = f"{count} of {text.number(source.catalogue.total)} match "
            note = whole if len(whole) <= room else f"{count} match "
        shown = both_ends("", note, room) if note else ""
        if shown != self.search.note:
            self.search.note = shown

    async def _show_beside(self) -> None:
        if not self._panel.display:
            return
        source, room = self.source, self._panel.room
        selection = source.selection
        unseen = selection.not_in_view_of(source.everyone(), room)
        seen = selection.in_view_of(room)
        await source.bring([*unseen, *seen])
        await self.rows.read_here()
        not_in_view = selection.not_in_view
        shown = Shown(
            [source.name(rid) for rid in unseen],
            [source.name(rid) for rid in seen],
            (not_in_view, selection.count - not_in_view),
            self.rows.row_here or self.rows.agent_here,
        )
        self._panel.show(shown, now())

    def _nobody(self) -> str:
        if not self.source.known:
            return "The authentications are being read."
        catalogue = self.source.catalogue
        if catalogue.total or catalogue.master is not None or catalogue.invited:
            return f'No authentication matches "{text.clean(self.search.value, 40)}".'
        return f"No authentication is stored. 1 connects {text.clean(self._company.name)}."
