"""The list of users on a terminal line: bytes and milliseconds for each kind of key."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.bench import Bench
from benchmarks.beside import table
from benchmarks.figures import Beside, at_most
from benchmarks.frames import bare_frame
from benchmarks.strokes import (
    A_LINE_OR_TWO,
    AT_ONCE,
    DOWN,
    END,
    HOME,
    PAGE_DOWN,
    SIXTEEN_COLOURS,
    SOON,
    TRUE_COLOUR,
    Line,
    Stroke,
    bulk_add_on,
    on_a_line,
)

LETTERS = "schmidt"


def run(bench: Bench) -> None:
    """Measure the list at 80x24, beside what comes with Textual."""
    frame = bare_frame(bench)
    theirs = _table(bench)
    for colours, called, step in (
        (TRUE_COLOUR, "true colour", 120.0),
        (SIXTEEN_COLOURS, "16 colours", 70.0),
    ):
        with bulk_add_on(bench.filled, colours, bench.sizes.pace) as line:
            _keys(bench, line, (called, step), frame, theirs)
            if colours is TRUE_COLOUR:
                _typed(bench, line, theirs)
                large = line.memory
            _idle(bench, line, called)
    _memory(bench, large)


def _table(bench: Bench) -> dict[str, list[float]]:
    """Return the bytes that Textual's own table and field write, by what was pressed."""
    with on_a_line(["-m", table.__name__, "1000"], pace=bench.sizes.pace) as line:
        line.painted(table.MARK)
        line.settle(SOON)
        pages = _sizes(line.press_each([PAGE_DOWN] * bench.sizes.keys))
        line.press(HOME, SOON)
        steps = _sizes(line.press_each([DOWN] * min(bench.sizes.keys, 12)))
        line.press("\t", SOON)
        letters = _sizes(line.press_each(LETTERS, SOON))
        return {"step": steps, "page": pages, "letter": letters}


def _keys(
    bench: Bench,
    line: Line,
    colours: tuple[str, float],
    frame: Beside,
    theirs: dict[str, list[float]],
) -> None:
    """Measure the keys that move; `colours` is their name and the most bytes for a step."""
    called, step_bytes = colours
    strokes = line.press_each([DOWN] * (bench.sizes.keys + 15))
    steps = [one for one in strokes if one.size <= A_LINE_OR_TWO] or strokes
    edges = [one for one in strokes if one.size > A_LINE_OR_TWO]
    pages = line.press_each([PAGE_DOWN] * bench.sizes.keys)
    ends = line.press_each([END, HOME] * (bench.sizes.keys // 2 + 1), 2 * AT_ONCE)
    table_step = Beside("Textual's DataTable", theirs["step"])
    table_page = Beside("Textual's DataTable", theirs["page"])
    measured: list[tuple[str, list[Stroke], Beside, float, float]] = [
        ("a cursor step", steps, table_step, step_bytes, 3.0),
        ("a page", pages, table_page, 3200.0, 10.0),
        ("end, home", ends, table_page, 3200.0, 15.0),
        ("a step at the edge", edges, table_page, 3200.0, 10.0),
    ]
    for name, found, peer, most_bytes, most_ms in measured:
        if not found:
            bench.leave_out(f"{name}, {called}", "no step moved the list")
            continue
        sized = at_most(most_bytes) if name != "end, home" else None
        timed = at_most(most_ms) if name != "a step at the edge" else None
        bench.add(f"{name}, {called}", "bytes", _sizes(found), peer, sized)
        bench.add(f"{name}, {called}", "ms", [one.last for one in found], frame, timed)


def _typed(bench: Bench, line: Line, theirs: dict[str, list[float]]) -> None:
    line.press(HOME, SOON)
    line.press("/", SOON)
    strokes = line.press_each(LETTERS, SOON)
    field = Beside("Textual's Input", theirs["letter"])
    itself = [float(one.frame) for one in strokes]
    bench.add("a typed letter, the field itself", "bytes", itself, field, at_most(120))
    bench.add("the same with the list it changes", "bytes", _sizes(strokes), field)
    painted = [one.last for one in strokes]
    bench.add(
        "a typed letter to its list, painted with its count",
        "ms",
        painted,
        bare_frame(bench),
        at_most(16),
    )
    line.press_each(["\x1b", "\x1b"], SOON)


def _idle(bench: Bench, line: Line, called: str) -> None:
    line.settle()
    # What a start leaves for later, such as keeping sign-ins alive, is done by then.
    line.read_for(2 * bench.sizes.seconds)
    before, cpu = line.written, line.cpu
    line.read_for(bench.sizes.seconds)
    written = float(line.written - before)
    share = (line.cpu - cpu) / bench.sizes.seconds * 100
    seconds = f"{bench.sizes.seconds:g} s idle, {called}"
    bench.add(seconds, "bytes", [written], target=at_most(0))
    bench.add(seconds, "% of a core", [share], target=at_most(1))


def _memory(bench: Bench, large: float) -> None:
    tenant = bench.start_tenant(20)
    small = bench.connect(tenant, "small")
    with bulk_add_on(small, TRUE_COLOUR, bench.sizes.pace) as line:
        bare = line.memory
    users = f"{bench.sizes.users:,} users, searched and paged"
    note = "more than with 20 users on the same screen"
    bench.add(f"memory, {users}", "MiB", [large - bare], target=at_most(40), note=note)


def _sizes(strokes: Sequence[Stroke]) -> list[float]:
    return [float(stroke.size) for stroke in strokes]
