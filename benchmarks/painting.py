"""Words typed into the search on a terminal: from each key to the painted list, and its count."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.figures import at_most
from benchmarks.frames import bare_frame
from benchmarks.offices import Office
from benchmarks.strokes import AT_ONCE, SOON, TRUE_COLOUR, Line, Stroke, bulk_add_on

WORDS = {
    "common": "anna",
    "rare": "lindqvist",
    "absent": "zzzqx",
    "several": "anna sales",
    "a filter": "department:sales",
}

UNANSWERED = 600.0
"""Seconds: while the directory is asked for, what is shown stays as it is."""


def run(bench: Bench, office: Office, users: int, counts_in: float | None) -> None:
    """Measure every key of some words; the copy of `office` holds `users` users."""
    bench.tenant.latency(UNANSWERED)
    painted: dict[str, list[Stroke]] = {}
    with bulk_add_on(office, TRUE_COLOUR, bench.sizes.pace) as line:
        for name, words in WORDS.items():
            painted[name] = _typed(line, words)
    bench.tenant.latency(0.0)
    frame = bare_frame(bench)
    for name, strokes in painted.items():
        what = f"{name} ({WORDS[name]!r}), {users:,} users"
        listed = [stroke.listed for stroke in strokes]
        bench.add(f"key to painted list, {what}", "ms", listed, frame, at_most(16))
        counted = [stroke.last for stroke in strokes]
        target = at_most(counts_in) if counts_in else None
        bench.add(f"key to its exact count, {what}", "ms", counted, frame, target)


def _typed(line: Line, words: str) -> list[Stroke]:
    line.press("/", SOON)
    strokes = line.press_each(words, SOON)
    line.press("\x1b", AT_ONCE)
    line.press("\x1b", SOON)
    return strokes
