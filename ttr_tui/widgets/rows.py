"""A list of any length that draws only what is visible and sends two cells for a cursor step.

A screen tells the count, answers `RowsWanted` (`start`, `end`) with `supply`, reads `cursor`:

    rows = Rows([Column("Name", 21, Cut.NAME, grow=1), Column("Address", 27, Cut.ADDRESS)])
    rows.set_rows([Row(("Abebe Bekele", "a.bekele@contoso.com"), key="3f0c")])      # a short list
    rows.set_count(50_318)                       # a long one: `RowsWanted` comes
    rows.supply(start, some_rows)                # what was wanted, whenever it is there
    rows.is_marked = lambda row: row.key in self.selected     # draws `*`; then refresh_marks()

Moving is done here and posts `RowsCursorMoved`; `enter` posts `RowsChosen`, `right`/`l`
`RowsOpened`, `left`/`h` `RowsClosed`. With `selects`: `space` posts `RowsToggled` and steps down;
`v` or a shifted arrow begins a range, drawn here; every step then posts `RowsRangeMoved`, `space`
or `v` `RowsRangeEnded`. A screen's `esc` calls `cancel_range()` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, Resize

from ttr_tui.widgets.columns import Column
from ttr_tui.widgets.row_messages import (
    RowsChosen,
    RowsClosed,
    RowsCursorMoved,
    RowsOpened,
    RowsRangeEnded,
    RowsRangeMoved,
    RowsToggled,
    RowsWanted,
)
from ttr_tui.widgets.row_view import RowView
from ttr_tui.widgets.row_windows import Row

__all__ = ["Row", "Rows"]


class Rows(RowView, can_focus=True):
    """The list; `head` draws the column heads as its first line."""

    DEFAULT_CSS = "Rows { height: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "page(2)", show=False),
        Binding("pageup", "page(-2)", show=False),
        Binding("ctrl+d", "page(1)", show=False),
        Binding("ctrl+u", "page(-1)", show=False),
        Binding("home,g", "edge(False)", show=False),
        Binding("end,G", "edge(True)", show=False),
        Binding("right,l", "open", show=False),
        Binding("left,h", "close", show=False),
        Binding("enter", "choose", show=False),
        Binding("space", "mark", show=False),
        Binding("v", "range", show=False),
        Binding("shift+down", "extend(1)", show=False),
        Binding("shift+up", "extend(-1)", show=False),
    ]

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        head: bool = True,
        selects: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(columns, head=head, id=id)
        self.selects = selects
        self._asked: tuple[int, int] | None = None

    def set_rows(self, rows: Sequence[Row], *, cursor: int | None = None) -> None:
        """Show exactly these rows (a list that fits in memory); the cursor stays unless given."""
        self._windows.clear()
        self._windows.put(0, rows)
        self._recount(len(rows), cursor)

    def set_count(self, count: int, *, cursor: int | None = None) -> None:
        """Show `count` rows, supplied when they are wanted; what was at hand is forgotten."""
        self._windows.clear()
        self._recount(count, cursor)

    def replace(self, count: int, cursor: int, top: int, start: int, rows: Sequence[Row]) -> None:
        """Show `count` other rows, those from `start` on at hand; only what differs is drawn."""
        self._windows.clear()
        self._windows.put(start, rows)
        self.top = top
        self._recount(count, cursor, draw=False)
        self.refresh_changed()

    def supply(self, start: int, rows: Sequence[Row]) -> None:
        """Hand in rows from index `start` on; only those in view are drawn."""
        self._asked = None
        self._windows.put(start, rows)
        self._want()
        self.refresh_rows(start, start + len(rows))

    def cancel_range(self) -> bool:
        """End a running range without selecting; tell whether there was one."""
        ended = self._end_range()
        return ended is not None

    def move_to(self, index: int) -> None:
        """Put the cursor on a row; from a heading on, to the next row in the same direction."""
        if not self.count:
            return
        step = 1 if index >= self.cursor else -1
        index = self.passing_headings(min(max(index, 0), self.count - 1), step)
        if index == self.cursor:
            return
        before, range_before = self.cursor, self.range
        self.cursor = index
        if self.scroll_to_cursor():
            self.refresh_changed()
        else:
            self.refresh_gutter(before)
            self.refresh_gutter(index)
        self._want()
        if range_before is not None and self.range is not None:
            ends = (*range_before, *self.range)
            self.refresh_marks(min(ends), max(ends))
            self.post_message(RowsRangeMoved(self, *self.range))
        self.post_message(RowsCursorMoved(self, index))

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self.move_to(self.cursor + step)

    def action_page(self, halves: int) -> None:
        """Some halves of a page up or down."""
        self.move_to(self.cursor + halves * max(1, self.page // 2))

    def action_edge(self, last: bool) -> None:
        """First or last row."""
        self.move_to(self.count - 1 if last else 0)

    def action_choose(self) -> None:
        """Tell that `enter` was pressed on the row."""
        if self.count:
            self.post_message(RowsChosen(self, self.cursor))

    def action_open(self) -> None:
        """Tell that the row is to be opened."""
        if self.count:
            self.post_message(RowsOpened(self, self.cursor))

    def action_close(self) -> None:
        """Tell that the row is to be closed."""
        if self.count:
            self.post_message(RowsClosed(self, self.cursor))

    def action_mark(self) -> None:
        """Select the row and step down, or end the range."""
        if not self.selects or not self.count:
            return
        if self._anchor is not None:
            self.action_range()
            return
        index = self.cursor
        self.action_move(1)
        self.post_message(RowsToggled(self, index))

    def action_range(self) -> None:
        """Begin a range here, or end the one that runs."""
        if not self.selects or not self.count:
            return
        ended = self._end_range()
        if ended is not None:
            self.post_message(RowsRangeEnded(self, *ended))
            return
        self._anchor = self.cursor
        self.refresh_gutter(self.cursor)
        self.post_message(RowsRangeMoved(self, self.cursor, self.cursor))

    def action_extend(self, step: int) -> None:
        """Begin a range unless one runs, and step."""
        if self._anchor is None:
            self.action_range()
        self.action_move(step)

    def on_mount(self) -> None:
        """Ask for the first rows."""
        self._want()

    def on_resize(self, event: Resize) -> None:
        """Lay out for the new size and ask for the rows that came into view."""
        super().on_resize(event)
        event.prevent_default()
        self._want()

    def on_click(self, event: Click) -> None:
        """Put the cursor where the mouse points, when it is ours."""
        if event.y >= self.head:
            self.move_to(self.top + event.y - self.head)

    def _end_range(self) -> tuple[int, int] | None:
        ended = self.range
        self._anchor = None
        if ended is not None:
            self.refresh_marks(*ended)
        return ended

    def _recount(self, count: int, cursor: int | None, *, draw: bool = True) -> None:
        self._asked, self._anchor = None, None
        self.count = count
        wished = self.cursor if cursor is None else cursor
        self.cursor = self.passing_headings(min(max(wished, 0), max(count - 1, 0)), 1)
        self.scroll_to_cursor()
        self._want()
        if draw:
            self.refresh()

    def _want(self) -> None:
        if not self.is_mounted or self._asked is not None:
            return
        self._asked = self._windows.missing(self.top, self.top + self.page, self.count)
        if self._asked is not None:
            self.post_message(RowsWanted(self, *self._asked))
