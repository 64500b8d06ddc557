"""Moving the store to another key, while other processes read and write it.

The store is copied to a new file under the new key, and `store.id`, which names file and key, is
replaced. Under the lock that every opening takes, and with the old file's write lock held:

    1  key written     the new key lies beside the key file, as `.NAME.next`
    2  copied          the new file holds everything; what the old key sealed is sealed anew
    3  announced       what is to become `store.id` lies beside it
    4  switched        renamed over `store.id`: from here on the new file is the store
    5  key installed   the old key is overwritten, `.NAME.next` renamed over it
    6  cleared         the old file is unlinked

Every step is on the disk before the next begins. A process that dies

- before 4 leaves the old store, whole, with its key. Who opens it next finds that `.NAME.next` is
  not its key and erases it, and unlinks every file that `store.id` does not name;
- after 4 leaves the new store. Who opens it next finds that `.NAME.next` is its key, finishes 5
  (or reads the key from there, where it may not rename it), and 6 by the same rule.

Nobody writes to the file that is no longer the store: whoever gets its write lock looks, with the
lock in hand, whether `store.id` was replaced, and then begins anew in the file it names
(`Database.transaction`). Before each read it looks too.

A key that this account cannot replace (a systemd credential, a read-only mount) is the operator's
to make and to install: 1 and 5 are left out. What runs then stops, saying why, until it has it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui import errors
from ttr_tui.model import JournalEntry
from ttr_tui.store.connect import connect_raw, told
from ttr_tui.store.copying import copy_database
from ttr_tui.store.home import Home
from ttr_tui.store.journal import insert_entry
from ttr_tui.store.key_file import LONGEST_KEY, key_bytes, written_key
from ttr_tui.store.key_users import others_with
from ttr_tui.store.keys import StoreKey, new_key, seal, unseal
from ttr_tui.store.private_files import (
    erase,
    overwrite,
    read_file,
    take_name,
    unlink_database,
    write_new,
)
from ttr_tui.store.sidecar import (
    Sidecar,
    announce,
    new_file_name,
    read_sidecar,
    sweep,
    switch,
)

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

KEY_SINCE_NOTE = "store key since"
"""The note that says since when the store has its present key: an ISO time; none: from the first.
"""

SEALED = (
    ("keys", "id", "sealed"),
    ("attempts", "id", "code_sealed"),
    ("authorization_requests", "id", "flow_sealed"),
    ("kept_sign_ins", "attempt_id", "sealed"),
    ("kept_keys", "name", "sealed"),
)
"""Everything that is sealed under the store key itself: table, the column that names a row, column.

