"""A backup as a file: `store.id`, which names its key, and `store.db`, encrypted under that key.

It is a plain tar archive of these two members, so that it can be taken apart without us. The key is
never in it, nor are copies of directories (caches), the log and the env file.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from ttr_tui import errors
from ttr_tui.store.connect import PRIVATE_FILE
from ttr_tui.store.private_files import flush, flush_directory, unusable
from ttr_tui.store.sidecar import (
    LONGEST_SIDECAR,
    SIDECAR_FILE,
    STORE_FILE,
    Sidecar,
    parse_sidecar,
)

LEFT_OVER_SECONDS = 86400

_MEMBERS = [SIDECAR_FILE, STORE_FILE]


def backup_path(wanted: Path | None, key_id: str, at: datetime) -> Path:
    """Return where a backup goes: a file, or a name of its own in a directory.

    Raises Refused for a file that is there already, and a directory that is not.
    """
    place = wanted or Path()
    if place.is_dir():
        place /= f"ttr-tui-{at.astimezone():%Y-%m-%d-%H%M}-{key_id}.backup"
    place = place.absolute()
    if os.path.lexists(place):
        raise errors.Refused(
            f"{place} is there already.",
            means="A backup is never written over.",
            cure="Name another file.",
        )
    if not place.parent.is_dir():
        raise errors.Refused(f"{place.parent} is no directory.", cure="Make it first.")
    return place


@contextmanager
def workplace(directory: Path | None = None, prefix: str = ".ttr-tui-") -> Iterator[Path]:
    """Give a new directory of ours alone, removed afterwards with all that is in it."""
    try:
        if directory is not None:
            _remove_left_over(directory, prefix)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=directory) as made:
            yield Path(made)
    except OSError as error:
        place = Path(error.filename or directory or tempfile.gettempdir())
        # Where no place could be made, it is the directory that is meant.
        raise unusable(place.parent if place.name.startswith(prefix) else place, error) from error


def _remove_left_over(directory: Path, prefix: str) -> None:
    """Remove what a killed process left there; what is younger than a day may be in use."""
    for left in directory.glob(f"{prefix}*"):
        if time.time() - left.stat().st_mtime > LEFT_OVER_SECONDS:
            shutil.rmtree(left)


def pack(database: Path, sidecar: Sidecar, file: Path) -> None:
    """Write the backup `file` (0600) from a database that nobody writes; never over another.

    It has its name when it is whole and on the disk. Raises StoreError.
    """
    named = database.with_name(SIDECAR_FILE)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        named.write_bytes(sidecar.written())
        with ExitStack() as undo:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            undo.callback(draft.unlink)
            with os.fdopen(descriptor, "wb") as stream, tarfile.open(None, "w", stream) as archive:
                for member, source in zip(_MEMBERS, (named, database), strict=True):
                    archive.add(source, member, filter=_without_owner)
            flush(draft)
            os.link(draft, file)
        flush_directory(file.parent)
    except OSError as error:
        raise unusable(file, error) from error


def unpack(file: Path, into: Path) -> Sidecar:
    """Put the backup's database into `into` as `store.db`; return its sidecar.

    Nothing else is ever written, whatever the file holds. Raises StoreBroken for what is no whole
    backup, StoreError for what cannot be read or written.
    """
    try:
        with file.open("rb") as stream, tarfile.open(None, "r:", stream) as archive:
            sidecar = _unpack(archive, into / STORE_FILE)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise no_backup(file) from error
    except OSError as error:
        raise unusable(Path(error.filename or file), error) from error
    if sidecar is None:
        raise no_backup(file)
    return sidecar


def _unpack(archive: tarfile.TarFile, target: Path) -> Sidecar | None:
    sidecar = None
    for expected in _MEMBERS:
        member = archive.next()
        # A sparse one says itself how large it becomes: a few bytes would fill the disk.
        plain = member is not None and member.isreg() and not member.issparse()
        content = archive.extractfile(member) if member and plain else None
        if member is None or content is None or member.name != expected:
            return None
        if expected == SIDECAR_FILE:
            sidecar = parse_sidecar(content.read(LONGEST_SIDECAR))
        else:
            _write(content, member.size, target)
    return sidecar if archive.next() is None else None


def _write(content: IO[bytes], size: int, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        shutil.copyfileobj(content, stream, 1 << 20)
        if stream.tell() != size:
            raise EOFError


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = PRIVATE_FILE
    return member


def no_backup(file: Path) -> errors.StoreBroken:
    """Return the sentence for a file that is no whole backup."""
    return errors.StoreBroken(
        f"{file} is no backup of ttr-tui, or it is damaged or cut short.",
        means="Nothing was changed.",
        cure="Take another one: ttr-tui backup verify FILE says which are whole.",
    )
