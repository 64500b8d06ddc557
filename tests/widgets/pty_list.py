"""A program for a terminal: a list of a hundred rows and a text field below it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.geometry import Offset

from ttr_tui.widgets.columns import Column
from ttr_tui.widgets.lines import LineWidget
from ttr_tui.widgets.prompt import Prompt
from ttr_tui.widgets.rows import Row, Rows
from ttr_tui.widgets.terminal import TerminalDriver


class ListApp(App[None]):
    """The app as ours is made: native ANSI, the cursor shown where the keys go."""

    CSS = "Screen { layout: vertical; overflow: hidden hidden; }"

    def compose(self) -> ComposeResult:
        """A list and a field."""
        rows = Rows([Column("Name", 30)])
        rows.set_rows([Row((f"user {n}",)) for n in range(100)])
        yield rows
        yield Prompt("Search", at=9)

    @property
    def cursor_position(self) -> Offset:
        """Where the keys go."""
        focused = self.focused if self._screen_stack else None
        if isinstance(focused, LineWidget):
            return focused.region.offset + focused.cursor_at()
        return Offset(0, 0)

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        """Textual sets it too; ours counts."""


if __name__ == "__main__":
    ListApp(driver_class=TerminalDriver, ansi_color=True).run(mouse=False)
