"""How one SQLCipher connection is made: private files, pragmas, migrations; and its errors told.

Everything here runs in the thread of the connection it makes. The order of the pragmas matters:
`cipher_log_level` before `key` (else a wrong key is written to the terminal), the page size before
the first read (facts: 16 KiB pages halve the time of bulk inserts).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sqlcipher3.dbapi2 as sqlcipher

from ttr_tui import errors
from ttr_tui.text import fold

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

BUSY_SECONDS = 10
PAGE_BYTES = 16384
CACHE_KIB = 16384
PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700

_FULL = 13
_BUSY = {5, 6}
_DISK = {8, 10, 14}
_DAMAGED = {11, 26}


def make_private_directory(directory: Path) -> None:
    """Create `directory` and its parents where they lack; take group's and others' rights away."""
    directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    if directory.stat().st_mode & 0o077:
        directory.chmod(PRIVATE_DIRECTORY)


class Opened(NamedTuple):
    """The two connections to an open database; `adopt` is called when they come into use."""

    path: Path
    writer: RawConnection
    reader: RawConnection
    adopt: Callable[[], None]


def connect_both(
    path: Path, key: bytes, migrations: Sequence[str], *, shrinks: bool = False
) -> Opened:
    """Connect for writing, creating and migrating the file, and for reading.

    A file that is created so that it `shrinks` can give room that is free back to the disk.
    One process at a time: two that create or migrate one file would meet in the middle. Raises
    StoreBroken and StoreError.
    """
    with told(path), alone(path.parent):
        return connect_both_alone(path, key, migrations, shrinks=shrinks)


def connect_both_alone(
    path: Path, key: bytes, migrations: Sequence[str], *, shrinks: bool = False
) -> Opened:
    """Do as `connect_both` for a caller that holds the directory's lock already."""
    with told(path), ExitStack() as undo:
        writer = connect_writer(path, key, migrations, shrinks=shrinks)
        undo.callback(writer.close)
        reader = connect_reader(path, key)
        undo.pop_all()
    return Opened(path, writer, reader, lambda: None)


def connect_writer(
    path: Path, key: bytes, migrations: Sequence[str], *, shrinks: bool = False
) -> RawConnection:
    """Connect for writing, creating the file (0600) if there is none, and apply `migrations`."""
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE))
    elif path.stat().st_mode & 0o077:
        path.chmod(PRIVATE_FILE)
    with ExitStack() as undo:
        raw = connect_raw(path, key)
        undo.callback(raw.close)
        if shrinks:
            # Written with the first page, or never.
            raw.execute("PRAGMA auto_vacuum = INCREMENTAL")
        raw.execute("PRAGMA journal_mode = WAL").fetchall()
        raw.create_function("folded_text", 1, fold, deterministic=True)
        _migrate(raw, path, migrations)
        undo.pop_all()
    return raw


def connect_reader(path: Path, key: bytes) -> RawConnection:
    """Connect to an existing database for reading only."""
    raw = connect_raw(path, key)
    raw.execute("PRAGMA query_only = ON")
    return raw


def connect_raw(path: Path, key: bytes) -> RawConnection:
    """Connect with our pragmas, whatever the database holds; nothing is begun."""
    if len(key) != 32:
        raise ValueError("a database key has 32 bytes")
    raw: RawConnection = sqlcipher.connect(
        str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    with ExitStack() as undo:
        undo.callback(raw.close)
        raw.row_factory = sqlcipher.Row
        raw.execute("PRAGMA cipher_log_level = NONE").fetchall()
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"").fetchall()
        raw.execute(f"PRAGMA cipher_page_size = {PAGE_BYTES}").fetchall()
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA secure_delete = ON").fetchall()
        raw.execute("PRAGMA temp_store = MEMORY")
        raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        raw.execute("SELECT count(*) FROM sqlite_master").fetchall()
        undo.pop_all()
    return raw


def _migrate(raw: RawConnection, path: Path, migrations: Sequence[str]) -> None:
    found = int(raw.execute("PRAGMA user_version").fetchone()[0])
    if found > len(migrations):
        raise errors.StoreBroken(
            f"{path} was written by a newer ttr-tui: it has version {found}, this program knows "
            f"{len(migrations)}.",
            means="Nothing was changed.",
            cure="Run the newer ttr-tui on it.",
        )
    for number in range(found + 1, len(migrations) + 1):
        with ExitStack() as undo:
            raw.execute("BEGIN IMMEDIATE")
            undo.callback(raw.rollback)
            for statement in _statements(migrations[number - 1]):
                raw.execute(statement)
            raw.execute(f"PRAGMA user_version = {number}")
            raw.execute("COMMIT")
            undo.pop_all()


def _statements(script: str) -> Iterator[str]:
    # `executescript` would commit the open transaction; a statement ends at a line's end.
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlcipher.complete_statement(part):
            yield part
            part = ""
    if part.strip():
        yield part


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Be the only one of our processes and threads that opens or moves what lies in `directory`."""
    # A lock on the directory itself leaves no lock file behind and dies with its process.
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLCipher's and the disk's errors into sentences; a faulty statement stays a crash."""
    try:
        yield
    except sqlcipher.Error as error:
        sentence = _sentence(path, error)
        if sentence is None:
            raise
        raise sentence from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _sentence(path: Path, error: sqlcipher.Error) -> errors.StoreError | None:
    code = int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _BUSY:
        return errors.StoreError(
            f"The store is busy: another program of ours has been writing for more than "
            f"{BUSY_SECONDS} s.",
            means="Nothing was stored.",
            cure="Try again in a moment.",
        )
    if code == _FULL:
        return errors.StoreError(
            f"The disk that holds {path} is full.",
            means="Nothing was stored.",
            cure="Make room on it, then try again.",
        )
    if code in _DAMAGED:
        return errors.StoreBroken(
            f"{path} is damaged, or was made with another key.",
            means="Nothing was changed.",
            cure="Restore it from a backup, together with the key that belongs to it.",
        )
    if code in _DISK:
        return _unusable(path, str(error))
    if isinstance(error, sqlcipher.IntegrityError):
        return errors.Conflict(f"What was to be stored contradicts what is stored: {error}.")
    return None


def _unusable(path: Path, reason: str) -> errors.StoreError:
    return errors.StoreError(
        f"{path} cannot be read or written: {reason}.",
        means="Nothing was stored.",
        cure="Check the disk, and that its directory belongs to the user who runs ttr-tui.",
    )
