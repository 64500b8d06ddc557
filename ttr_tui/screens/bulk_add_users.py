"""The list of O365 Agent Bulk Add: any number of users, read by window, selected by row number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from ttr_tui.errors import TtrError
from ttr_tui.screens.bulk_add_ahead import PatientRows
from ttr_tui.screens.bulk_add_columns import columns, has_titles, user_row
from ttr_tui.screens.selection import Listing
from ttr_tui.widgets.row_windows import WINDOW
from ttr_tui.widgets.rows import Row

if TYPE_CHECKING:
    from textual.worker import Worker

    from ttr_tui.model import DirectoryUser
    from ttr_tui.screens.bulk_add_source import Source
    from ttr_tui.widgets.row_messages import RowsRangeEnded, RowsToggled, RowsWanted

_MOST_AT_HAND = 32 * WINDOW


class SelectionChanged(Message):
    """Other users are selected than before."""


class ReadingFailed(Message):
    """Rows could not be read."""

    def __init__(self, problem: TtrError) -> None:
        super().__init__()
        self.problem = problem


class UserRows(PatientRows):
    """Rows of users; `a`, `i` and `n` act on the selection of `source`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "select_all", show=False),
        Binding("i", "invert", show=False),
        Binding("n", "select_none", show=False),
    ]

    def __init__(self, source: Source) -> None:
        super().__init__(columns(80), id="users")
        self.source = source
        self.listing = Listing()
        self.is_marked = self._is_selected
        self.provisional = False
        self._has_moved = False
        self._near = -1
        self._titles = False
        self._at_hand: dict[int, DirectoryUser] = {}

    @property
    def rid_here(self) -> int | None:
        """The user at the cursor, or None."""
        return self._rid_at(self.cursor)

    @property
    def user_here(self) -> DirectoryUser | None:
        """The user at the cursor, when at hand and still in the directory."""
        rid = self.rid_here
        user = None if rid is None else self._at_hand.get(rid)
        return user if user is not None and user.object_id else None

    @property
    def in_range(self) -> bool:
        """Whether a range is being selected, in which nothing may move."""
        return self.range is not None

    def fit(self, width: int) -> None:
        """Take the columns of a terminal of `width`; rows are read again when they need more."""
        titles = has_titles(width)
        if titles != self._titles:
            self._titles = titles
            self._windows.clear()
        self.columns = columns(width)
        self._want()

    async def show(
        self,
        listing: Listing,
        known: Mapping[int, DirectoryUser],
        *,
        to_top: bool = False,
        here: int | None = None,
    ) -> bool:
        """Show other rows; the cursor stays with its user, or goes to the first row.

        Until somebody has moved it is at the first row, whoever comes to stand there.
        `here` is the row id of that user now, when that has changed. The rows in view are read,
        but for the users who are `known`, before anything changes, so that none is ever seen blank.
        Does nothing, and returns False, when a range was begun meanwhile.
        """
        self._has_moved &= not to_top
        to_top = not self._has_moved
        start, stop = self._in_view(listing, 0 if to_top else self._place_in(listing, here)[1])
        rows = await self._read(listing, start, stop, known)
        if self.in_range:
            return False
        cursor, top = (0, 0) if not self._has_moved else self._place_in(listing, here)
        if listing.count and isinstance(listing.at(cursor), str):
            cursor += 1
        self.listing, self.provisional = listing, False
        self.replace(listing.count, cursor, top, start, rows)
        self._near = -1
        self._bring_near()
        return True

    async def renew(self) -> None:
        """Read the rows in view again: something about their users may have changed."""
        listing = self.listing
        start, stop = self._in_view(listing, self.top)
        rows = await self._read(listing, start, stop)
        if listing is not self.listing:
            return
        changed = any(self.row(index) != row for index, row in enumerate(rows, start))
        self._windows.clear()
        self._near = -1
        if changed:
            self.supply(start, rows)
        else:
            self._windows.put(start, rows)
            self._want()
        self._bring_near()

    def recount(self, listing: Listing) -> None:
        """Take the same users under other headings."""
        self.listing = listing
        start = 0
        for group in listing.groups:
            if group.heading:
                self.supply(start, [Row((group.heading,), heading=True)])
            start += len(group.rids) + bool(group.heading)

    def on_rows_wanted(self, event: RowsWanted) -> None:
        """Read the rows that came into view."""
        event.stop()
        if self._windows.missing(event.start, event.end, self.count) is not None:
            self.run_worker(self._bring(event.start, event.end), group="rows")

    def on_focus(self) -> None:
        """Have the rows around read before somebody moves."""
        self._bring_near()

    def on_rows_cursor_moved(self) -> None:
        """Have the rows around read before they are needed."""
        self._has_moved = True
        self._bring_near()

    def on_rows_toggled(self, event: RowsToggled) -> None:
        """Select the user, or no longer."""
        event.stop()
        rid = self._rid_at(event.index)
        row = self.row(event.index)
        if rid is not None and (row is None or row.selectable):
            self.source.selection.toggle(rid)
            self.refresh_gutter(event.index)
            self.post_message(SelectionChanged())

    def on_rows_range_ended(self, event: RowsRangeEnded) -> None:
        """Select everybody in the range."""
        event.stop()
        self.source.selection.add(self.listing.users(event.first, event.last))
        self._selected()

    def action_select_all(self) -> None:
        """Select all that match."""
        self.when_settled(self._select, self.source.selection.add_matched)

    def action_invert(self) -> None:
        """Swap selected and not selected among those that match."""
        self.when_settled(self._select, self.source.selection.invert)

    def action_select_none(self) -> None:
        """Select nobody."""
        self.when_settled(self._select, self.source.selection.clear)

    def _select(self, change: Callable[[], None]) -> None:
        change()
        self._selected()

    def _selected(self) -> None:
        self.cancel_range()
        self.refresh_marks()
        self.post_message(SelectionChanged())

    def _is_selected(self, row: Row) -> bool:
        return bool(row.key) and int(row.key) in self.source.selection.marked

    def _rid_at(self, index: int) -> int | None:
        if not 0 <= index < self.listing.count:
            return None
        entry = self.listing.at(index)
        return entry if isinstance(entry, int) else None

    def _place_in(self, listing: Listing, here: int | None) -> tuple[int, int]:
        """Return cursor and first row in view to be, as near as can be to where they are."""
        rid = here if here is not None else self.rid_here
        cursor = listing.index_of(rid) if rid is not None else None
        if cursor is None:
            cursor = min(self.cursor, max(listing.count - 1, 0))
        return cursor, max(0, cursor - (self.cursor - self.top))

    def _in_view(self, listing: Listing, top: int) -> tuple[int, int]:
        """Return the bounds of the rows in view when `top` is the first one."""
        start = min(top, max(listing.count - self.page, 0))
        return start, min(start + self.page, listing.count)

    def _bring_near(self) -> None:
        """Read what is around once what is in view is drawn; nobody moves in it before."""
        here = self.cursor - self.cursor % WINDOW
        if here != self._near and self.has_focus:
            self._near = here
            self.call_after_refresh(self._begin_bringing)

    def _begin_bringing(self) -> None:
        self._bringing: Worker[None] = self.run_worker(
            self._bring_around, group="near", exclusive=True
        )

    async def _bring_around(self) -> None:
        """Read the windows here, before and behind, the first and the last one, unless at hand."""
        here = self._near
        last = max(self.count - 1, 0)
        for start in (here, here + WINDOW, here - WINDOW, last - last % WINDOW, 0):
            missing = self._windows.missing(start, start + WINDOW, self.count)
            if missing is not None and start >= 0:
                await self._bring(*missing)

    async def _bring(self, start: int, stop: int) -> None:
        listing = self.listing
        try:
            rows = await self._read(listing, start, stop)
        except TtrError as problem:
            self.post_message(ReadingFailed(problem))
            return
        if listing is self.listing:
            self.supply(start, rows)

    async def _read(
        self,
        listing: Listing,
        start: int,
        stop: int,
        known: Mapping[int, DirectoryUser] = MappingProxyType({}),
    ) -> list[Row]:
        entries = [listing.at(index) for index in range(start, stop)]
        users = {rid: known[rid] for rid in entries if isinstance(rid, int) and rid in known}
        rids = [rid for rid in entries if isinstance(rid, int) and rid not in users]
        if rids:
            users |= zip(rids, await self.source.users(rids), strict=True)
        if len(self._at_hand) > _MOST_AT_HAND:
            self._at_hand.clear()
        self._at_hand.update(users)
        return [self._row_of(entry, users) for entry in entries]

    def _row_of(self, entry: int | str, users: dict[int, DirectoryUser]) -> Row:
        if isinstance(entry, str):
            return Row((entry,), heading=True, selectable=False)
        return user_row(users[entry], entry, titles=self._titles)
