"""What keys cost on a slow line, in bytes: they do not vary as milliseconds do."""

from __future__ import annotations

from itertools import zip_longest

from tests.screens.pty_bulk_add import USERS
from tests.terminal import Terminal, on_a_terminal

DOWN, PAGE_DOWN, PAGE_UP, END, HOME = "\x1b[B", "\x1b[6~", "\x1b[5~", "\x1b[F", "\x1b[H"
STEP, PAGE, LETTER = 70, 3_200, 120
FRAME_END = b"\x1b[?2026l"
FIELD = slice(9, 45)
SEARCH_ROW = 4


def changed_cells(before: list[str], after: list[str]) -> int:
    """How many cells differ, those of the search field left out."""
    count = 0
    for y, (old, new) in enumerate(zip_longest(before, after, fillvalue="")):
        pairs = list(zip_longest(old, new, fillvalue=" "))
        if y == SEARCH_ROW:
            del pairs[FIELD]
        count += sum(one != other for one, other in pairs)
    return count


def typed(terminal: Terminal, letter: str) -> None:
    """Type a letter: the field's own frame, and all of it, cost no more than they may."""
    before = terminal.rows
    sent = terminal.type(letter)
    assert letter in terminal.rows[SEARCH_ROW][FIELD]
    assert sent.index(FRAME_END) < LETTER
    # What the list changed is paid for by the cell, and by the row for going there.
    assert len(sent) <= LETTER + 2 * changed_cells(before, terminal.rows)


def test_a_key_costs_what_it_changes_and_rest_nothing() -> None:
    """Steps, pages, both ends, and letters of a name; then nothing happens, and nothing is sent."""
    with on_a_terminal(["-m", "tests.screens.pty_bulk_add"]) as terminal:
        terminal.until("accepted", f"read {USERS} of {USERS}", "enter add 1")
        terminal.read(0.5)
        assert max(len(terminal.type(DOWN)) for _ in range(4)) <= STEP
        moves = (PAGE_DOWN, PAGE_DOWN, PAGE_UP, END, HOME)
        assert max(len(terminal.type(key)) for key in moves) <= PAGE
        name = terminal.rows[7][3:24].split("  ")[0].lower()
        terminal.type("/")
        for letter in name.partition(" ")[0][:4]:
            typed(terminal, letter)
        assert terminal.rows[SEARCH_ROW].endswith(f"of {USERS} match")
        terminal.read(0.3)
        assert terminal.read(1.2) == b""
        terminal.type("zq")
        terminal.until(f" 0 of {USERS} match")
        terminal.read(0.3)
        typed(terminal, "x")
