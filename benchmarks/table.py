"""Print figures as Markdown: `python -m benchmarks.table [--targets | --short] RESULTS …`.

With `--targets` only figures that have one are printed, in one table. With `--short` each target
stands there once, with the question that fared worst, as the README shows it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

QUESTION = re.compile(r"(?P<what>.+?), (?P<asked>.+ \('.*'\)), (?P<users>[\d,]+ users)")
"""A figure of one of several questions."""

SHORT_HEAD = ("figure", "median", "beside", "ratio", "target", "")
HEAD = ("figure", "median", "min-max", "beside", "ratio (min-max)", "target", "")


def lines(results: dict[str, Any], *, targets: bool = False, short: bool = False) -> Iterator[str]:
    """Yield a run: the machine, a table for each group (or one of targets), what was left out."""
    machine = results["machine"]
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
        f"{machine['system']}, Python {machine['python']}, Textual {machine['textual']}; "
        f"{machine['measured']}, size: {results['sizes']}, load before: {machine['load']:.1f}."
    )
    if short:
        yield from ("", _row(SHORT_HEAD), _row(["---"] * len(SHORT_HEAD)))
        yield from map(_short_row, _worst(results["figures"]))
        return
    if targets:
        yield from _table(figure for figure in results["figures"] if figure["target"])
        return
    for group, figures in groupby(results["figures"], key=lambda figure: figure["group"]):
        yield f"\n**{group}**"
        yield from _table(figures)
    for words in results["left_out"]:
        yield f"\nNot measured: {words}."


def _worst(figures: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures with a target; of several questions, the one that fared worst."""
    worst: dict[tuple[str, str], dict[str, Any]] = {}
    for figure in figures:
        asked = QUESTION.fullmatch(figure["name"])
        name = f"{asked['what']}, {asked['users']}" if asked else figure["name"]
        key = name, figure["unit"]
        if figure["target"] and (key not in worst or worst[key]["median"] < figure["median"]):
            worst[key] = figure
    return list(worst.values())


def _short_row(figure: dict[str, Any]) -> str:
    name, median, _, beside, ratio, target, met = _cells(figure)
    return _row((name, median, beside, ratio.partition(" ")[0], target, met))


def _table(figures: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield _row(HEAD)
    yield _row(["---"] * len(HEAD))
    for figure in figures:
        yield _row(_cells(figure))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(figure: dict[str, Any]) -> list[str]:
    unit, values, target = figure["unit"], figure["values"], figure["target"]
    beside = ratio = wanted = ""
    if figure["beside"] is not None:
        beside = f"{amount(figure['beside_median'], unit)}: {figure['beside']['name']}"
    if figure["ratio"] is not None:
        low, high = min(figure["ratios"]), max(figure["ratios"])
        ratio = f"{figure['ratio']:.3g} ({low:.3g}-{high:.3g})"
    if target is not None:
        most = target["most"]
        wanted = f"at most {amount(most, unit) if target['of'] == 'value' else f'{most:g} times'}"
    met = {True: "met", False: "**missed**", None: ""}[figure["met"]]
    spread = f"{amount(min(values))}-{amount(max(values))}"
    return [figure["name"], amount(figure["median"], unit), spread, beside, ratio, wanted, met]


def amount(value: float, unit: str = "") -> str:
    """Return a number with its unit, as many digits as are known."""
    shown = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
    return f"{shown} {unit}".rstrip()


def main(words: Sequence[str]) -> None:
    """Print the tables of files of results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.table", description=__doc__)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--targets", action="store_true", help="only figures that have a target")
    only.add_argument("--short", action="store_true", help="each target once, at its worst")
    parser.add_argument("results", nargs="+", type=Path)
    asked = parser.parse_args(words)
    for path in asked.results:
        results = json.loads(path.read_text(encoding="utf-8"))
        sys.stdout.write("\n".join(lines(results, targets=asked.targets, short=asked.short)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