What hangs below a root authentication is sealed under that one's key, and moves as it is.
"""


class Step(StrEnum):
    """What is done, and on the disk."""

    KEY_WRITTEN = "key written"
    COPIED = "copied"
    ANNOUNCED = "announced"
    SWITCHED = "switched"
    KEY_INSTALLED = "key installed"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Rotated:
    """From which key the store moved to which; the entry that tells of it.

    `installed` is False where the operator has to put the new key in place. `unreadable` rows did
    not open before, and do not now.
    """

    former_id: str
    key_id: str
    key_file: Path
    installed: bool
    unreadable: int
    entry: JournalEntry


def read_new_key(file: Path) -> StoreKey:
    """Return the key an operator made; raise Refused when there is none, or others can read it."""
    raw = read_file(file, LONGEST_KEY)
    if raw is None:
        raise errors.Refused(f"{file} does not exist.", cure="Make it: openssl rand -hex 32.")
    found = file.stat()
    # A credential of systemd is root's, and what its group's bits say is an access list for us.
    others = 0o077 if found.st_uid == os.geteuid() else 0o007
    if stat.S_IMODE(found.st_mode) & others:
        raise errors.Refused(
            f"{file} can be read by others than its owner.", cure=f"chmod 600 {file}"
        )
    return StoreKey(key_bytes(file, raw))


class Rotation:
    """One move of the store at `home`; `new` is a key the operator made."""

    def __init__(self, home: Home, entry: JournalEntry, new: StoreKey | None = None) -> None:
        self._home = home
        self._entry = entry
        self._given = new is not None
        self._new = new or StoreKey(new_key())
        self.rotated: Rotated | None = None

    def run(self) -> Rotated:
        """Move the store; raise Refused, StoreKeyMissing, StoreKeyWrong, StoreBroken, StoreError.

        On an error nothing has moved.
        """
        for _ in self.steps():
            pass
        if self.rotated is None:
            raise RuntimeError("a rotation ended before its end")
        return self.rotated

    def steps(self) -> Generator[Step, None, None]:
        """Move the store, one step for each item."""
        with self._home.settled() as (path, old), ExitStack() as undo, told(path):
            if self._new.check == old.check:
                raise errors.Refused(
                    f"The store has key {old.key_id} already.", cure="Make another one."
                )
            self._require_alone_with(old)
            undo.callback(self._take_back, path)
            installed = self._write_key()
            yield Step.KEY_WRITTEN
            writer = undo.enter_context(closing(connect_raw(path, old.database_key())))
            writer.execute("BEGIN IMMEDIATE")
            file = self._home.data_dir / new_file_name(self._new)
            unreadable = self._copy(path, old, file)
            yield Step.COPIED
            announce(self._home.data_dir, Sidecar.of(self._new, file.name))
            yield Step.ANNOUNCED
            switch(self._home.data_dir)
            undo.pop_all()
            with closing(writer):
                yield Step.SWITCHED
                if installed:
                    self._install_key()
                yield Step.KEY_INSTALLED
            unlink_database(path)
            key_file = self._home.key_file
            self.rotated = Rotated(
                old.key_id, self._new.key_id, key_file, installed, unreadable, self._entry
            )
            yield Step.CLEARED

    def _require_alone_with(self, old: StoreKey) -> None:
        """Refuse while another store has its key in the same file: nothing would open that one."""
        others = others_with(old, self._home.key_file, self._home.data_dir)
        if others:
            raise errors.Refused(
                f"The store in {others[0]} has its key in {self._home.key_file}, too.",
                means="The key is not kept, and nothing would open that store any more. Nothing "
                "was changed.",
                cure="Copy the key to a file of its own, name that with TTR_KEY_FILE for one of "
                "the two stores, and rotate then.",
            )

    def _draft_key(self) -> None:
        draft = self._home.next_key_file()
        draft.unlink(missing_ok=True)
        write_new(draft, written_key(self._new))
        owner = self._home.key_file.stat()
        draft.chmod(stat.S_IMODE(owner.st_mode) & 0o600 | 0o400)
        if os.geteuid() == 0:
            os.chown(draft, owner.st_uid, owner.st_gid)

    def _write_key(self) -> bool:
        """Write the new key beside the present one; return whether we may replace that one."""
        try:
            self._draft_key()
        except OSError as error:
            if self._given:
                return False
            raise errors.Refused(
                f"{self._home.key_file} cannot be replaced: {error.strerror or error}.",
                means="The key is a credential of the service, or its directory is read-only. "
                "Nothing was changed.",
                cure="Make a key yourself and give it with --new-key FILE (docs/backup.md).",
            ) from error
        return True

    def _copy(self, path: Path, old: StoreKey, file: Path) -> int:
        def change(raw: RawConnection) -> int:
            unreadable = _seal_anew(raw, old, self._new)
            raw.execute(
                "INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)",
                (KEY_SINCE_NOTE, self._entry.at.isoformat()),
            )
            detail = f"{old.key_id} -> {self._new.key_id}"
            self._entry = insert_entry(raw, _with_detail(self._entry, detail))
            return unreadable

        source, target = (path, old.database_key()), (file, self._new.database_key())
        return copy_database(source, target, change)

    def _install_key(self) -> None:
        present = self._home.key_file.resolve()
        if read_file(self._home.next_key_file(), LONGEST_KEY) != written_key(self._new):
            # Somebody took it away meanwhile, and the present one opens nothing any more.
            self._draft_key()
        with suppress(OSError):
            # As far as the file system lets: what opened the old copies is not left on this disk.
            present.chmod(0o600)
            overwrite(present)
        take_name(self._home.next_key_file(), present)

    def _take_back(self, path: Path) -> None:
        sidecar = None
        with suppress(errors.StoreError):
            sidecar = read_sidecar(self._home.data_dir)
        if sidecar is not None and sidecar.belongs_to(self._new):
            # Renamed, and only then refused by the disk: who opens it next goes on from there.
            return
        with suppress(OSError, errors.StoreError):
            sweep(self._home.data_dir, path)
        erase(self._home.next_key_file())


def _with_detail(entry: JournalEntry, detail: str) -> JournalEntry:
    return replace(entry, detail=detail)


def _seal_anew(raw: RawConnection, old: StoreKey, new: StoreKey) -> int:
    """Seal what `old` sealed under `new`; return how many values did not open, and stay so."""
    unreadable = 0
    for table, name, column in SEALED:
        rows = raw.execute(
            f"SELECT {name} AS name, {column} AS sealed FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - own words
        ).fetchall()
        renewed = []
        for row in rows:
            place = (table, str(row["name"]), column)
            try:
                plain = unseal(old.sealing_key(), place, row["sealed"])
            except errors.RowUnreadable:
                unreadable += 1
                continue
            renewed.append((seal(new.sealing_key(), place, plain), row["name"]))
        raw.executemany(f"UPDATE {table} SET {column} = ? WHERE {name} = ?", renewed)  # noqa: S608 - as above
    return unreadable
