"""The tree of authentications as a list that draws only what is visible."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import Agent, Authentication, now
from ttr_tui.screens import authentications_words as words
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.selection import Listing
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.row_messages import RowsCursorMoved
from ttr_tui.widgets.row_windows import WINDOW
from ttr_tui.widgets.rows import Row, Rows
from ttr_tui.widgets.shapes import CLOSED, OPEN

if TYPE_CHECKING:
    from datetime import datetime

    from ttr_tui.screens.authentications_source import Source
    from ttr_tui.widgets.row_messages import RowsRangeEnded, RowsToggled, RowsWanted

COLUMNS = (
    Column("Authentication", 23, Cut.NAME, grow=1),
    Column("Address", 25, Cut.ADDRESS, grow=1),
    Column(words.HEADS, 26, Cut.NEVER, gap=0),
)
_BRANCHES = {branch.value: branch for branch in Branch}
_INDENT = "    "


class SelectionChanged(Message):
    """Other authentications are selected than before."""


class TreeRows(Rows):
    """Rows of the tree, or of the selection alone; `a`, `i` and `n` act on the selection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "select_all", show=False),
        Binding("i", "invert", show=False),
        Binding("n", "select_none", show=False),
    ]

    def __init__(self, source: Source) -> None:
        super().__init__(COLUMNS, selects=True, id="tree")
        self.source = source
        self.listing = Listing()
        self.shut: set[Branch] = set()
        self.is_marked = self._is_selected

    @property
    def here(self) -> int | Branch | None:
        """What the cursor stands on: a row's number, a head, or nothing."""
        if self.cursor >= self.listing.count:
            return None
        entry = self.listing.at(self.cursor)
        return entry if isinstance(entry, int) else _BRANCHES.get(entry)

    @property
    def row_here(self) -> Authentication | None:
        """The authentication at the cursor, the Company Master on its head; None elsewhere."""
        here = self.here
        if here is Branch.MASTER:
            return self.source.catalogue.master
        return self.source.row(here) if isinstance(here, int) else None

    @property
    def agent_here(self) -> Agent | None:
        """The agent without an authentication at the cursor; None elsewhere."""
        here = self.here
        return self.source.agent(here) if isinstance(here, int) else None

    @property
    def branch_here(self) -> Branch | None:
        """The branch the cursor is in, in the tree."""
        found = None
        for group, start in _starts(self.listing):
            if start <= self.cursor:
                found = _BRANCHES.get(group)
        return found

    async def read_here(self) -> None:
        """Have the row at the cursor at hand, which may have been gone to just now."""
        if isinstance(self.here, int):
            await self.source.bring([self.here])

    async def show(self, listing: Listing, *, to_top: bool = False) -> None:
        """Show other rows; the cursor stays where its row is, or goes to the first one.

        What comes into view is read first and handed in at once, so that it is never seen blank.
        """
        cursor = 0 if to_top else self._place_in(listing)
        top = 0 if to_top else max(0, cursor - (self.cursor - self.top))
        await self._read(listing, *self._around(top, listing))
        if cursor < listing.count and _is_heading(listing.at(cursor)):
            cursor += 1
        self.top = top
        self.listing = listing
        self.set_count(listing.count, cursor=cursor)
        start, stop = self._around(self.top, listing)
        await self._read(listing, start, stop)
        self.supply(start, self._rows(start, stop))

    async def renew(self) -> None:
        """Look at the rows in view again: their states or ages may have changed."""
        listing = self.listing
        start, stop = self._around(self.top, listing)
        await self._read(listing, start, stop)
        if listing is not self.listing:
            return
        rows = self._rows(start, stop)
        changed = any(self.row(index) != row for index, row in enumerate(rows, start))
        self._windows.clear()
        if changed:
            self.supply(start, rows)
        else:
            self._windows.put(start, rows)

    def go_to_head(self, branch: Branch) -> None:
        """Put the cursor on the head of a branch."""
        self.move_to(dict(_starts(self.listing)).get(branch.value, self.cursor))

    async def on_rows_wanted(self, event: RowsWanted) -> None:
        """Hand in the rows that came into view."""
        event.stop()
        listing = self.listing
        stop = min(event.end, listing.count)
        if self._windows.missing(event.start, stop, self.count) is None:
            return
        await self._read(listing, event.start, stop)
        if listing is self.listing:
            self.supply(event.start, self._rows(event.start, stop))
            self.post_message(RowsCursorMoved(self, self.cursor))
            reading = self._read_ahead(listing, event.start, stop)
            self.run_worker(reading, group="ahead", exclusive=True)

    def on_rows_toggled(self, event: RowsToggled) -> None:
        """Select the authentication, or no longer."""
        event.stop()
        entry = self.listing.at(event.index)
        if isinstance(entry, int) and self.source.selects(entry):
            self.source.selection.toggle(entry)
            self.refresh_gutter(event.index)
            self.post_message(SelectionChanged())

    def on_rows_range_ended(self, event: RowsRangeEnded) -> None:
        """Select every authentication in the range."""
        event.stop()
        chosen = self.listing.users(event.first, event.last)
        self.source.selection.add(filter(self.source.selects, chosen))
        self._selected()

    def action_select_all(self) -> None:
        """Select all that match."""
        self.source.selection.add_matched()
        self._selected()

    def action_invert(self) -> None:
        """Swap selected and not selected among those that match."""
        self.source.selection.invert()
        self._selected()

    def action_select_none(self) -> None:
        """Select nothing."""
        self.source.selection.clear()
        self._selected()

    def _selected(self) -> None:
        self.cancel_range()
        self.refresh_marks()
        self.post_message(SelectionChanged())

    def _is_selected(self, row: Row) -> bool:
        return row.key.isdecimal() and int(row.key) in self.source.selection.marked

    def _place_in(self, listing: Listing) -> int:
        here = self.here
        place = None
        if isinstance(here, Branch):
            place = dict(_starts(listing)).get(here.value)
        elif here is not None:
            place = listing.index_of(here)
        return min(self.cursor, max(listing.count - 1, 0)) if place is None else place

    def _around(self, top: int, listing: Listing) -> tuple[int, int]:
        """Return the rows that come into view, and as many again for the first step down."""
        return top, min(top + 2 * self.page, listing.count)

    async def _read(self, listing: Listing, start: int, stop: int) -> None:
        if start < stop:
            await self.source.bring(listing.users(start, stop - 1))

    async def _read_ahead(self, listing: Listing, start: int, stop: int) -> None:
        """Have the next rows at hand, in the direction from which these were come to."""
        down = self.cursor - start <= stop - self.cursor
        first, last = (stop, stop + WINDOW) if down else (start - WINDOW, start)
        # What cannot be read is told when it is wanted.
        with suppress(TtrError):
            await self._read(listing, max(first, 0), min(last, listing.count))

    def _rows(self, start: int, stop: int) -> list[Row]:
        moment = now()
        return [self._row(self.listing.at(index), moment) for index in range(start, stop)]

    def _row(self, entry: int | str, moment: datetime) -> Row:
        if isinstance(entry, int):
            return self._leaf(entry, moment)
        branch = _BRANCHES.get(entry)
        if branch is None:
            return Row((entry,), heading=True, selectable=False)
        return self._head(branch, moment)

    def _head(self, branch: Branch, moment: datetime) -> Row:
        source = self.source
        all_of_it = len(source.catalogue.members[branch])
        shape = CLOSED if branch in self.shut else OPEN
        master = source.catalogue.master
        if branch is Branch.MASTER and master is not None:
            shape = shape if all_of_it else " "
            name, address = f"{shape} {master.user_principal_name}", master.address
            return Row((name, address, _tail(master, moment)), key=branch, selectable=False)
        if branch is Branch.INVITED:
            invited = source.catalogue.invited
            counts, waiting = words.invited_counts(invited), words.invited_waiting(invited)
            return Row((f"{CLOSED} {branch.value}", counts, waiting), key=branch, selectable=False)
        count = text.number(all_of_it)
        if source.matched.searched:
            count = f"{text.number(len(source.matched.rids[branch]))} of {count} match"
        trouble = words.troubles(source.catalogue.own_states if branch is Branch.OWN else {})
        return Row((f"{shape} {branch.value}", count, trouble), key=branch, selectable=False)

    def _leaf(self, rid: int, moment: datetime) -> Row:
        row = self.source.row(rid)
        if row is not None:
            name = _INDENT + (row.name or row.address)
            return Row((name, row.address, _tail(row, moment)), key=str(rid))
        agent = self.source.agent(rid)
        if agent is None:
            return Row(("", "", ""), selectable=False)
        name = _INDENT + (agent.name or agent.address)
        none = words.tail(state(words.NONE), "never")
        return Row((name, agent.address, none), selectable=False)


def _tail(row: Authentication, moment: datetime) -> Line:
    shown = state(words.state_of(row, moment))
    return words.tail(shown, words.used(row, moment), words.ends(row, moment))


def _is_heading(entry: int | str) -> bool:
    """Tell whether the cursor passes over this; on the head of a branch it stands."""
    return isinstance(entry, str) and entry not in _BRANCHES


def _starts(listing: Listing) -> list[tuple[str, int]]:
    """Return the heads of a listing and the rows they stand in."""
    starts, start = [], 0
    for group in listing.groups:
        starts.append((group.heading, start))
        start += len(group.rids) + bool(group.heading)
    return starts
