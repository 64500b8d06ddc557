"""The list of O365 Agent Bulk Add: any number of users, read by window, selected by row number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.message import Message

from ttr_tui.errors import TtrError
from ttr_tui.screens.bulk_add_columns import columns, has_titles, user_row
from ttr_tui.screens.bulk_add_selection import Listing
from ttr_tui.widgets.row_windows import WINDOW
from ttr_tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from ttr_tui.model import DirectoryUser
    from ttr_tui.screens.bulk_add_source import Source
    from ttr_tui.widgets.row_messages import RowsRangeEnded, RowsToggled, RowsWanted

_MOST_AT_HAND = 32 * WINDOW


class Asked(NamedTuple):
    """What a list is asked to show."""

    search: str = ""
    show_hidden: bool = False
    only_selected: bool = False

    def begins_anew(self, before: Asked) -> bool:
        """Tell whether the cursor belongs on the first row; else it stays with its user."""
        if self.only_selected != before.only_selected:
            return self.only_selected
        return bool(self.search) and self.search != before.search


NOTHING_ASKED = Asked()


class SelectionChanged(Message):
    """Other users are selected than before."""


class ReadingFailed(Message):
    """Rows could not be read."""

    def __init__(self, problem: TtrError) -> None:
        super().__init__()
        self.problem = problem


class UserRows(Rows):
    """Rows of users; `a`, `i` and `n` act on the selection of `source`.

    `asked` tells what the rows should show, `shown` what they do. While these differ (a search is
    under way), keys that act on rows are kept for what was asked when they were pressed: what is
    typed ahead never selects a stranger.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "select_all", show=False),
        Binding("i", "invert", show=False),
        Binding("n", "select_none", show=False),
    ]

    def __init__(self, source: Source) -> None:
        super().__init__(columns(80), selects=True, id="users")
        self.source = source
        self.listing = Listing()
        self.is_marked = self._is_selected
        self.asked: Callable[[], Asked] = lambda: NOTHING_ASKED
        self.shown = NOTHING_ASKED
        self._kept: list[tuple[Asked, Callable[[], None]]] = []
        self._catching_up = False
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

    async def show(self, listing: Listing, *, to_top: bool = False) -> bool:
        """Show other rows; the cursor stays with its user, or goes to the first row.

        The rows in view are read before anything changes, so that none is ever seen blank. Does
        nothing, and returns False, when a range was begun meanwhile.
        """
        start, stop = self._window_of(listing, 0 if to_top else self._place_in(listing)[1])
        rows = await self._read(listing, start, stop)
        if self.in_range:
            return False
        cursor, top = (0, 0) if to_top else self._place_in(listing)
        if listing.count and isinstance(listing.at(cursor), str):
            cursor += 1
        self.listing, self.top = listing, top
        self.set_count(listing.count, cursor=cursor)
        self.supply(start, rows)
        return True

    @property
    def wanted(self) -> Asked:
        """What is to be shown next: what kept keys wait for, else what is asked now."""
        return self._kept[0][0] if self._kept else self.asked()

    def settle(self) -> None:
        """Do what was typed ahead for what is shown now."""
        self._catching_up = True
        while self._kept and self._kept[0][0] == self.shown:
            self._kept.pop(0)[1]()
        self._catching_up = False

    def give_up(self) -> None:
        """Forget what was typed ahead: there will be no list for it."""
        self._kept.clear()
        self.shown = self.asked()

    async def renew(self) -> None:
        """Read the rows in view again: something about their users may have changed."""
        listing = self.listing
        start, stop = self._window_of(listing, self.top)
        rows = await self._read(listing, start, stop)
        if listing is not self.listing:
            return
        changed = any(self.row(index) != row for index, row in enumerate(rows, start))
        self._windows.clear()
        if changed:
            self.supply(start, rows)
        else:
            self._windows.put(start, rows)
            self._want()

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
        self._when_settled(self._select, self.source.selection.add_matched)

    def action_invert(self) -> None:
        """Swap selected and not selected among those that match."""
        self._when_settled(self._select, self.source.selection.invert)

    def action_select_none(self) -> None:
        """Select nobody."""
        self._when_settled(self._select, self.source.selection.clear)

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self._when_settled(super().action_move, step)

    def action_page(self, halves: int) -> None:
        """Some halves of a page up or down."""
        self._when_settled(super().action_page, halves)

    def action_edge(self, last: bool) -> None:
        """First or last row."""
        self._when_settled(super().action_edge, last)

    def action_choose(self) -> None:
        """Tell that `enter` was pressed on the row."""
        self._when_settled(super().action_choose)

    def action_mark(self) -> None:
        """Select the row and step down, or end the range."""
        self._when_settled(super().action_mark)

    def action_range(self) -> None:
        """Begin a range here, or end the one that runs."""
        self._when_settled(super().action_range)

    def action_extend(self, step: int) -> None:
        """Begin a range unless one runs, and step."""
        self._when_settled(super().action_extend, step)

    def _when_settled(self, act: Callable[..., None], *given: object) -> None:
        asked = self.asked()
        if self._catching_up or (self.shown == asked and not self._kept):
            act(*given)
        else:
            self._kept.append((asked, partial(act, *given)))

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

    def _place_in(self, listing: Listing) -> tuple[int, int]:
        """Return cursor and first row in view to be, as near as can be to where they are."""
        rid = self.rid_here
        cursor = listing.index_of(rid) if rid is not None else None
        if cursor is None:
            cursor = min(self.cursor, max(listing.count - 1, 0))
        return cursor, max(0, cursor - (self.cursor - self.top))

    def _window_of(self, listing: Listing, top: int) -> tuple[int, int]:
        """Return the bounds of the whole windows that hold the rows in view from `top` on."""
        top = min(top, max(listing.count - self.page, 0))
        start = top - top % WINDOW
        last = top + self.page
        return start, min(last - last % WINDOW + WINDOW, listing.count)

    async def _bring(self, start: int, stop: int) -> None:
        listing = self.listing
        try:
            rows = await self._read(listing, start, stop)
        except TtrError as problem:
            self.post_message(ReadingFailed(problem))
            return
        if listing is self.listing:
            self.supply(start, rows)

    async def _read(self, listing: Listing, start: int, stop: int) -> list[Row]:
        entries = [listing.at(index) for index in range(start, stop)]
        rids = [entry for entry in entries if isinstance(entry, int)]
        users = dict(zip(rids, await self.source.users(rids), strict=True)) if rids else {}
        if len(self._at_hand) > _MOST_AT_HAND:
            self._at_hand.clear()
        self._at_hand.update(users)
        return [self._row_of(entry, users) for entry in entries]

    def _row_of(self, entry: int | str, users: dict[int, DirectoryUser]) -> Row:
        if isinstance(entry, str):
            return Row((entry,), heading=True, selectable=False)
        return user_row(users[entry], entry, titles=self._titles)
