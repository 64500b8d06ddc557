"""Lists in another order than that of names: by a column, then by name.

The whole order is made once for each column and kept until somebody changes; a search picks its
rows out of it. Departments and titles come from their indexes, a value at a time, and values are
compared as they are searched: without case and accents. Addresses, of which none repeats, are
sorted by SQLite. Who has no place yet stands behind them, in order of arrival.
"""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TYPE_CHECKING, Any

from ttr_tui.model import UserKind
from ttr_tui.query import Sort
from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_finding import agents, of_kind
from ttr_tui.store.directory_numbers import fetch_rids
from ttr_tui.text import fold

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_finding import Kept

_VALUES = """
WITH RECURSIVE each (value) AS (
    SELECT min({0}) FROM users
    UNION ALL SELECT (SELECT min({0}) FROM users WHERE {0} > value) FROM each WHERE value NOT NULL
) SELECT value FROM each WHERE value NOT NULL
"""
_SLOW = "SELECT rid FROM users ORDER BY lower(address), rid"


def in_order(raw: RawConnection, kept: Kept, found: Any, sort: Sort) -> array[int]:
    """Return a bitmap's row ids, sorted."""
    if sort is Sort.NAME:
        rids: array[int] = found.to_array()
        return rids
    if sort is Sort.AGENT:
        who = agents(raw, kept)
        agents_first: array[int] = (found & who).to_array()
        agents_first.extend((found - who).to_array())
        return agents_first
    name = f"by {sort.value}"
    if name not in kept.bitmaps:
        kept.forget_orders()
        kept.bitmaps[name] = _order(raw, kept, sort)
    order = kept.bitmaps[name]
    if len(found) == len(order):
        return array("I", order)
    return array("I", compress(order, map(found.__contains__, order)))


def _order(raw: RawConnection, kept: Kept, sort: Sort) -> array[int]:
    if sort is Sort.ADDRESS:
        return fetch_rids(raw, _SLOW) + _behind(raw)
    if sort is Sort.KIND:
        order = array("I")
        for kind in sorted(UserKind, key=lambda one: one.value):
            order.extend(of_kind(raw, kept, kind).to_array())
        return order
    return _by_value(raw, sort.value)


def _by_value(raw: RawConnection, column: str) -> array[int]:
    """Return everybody by one of the indexed columns."""
    values = [str(row[0]) for row in raw.execute(_VALUES.format(column)).fetchall()]
    order = array("I")
    for value in sorted(values, key=lambda one: (fold(one), one)):
        rows = raw.execute(f"SELECT rid FROM users WHERE {column} = ? ORDER BY rid", (value,))  # noqa: S608 - our own words
        order.extend(row[0] for row in rows.fetchall())
    return order + _behind(raw)


def _behind(raw: RawConnection) -> array[int]:
    """Return who has no place yet: they stand behind the others in this order, too."""
    rids: array[int] = arrivals.all_rids(raw).to_array()
    return rids
