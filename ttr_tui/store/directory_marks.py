"""The selection, kept in the copy as a bitmap of row ids.

Writing a million marks is writing one value. What is kept is true as of a move of row ids; whoever
reads it has it follow what moved since, and is told how many of the selected have left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttr_tui.store.directory_numbers import BitMap, follow

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection


@dataclass(frozen=True, slots=True)
class Marks:
    """Selected row ids, true after the move `since`; `left` of them have left the directory."""

    rids: Any
    since: int
    left: int = 0


def load(raw: RawConnection) -> Marks:
    """Return what was selected last, as row ids of now."""
    found = raw.execute("SELECT rids, since, lost FROM marks").fetchall()
    if not found:
        return Marks(*_followed(raw, BitMap(), 0))
    rids, since, left = _followed(raw, BitMap.deserialize(found[0][0]), found[0][1])
    return Marks(rids, since, left + int(found[0][2]))


def followed(raw: RawConnection, marks: Marks) -> Marks:
    """Return the same users by their row ids of now; `left` counts who left since.

    After two new orders nobody knows any more how to follow: then what was written down last.
    """
    oldest = raw.execute("SELECT min(n) FROM moves").fetchall()[0][0] or 0
    if marks.since + 1 < oldest:
        return load(raw)
    return Marks(*_followed(raw, marks.rids.copy(), marks.since))


def _followed(raw: RawConnection, rids: Any, since: int) -> tuple[Any, int, int]:
    since, left = follow(raw, rids, since)
    return rids, since, left


def keep(raw: RawConnection, marks: Marks) -> None:
    """Write the selection down."""
    rids = marks.rids.copy()
    since, left = follow(raw, rids, marks.since)
    raw.execute(
        "INSERT OR REPLACE INTO marks (only, rids, since, lost) VALUES (1, ?, ?, ?)",
        (rids.serialize(), since, left),
    )
