"""What a monitoring system waits for: the wall time of whole commands."""

from __future__ import annotations

import os
from functools import partial

from benchmarks.bench import Bench, in_turn
from benchmarks.figures import Beside
from benchmarks.start_up import milliseconds


def run(bench: Bench) -> None:
    """Measure `check`, which asks Microsoft, and `forecast`, which asks nobody."""
    bench.tenant.latency(0.0)
    environ = {**os.environ, **bench.copy_of(bench.connected, "commands").environ}
    took = in_turn(
        bench.sizes.rounds,
        {
            "bare": partial(milliseconds, ["-c", "pass"]),
            "check": partial(milliseconds, ["-m", "ttr_tui", "check"], environ),
            "forecast": partial(milliseconds, ["-m", "ttr_tui", "forecast"], environ),
        },
    )
    for name in ("check", "forecast"):
        bench.add(
            f"ttr-tui {name}", "ms", took[name], Beside("python -c pass", took["bare"], paired=True)
        )
