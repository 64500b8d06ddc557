"""Where the store lies at present and which key opens it; both may change while it is open.

The sidecar `store.id` names the file, and replacing it is the one moment in which a store moves
(`rotation`). Whoever opens a store first ends what a broken-off move left: see `rotation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui import errors
from ttr_tui.store.connect import Opened, alone, connect_both_alone, told
from ttr_tui.store.key_file import LONGEST_KEY, key_bytes, load_store_key, read_store_key
from ttr_tui.store.key_users import note_use
from ttr_tui.store.keys import LOOKUP_PLACE, HeldKey, StoreKey, seal
from ttr_tui.store.migrations import store_migrations
from ttr_tui.store.private_files import erase, flush_directory, read_file, take_name
from ttr_tui.store.sidecar import (
    SIDECAR_FILE,
    STORE_FILE,
    Sidecar,
    read_sidecar,
    stamp,
    store_files,
    sweep,
    write_sidecar,
)

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection


class Home:
    """A data directory with the key file that belongs to it. `held` is the key as of now.

    `made`: the store was made when it was opened here.
    """

    def __init__(self, data_dir: Path, key_file: Path, *, key_is_given: bool) -> None:
        self.data_dir = data_dir
        self.key_file = key_file
        self.key_is_given = key_is_given
        self.held = HeldKey()
        self.made = False
        self._stamp = stamp(data_dir)

    def moved(self) -> bool:
        """Tell whether the store was moved since it was opened here; costs microseconds."""
        present = stamp(self.data_dir)
        return present is not None and present != self._stamp

    def connect(self) -> Opened:
        """Open the store where it lies, at the very first run making it and its key.

        What a broken-off move left is finished or discarded first. Raises StoreKeyMissing and
        StoreKeyWrong (creating nothing), StoreBroken and StoreError.
        """
        with told(self.data_dir), alone(self.data_dir), ExitStack() as undo:
            anew = read_sidecar(self.data_dir) is None and not store_files(self.data_dir)
            key = self._key_to_open_with()
            path = self._path()
            try:
                opened = connect_both_alone(path, key.database_key(), store_migrations())
            except errors.StoreBroken as error:
                raise self._without_sidecar(key, error) from error
            undo.callback(opened.writer.close)
            undo.callback(opened.reader.close)
            lookup_sealed = _lookup_sealed(opened.writer, key)
            write_sidecar(key, self.data_dir, path.name)
            if len(store_files(self.data_dir)) > 1:
                # A move broke off behind its switch. Before anything is written here, a power cut
                # must not bring back what was there before.
                flush_directory(self.data_dir)
            with suppress(OSError, errors.StoreError):
                sweep(self.data_dir, path)
            note_use(self.key_file, self.data_dir)
            found = stamp(self.data_dir)
            undo.pop_all()

        def adopt() -> None:
            self.held.take(key, lookup_sealed)
            self.made = anew
            self._stamp = found

        return opened._replace(adopt=adopt)

    @contextmanager
    def settled(self) -> Iterator[tuple[Path, StoreKey]]:
        """Give the store's file and its key, while nobody else opens or moves it; make nothing.

        Raises Refused where no store is, StoreKeyMissing, StoreKeyWrong, StoreBroken, StoreError.
        """
        if not self.data_dir.is_dir():
            raise _no_store(self.data_dir)
        with told(self.data_dir), alone(self.data_dir):
            key_file = self._settled_key_file()
            sidecar = read_sidecar(self.data_dir)
            if sidecar is None and not store_files(self.data_dir):
                raise _no_store(self.data_dir)
            key = read_store_key(key_file, self.data_dir, sidecar)
            yield self._path(), key

    def key_at_hand(self) -> StoreKey:
        """Return the key in the key file, whoever's store lies here; the caller holds the lock.

        Raises StoreKeyMissing, StoreKeyWrong for what is no key, StoreError.
        """
        key_file = self.key_file
        with suppress(errors.StoreBroken):
            key_file = self._settled_key_file()
        return read_store_key(key_file, self.data_dir, None)

    def next_key_file(self) -> Path:
        """Return where a new key lies until the store has moved to it: a name of ours alone.

        Whatever has it may be erased, so it is none that an operator gives a key of theirs.
        """
        file = self.key_file.resolve()
        return file.with_name(f".{file.name}.next")

    def _key_to_open_with(self) -> StoreKey:
        key_file = self._settled_key_file()
        if self._stamp is None or not self.held.taken:
            return load_store_key(key_file, self.key_is_given, self.data_dir)
        sidecar = read_sidecar(self.data_dir)
        try:
            return read_store_key(key_file, self.data_dir, sidecar)
        except (errors.StoreKeyWrong, errors.StoreKeyMissing) as error:
            moved_to = f" to key {sidecar.key_id}" if sidecar else ""
            raise errors.StoreKeyWrong(
                f"The store was moved{moved_to} while this program ran, from key "
                f"{self.held.present.key_id}. {error.happened}",
                means="Nothing is read or written any more; what was stored is there.",
                cure="Put the new key in place and start again. A service gets a credential anew "
                "when it is started.",
            ) from error

    def _settled_key_file(self) -> Path:
        """Finish or discard a new key that lies beside the present one; return the one to read."""
        draft = self.next_key_file()
        sidecar = read_sidecar(self.data_dir)
        raw = None
        with suppress(errors.StoreError):
            # One that cannot be read is none of ours.
            raw = read_file(draft, LONGEST_KEY)
        if raw is None or sidecar is None:
            return self.key_file
        if _is_key_of(sidecar, draft, raw):
            try:
                take_name(draft, self.key_file.resolve())
            except OSError:
                # It opens the store from where it lies; whoever may rename it will.
                return draft
        elif _is_key_of(sidecar, self.key_file, read_file(self.key_file, LONGEST_KEY) or b""):
            erase(draft)
        return self.key_file

    def _path(self) -> Path:
        sidecar = read_sidecar(self.data_dir)
        if sidecar is None:
            return self._path_without_sidecar()
        path = self.data_dir / sidecar.file
        if sidecar.file != STORE_FILE and not path.exists():
            raise errors.StoreBroken(
                f"{path}, which {SIDECAR_FILE} names as the store, is not there.",
                means="Nothing was opened or changed.",
                cure="Restore it from a backup: ttr-tui restore FILE --replace.",
            )
        return path

    def _path_without_sidecar(self) -> Path:
        files = store_files(self.data_dir)
        if len(files) > 1:
            raise errors.StoreBroken(
                f"{SIDECAR_FILE}, which says which of the {len(files)} files in {self.data_dir} is "
                "the store, is missing.",
                means="Nothing was opened or changed.",
                cure="Restore it from a backup: ttr-tui restore FILE --replace.",
            )
        return files[0] if files else self.data_dir / STORE_FILE

    def _without_sidecar(self, key: StoreKey, error: errors.StoreBroken) -> errors.StoreBroken:
        """Return `error`; without the sidecar only the opening itself proves the key."""
        if (self.data_dir / SIDECAR_FILE).exists():
            return error
        return errors.StoreBroken(
            f"{error.happened} {SIDECAR_FILE}, which says whose it is, is missing; the key at hand "
            f"is {key.key_id}.",
            means="Nothing was changed.",
            cure=f"Restore {SIDECAR_FILE} and the key from the backup the store came from.",
        )


def _is_key_of(sidecar: Sidecar, file: Path, raw: bytes) -> bool:
    try:
        return sidecar.belongs_to(StoreKey(key_bytes(file, raw)))
    except errors.StoreKeyWrong:
        return False


def _lookup_sealed(raw: RawConnection, key: StoreKey) -> bytes:
    """Return the store's look-up key, sealed; a store gets its own with its first key."""
    query = "SELECT sealed FROM kept_keys WHERE name = ?"
    row = raw.execute(query, (LOOKUP_PLACE[1],)).fetchone()
    if row is None:
        raw.execute(
            "INSERT INTO kept_keys (name, sealed) VALUES (?, ?)",
            (LOOKUP_PLACE[1], seal(key.sealing_key(), LOOKUP_PLACE, key.lookup_key())),
        )
        row = raw.execute(query, (LOOKUP_PLACE[1],)).fetchone()
    return bytes(row["sealed"])


def _no_store(data_dir: Path) -> errors.Refused:
    return errors.Refused(
        f"There is no store in {data_dir}.",
        means="Nothing was changed.",
        cure="Name the right directory with TTR_DATA_DIR, or restore a backup.",
    )
