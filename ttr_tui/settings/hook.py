"""The program that is told of changes of state."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ttr_tui.settings.names import HOOK
from ttr_tui.settings.permissions import mode_of
from ttr_tui.settings.reading import Reading


def read_hook(reading: Reading) -> Path | None:
    """Return the hook command, or `None` with the reason noted.

    Whoever may change it acts in this user's name, so it must be writable by its owner alone. One
    that cannot be run is a warning: what it would be told of goes on without it.
    """
    path = reading.path(HOOK)
    if path is None:
        return None
    mode = mode_of(path)
    if mode is None or not stat.S_ISREG(mode):
        cure = "Name a program, without arguments, or remove it."
        reading.warning(HOOK, "names no file, so nobody is told of changes", cure)
    elif not os.access(path, os.X_OK):
        problem = "names a file that cannot be run, so nobody is told of changes"
        reading.warning(HOOK, problem, "Make it executable: chmod u+x.")
    elif mode & (stat.S_IWGRP | stat.S_IWOTH):
        problem = "names a program that other users may change, so it is not run"
        reading.warning(HOOK, problem, "Take that right away: chmod go-w.")
    else:
        return path
    return None
