"""What can be said about the store's key without showing it: its id, where it lies, since when."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ttr_tui.store.connect import connect_reader, told
from ttr_tui.store.home import Home
from ttr_tui.store.rotation import KEY_SINCE_NOTE
from ttr_tui.store.times import from_micros


@dataclass(frozen=True, slots=True)
class KeySeen:
    """The key, which opens the store in `store_file`; it has done so since `since`, if known."""

    key_id: str
    key_file: Path
    store_file: Path
    since: datetime | None


def see_key(home: Home) -> KeySeen:
    """Open the store at `home` with its key, for reading; make nothing.

    Raises Refused where no store is, StoreKeyMissing, StoreKeyWrong (naming both ids), StoreBroken
    and StoreError.
    """
    with home.settled() as (path, key), told(path), ExitStack() as closing_it:
        raw = connect_reader(path, key.database_key())
        closing_it.callback(raw.close)
        query = "SELECT value FROM notes WHERE name = ?"
        note = raw.execute(query, (KEY_SINCE_NOTE,)).fetchone()
        first = raw.execute("SELECT min(at) FROM journal").fetchone()[0]
    since = datetime.fromisoformat(note[0]) if note else first and from_micros(first)
    return KeySeen(key.key_id, home.key_file, path, since)
