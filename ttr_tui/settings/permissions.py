"""Who else on this server may read or write a file that has to stay ours."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import Literal

from ttr_tui.settings.fault import FILE, Closes, Fault
from ttr_tui.settings.reading import Reading

Group = Literal["fault", "warning", "ignored"]


def check_private(
    reading: Reading, name: str, path: Path, *, closes: Closes, group: Group = "warning"
) -> None:
    """Note when others may read or write `path`, or write its directory.

    `group` says what reading by the file's group is. `name` is the setting that names the file,
    "" for the env file itself. A file that is not there has nothing to check but its directory; a
    pipe or device has nothing at all.
    """
    check = _Check(reading, name, path, closes)
    found = _status_of(path)
    if found is not None and not stat.S_ISREG(found.st_mode):
        return
    if found is not None:
        check.file(found.st_mode, group)
        if group != "ignored":
            check.owner(found.st_uid)
    folder = mode_of(path.parent)
    if folder is not None:
        check.folder(folder)


def mode_of(path: Path) -> int | None:
    """Return the file mode of what `path` names, or `None` when it cannot be told."""
    found = _status_of(path)
    return found.st_mode if found is not None else None


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


class _Check:
    def __init__(self, reading: Reading, name: str, path: Path, closes: Closes) -> None:
        self.reading, self.name, self.path, self.closes = reading, name, path, closes

    def file(self, mode: int, group: Group) -> None:
        shown = f"mode {stat.S_IMODE(mode):04o}"
        mend = f"chmod 600 {shlex.quote(str(self.path))}"
        if mode & stat.S_IWOTH:
            self._note("fault", f"can be changed by every user of this server ({shown})", mend)
        elif mode & stat.S_IROTH:
            self._note("fault", f"can be read by every user of this server ({shown})", mend)
        elif mode & (stat.S_IRGRP | stat.S_IWGRP) and group != "ignored":
            done = "changed" if mode & stat.S_IWGRP else "read"
            self._note(group, f"can be {done} by its group ({shown})", mend)

    def owner(self, uid: int) -> None:
        """Whoever owns a file can change it, whatever its mode; root could anyway.

        A warning: behind `sudo` and in containers it is the same person.
        """
        if uid not in {0, os.geteuid()}:
            problem = f"belongs to another user of this server (uid {uid})"
            self._note("warning", problem, f"chown {os.geteuid()} {shlex.quote(str(self.path))}")

    def folder(self, mode: int) -> None:
        """A sticky directory (as /tmp) lets nobody replace another user's file.

        A group's leave is a warning: many systems give each user a group of their own.
        """
        if mode & stat.S_ISVTX or not mode & (stat.S_IWOTH | stat.S_IWGRP):
            return
        everybody = bool(mode & stat.S_IWOTH)
        who = "every user of this server" if everybody else "its group"
        shown = f"mode {stat.S_IMODE(mode):04o}"
        problem = f"lies in a directory in which {who} may replace it ({shown})"
        mend = f"chmod go-w {shlex.quote(str(self.path.parent))}"
        self._note("fault" if everybody else "warning", problem, mend)

    def _note(self, severity: Literal["fault", "warning"], problem: str, mend: str) -> None:
        closes: Closes = self.closes if severity == "fault" else "nothing"
        said = problem if not self.name else f"the file of {self.name} {problem}"
        self.reading.faults.append(
            Fault(severity, FILE, "", said, "Run:", str(self.path), mend, closes)
        )
