"""Lists in another order than that of names: by a column, then by name.

The whole order is made once for each column and kept until somebody changes; a search picks its
rows out of it. Values that repeat are ranked as they are searched, without case and accents.
"""

from __future__ import annotations

import json
from array import array
from itertools import compress
from typing import TYPE_CHECKING, Any

from ttr_tui.query import Sort
from ttr_tui.store.directory_numbers import fetch_rids
from ttr_tui.store.directory_rows import KIND_CODES
from ttr_tui.store.directory_writing import FRESH
from ttr_tui.text import fold

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_finding import Kept

_COLUMNS = {
    Sort.ADDRESS: "address",
    Sort.DEPARTMENT: "department",
    Sort.TITLE: "title",
    Sort.KIND: "facets & 7",
}
_FEW_VALUES = 5_000
_KIND_ORDER = [code for _, code in sorted((kind.value, code) for kind, code in KIND_CODES.items())]


def in_order(raw: RawConnection, kept: Kept, found: Any, sort: Sort) -> array[int]:
    """Return a bitmap's row ids, sorted."""
    if sort is Sort.NAME:
        rids: array[int] = found.to_array()
        return rids
    name = f"by {sort.value}"
    if name not in kept.bitmaps:
        kept.bitmaps[name] = _order(raw, sort)
    order = kept.bitmaps[name]
    if len(found) == len(order):
        return array("I", order)
    return array("I", compress(order, map(found.__contains__, order)))


def _order(raw: RawConnection, sort: Sort) -> array[int]:
    column = _COLUMNS[sort]
    everybody = (
        f"(SELECT rid, {column} AS value FROM users UNION ALL SELECT rid, {column} FROM {FRESH})"  # noqa: S608
    )
    values = raw.execute(
        f"SELECT DISTINCT value FROM {everybody} LIMIT {_FEW_VALUES + 1}"  # noqa: S608
    ).fetchall()
    if len(values) > _FEW_VALUES:
        return fetch_rids(raw, f"SELECT rid FROM {everybody} ORDER BY lower(value), rid")  # noqa: S608
    ranked = sorted((row[0] for row in values), key=_rank)
    # An object of value and rank would be looked through for each row; a list has an index made.
    return fetch_rids(
        raw,
        f"SELECT u.rid FROM {everybody} AS u JOIN json_each(?) AS j ON j.value = u.value"  # noqa: S608
        " ORDER BY j.key, u.rid",
        (json.dumps(ranked),),
    )


def _rank(value: str | int) -> tuple[str, str] | int:
    if isinstance(value, int):
        return _KIND_ORDER.index(value)
    return fold(value), value
