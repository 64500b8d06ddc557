"""A copy of a whole database as of one moment, encrypted all along, while others go on writing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ttr_tui.store.connect import PRIVATE_FILE, connect_raw, connect_reader, told
from ttr_tui.store.private_files import flush

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

T = TypeVar("T")


def copy_database(
    source: tuple[Path, bytes], target: tuple[Path, bytes], change: Callable[[RawConnection], T]
) -> T:
    """Copy a database (its file and raw key) to a new file under a key; return what `change` does.

    `change` is applied to the copy in one transaction. SQLite's backup reads one snapshot, page by
    page: what others commit meanwhile is not in it. On return the copy is one file, on the disk.
    Raises StoreError and StoreBroken.
    """
    path, key = target
    with told(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
        with closing(connect_reader(*source)) as reader, closing(connect_raw(path, key)) as writer:
            reader.backup(writer)
            changed = change_database(writer, change)
        flush(path)
    return changed


def change_database(raw: RawConnection, change: Callable[[RawConnection], T]) -> T:
    """Apply `change` in one transaction, and let nothing of what was before stay in the log."""
    raw.execute("BEGIN IMMEDIATE")
    changed = change(raw)
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return changed
