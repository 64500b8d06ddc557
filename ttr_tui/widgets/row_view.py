"""The drawing half of a list: what is in view, and what is drawn again when it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.events import Resize
from textual.geometry import Offset, Region

from ttr_tui.widgets.columns import GUTTER, Column, Grid
from ttr_tui.widgets.lines import BOLD, Line, LineWidget, Span, join, wrap
from ttr_tui.widgets.row_windows import Row, RowWindows


class RowView(LineWidget):
    """Rows in columns behind a gutter; subclasses move the cursor and say what is wanted."""

    def __init__(self, columns: Sequence[Column], *, head: bool, id: str | None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.head = head
        self.count = 0
        self.cursor = 0
        self.top = 0
        self.is_marked: Callable[[Row], bool] = lambda _row: False
        self._columns = tuple(columns)
        self._grid = Grid(self._columns, 80)
        self._windows = RowWindows()
        self._anchor: int | None = None
        self._empty = ""
        self._sorted_by = ("", "")

    @property
    def sorted_by(self) -> tuple[str, str]:
        """The head of the column the list is sorted by and the shape before it; empty: none."""
        return self._sorted_by

    @sorted_by.setter
    def sorted_by(self, sorted_by: tuple[str, str]) -> None:
        if sorted_by != self._sorted_by:
            self._sorted_by = sorted_by
            self.refresh(Region(0, 0, self.size.width, self.head))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns; setting them redraws."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._grid = Grid(self._columns, self.size.width or 80)
        self.refresh()

    @property
    def empty(self) -> str:
        """What would be here and the key that fills it, for a list without rows."""
        return self._empty

    @empty.setter
    def empty(self, sentence: str) -> None:
        self._empty = sentence
        if not self.count:
            self.refresh_changed()

    def row(self, index: int) -> Row | None:
        """Return a row that is at hand, else None."""
        return self._windows.get(index) if 0 <= index < self.count else None

    @property
    def current(self) -> Row | None:
        """The row at the cursor, when it is at hand."""
        return self.row(self.cursor)

    @property
    def page(self) -> int:
        """How many rows fit."""
        return max(1, self.size.height - self.head)

    @property
    def range(self) -> tuple[int, int] | None:
        """First and last row of the running range, both included."""
        if self._anchor is None:
            return None
        return min(self._anchor, self.cursor), max(self._anchor, self.cursor)

    def refresh_marks(self, first: int | None = None, last: int | None = None) -> None:
        """Draw the `*` column again: all that is in view, or the rows `first` to `last`."""
        start = self.top if first is None else max(first, self.top)
        stop = self.top + self.page if last is None else min(last + 1, self.top + self.page)
        for index in range(start, stop):
            self.refresh_gutter(index)

    def refresh_gutter(self, index: int) -> None:
        """Draw one row's `>` and `*` again."""
        if self.top <= index < self.top + self.page:
            self.refresh(Region(0, index - self.top + self.head, 2, 1))

    def refresh_rows(self, first: int, stop: int) -> None:
        """Draw the rows `first` up to `stop` again, as far as they are in view."""
        first, stop = max(first, self.top), min(stop, self.top + self.page)
        if first < stop:
            self.refresh_changed(first - self.top + self.head, stop - self.top + self.head)

    def line(self, y: int) -> Line:
        """Return the column heads or one row."""
        if self.head and y == 0:
            return self._grid.heads(*self._sorted_by)
        y -= self.head
        if not self.count:
            return self._empty_line(y)
        index = self.top + y
        if index >= self.count:
            return ""
        row = self._windows.get(index)
        return join(self._gutter(index, row), self._row_line(row))

    def cursor_at(self) -> Offset:
        """The `>` of the current row."""
        return Offset(0, self.cursor - self.top + self.head)

    def on_resize(self, event: Resize) -> None:
        """Lay the columns out for the new width and keep the cursor in view."""
        self._grid = Grid(self._columns, event.size.width)
        self.scroll_to_cursor()
        self.refresh()

    def on_focus(self) -> None:
        """Draw the `>`."""
        self.refresh_gutter(self.cursor)

    def on_blur(self) -> None:
        """Take the `>` away: it never stands twice."""
        self.refresh_gutter(self.cursor)

    def scroll_to_cursor(self) -> bool:
        """Bring the cursor into view, by half a page at an edge; tell whether the view moved."""
        page, before = self.page, self.top
        if self.cursor < self.top:
            self.top = min(self.cursor, self.top - page // 2)
        elif self.cursor >= self.top + page:
            self.top = max(self.cursor - page + 1, self.top + page // 2)
        self.top = min(max(self.top, 0), max(self.count - page, 0))
        return self.top != before

    def passing_headings(self, index: int, step: int) -> int:
        """Return the nearest row that is no heading, first in the direction of `step`."""
        for direction in (step, -step):
            at = index
            while 0 <= at < self.count:
                row = self._windows.get(at)
                if row is None or not row.heading:
                    return at
                at += direction
        return index

    def _row_line(self, row: Row | None) -> Line:
        if row is None:
            return ""
        return row.cells[0] if row.heading else self._grid.row(row.cells)

    def _gutter(self, index: int, row: Row | None) -> Line:
        here = self.has_focus and index == self.cursor
        marked = row is not None and (self.is_marked(row) or self._in_range(index, row))
        marks = f"{'>' if here else ' '}{'*' if marked else ' '}"
        return (Span(marks, BOLD) if marks.strip() else marks, " ")

    def _in_range(self, index: int, row: Row) -> bool:
        if self.range is None or row.heading or not row.selectable:
            return False
        first, last = self.range
        return first <= index <= last

    def _empty_line(self, y: int) -> Line:
        lines = wrap(self._empty) if self._empty else []
        return join(" " * GUTTER, lines[y]) if y < len(lines) else ""
