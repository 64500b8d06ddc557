"""Who holds a lease, and whether that process still lives.

Each open store holds a lock (flock(2)) on a file of its own in the data directory. The kernel lets
go of it when the process ends, however it ends, so that what a killed process held is free at once.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from pathlib import Path

from ttr_tui.store.connect import PRIVATE_FILE, told

_NAME = re.compile(r"[0-9a-f]{32}")


def somebody_lives(data_dir: Path) -> bool:
    """Tell whether any process has the store in `data_dir` open. Raises StoreError."""
    with told(data_dir):
        return any(_is_held(file) for file in data_dir.glob("owner-*"))


class Owners:
    """This process's name as an owner of leases, and the life of the others."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.name = secrets.token_hex(16)
        with told(data_dir):
            self._sweep()
            self._lock: int | None = self._hold()

    def live(self, name: str) -> bool:
        """Tell whether the process that calls itself `name` still has the store open.

        A name that is none of ours is taken to live: its lease runs out by the clock.
        """
        if not _NAME.fullmatch(name) or name == self.name:
            return True
        return _is_held(self._file(name))

    def leave(self) -> None:
        """Let go; whoever looks for this owner from now on finds it gone. May be called twice."""
        if self._lock is not None:
            self._file(self.name).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _hold(self) -> int:
        """Make our file; it gets its name when it is locked, so that nobody finds it free."""
        unnamed = self._data_dir / f"new-owner-{self.name}"
        descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unnamed.rename(self._file(self.name))
        return descriptor

    def _sweep(self) -> None:
        """Remove the files of owners that were killed."""
        for file in self._data_dir.glob("owner-*"):
            if not self.live(file.name.removeprefix("owner-")):
                file.unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._data_dir / f"owner-{name}"


def _is_held(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
