"""Measure: `python -m benchmarks`, all groups or some; results as JSON and as a table."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import sizes, table
from benchmarks.bench import Bench
from benchmarks.machine import description
from benchmarks.peering import peers_interpreter

GROUPS = {
    "polling": "benchmarks.polling",
    "search": "benchmarks.searching",
    "listing": "benchmarks.listing",
    "start-up": "benchmarks.start_up",
    "store": "benchmarks.stored",
    "callback": "benchmarks.callback",
    "commands": "benchmarks.commands",
}
"""Each subject's module; its `run` measures all of it."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--size", choices=sizes.ALL, default="whole")
    parser.add_argument("--rounds", type=int, help="of each figure, in place of the size's")
    parser.add_argument("--million", action="store_true", help="search a million users, too")
    parser.add_argument("--peers", action="store_true", help="measure other clients, from PyPI")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks.json"))
    found = parser.parse_args(words)
    for name in found.groups:
        if name not in GROUPS:
            parser.error(f"there is no group {name}")
    return found


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Measure the groups asked for; return the results as they are written."""
    machine = description()
    with tempfile.TemporaryDirectory(prefix="ttr-benchmarks-") as folder:
        size = sizes.ALL[asked.size]
        if asked.rounds:
            size = replace(size, rounds=asked.rounds, starts=asked.rounds)
        bench = Bench(size, Path(folder), asked.million)
        if asked.peers:
            bench.peers = peers_interpreter()
        try:
            for name in asked.groups or GROUPS:
                sys.stderr.write(f"{name}\n")
                bench.group = name
                importlib.import_module(GROUPS[name]).run(bench)
        finally:
            bench.close()
    return {
        "machine": machine,
        "sizes": asked.size,
        "figures": [figure.record() for figure in bench.figures],
        "left_out": bench.left_out,
    }


def main(words: Sequence[str]) -> None:
    """Measure, write the JSON, print the table."""
    asked = arguments(words)
    results = measure(asked)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(table.lines(results)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
