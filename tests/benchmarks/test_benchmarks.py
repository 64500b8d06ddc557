from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import table
from benchmarks.figures import Beside, Figure, at_most, percentile, ratio_at_most

GROUPS = ["search"]
"""One of them is enough to see that they are run and told; `make bench SIZE=tiny` runs all."""


def test_groups_measure_something(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Groups run at the smallest size; each figure is a number, and stands in the table."""
    file = tmp_path / "results.json"
    bench.main([*GROUPS, "--size", "tiny", "--out", str(file)])
    printed = capsys.readouterr().out
    results = json.loads(file.read_text(encoding="utf-8"))
    assert [*dict.fromkeys(figure["group"] for figure in results["figures"])] == GROUPS
    for figure in results["figures"]:
        assert min(figure["values"]) >= 0, figure["name"]
        assert f"| {figure['name']} |" in printed
    table.main([str(file)])
    assert capsys.readouterr().out == printed


def test_a_target_is_met_or_missed_by_medians() -> None:
    """One slow round misses nothing; without what stands beside it, a ratio is not judged."""
    floor = Beside("floor", [1.0, 2.0, 1.0], paired=True)
    figure = Figure("group", "name", "s", [1.0, 2.2, 9.0], floor, ratio_at_most(1.2))
    assert figure.ratios == [1.0, 1.1, 9.0]
    assert figure.met
    assert Figure("group", "name", "s", [1.0, 2.2, 9.0], None, at_most(2.0)).met is False
    assert Figure("group", "name", "s", [1.0], None, ratio_at_most(2.0)).met is None
    assert percentile(list(range(100)), 0.95) == 95
