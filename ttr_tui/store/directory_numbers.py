"""Row ids in bulk: 32-bit numbers as blobs, bitmaps of them, and how they changed.

A row id never becomes another user's while anybody can still hold it. It changes when a user who
arrived gets a place, is renamed, or the order is built anew; `moves` tells how, so that a selection
follows.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

__all__ = [
    "BitMap",
    "fetch_bitmap",
    "fetch_rids",
    "follow",
    "gathered",
    "gathering",
    "last_move",
    "note_moves",
    "packed",
    "united",
    "unpacked",
]

_PIECE = 32_768
"""Numbers that are made a bitmap at once."""


def packed(rids: Iterable[int]) -> bytes:
    """Return numbers as a blob."""
    return array("I", rids).tobytes()


def unpacked(blob: bytes) -> array[int]:
    """Return the numbers of a blob."""
    rids = array("I")
    rids.frombytes(blob)
    return rids


def gathering(query: str, column: str) -> str:
    """Return the statement that gathers a column of 32-bit numbers in SQLite, for `gathered`.

    The interpreter is free meanwhile: a hundred thousand rows are one to it.
    """
    return f"SELECT unhex(group_concat(format('%08x', {column}), '')) FROM ({query})"  # noqa: S608 - our own words


def gathered(blob: bytes | None) -> array[int]:
    """Return the numbers that such a statement gathered."""
    numbers = unpacked(blob or b"")
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def fetch_rids(raw: RawConnection, query: str, params: object = ()) -> array[int]:
    """Return the column `rid` of a query, gathered in SQLite."""
    return gathered(raw.execute(gathering(query, "rid"), params).fetchall()[0][0])  # type: ignore[arg-type]  # any binding


def fetch_bitmap(raw: RawConnection, query: str, params: object = ()) -> Any:
    """Return the same as a bitmap.

    It is made in pieces: of a million at once the interpreter is nobody else's for ten ms.
    """
    rids, found = fetch_rids(raw, query, params), BitMap()
    for start in range(0, len(rids), _PIECE):
        found |= BitMap(rids[start : start + _PIECE])
    return found


def united(bitmaps: Iterable[Any]) -> Any:
    """Return a new bitmap of what is in any of several.

    Two and two of them: all at once, each stretch of row ids is first blown up to a bit for each.
    """
    left = [BitMap(), *bitmaps]
    while len(left) > 1:
        left = [reduce(or_, left[at : at + 2]) for at in range(0, len(left), 2)]
    return left[0]


def note_moves(raw: RawConnection, moved: Mapping[int, int]) -> None:
    """Write down which row ids changed, in the transaction that changes them; 0: the user left."""
    if moved:
        raw.execute(
            "INSERT INTO moves (olds, news) VALUES (?, ?)",
            (packed(moved), packed(moved.values())),
        )


def last_move(raw: RawConnection) -> int:
    """Return the number of the latest change."""
    found = raw.execute("SELECT max(n) FROM moves").fetchall()[0][0]
    return int(found or 0)


def follow(raw: RawConnection, rids: Any, since: int = 0) -> tuple[int, int]:
    """Change the bitmap `rids`, which was true after move `since`, to what is true now.

    Returns the number of the latest move, and how many of `rids` left the directory.
    """
    left = 0
    while True:
        found = raw.execute(
            "SELECT n, olds, news FROM moves WHERE n > ? ORDER BY n LIMIT 1", (since,)
        ).fetchall()
        if not found:
            return since, left
        since, olds, news = found[0]
        left += _apply(rids, unpacked(olds), unpacked(news))


def _apply(rids: Any, olds: array[int], news: array[int]) -> int:
    if not rids:
        return 0
    hit = rids & BitMap(olds)
    if not hit:
        return 0
    became = array("I", [new for old, new in zip(olds, news, strict=True) if old in hit])
    rids -= hit
    moved = BitMap(became)
    moved.discard(0)
    rids |= moved
    return became.count(0)
