from __future__ import annotations

from tests.terminal import on_a_terminal


def test_a_step_costs_two_cells_a_letter_its_own_and_rest_nothing() -> None:
    """Over a slow line a key must not repaint: 64 bytes at most for either, none when idle."""
    with on_a_terminal(["-m", "tests.widgets.pty_list"]) as terminal:
        terminal.until("user 0", "\x1b[?25h")
        terminal.read(0.4)
        steps = [len(terminal.type("\x1b[B")) for _ in range(4)]
        assert max(steps) <= 64
        terminal.type("\t")
        letters = [len(terminal.type(letter)) for letter in "search"]
        assert max(letters) <= 64
        assert terminal.read(1.0) == b""
