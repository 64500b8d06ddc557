"""The program that is told of changes of state."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ttr_tui.settings.names import HOOK
from ttr_tui.settings.permissions import mode_of
from ttr_tui.settings.reading import Reading

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read_hook(reading: Reading) -> Path | None:
    """Return the hook command, or `None` with the reason noted.

    Whoever may change it, or put another one in its place, acts in this user's name, so it must be
    this user's or root's, and writable by its owner alone, and so must its directory. One that
    cannot be run is a warning: what it would be told of goes on without it.
    """
    path = reading.path(HOOK)
    if path is None:
        return None
    found = _status_of(path)
    if found is None or not stat.S_ISREG(found.st_mode):
        cure = "Name a program, without arguments, or remove it."
        reading.warning(HOOK, "names no file, so nobody is told of changes", cure)
    elif not os.access(path, os.X_OK):
        problem = "names a file that cannot be run, so nobody is told of changes"
        reading.warning(HOOK, problem, "Make it executable: chmod u+x.")
    elif found.st_mode & _OTHERS_WRITE:
        problem = "names a program that other users may change, so it is not run"
        reading.warning(HOOK, problem, "Take that right away: chmod go-w.")
    elif found.st_uid not in {0, os.geteuid()}:
        problem = f"names a program that belongs to another user (uid {found.st_uid}), so it is"
        reading.warning(HOOK, f"{problem} not run", "Make it yours or root's: chown.")
    elif any(map(_replaceable, (path, path.resolve()))):
        problem = "lies in a directory in which other users may replace it, so it is not run"
        reading.warning(HOOK, problem, "Take that right away: chmod go-w, of the directory.")
    else:
        return path
    return None


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _replaceable(path: Path) -> bool:
    """Tell whether others may give its name to another file; a sticky directory keeps theirs."""
    mode = mode_of(path.parent) or 0
    return bool(mode & _OTHERS_WRITE) and not mode & stat.S_ISVTX
