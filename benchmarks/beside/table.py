"""Textual's own DataTable with so many rows, and its Input below: `python -m … ROWS`."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Input

MARK = "user 0"


class Table(App[None]):
    """What comes with Textual."""

    def __init__(self, rows: int) -> None:
        super().__init__(ansi_color=True)
        self._rows = rows

    def compose(self) -> ComposeResult:
        """A table of five columns and a field."""
        table: DataTable[str] = DataTable(cursor_type="row")
        table.add_columns("Name", "Address", "Department", "Kind", "Agent")
        table.add_rows(
            (f"user {n}", f"user.{n}@contoso.example", "Research", "member", "")
            for n in range(self._rows)
        )
        yield table
        yield Input()


if __name__ == "__main__":
    Table(int(sys.argv[1])).run()
