"""Writing the settings' files: a new one never over another, a changed one whole or not at all.

What is written beside a file takes its place by one rename, so that whoever reads meanwhile, or a
crash, sees the former text or the new one. Owner, mode and further attributes stay.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from ttr_tui.errors import NotWritten
from ttr_tui.settings.env_file import LARGEST
from ttr_tui.settings.env_text import CannotEdit, changed, values

_BOM = b"\xef\xbb\xbf"
_PRIVATE = 0o600
_NO_FILE = "it is no file that could be changed"
_LEFT_OVER = 60.0
"""Seconds after which nobody is writing what lies beside a file any more."""


def write_new(path: Path, text: str) -> None:
    """Write a new file (0600) in a directory that is made (0700) when there is none.

    Raises NotWritten when there is a file of that name already, whatever it is, or none can be
    made; nothing is left then.
    """
    try:
        if not path.parent.exists():
            path.parent.mkdir(mode=0o700, parents=True)
    except (OSError, ValueError) as failure:
        raise _failed(path.parent, failure) from failure
    try:
        _write(path, text.encode(), _PRIVATE)
        _keep_name(path.parent)
    except FileExistsError:
        raise already_there(path) from None
    except (OSError, ValueError) as failure:
        raise _failed(path, failure) from failure


def already_there(path: Path) -> NotWritten:
    """Return the refusal to write over a file."""
    return NotWritten(
        f"{path} is there already.",
        means="It was not written over, and nothing was changed.",
        cure="Name another file with --env-file, or change this one by hand.",
    )


def change_values(
    path: Path, changes: Mapping[str, str | None], expected: Mapping[str, str]
) -> None:
    """Set values in an env file, or remove their lines where None; the rest stays, byte for byte.

    `expected` are values as they were read before: when one is another now, somebody changed the
    file meanwhile. Raises NotWritten; the file is as it was then.
    """

    def edit(before: bytes) -> bytes:
        bom = before[: len(_BOM)] if before.startswith(_BOM) else b""
        try:
            text = before[len(bom) :].decode()
            read = values(text)
            if any((read.get(name) or "").strip() != value for name, value in expected.items()):
                raise _moved(path)
            return bom + changed(text, changes).encode()
        except (CannotEdit, UnicodeDecodeError):
            raise NotWritten(
                f"{path} is written in a way that cannot be changed with certainty.",
                means="Nothing was changed.",
                cure=f"Change it by hand: {', '.join(changes)}.",
            ) from None

    _replace(path, edit)


def change_whole(path: Path, value: str, expected: str) -> None:
    """Put `value` alone into a file that held `expected`, keeping the line end behind it.

    Raises NotWritten; the file is as it was then.
    """

    def edit(before: bytes) -> bytes:
        former = before.removeprefix(_BOM).strip()
        if former != expected.encode():
            raise _moved(path)
        return before.replace(former, value.encode(), 1)

    _replace(path, edit)


def value_in(path: Path, name: str) -> str:
    """Return the value of `name` in an env file, or all of a file without a name; "" when none.

    Raises NotWritten when the file cannot be read.
    """
    try:
        content = _read(Path(os.path.realpath(path))).decode("utf-8-sig")
    except (OSError, ValueError) as failure:
        raise _failed(path, failure) from failure
    return ((values(content).get(name) or "") if name else content).strip()


def require_changeable(path: Path) -> None:
    """Raise NotWritten when the file at `path` cannot be replaced by a changed one of the same
    owner, as far as can be told without doing it.
    """
    real = Path(os.path.realpath(path))
    try:
        status = real.stat()
    except (OSError, ValueError) as failure:
        raise _failed(path, failure) from failure
    if not stat.S_ISREG(status.st_mode):
        raise _failed(path, OSError(0, _NO_FILE))
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise _failed(path, OSError(0, f"this user may not write into {real.parent}"))
    if os.geteuid() not in {0, status.st_uid}:
        raise _failed(path, OSError(0, "it belongs to another user"))


def _replace(path: Path, edit: Callable[[bytes], bytes]) -> None:
    """Let `edit` make the new content, and put it in the place of the old one.

    A symbolic link stays one: the file it leads to is replaced.
    """
    require_changeable(path)
    real = Path(os.path.realpath(path))
    beside = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
    try:
        _remove_left_over(real)
        status, before = real.stat(), _read(real)
        after = edit(before)
        try:
            _write(beside, after, _PRIVATE)
            _take_after(real, status, beside)
            if _read(real) != before or real.stat().st_ino != status.st_ino:
                raise _moved(path)
            beside.replace(real)
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()
        _keep_name(real.parent)
    except (OSError, ValueError) as failure:
        raise _failed(path, failure) from failure


def _remove_left_over(real: Path) -> None:
    """Remove what a killed program of ours left beside the file: it holds a secret."""
    ours = re.compile(rf"\.{re.escape(real.name)}\.[0-9a-f]{{8}}")
    for left in real.parent.iterdir():
        if ours.fullmatch(left.name) and time.time() - left.lstat().st_mtime > _LEFT_OVER:
            left.unlink()


def _read(path: Path) -> bytes:
    # A pipe nobody writes to would never be opened.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, _NO_FILE)
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(0, "it is too large for a file of settings")
    return content


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that is not there yet, and see it onto the disk; leave none when that fails."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            os.fchmod(descriptor, mode)
            opened.write(content)
            opened.flush()
            os.fsync(descriptor)
    except OSError:
        path.unlink()
        raise


def _take_after(real: Path, status: os.stat_result, beside: Path) -> None:
    """Give the file beside the other one's owner, mode and attributes (access lists are one)."""
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(beside, status.st_uid, status.st_gid)
    beside.chmod(stat.S_IMODE(status.st_mode))
    if not hasattr(os, "listxattr"):
        return
    for name in os.listxattr(real):
        # A label is the system's to give; an access list must not be lost in silence.
        with suppress(*((PermissionError,) if name.startswith("security.") else ())):
            os.setxattr(beside, name, os.getxattr(real, name))


def _keep_name(folder: Path) -> None:
    """See a new name in a directory onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _moved(path: Path) -> NotWritten:
    return NotWritten(
        f"{path} was changed by somebody else meanwhile.",
        means="Nothing was changed by this.",
        cure="Look at it, and try again.",
    )


def _failed(path: Path, failure: Exception) -> NotWritten:
    reason = getattr(failure, "strerror", "") or "its name cannot be used"
    return NotWritten(
        f"{path} cannot be written: {reason}.",
        means="Nothing was changed.",
        cure="Give this user the right to, or do it as a user who has it.",
    )
