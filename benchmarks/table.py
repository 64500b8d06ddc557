"""Print a run's figures as tables: `python -m benchmarks.table results.json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

HEAD = ("figure", "median", "min-max", "beside", "ratio (min-max)", "target", "")


def lines(results: dict[str, Any]) -> Iterator[str]:
    """Yield a run as Markdown: the machine, a table for each group, what was left out."""
    machine = results["machine"]
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
        f"{machine['system']}, Python {machine['python']}, Textual {machine['textual']}; "
        f"{machine['measured']}, size: {results['sizes']}, load before: {machine['load']:.1f}."
    )
    for group, figures in groupby(results["figures"], key=lambda figure: figure["group"]):
        yield ""
        yield f"**{group}**"
        yield ""
        yield _row(HEAD)
        yield _row(["---"] * len(HEAD))
        for figure in figures:
            yield _row(_cells(figure))
    for words in results["left_out"]:
        yield ""
        yield f"Not measured: {words}."


def _row(cells: list[str] | tuple[str, ...]) -> str:
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


def main(path: str) -> None:
    """Print the table of one file of results."""
    results = json.loads(Path(path).read_text(encoding="utf-8"))
    sys.stdout.write("\n".join(lines(results)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
