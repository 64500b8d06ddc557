"""The least a frame takes: what a Textual app of one line needs to draw a change of it."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.beside import one_line
from benchmarks.figures import Beside
from benchmarks.strokes import SOON, on_a_line


def bare_frame(bench: Bench) -> Beside:
    """Return the milliseconds from a key to the last byte of its frame, measured now."""
    with on_a_line(["-m", one_line.__name__], pace=bench.sizes.pace) as line:
        line.painted(one_line.MARK)
        line.settle(SOON)
        strokes = line.press_each(["x"] * bench.sizes.keys)
    return Beside("a frame of a Textual app of one line", [stroke.last for stroke in strokes])
