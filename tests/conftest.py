"""Fixtures every test may ask for."""

from __future__ import annotations

import compileall
import gc
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.tenant import administrator, sandbox
from ttr_tui.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.office import Office

# What one process compiled, the others read: half the time of a run is compiling where this is off.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

__all__ = ["administrator", "office", "sandbox"]


@pytest.fixture
async def office(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Office]:
    """The whole product on an empty folder, against the sandbox."""
    from tests.office import open_office  # noqa: PLC0415 - most tests need no whole product

    async with open_office(sandbox, tmp_path / "office") as opened:
        yield opened


def pytest_configure(config: pytest.Config) -> None:
    """Compile the product once, before each worker would do it for itself."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parent.parent / "ttr_tui", quiet=2, workers=0)


def pytest_collection_finish() -> None:
    """What every test finds there already is looked at by no collection of garbage any more."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for each core: most tests wait for sockets and screens."""
    return 3 * (os.cpu_count() or 1)
