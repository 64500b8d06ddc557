"""Companies, the home screen."""

from __future__ import annotations

from textual.app import ComposeResult

from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import COMPANIES
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.rows import Row, Rows


class CompaniesScreen(FrameScreen[None]):
    """The list of companies."""

    place_number = COMPANIES

    def __init__(self) -> None:
        super().__init__()
        self.title_text = "Companies"
        self.keys = (KeyHint("enter", "next step"), KeyHint("q", "quit"))

    def compose_body(self) -> ComposeResult:
        """The list."""
        rows = Rows([Column("Company", 23, Cut.NAME, grow=1), Column("Domain", 24)])
        rows.set_rows([Row((f"Company {n}", "x.example"), key=str(n)) for n in range(40)])
        yield rows
