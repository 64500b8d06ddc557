"""What gives way when a row is too narrow."""

from __future__ import annotations

import pytest

from ttr_tui.screens.frame_parts import whole_clauses

SENTENCE = "reading 10,989 of 100,000, 3,828 a second, 23 s left"


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (60, SENTENCE),
        (51, "reading 10,989 of 100,000, 3,828 a second"),
        (30, "reading 10,989 of 100,000"),
        (10, ""),
    ],
)
def test_the_last_clauses_give_way_whole(room: int, expected: str) -> None:
    """A sentence is never cut inside a clause, and a number never at its comma."""
    assert whole_clauses(SENTENCE, room) == expected
