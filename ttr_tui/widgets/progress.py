"""The progress bar, one line that moves only when a number does."""

from __future__ import annotations

from ttr_tui.widgets.lines import Line

BAR_WIDTH = 71
"""Cells between the brackets at 80 columns, so that the percentage ends in column 79."""


def percent(done: int, total: int) -> int:
    """Return whole per cent; 100 only when all is done, also for nothing to do."""
    if done >= total:
        return 100
    return done * 100 // total


def bar(done: int, total: int, width: int = BAR_WIDTH) -> Line:
    """Return ` [||||    ]  62 %` with `width` cells between the brackets."""
    share = percent(done, total)
    filled = width * share // 100
    return f" [{'|' * filled}{' ' * (width - filled)}] {share:3d} %"
