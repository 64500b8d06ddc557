"""The tree of authentications at size, on a terminal: opened, paged, searched, asked to go."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figures import at_most
from benchmarks.frames import bare_frame
from benchmarks.offices import Office
from benchmarks.strokes import AT_ONCE, PAGE_DOWN, SOON, TRUE_COLOUR, Line, app_on

WORD = "schmidt"


def run(bench: Bench, many: Office) -> None:
    """Measure from each key to what it painted, in an app just started for each round."""
    opened, pages, letters, asked = [], [], [], []
    agents = f"{bench.sizes.users:,} agents"
    for _ in range(bench.sizes.rounds):
        with app_on(bench.copy_of(many, "opening"), TRUE_COLOUR, bench.sizes.pace) as line:
            opened.append(line.press_until("3", f"{bench.sizes.users:,} children") * 1000)
            line.settle(SOON)
            pages += _strokes(line, [PAGE_DOWN] * bench.sizes.keys, AT_ONCE)
            line.press("/", SOON)
            letters += _strokes(line, list(WORD), SOON)
            line.press_each(["\x1b", "\x1b", "a"], SOON)
            asked.append(line.press_until("d", "What goes") * 1000)
    beside = bare_frame(bench)
    bench.add(f"authentications opened, {agents}", "ms", opened, beside, at_most(500))
    bench.add(f"a page of the tree, {agents}", "ms", pages, beside)
    bench.add(f"a letter of a search in the tree, {agents}", "ms", letters, beside)
    bench.add(f"asked to delete all of {agents}", "ms", asked, beside)


def _strokes(line: Line, keys: list[str], quiet: float) -> list[float]:
    return [stroke.last for stroke in line.press_each(keys, quiet)]
