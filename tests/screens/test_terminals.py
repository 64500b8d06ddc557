"""Terminals that are old, plain, small, or change their size; `by_line` has the slow ones."""

from __future__ import annotations

import re
import signal
import time

from tests.terminal import PATIENCE, Terminal, on_a_terminal

COLOUR = re.compile(rb"\x1b\[[0-9;]*(?:3[0-7]|38;|4[0-7]|48;|9[0-7])[0-9;]*m")


def rows_of(painted: bytes) -> set[int]:
    """The rows that were written to."""
    return {int(row) for row in re.findall(rb"\x1b\[(\d+);1H", painted)}


def until_drawn(terminal: Terminal, columns: int, rows: int) -> bytes:
    """Resize; return everything until the last row was drawn."""
    painted = terminal.resize(columns, rows)
    deadline = time.monotonic() + PATIENCE
    while rows not in rows_of(painted):
        assert time.monotonic() < deadline, painted[-2000:]
        painted += terminal.read(0.2)
    return painted


def test_a_plain_terminal_changes_its_size() -> None:
    """On a vt220 without colours all is ASCII; at every size the rows are those of the terminal,
    too small a one says so, and keys act as before. What somebody exported of its size long ago
    counts for nothing.
    """
    environ = {"TERM": "vt220", "NO_COLOR": "1", "COLUMNS": "80", "LINES": "24"}
    with on_a_terminal(["-m", "ttr_tui", "demo", "--users", "20"], environ) as terminal:
        terminal.until("No company yet.")
        assert max(rows_of(until_drawn(terminal, 300, 100))) == 100
        small = until_drawn(terminal, 60, 20)
        assert b"80" in small
        assert max(rows_of(small)) <= 20
        for columns, rows in ((81, 25), (200, 50), (80, 24)):
            again = until_drawn(terminal, columns, rows)
            assert b"No company yet." in again
            assert max(rows_of(again)) == rows
        terminal.type("Contoso")
        assert "Contoso" in terminal.text
        assert COLOUR.search(terminal.out) is None
        assert terminal.out.isascii()
        assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM
