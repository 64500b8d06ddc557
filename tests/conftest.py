"""Fixtures every test may ask for."""

from __future__ import annotations

import compileall
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
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

# Reading the system's own certificates takes longer than most tests, in every process that speaks
# https; nothing here is signed by them.
os.environ["SSL_CERT_FILE"] = os.environ["SSL_CERT_DIR"] = os.devnull

# Thousands of small stores are written through to the disk, each several times, and thrown away.
IN_MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108 - pytest makes a folder of this user's own there
if "TMPDIR" not in os.environ and IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

TESTS = Path(__file__).parent

__all__ = ["administrator", "office", "sandbox"]


@pytest.fixture
async def office(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[Office]:
    """The whole product on an empty folder, against the sandbox."""
    from tests.office import open_office  # noqa: PLC0415 - most tests need no whole product

    async with open_office(sandbox, tmp_path / "office") as opened:
        yield opened


def pytest_configure(config: pytest.Config) -> None:
    """On a fresh clone, compile everything once, before each worker would do it for itself."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(TESTS.parent / "ttr_tui", quiet=2, workers=0)
        import_in_processes([name for name in test_modules() if not compiled(name)])


def test_modules() -> list[str]:
    """Return the names of all modules with tests."""
    return [
        ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
        for path in sorted(TESTS.rglob("test_*.py"))
    ]


def compiled(name: str) -> bool:
    """Tell whether pytest has compiled a module, with its assertions rewritten."""
    path = TESTS.parent.joinpath(*name.split("."))
    return any((path.parent / "__pycache__").glob(f"{path.name}.*-pytest-*"))


def import_in_processes(names: Sequence[str]) -> None:
    """Import modules in a process for each core; whatever fails there fails again where it is told.

    What imports them here is what pytest rewrites assertions with, and keeps the result.
    """
    processes, cores = [], os.cpu_count() or 1
    for number in range(min(cores, len(names))):
        process = os.fork()
        if process == 0:
            try:
                for name in names[number::cores]:
                    import_module(name)
            finally:
                os._exit(0)
        processes.append(process)
    for process in processes:
        os.waitpid(process, 0)


def pytest_collection_finish() -> None:
    """What every test finds there already is looked at by no collection of garbage any more."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for each core: most tests wait for sockets and screens."""
    return 3 * (os.cpu_count() or 1)
