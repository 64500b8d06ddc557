"""Labelled paragraphs and plain lines, scrolled with `up` and `down` when they are too many.

    page = Page(paragraphs(("What goes", "3 authentications…"), ("", ""), ("What stays", …)))
    page.lines = …                                # replaces all

Labels stand in column 2, values in column 18, wrapped so that no sentence passes column 79.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Offset, Size

from ttr_tui import text
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, LineWidget, join, plain, wrap

LABEL_WIDTH = 16
"""Cells of a label with the space behind it; the value begins in column 18."""


def paragraph(label: str, *values: Line) -> list[Line]:
    """Return the rows of one labelled paragraph; a label too long for its place is wrapped.

    Each value begins on a row of its own and is wrapped at column 79.
    """
    labels = wrap(label, LABEL_WIDTH - 1)
    rows = [row for value in values for row in wrap(value, SENTENCE_WIDTH + 1 - LABEL_WIDTH)]
    rows += [""] * (len(labels) - len(rows))
    labels += [""] * (len(rows) - len(labels))
    return [_labelled(plain(head), row) for head, row in zip(labels, rows, strict=True)]


def sentences(*values: Line, width: int = SENTENCE_WIDTH) -> list[Line]:
    """Return the rows of plain sentences from column 2 on, wrapped at `width` cells."""
    return [join(" ", row) for value in values for row in wrap(value, width)]


def _labelled(label: str, row: Line) -> Line:
    return join(" ", label, " " * (LABEL_WIDTH - text.cells(label)), row)


class Page(LineWidget):
    """Lines to be read; as high as they are, at most the room there is."""

    DEFAULT_CSS = "Page { height: auto; }"

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines = list(lines)
        self._top = 0

    @property
    def lines(self) -> list[Line]:
        """The rows; setting them redraws, and lays out when their number changed."""
        return self._lines

    @lines.setter
    def lines(self, lines: Sequence[Line]) -> None:
        fresh = list(lines)
        if fresh == self._lines:
            return
        changed = len(fresh) != len(self._lines)
        self._lines = fresh
        self._top = min(self._top, self._last_top())
        if changed:
            self.refresh(layout=True)
        else:
            self.refresh_changed()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """As many rows as there are lines."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """Return one row."""
        index = self._top + y
        return self._lines[index] if index < len(self._lines) else ""

    def cursor_at(self) -> Offset:
        """The first row."""
        return Offset(0, 0)

    def scroll_lines(self, step: int) -> None:
        """Move by some rows, as far as there are any."""
        top = min(max(self._top + step, 0), self._last_top())
        if top != self._top:
            self._top = top
            self.refresh()

    @property
    def scrolls(self) -> bool:
        """Whether there is more than fits."""
        return self._last_top() > 0

    def _last_top(self) -> int:
        return max(0, len(self._lines) - self.size.height)
