"""The peers' own environment: made once in a cache directory, by pip, when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = ("O365==2.1.10", "msgraph-sdk==1.65.0")


def peers_interpreter() -> Path | None:
    """Return an interpreter that has the peers, installed now if need be; None: not to be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = cache / "ttr-tui-benchmarks" / "peers"
    python, done = folder / "bin" / "python", folder / "installed"
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(PACKAGES):
        return python
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "-qq", *PACKAGES],
    )
    for step in steps:
        if subprocess.run(step, check=False, capture_output=True).returncode:
            return None
    done.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python
