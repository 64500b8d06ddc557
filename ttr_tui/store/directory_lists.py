"""Lists of an order: who has a token - a kind, a licence, a domain - as bitmaps of row ids.

Reading who has one out of the index takes 0.15 µs for each, so what a large part of all have is
written down when the order is built, in parts. Who got a place in it later stands in part 0, which
is changed with them; who has lost a place is known by its row id, which is nobody else's in that
order.
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

_LATER = 0
_PUT = "INSERT OR REPLACE INTO {} (token, n, rids) VALUES (?, ?, ?)"


class Lists:
    """The lists of an order that is being built."""

    def __init__(self) -> None:
        self._open: dict[str, Any] = defaultdict(BitMap)
        self._parts = _LATER

    def add(self, raw: RawConnection, holders: Mapping[str, Iterable[int]]) -> None:
        """Add users by token; what is full is written to the database."""
        for token, rids in holders.items():
            self._open[token].update(rids)
        if len(self._open[EVERYBODY]) >= _PART:
            self.flush(raw)

    def flush(self, raw: RawConnection) -> None:
        """Write what is left."""
        self._parts += 1
        _write(raw, self._open, self._parts, "new_lists")
        self._open.clear()


def _write(raw: RawConnection, lists: Mapping[str, Any], n: int, table: str) -> None:
    raw.executemany(
        _PUT.format(table), ((token, n, rids.serialize()) for token, rids in lists.items())
    )


def list_later(raw: RawConnection, holders: Mapping[str, Iterable[int]]) -> None:
    """Add users who get a place in the present order."""
    later = _later(raw)
    added = {token: later.get(token, BitMap()) | BitMap(rids) for token, rids in holders.items()}
    _write(raw, added, _LATER, "lists")


def unlist(raw: RawConnection, rids: Iterable[int]) -> None:
    """Take out who has lost a place; it has to be among the freed ones as well."""
    gone = BitMap(rids)
    later = _later(raw)
    if gone.intersect(later.get(EVERYBODY, BitMap())):
        _write(raw, {token: some - gone for token, some in later.items()}, _LATER, "lists")


def listed(raw: RawConnection, token: str) -> Any:
    """Return who has a token, of those who have a place."""
    found = united(some for _, some in _read(raw, "token = ? AND n > 0", token))
    found -= BitMap(fetch_rids(raw, "SELECT rid FROM freed"))
    for other, later in _read(raw, "token IN ('', ?) AND n = 0 ORDER BY token", token):
        found = found | later if other == token else found - later
    return found


def _later(raw: RawConnection) -> dict[str, Any]:
    return dict(_read(raw, "n = 0"))


def _read(raw: RawConnection, which: str, *params: str) -> list[tuple[str, Any]]:
    rows = raw.execute(f"SELECT token, rids FROM lists WHERE {which}", params).fetchall()  # noqa: S608 - our own words
    return [(row[0], BitMap.deserialize(row[1])) for row in rows]
