"""Which stores have their key in one key file: whoever replaces the file would shut the others.

Beside the key, `NAME.stores` lists the data directories that were opened with it: one a line, in
JSON. What it says is looked up in each store's own `store.id`: a line alone proves nothing.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from ttr_tui import errors
from ttr_tui.store.connect import PRIVATE_FILE
from ttr_tui.store.keys import StoreKey
from ttr_tui.store.private_files import read_file
from ttr_tui.store.sidecar import read_sidecar

_LONGEST = 256 * 1024


def note_use(key_file: Path, data_dir: Path) -> None:
    """Write down, once, that the store in `data_dir` has its key in `key_file`.

    Where that cannot be written the key cannot be replaced from here either.
    """
    store = str(data_dir.resolve())
    with suppress(OSError, errors.StoreError):
        if store in _listed(key_file):
            return
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(_list_of(key_file), flags, PRIVATE_FILE), "w") as stream:
            stream.write(f"{json.dumps(store)}\n")


def others_with(key: StoreKey, key_file: Path, data_dir: Path) -> list[Path]:
    """Return where other stores lie that have `key`, and have it in `key_file`."""
    here = data_dir.resolve()
    try:
        stores = [Path(store) for store in _listed(key_file)]
    except errors.StoreError:
        return []
    return [store for store in stores if store != here and _has(store, key)]


def _has(data_dir: Path, key: StoreKey) -> bool:
    try:
        sidecar = read_sidecar(data_dir)
    except errors.StoreError:
        return False
    return sidecar is not None and sidecar.belongs_to(key)


def _list_of(key_file: Path) -> Path:
    file = key_file.resolve()
    return file.with_name(f"{file.name}.stores")


def _listed(key_file: Path) -> list[str]:
    raw = read_file(_list_of(key_file), _LONGEST) or b""
    stores: dict[str, None] = {}
    for line in raw.splitlines():
        with suppress(ValueError, RecursionError):
            store = json.loads(line)
            if isinstance(store, str) and store.startswith("/") and "\0" not in store:
                stores[store] = None
    return list(stores)
