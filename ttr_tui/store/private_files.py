"""Small files of ours alone that appear whole or not at all, and stay so through a power cut.

Everything is written elsewhere, flushed, and then given its name; the directory is flushed too.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from ttr_tui import errors
from ttr_tui.store.connect import PRIVATE_FILE, make_private_directory


def read_file(file: Path, most: int = -1) -> bytes | None:
    """Return what a file holds, at most `most` bytes of it; None when it is not there."""
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(file, error) from error


def make_directory_if_missing(directory: Path) -> None:
    """Create `directory` for us alone; leave the mode of one that is there."""
    if not directory.exists():
        make_private_directory(directory)


def place(file: Path, content: bytes) -> None:
    """Write `file` (0600) unless it is there; another process's file is then the one that counts.

    Raises StoreError.
    """
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        try:
            write_new(draft, content)
            try:
                os.link(draft, file)
            except FileExistsError:
                return
        finally:
            draft.unlink(missing_ok=True)
        flush_directory(file.parent)
    except OSError as error:
        raise unusable(file, error) from error


def write_new(file: Path, content: bytes) -> None:
    """Write a file (0600) that must not be there, and flush it. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def flush(file: Path) -> None:
    """Return when what `file` holds is on the disk. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_directory(directory: Path) -> None:
    """Return when the names in `directory` are on the disk. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def take_name(draft: Path, file: Path) -> None:
    """Give `draft` the name of `file`, in place of what had it, durably. Raises OSError."""
    draft.replace(file)
    flush_directory(file.parent)


def erase(file: Path) -> None:
    """Write zeros over a small secret file, as far as the file system lets, and unlink it.

    What a link leads to, and what has a second name, is not ours to write over: the name goes.
    """
    with suppress(OSError):
        with suppress(OSError):
            overwrite(file)
        file.unlink()
        flush_directory(file.parent)


def overwrite(file: Path) -> None:
    """Write zeros over a file that has no other name. Raises OSError, for a link too."""
    descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "wb", buffering=0) as stream:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            stream.write(bytes(found.st_size))
            os.fsync(descriptor)


def unlink_database(path: Path) -> None:
    """Unlink a database with its log and index, as far as they are there. Raises StoreError."""
    try:
        # The database last: by its name what is left of the others is found.
        for suffix in ("-wal", "-shm", ""):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        flush_directory(path.parent)
    except OSError as error:
        raise errors.StoreError(
            f"{path} cannot be removed: {error.strerror or error}.",
            cure="Check that its directory belongs to the user who runs ttr-tui.",
        ) from error


def unusable(file: Path, error: OSError) -> errors.StoreError:
    """Return the sentence for a file that the disk or its rights keep from us."""
    return errors.StoreError(
        f"{file} cannot be read or written: {error.strerror or error}.",
        cure="Check that it and its directory belong to the user who runs ttr-tui.",
    )
