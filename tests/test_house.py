"""The house keeps its sizes and its starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "ttr_tui").rglob("*.py"))
NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
TABLES = {"advice.py"}
"""Pure tables may be long."""


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """Everything that has a name or catches something, with its file."""
    return [
        (path, node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, NAMED | ast.ExceptHandler)
    ]


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@cache
def functions() -> list[tuple[str, int, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", body_lines(node), node)
        for path, node in nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_files_stay_under_300_lines() -> None:
    """A file has one responsibility; pure tables excepted."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if path.name not in TABLES
        and (count := len(path.read_text(encoding="utf-8").splitlines())) >= 300
    }
    assert long == {}


def test_function_bodies_stay_under_40_lines() -> None:
    """A function fits on a screen."""
    assert [where for where, lines, _ in functions() if lines >= 40] == []


def test_most_function_bodies_stay_under_25_lines() -> None:
    """Nineteen functions of twenty are short."""
    lengths = sorted(lines for _, lines, _ in functions())
    assert lengths[int(len(lengths) * 0.95)] < 25


def test_classes_stay_under_250_lines() -> None:
    """No god class."""
    big = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, node in nodes()
        if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= 250
    ]
    assert big == []


def test_no_function_takes_more_than_six_parameters() -> None:
    """Beside self and cls; errors carry Graph's own fields and are excepted in place."""
    many = []
    for where, _, node in functions():
        given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        arguments = [a.arg for a in given]
        if len([a for a in arguments if a not in {"self", "cls"}]) > 6:
            many.append(where)
    assert [where for where in many if "errors.py" not in where] == []


def test_nothing_catches_every_exception() -> None:
    """A bug is not an error: it crashes."""
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, node in nodes()
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in BROAD))
    ]
    assert broad == []


BROAD = {"Exception", "BaseException"}


HEAVY = ["aiohttp", "cryptography", "msal", "requests", "ttr_tui.sandbox"]
"""What no start waits for; the first frame waits for nothing but Textual."""


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("ttr_tui.flows.bulk_add", ["textual", "msal", "aiohttp.web"]),
        ("ttr_tui.flows.sign_in", ["textual", "msal", "aiohttp.web"]),
        ("ttr_tui.runtime", ["textual", "msal", "aiohttp.web"]),
        ("ttr_tui.cli.full_screen, ttr_tui.app", [*HEAVY, "click", "ttr_tui.model"]),
        ("ttr_tui.runtime, ttr_tui.screens.companies", HEAVY),
        ("ttr_tui.cli.root", [*HEAVY, "textual", "asyncio", "logging", "ttr_tui.model"]),
        ("ttr_tui.__main__", [*HEAVY, "textual", "click"]),
    ],
)
def test_importing_loads_nothing_heavy(module: str, unwanted: list[str]) -> None:
    """Flows load no Textual, and a start waits for no library it does not need yet."""
    code = f"import sys, {module}; print([m for m in {unwanted!r} if m in sys.modules])"
    found = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_the_layers_on_paper_are_the_layers_in_force() -> None:
    """docs/architecture.md draws what the import contracts check."""
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = contract.split("layers = [", 1)[1].split("]", 1)[0]
    in_force = [line.replace("ttr_tui.", "").strip(' ",') for line in block.splitlines()]
    paper = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = [line.strip() for line in paper.splitlines() if line.startswith("    ")]
    for layer in filter(None, in_force):
        assert any(line.split("  ")[0] == layer for line in drawn), layer
