"""The files around a store's key: the key itself, and the list of destroyed ids beside it.

The key lies outside the data directory; `store.id` inside it says which key the store belongs to.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Iterable
from pathlib import Path

from ttr_tui import errors
from ttr_tui.store.connect import PRIVATE_FILE
from ttr_tui.store.keys import KEY_BYTES, StoreKey, new_key
from ttr_tui.store.private_files import (
    flush_directory,
    make_directory_if_missing,
    place,
    read_file,
    unusable,
)
from ttr_tui.store.sidecar import Sidecar, read_sidecar, store_files, write_sidecar

LONGEST_KEY = 4096
"""Bytes read of a key file; more is no key, and a device has no end."""
_DESTROYED_ID = re.compile(r"[0-9a-f]{32}")


def load_store_key(key_file: Path, key_is_given: bool, data_dir: Path) -> StoreKey:
    """Return the key of the store in `data_dir`; make one only at the very first run.

    Args:
        key_file: the key: 64 hexadecimal digits, base64, or 32 raw bytes.
        key_is_given: the operator named the file (or systemd did): it is never created.
        data_dir: an existing directory; gets `store.id` when it has neither that nor a store.

    Raises StoreKeyMissing or StoreKeyWrong (naming both ids), StoreBroken for a sidecar that cannot
    be read, StoreError for files that cannot be; creates nothing then.
    """
    sidecar = read_sidecar(data_dir)
    if not key_is_given and sidecar is None and not store_files(data_dir):
        _make_key_file(key_file)
    key = read_store_key(key_file, data_dir, sidecar)
    if sidecar is None and not store_files(data_dir):
        write_sidecar(key, data_dir)
    return key


def read_store_key(key_file: Path, data_dir: Path, sidecar: Sidecar | None) -> StoreKey:
    """Return the key in `key_file`, which must be that of `sidecar` if there is one; makes nothing.

    Raises StoreKeyMissing, StoreKeyWrong (naming both ids) and StoreError.
    """
    raw = read_file(key_file, LONGEST_KEY)
    if raw is None:
        raise _missing(key_file, data_dir, sidecar.key_id if sidecar else "")
    key = StoreKey(key_bytes(key_file, raw))
    if sidecar is not None and not sidecar.belongs_to(key):
        raise errors.StoreKeyWrong(
            f"The store in {data_dir} belongs to key {sidecar.key_id}, but {key_file} holds key "
            f"{key.key_id}.",
            means="Nothing was opened or changed.",
            cure=f"Put key {sidecar.key_id} there, or name the directory of this key's store.",
        )
    return key


def append_destroyed(file: Path, ids: Iterable[str]) -> None:
    """Add ids of destroyed keys, one a line, and return when they are on the disk."""
    lines = "".join(f"{one}\n" for one in ids)
    if not lines:
        return
    try:
        make_directory_if_missing(file.parent)
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
        with os.fdopen(descriptor, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:
                stream.seek(size - 1)
                # A line torn by a power cut must not swallow the first id that follows it.
                lines = lines if stream.read(1) == b"\n" else "\n" + lines
            stream.write(lines.encode())
            stream.flush()
            os.fsync(stream.fileno())
        flush_directory(file.parent)
    except OSError as error:
        raise unusable(file, error) from error


def read_destroyed(file: Path) -> frozenset[str]:
    """Return the ids of destroyed keys; a torn last line is no id. Raises StoreError."""
    raw = read_file(file)
    if raw is None:
        return frozenset()
    lines = raw.decode("ascii", "replace").splitlines()
    return frozenset(line for line in lines if _DESTROYED_ID.fullmatch(line))


def _make_key_file(key_file: Path) -> None:
    try:
        make_directory_if_missing(key_file.parent)
    except OSError as error:
        raise unusable(key_file, error) from error
    if not key_file.exists():
        place(key_file, written_key(StoreKey(new_key())))


def written_key(key: StoreKey) -> bytes:
    """Return a key as it lies in a file we make."""
    return key.raw.hex().encode() + b"\n"


def key_bytes(key_file: Path, raw: bytes) -> bytes:
    """Return the key that a file holds, in any of the forms people make; raise StoreKeyWrong."""
    if len(raw) == KEY_BYTES:
        return raw
    text = raw.strip()
    try:
        key = (
            bytes.fromhex(text.decode()) if len(text) == 64 else base64.b64decode(text, None, True)
        )
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise errors.StoreKeyWrong(
            f"{key_file} holds no store key: neither 64 hexadecimal digits nor base64 of 32 bytes.",
            means="Nothing was opened or changed.",
            cure="Put the store's key there.",
        )
    return key


def _missing(key_file: Path, data_dir: Path, key_id: str) -> errors.StoreKeyMissing:
    belongs = f" The store in {data_dir} belongs to key {key_id}." if key_id else ""
    return errors.StoreKeyMissing(
        f"The key file {key_file} does not exist.{belongs}",
        means="Nothing was created or changed.",
        cure="Restore the key file, or name it with TTR_KEY_FILE.",
    )
