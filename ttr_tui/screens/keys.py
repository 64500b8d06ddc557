"""The keys that work here, as row 24 shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ttr_tui.widgets.lines import BOLD, Line, Span, both_ends, cells, join

HELP = (Span("?", BOLD), " help ")


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key and what it does here; where room is short, those with the highest `rank` go first."""

    key: str
    words: str
    rank: int = 0

    def line(self) -> Line:
        """Return the hint as drawn: the key bold, its words behind it."""
        return (Span(self.key, BOLD), f" {self.words}")


def key_row(hints: Sequence[KeyHint], width: int, *, help_too: bool = True) -> Line:
    """Return row 24: as many hints as fit `width` cells, `? help` at the right end.

    Of hints with the same rank the last one goes first.
    """
    end: Line = HELP if help_too else ""
    room = width - 1 - cells(end) - (2 if help_too else 0)
    kept = list(hints)
    gap = 3 if _width(kept, 3) <= room else 2
    while kept and _width(kept, gap) > room:
        worst = max(range(len(kept)), key=lambda index: (kept[index].rank, index))
        del kept[worst]
    parts: list[Line] = []
    for index, hint in enumerate(kept):
        parts.extend((" " * gap if index else " ", hint.line()))
    return both_ends(join(*parts), end, width)


def _width(hints: Sequence[KeyHint], gap: int) -> int:
    return sum(cells(hint.line()) for hint in hints) + gap * (len(hints) - 1)
