"""The files around a store's key: the key itself, the sidecar naming it, the destroyed ids.

The key lies outside the data directory; `store.id` lies inside it and says which key the store
belongs to. Both appear whole or not at all: written elsewhere, flushed, then linked to their name.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from ttr_tui import errors
from ttr_tui.store.connect import PRIVATE_FILE, make_private_directory
from ttr_tui.store.keys import KEY_BYTES, StoreKey, new_key

STORE_FILE = "store.db"
SIDECAR_FILE = "store.id"
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
    sidecar = _read_sidecar(data_dir / SIDECAR_FILE)
    raw = _read_file(key_file, LONGEST_KEY)
    if raw is None:
        store_is_there = sidecar is not None or (data_dir / STORE_FILE).exists()
        if key_is_given or store_is_there:
            raise _missing(key_file, data_dir, sidecar["key_id"] if sidecar else "")
        raw = _make_key_file(key_file)
    key = StoreKey(_key_bytes(key_file, raw))
    if sidecar is not None:
        _check(key, key_file, data_dir, sidecar)
    elif not (data_dir / STORE_FILE).exists():
        write_sidecar(key, data_dir)
    return key


def write_sidecar(key: StoreKey, data_dir: Path) -> None:
    """Write `store.id` unless it is there: which key the store belongs to, and its check value."""
    text = json.dumps({"key_id": key.key_id, "check": key.check})
    _place(data_dir / SIDECAR_FILE, text.encode() + b"\n")


def append_destroyed(file: Path, ids: Iterable[str]) -> None:
    """Add ids of destroyed keys, one a line, and return when they are on the disk."""
    lines = "".join(f"{one}\n" for one in ids)
    if not lines:
        return
    try:
        _make_directory_if_missing(file.parent)
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
        _flush_directory(file.parent)
    except OSError as error:
        raise _unusable(file, error) from error


def read_destroyed(file: Path) -> frozenset[str]:
    """Return the ids of destroyed keys; a torn last line is no id. Raises StoreError."""
    raw = _read_file(file)
    if raw is None:
        return frozenset()
    lines = raw.decode("ascii", "replace").splitlines()
    return frozenset(line for line in lines if _DESTROYED_ID.fullmatch(line))


def _make_key_file(key_file: Path) -> bytes:
    try:
        _make_directory_if_missing(key_file.parent)
    except OSError as error:
        raise _unusable(key_file, error) from error
    _place(key_file, new_key().hex().encode() + b"\n")
    raw = _read_file(key_file)
    if raw is None:
        raise errors.StoreKeyMissing(f"The key file {key_file} vanished as it was made.")
    return raw


def _make_directory_if_missing(directory: Path) -> None:
    """Create `directory` for us alone; leave the mode of one that is there."""
    if not directory.exists():
        make_private_directory(directory)


def _place(file: Path, content: bytes) -> None:
    # The link fails if another process was first; its file is then the one that counts.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(draft, file)
            except FileExistsError:
                return
        finally:
            draft.unlink()
        _flush_directory(file.parent)
    except OSError as error:
        raise _unusable(file, error) from error


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_file(file: Path, most: int = -1) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file, error) from error


def _read_sidecar(file: Path) -> dict[str, str] | None:
    raw = _read_file(file)
    if raw is None:
        return None
    try:
        found = json.loads(raw)
        return {"key_id": str(found["key_id"]), "check": str(found["check"])}
    except (ValueError, KeyError, TypeError) as error:
        raise errors.StoreBroken(
            f"{file}, which names the store's key, cannot be understood.",
            means="Nothing was opened or changed.",
            cure="Restore it from the backup the store came from.",
        ) from error


def _key_bytes(key_file: Path, raw: bytes) -> bytes:
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


def _check(key: StoreKey, key_file: Path, data_dir: Path, sidecar: dict[str, str]) -> None:
    if hmac.compare_digest(key.check.encode(), sidecar["check"].encode()):
        return
    raise errors.StoreKeyWrong(
        f"The store in {data_dir} belongs to key {sidecar['key_id']}, but {key_file} holds key "
        f"{key.key_id}.",
        means="Nothing was opened or changed.",
        cure=f"Put key {sidecar['key_id']} there, or name the directory of this key's store.",
    )


def _missing(key_file: Path, data_dir: Path, key_id: str) -> errors.StoreKeyMissing:
    belongs = f" The store in {data_dir} belongs to key {key_id}." if key_id else ""
    return errors.StoreKeyMissing(
        f"The key file {key_file} does not exist.{belongs}",
        means="Nothing was created or changed.",
        cure="Restore the key file, or name it with TTR_KEY_FILE.",
    )


def _unusable(file: Path, error: OSError) -> errors.StoreError:
    return errors.StoreError(
        f"{file} cannot be read or written: {error.strerror or error}.",
        cure="Check that it and its directory belong to the user who runs ttr-tui.",
    )
