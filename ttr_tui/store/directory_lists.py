"""Lists of an order: who has a token - a kind, a licence, a domain - as bitmaps of row ids.

Reading who has one out of the index takes 0.15 µs for each, so what a large part of all have is
written down when the order is built, in parts. Who got a place in it later is on lists of their
own, which are changed with them; who has lost a place is known by its row id, which is nobody
else's in that order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ttr_tui.store.directory_numbers import BitMap, fetch_rids, united

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

EVERYBODY = ""
"""The token of everybody."""

_PART = 30_000
"""Users of a part: 1 MiB while they are gathered."""


class Lists:
    """The lists of an order that is being built."""

    def __init__(self) -> None:
        self._open: dict[str, Any] = defaultdict(BitMap)
        self._parts = 0

    def add(self, raw: RawConnection, holders: Mapping[str, Iterable[int]]) -> None:
        """Add users by token; what is full is written to the database."""
        for token, rids in holders.items():
            self._open[token].update(rids)
        if len(self._open[EVERYBODY]) >= _PART:
            self.flush(raw)

    def flush(self, raw: RawConnection) -> None:
        """Write what is left."""
        self._parts += 1
        raw.executemany(
            "INSERT INTO new_lists (token, n, rids) VALUES (?, ?, ?)",
            ((token, self._parts, rids.serialize()) for token, rids in self._open.items()),
        )
        self._open.clear()


def list_later(raw: RawConnection, holders: Mapping[str, Iterable[int]]) -> None:
    """Add users who get a place in the present order."""
    later = _later(raw)
    _write(raw, {token: later.get(token, BitMap()) | BitMap(r) for token, r in holders.items()})


def unlist(raw: RawConnection, rids: Iterable[int]) -> None:
    """Take out who has lost a place; it has to be among the freed ones as well."""
    gone = BitMap(rids)
    later = _later(raw)
    if gone.intersect(later.get(EVERYBODY, BitMap())):
        _write(raw, {token: some - gone for token, some in later.items()})


def listed(raw: RawConnection, token: str) -> Any:
    """Return who has a token, of those who have a place."""
    parts = raw.execute("SELECT rids FROM lists WHERE token = ?", (token,)).fetchall()
    found = united(BitMap.deserialize(row[0]) for row in parts)
    found -= BitMap(fetch_rids(raw, "SELECT rid FROM freed"))
    later = _later(raw, EVERYBODY, token)
    found -= later.get(EVERYBODY, BitMap())
    return found | later.get(token, BitMap())


def _later(raw: RawConnection, *tokens: str) -> dict[str, Any]:
    """Return the lists of those who were put in later: these, or all."""
    among = f"WHERE token IN ({', '.join('?' * len(tokens))})" if tokens else ""
    rows = raw.execute(f"SELECT token, rids FROM lists_later {among}", tokens).fetchall()  # noqa: S608 - our own words
    return {row[0]: BitMap.deserialize(row[1]) for row in rows}


def _write(raw: RawConnection, later: Mapping[str, Any]) -> None:
    raw.executemany(
        "INSERT OR REPLACE INTO lists_later (token, rids) VALUES (?, ?)",
        ((token, rids.serialize()) for token, rids in later.items()),
    )
