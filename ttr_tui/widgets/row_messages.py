"""What a list of rows tells its screen; handlers are named `on_rows_chosen` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from ttr_tui.widgets.rows import Rows


class RowsMessage(Message):
    """Something about `rows`; `@on(RowsChosen, "#some-id")` tells several lists apart."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows

    @property
    def control(self) -> Rows:
        """The list."""
        return self.rows


class RowMessage(RowsMessage):
    """Something happened at row `index`."""

    def __init__(self, rows: Rows, index: int) -> None:
        super().__init__(rows)
        self.index = index


class RangeMessage(RowsMessage):
    """The rows `first` to `last` (both included) are concerned."""

    def __init__(self, rows: Rows, first: int, last: int) -> None:
        super().__init__(rows)
        self.first = first
        self.last = last


class RowsWanted(RowsMessage):
    """Rows `start` up to (not including) `end` are to be supplied."""

    def __init__(self, rows: Rows, start: int, end: int) -> None:
        super().__init__(rows)
        self.start = start
        self.end = end


class RowsCursorMoved(RowMessage):
    """The cursor stands on another row."""


class RowsChosen(RowMessage):
    """`enter` was pressed."""


class RowsToggled(RowMessage):
    """`space` was pressed on this row; the cursor has stepped down already."""


class RowsOpened(RowMessage):
    """`right` or `l` was pressed."""


class RowsClosed(RowMessage):
    """`left` or `h` was pressed."""


class RowsRangeMoved(RangeMessage):
    """The running range now covers these rows."""


class RowsRangeEnded(RangeMessage):
    """The range is to be selected."""
