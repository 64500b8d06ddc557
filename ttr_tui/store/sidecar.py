"""`store.id`, beside the database: whose key opens the store, and which file it is in at present.

The store moves from one file to another by replacing this one: what it names is the store, and all
else of that kind is a leftover. Without a `file` it is `store.db`.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from ttr_tui import errors
from ttr_tui.store.keys import StoreKey
from ttr_tui.store.private_files import place, read_file, take_name, unlink_database, write_new

STORE_FILE = "store.db"
SIDECAR_FILE = "store.id"
LONGEST_SIDECAR = 4096
"""Bytes read of a sidecar; ours has a few hundred."""

UNPACKED = ".restoring-"
"""How directories begin in which a backup is unpacked; one that is left over is of no use."""

_NEXT = SIDECAR_FILE + ".next"
_FILE = re.compile(r"store(-[0-9a-f]{16}-[0-9a-f]{8})?\.db")

Stamp = tuple[int, int]
"""By which a replaced sidecar is known: number of the file, and when it was written."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Key id and check value of the store's key, and the name of the store's file."""

    key_id: str
    check: str
    file: str = STORE_FILE

    @classmethod
    def of(cls, key: StoreKey, file: str = STORE_FILE) -> Sidecar:
        """Return the sidecar of a store under `key` in `file`."""
        return cls(key.key_id, key.check, file)

    def belongs_to(self, key: StoreKey) -> bool:
        """Tell whether `key` is the store's."""
        return hmac.compare_digest(key.check.encode(), self.check.encode())

    def written(self) -> bytes:
        """Return it as it lies in its file; the key cannot be found from it."""
        fields = {"key_id": self.key_id, "check": self.check}
        if self.file != STORE_FILE:
            fields["file"] = self.file
        return json.dumps(fields).encode() + b"\n"


def read_sidecar(data_dir: Path) -> Sidecar | None:
    """Return the sidecar of the store in `data_dir`; None without one. Raises StoreBroken."""
    file = data_dir / SIDECAR_FILE
    raw = read_file(file, LONGEST_SIDECAR)
    found = None if raw is None else parse_sidecar(raw)
    if raw is not None and found is None:
        raise errors.StoreBroken(
            f"{file}, which names the store's key, cannot be understood.",
            means="Nothing was opened or changed.",
            cure="Restore it from the backup the store came from.",
        )
    return found


def parse_sidecar(raw: bytes) -> Sidecar | None:
    """Return what a sidecar says; None when it is none."""
    try:
        found = json.loads(raw)
        sidecar = Sidecar(
            str(found["key_id"]), str(found["check"]), str(found.get("file", STORE_FILE))
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    plain = sidecar.key_id.isascii() and sidecar.check.isascii()
    return sidecar if plain and _FILE.fullmatch(sidecar.file) else None


def write_sidecar(key: StoreKey, data_dir: Path, file: str = STORE_FILE) -> None:
    """Write the sidecar unless it is there."""
    place(data_dir / SIDECAR_FILE, Sidecar.of(key, file).written())


def announce(data_dir: Path, sidecar: Sidecar) -> None:
    """Write down beside the sidecar what is to take its place. Raises OSError."""
    draft = data_dir / _NEXT
    draft.unlink(missing_ok=True)
    write_new(draft, sidecar.written())


def switch(data_dir: Path) -> None:
    """Let what was announced take the sidecar's place: from here on it is the store's.

    The one moment in which a store moves; durable on return. Raises OSError.
    """
    take_name(data_dir / _NEXT, data_dir / SIDECAR_FILE)


def stamp(data_dir: Path) -> Stamp | None:
    """Return by which a replaced sidecar is known; None without one."""
    try:
        found = (data_dir / SIDECAR_FILE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def new_file_name(key: StoreKey) -> str:
    """Return a name for a store's file that no file has had."""
    return f"store-{key.key_id}-{secrets.token_hex(4)}.db"


def store_files(data_dir: Path) -> list[Path]:
    """Return the databases in `data_dir` that are, were or were to become the store."""
    return [file for file in data_dir.glob("store*.db") if _FILE.fullmatch(file.name)]


def sweep(data_dir: Path, present: Path) -> None:
    """Unlink what a broken-off move left beside the `present` store: nobody else may be moving."""
    (data_dir / _NEXT).unlink(missing_ok=True)
    discard_unpacked(data_dir)
    for file in store_files(data_dir):
        if file != present:
            unlink_database(file)


def discard_unpacked(data_dir: Path) -> None:
    """Remove what a broken-off restoring unpacked: nobody else may be restoring."""
    for left in data_dir.glob(f"{UNPACKED}*"):
        shutil.rmtree(left)
