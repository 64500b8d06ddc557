"""How soon the first frame is painted, and how soon the shortest commands answer."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

from benchmarks.bench import Bench, in_turn
from benchmarks.beside import one_line
from benchmarks.figures import Beside, ratio_at_most
from benchmarks.strokes import on_a_line

PARSING = "import argparse; argparse.ArgumentParser().parse_args([])"


def run(bench: Bench) -> None:
    """Measure the start of the full screen on a filled store, and of `--help` and `--version`."""
    _first_frame(bench)
    _commands(bench)


def _first_frame(bench: Bench) -> None:
    office = bench.copy_of(bench.filled, "started")
    took = in_turn(
        bench.sizes.starts,
        {
            "bare": partial(_painted, ["-m", one_line.__name__], {}, [one_line.MARK]),
            "ours": partial(
                _painted, ["-m", "ttr_tui"], office.environ, ["[0 Companies]", office.domain]
            ),
        },
    )
    bare = Beside("a Textual app of one line", [one[0] for one in took["bare"]], paired=True)
    users = f"{bench.sizes.users:,} users in the store"
    bench.add(
        f"first painted frame, {users}", "ms", [one[0] for one in took["ours"]], bare,
        ratio_at_most(1.2),
    )  # fmt: skip
    bench.add("the companies in it", "ms", [one[1] for one in took["ours"]], bare)


def _painted(words: Sequence[str], environ: Mapping[str, str], marks: Sequence[str]) -> list[float]:
    """Return the milliseconds from the start of a program until each mark was painted."""
    began = time.perf_counter()
    with on_a_line(words, environ) as line:
        return [(line.painted(mark) - began) * 1000 for mark in marks]


def _commands(bench: Bench) -> None:
    took = in_turn(
        bench.sizes.starts,
        {
            "bare": partial(milliseconds, ["-c", PARSING]),
            "--help": partial(milliseconds, ["-m", "ttr_tui", "--help"]),
            "--version": partial(milliseconds, ["-m", "ttr_tui", "--version"]),
        },
    )
    for words in ("--help", "--version"):
        bare = Beside("python with argparse alone", took["bare"], paired=True)
        bench.add(f"ttr-tui {words}", "ms", took[words], bare, ratio_at_most(2))


def milliseconds(words: Sequence[str], environ: Mapping[str, str] | None = None) -> float:
    """Return how long a whole Python process took."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=False, env=environ)
    return (time.perf_counter() - began) * 1000
