"""Columns of a list: their places, and how each kind of text is cut to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ttr_tui import text
from ttr_tui.widgets.lines import BOLD, Line, Span, cells, crop, join

GUTTER = 3
"""Cells before a row's first column: `>`, `*` and a space."""


class Cut(Enum):
    """Where a text that is too long for its column is cut; `NEVER` lets it run on."""

    NAME = "in the middle"
    ADDRESS = "at the right of the domain"
    RIGHT = "at the right"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, its width in cells at 80 columns, and how it fills.

    `grow` is its share of what a wider terminal gives (0: none); `gap` the cells behind it;
    `right` aligns numbers.
    """

    head: str
    width: int
    cut: Cut = Cut.RIGHT
    grow: int = 0
    gap: int = 1
    right: bool = False


def fitted(cell: Line, column: Column, width: int) -> Line:
    """Return a cell's text cut for its column, not filled."""
    if not isinstance(cell, str):
        return cell if column.cut is Cut.NEVER else crop(cell, width)
    shown = text.clean(cell)
    if column.cut is Cut.NAME:
        return text.cut_middle(shown, width)
    if column.cut is Cut.ADDRESS:
        return text.cut_address(shown, width)
    if column.cut is Cut.RIGHT:
        return text.cut_right(shown, width)
    return shown


class Grid:
    """The columns of one list at one width of terminal (in cells, gutter included)."""

    def __init__(self, columns: Sequence[Column], width: int) -> None:
        self.columns = tuple(columns)
        self.widths = _widths(self.columns, width - GUTTER)

    def row(self, row_cells: Sequence[Line]) -> Line:
        """Return the cells of one row in their places; a missing cell is blank."""
        parts: list[Line] = []
        for column, width, cell in zip(self.columns, self.widths, row_cells, strict=False):
            shown = fitted(cell, column, width)
            blank = " " * max(0, width - cells(shown))
            parts += (blank, shown) if column.right else (shown, blank)
            parts.append(" " * column.gap)
        words = [part for part in parts if isinstance(part, str)]
        return "".join(words) if len(words) == len(parts) else join(*parts)

    def heads(self, marked: str = "", shape: str = "") -> Line:
        """Return the line of column heads, with the gutter before them.

        `shape`, of one cell, stands before the head `marked`, in the gap before its column.
        """
        parts: list[Line] = []
        gap = " " * GUTTER
        for column, width in zip(self.columns, self.widths, strict=True):
            head = fitted(Span(column.head, BOLD), column, width)
            blank = " " * max(0, width - cells(head))
            lead = gap + (blank if column.right else "")
            if marked == column.head and lead.endswith(" "):
                parts.extend((lead[:-1], Span(shape, BOLD)))
            else:
                parts.append(lead)
            parts.append(head)
            gap = ("" if column.right else blank) + " " * column.gap
        return join(*parts, gap)


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    widths = [column.width for column in columns]
    spare = room - sum(widths) - sum(column.gap for column in columns[:-1])
    shares = sum(column.grow for column in columns)
    if spare <= 0 or not shares:
        return widths
    grown = [
        width + spare * column.grow // shares for width, column in zip(widths, columns, strict=True)
    ]
    last = max(index for index, column in enumerate(columns) if column.grow)
    grown[last] += spare - (sum(grown) - sum(widths))
    return grown
