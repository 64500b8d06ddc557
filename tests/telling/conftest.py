"""A store in which things change, and a program that writes down what it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.store.premises import Connected, Premises, connect
from ttr_tui.store import Store


@dataclass(frozen=True)
class Hook:
    """A shell script, made at run time, and what it was told."""

    path: Path

    @property
    def heard(self) -> Path:
        return self.path.with_suffix(".heard")

    @property
    def runs(self) -> list[list[dict[str, Any]]]:
        """The changes of each run."""
        if not self.heard.exists():
            return []
        lines = self.heard.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["changes"] for line in lines]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [change for run in self.runs for change in run]

    def does(self, *lines: str) -> None:
        """Make it do that; `$heard` is its file."""
        script = "\n".join(("#!/bin/sh", f"heard='{self.heard}'", *lines, ""))
        self.path.write_text(script, encoding="utf-8")
        self.path.chmod(0o700)


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    """A hook that appends what it is told to a file."""
    made = Hook(tmp_path / "hook")
    made.does('cat >> "$heard"')
    return made


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    return Premises(tmp_path / "store")


@pytest.fixture
async def store(premises: Premises) -> AsyncIterator[Store]:
    premises.folder.mkdir()
    async with premises.opened() as opened:
        yield opened


@pytest.fixture
async def connected(store: Store) -> Connected:
    """A company in which things change from now on."""
    made = await connect(store, "Contoso\x1b[2J Ltd")
    async with store.transaction() as tx:
        await tx.execute("DELETE FROM changes")
    return made
