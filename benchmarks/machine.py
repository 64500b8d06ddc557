"""The machine a run was measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("textual", "aiohttp", "sqlcipher3", "cryptography", "msal")


def description() -> dict[str, str | int | float]:
    """Return processor, memory, system and versions; no name of a host or a person."""
    return {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d %H:%MZ"),
        "processor": _line_of("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _line_of("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": os.getloadavg()[0],
        **{name: version(name) for name in LIBRARIES},
    }


def _line_of(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def cores_for_two() -> tuple[set[int], set[int]]:
    """Return the cores of what is measured and of what answers it: apart where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return (set(cores), set(cores)) if len(cores) < 2 else (set(cores[:-1]), {cores[-1]})


def resident(pid: int, name: str = "VmRSS") -> float:
    """Return a process's resident memory in MiB; `VmHWM` is the most it ever was."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def forget_peak(pid: int) -> None:
    """Let a process's `VmHWM` begin anew from what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process has used so far, all of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
