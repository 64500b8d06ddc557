"""The few hundred rows of a long list that are at hand; the rest stay where they come from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from ttr_tui.widgets.lines import Line

WINDOW = 256
"""Rows of one window; windows start at multiples of it."""

_KEPT = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, and the key by which its screen knows it.

    `heading` is a line of its own across the columns, which the cursor passes over (the first cell
    is its text). `selectable` tells whether `space` and ranges may select it.
    """

    cells: tuple[Line, ...]
    key: str = ""
    heading: bool = False
    selectable: bool = True


class RowWindows:
    """Windows of rows by their start, the least recently used dropped first."""

    def __init__(self) -> None:
        self._windows: OrderedDict[int, list[Row | None]] = OrderedDict()

    def clear(self) -> None:
        """Forget all rows."""
        self._windows.clear()

    def get(self, index: int) -> Row | None:
        """Return a row that is at hand."""
        window = self._windows.get(index - index % WINDOW)
        return window[index % WINDOW] if window is not None else None

    def put(self, start: int, rows: Sequence[Row]) -> None:
        """Keep the rows from index `start` on."""
        for index, row in enumerate(rows, start):
            base = index - index % WINDOW
            window = self._windows.get(base)
            if window is None:
                window = self._windows[base] = [None] * WINDOW
            window[index % WINDOW] = row
        for index in range(start, start + len(rows), WINDOW):
            self._windows.move_to_end(index - index % WINDOW)
        while len(self._windows) > max(_KEPT, len(rows) // WINDOW + 1):
            self._windows.popitem(last=False)

    def missing(self, start: int, stop: int, count: int) -> tuple[int, int] | None:
        """Return the bounds of what to read for the first missing row in `start..stop`, or None.

        That is its window; where some of that is at hand, from this row on.
        """
        for index in range(max(start, 0), min(stop, count)):
            if self.get(index) is None:
                base = index - index % WINDOW
                first = index if base in self._windows else base
                return first, min(base + WINDOW, count)
        return None
