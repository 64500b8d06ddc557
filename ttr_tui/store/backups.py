"""Making a backup while the store is in use, and looking into one without touching the store."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui import errors
from ttr_tui.store.backup_file import no_backup, pack, unpack, workplace
from ttr_tui.store.connect import connect_raw, told
from ttr_tui.store.copying import copy_database
from ttr_tui.store.deletion import count_brought_back
from ttr_tui.store.home import Home
from ttr_tui.store.keys import StoreKey, unseal
from ttr_tui.store.migrations import store_migrations
from ttr_tui.store.sidecar import STORE_FILE, Sidecar

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

BACKUP_NOTE = "last backup"
"""The note (`Store.note`) that says when the last backup was made: an ISO time in UTC; none: never.

A backup holds it about itself, so that a restored store knows the backup it came from.
"""
BACKUP_FILE_NOTE = "last backup file"
"""The note that says where it lies: an absolute path, as it was when it was made."""

COUNTED = ("companies", "agents", "authentications", "attempts", "journal")


@dataclass(frozen=True, slots=True)
class BackupSeen:
    """What is in a backup that opens and is whole.

    `counts` are rows by table; `unreadable` keys of Company Masters and own sign-ins do not open;
    `deleted_since` rows would be deleted again on restoring.
    """

    file: Path
    key_id: str
    made_at: datetime | None
    version: int
    counts: dict[str, int]
    unreadable: int
    deleted_since: int


def write_backup(home: Home, file: Path, at: datetime) -> None:
    """Write a backup of the store at `home` to `file`, as of one moment, while others write.

    Everything is encrypted all along, in a directory of its own beside `file`. Raises what
    `Home.settled` raises, and StoreError.
    """
    notes = backup_notes(file, at)

    def note(raw: RawConnection) -> None:
        raw.executemany("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", notes)

    with workplace(file.parent) as work:
        copy = work / STORE_FILE
        with home.settled() as (path, key):
            raw_key = key.database_key()
            copy_database((path, raw_key), (copy, raw_key), note)
        pack(copy, Sidecar.of(key), file)


def backup_notes(file: Path, at: datetime) -> list[tuple[str, str]]:
    """Return the notes about a backup, by name."""
    return [(BACKUP_NOTE, at.isoformat()), (BACKUP_FILE_NOTE, str(file))]


def verify_backup(file: Path, key: StoreKey, destroyed: Collection[str] = ()) -> BackupSeen:
    """Open a backup with the key at hand, in a private temporary place; tell what is in it.

    `destroyed` are the ids beside the store key. The live store is not touched. Raises
    StoreKeyWrong (naming both ids) and StoreBroken.
    """
    with workplace() as work:
        return look_into(file, work, key, destroyed)


def look_into(file: Path, work: Path, key: StoreKey, destroyed: Collection[str]) -> BackupSeen:
    """Do as `verify_backup`, leaving the backup's database in `work`."""
    sidecar = unpack(file, work)
    if not sidecar.belongs_to(key):
        raise errors.StoreKeyWrong(
            f"The backup {file} belongs to key {sidecar.key_id}; the key at hand is {key.key_id}.",
            means="Nothing was opened or changed.",
            cure=f"Name the file that holds key {sidecar.key_id} in TTR_KEY_FILE, or take a backup "
            f"of key {key.key_id}.",
        )
    copy = work / STORE_FILE
    try:
        with told(copy), closing(connect_raw(copy, key.database_key())) as raw:
            return _look(raw, file, key, destroyed)
    except errors.StoreBroken as error:
        if error.__cause__ is None:
            raise
        raise no_backup(file) from error


def _look(raw: RawConnection, file: Path, key: StoreKey, destroyed: Collection[str]) -> BackupSeen:
    damaged = raw.execute("PRAGMA cipher_integrity_check").fetchall()
    if damaged or raw.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
        raise no_backup(file)
    version = int(raw.execute("PRAGMA user_version").fetchone()[0])
    known = len(store_migrations())
    if version > known:
        raise errors.StoreBroken(
            f"{file} was written by a newer ttr-tui: it has version {version}, this program knows "
            f"{known}.",
            means="Nothing was changed.",
            cure="Use the newer ttr-tui.",
        )
    tables = {row[0] for row in raw.execute("SELECT name FROM sqlite_master").fetchall()}
    if not tables.issuperset(COUNTED):
        raise no_backup(file)
    note = raw.execute("SELECT value FROM notes WHERE name = ?", (BACKUP_NOTE,)).fetchone()
    return BackupSeen(
        file=file,
        key_id=key.key_id,
        made_at=datetime.fromisoformat(note[0]) if note else None,
        version=version,
        counts={table: _count(raw, table) for table in COUNTED},
        unreadable=_unreadable_keys(raw, key),
        deleted_since=count_brought_back(raw, destroyed),
    )


def _count(raw: RawConnection, table: str) -> int:
    return int(raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - own words


def _unreadable_keys(raw: RawConnection, key: StoreKey) -> int:
    unreadable = 0
    for row in raw.execute("SELECT id, sealed FROM keys").fetchall():
        try:
            unseal(key.sealing_key(), ("keys", str(row["id"]), "sealed"), row["sealed"])
        except errors.RowUnreadable:
            unreadable += 1
    return unreadable
