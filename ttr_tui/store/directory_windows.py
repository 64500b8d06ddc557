"""Windows of rows: users by their row ids, also by those they had before they moved."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ttr_tui.model import UserKind
from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_numbers import BitMap, follow
from ttr_tui.store.directory_places import ARRIVED
from ttr_tui.store.directory_rows import COLUMNS, EACH, kind_of, no_longer_there, read_user

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.model import DirectoryUser

_LOOKED_FOR = 1_000
"""Missing row ids that are followed one by one; a list of more is made anew anyway."""


def users_of(raw: RawConnection, rids: Sequence[int]) -> list[DirectoryUser]:
    """Return the users of these rows, in that order; in the place of who left, one without id."""
    rows = _columns(raw, COLUMNS, rids)
    return [read_user(rows[rid]) if rid in rows else no_longer_there() for rid in rids]


def object_ids_of(raw: RawConnection, rids: Collection[int]) -> list[str]:
    """Return the object ids of these rows, in that order, without those who left."""
    rows = _columns(raw, "object_id", rids)
    return [str(rows[rid][0]) for rid in rids if rid in rows]


def kinds_of(raw: RawConnection, rids: Collection[int]) -> dict[str, UserKind]:
    """Return object id and kind of these rows."""
    rows = _columns(raw, "object_id, facets", rids)
    return {str(row[0]): kind_of(int(row[1])) for row in rows.values()}


def _columns(raw: RawConnection, columns: str, rids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """Return columns by row id."""
    rows = _read(raw, columns, rids)
    missing = [rid for rid in rids if rid not in rows]
    now = _now(raw, missing[:_LOOKED_FOR])
    if now:
        moved = _read(raw, columns, list(now.values()))
        rows |= {rid: moved[then] for rid, then in now.items() if then in moved}
    return rows


def _read(raw: RawConnection, columns: str, rids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    placed = [rid for rid in rids if rid < ARRIVED]
    found: dict[int, tuple[Any, ...]] = {}
    if placed:
        rows = raw.execute(
            f"SELECT rid, {columns} FROM users WHERE rid IN (SELECT value FROM json_each(?))",  # noqa: S608 - our own words
            (json.dumps(placed),),
        ).fetchall()
        found = {row[0]: tuple(row)[1:] for row in rows}
    if len(placed) < len(rids):
        which = [EACH.index(column) for column in columns.split(", ")]
        found |= arrivals.columns_of(raw, rids, which)
    return found


def _now(raw: RawConnection, rids: Sequence[int]) -> dict[int, int]:
    """Return where rows have moved."""
    among: Any = BitMap(rids)
    if not among:
        return {}
    follow(raw, among)
    now = {}
    for rid in rids if among != BitMap(rids) else ():
        one: Any = BitMap([rid])
        follow(raw, one)
        if one and rid not in one:
            now[rid] = one[0]
    return now
