"""The first frame: it stands before anything is read, until the list of companies does.

Nothing is imported here that the first frame can do without.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.screen import Screen

from ttr_tui.screens.places import COMPANIES, PLACES
from ttr_tui.widgets.lines import REVERSE, Line, LineWidget, Span, bold, join

if TYPE_CHECKING:
    from textual.app import ComposeResult


class OpeningScreen(Screen[None], inherit_bindings=False):
    """Rows 1, 2 and 4 as Companies has them, and what is waited for; nothing is known yet."""

    DEFAULT_CSS = """
    OpeningScreen { background: ansi_default; color: ansi_default; }
    OpeningScreen > OpeningRows { height: 100%; }
    """

    def compose(self) -> ComposeResult:
        """All of it is one widget."""
        yield OpeningRows()


class OpeningRows(LineWidget):
    """The rows of the screen."""

    def line(self, y: int) -> Line:
        """Return one row."""
        place = PLACES[COMPANIES]
        rows: dict[int, Line] = {
            0: f" ttr-tui on {os.uname().nodename.split('.')[0]}",
            1: Span(f"[{place.number} {place.name}]", REVERSE),
            3: join(" ", bold(place.name)),
            5: " The store is being opened.",
        }
        return rows.get(y, "")
