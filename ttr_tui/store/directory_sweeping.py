"""Tables that are past: put away at once, emptied some rows at a time, and their room given back.

No step holds the write lock for long. Whatever a killed process left is found by its name.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

PAGES_AT_ONCE = 5
"""Pages of arrivals moved or deleted in one transaction."""

_AT_ONCE = 5_000
_SWEPT = {
    "_search_data": 500,
    "_runs": 50,
    "_ids": 50_000,
    "_docsize": 50_000,
    "_moves": 50,
    "_lists": 50,
    "_arrivals": PAGES_AT_ONCE,
    "_arrival_lines": PAGES_AT_ONCE,
}
_SMALL_PARTS = ("_search_idx", "_search_config")

_MOVED_AT_ONCE = 200
"""Pages of the file moved to where it is free, in one transaction: 0.1 s."""

_SOME_FREE, _FREE_OF = 64, 16
"""Pages that may stay free, and one in so many of all: what changes takes them again."""

UNTIDY = (
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name LIKE 'old!_%' ESCAPE '!')"  # noqa: S608 - our own words
    f" OR freelist_count > {_SOME_FREE} + page_count / {_FREE_OF} AS untidy"
    " FROM pragma_freelist_count, pragma_page_count"
)
"""Asks, for reading alone, whether there is anything to sweep or to give back."""


def put_away(raw: RawConnection, *tables: str) -> None:
    """Rename tables to be swept."""
    for table in tables:
        if raw.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchall():
            raw.execute(f"ALTER TABLE {table} RENAME TO old_{secrets.token_hex(4)}_{table}")


def sweep_some(raw: RawConnection) -> bool:
    """Delete some rows of what was put away; return False once nothing is left."""
    tables = raw.execute(
        "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master"
        " WHERE type = 'table' AND name LIKE 'old!_%' ESCAPE '!' ORDER BY name"
    ).fetchall()
    for name, is_index in tables:
        if is_index or name.endswith(_SMALL_PARTS):
            continue
        most = next((most for end, most in _SWEPT.items() if name.endswith(end)), _AT_ONCE)
        swept = raw.execute(
            f"DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} LIMIT {most})"  # noqa: S608 - our own words
        ).rowcount
        if swept:
            return True
    for name, _ in sorted(tables, key=lambda row: not row[1]):
        raw.execute(f"DROP TABLE IF EXISTS {name}")
    return False


def shrink_some(raw: RawConnection) -> bool:
    """Make the file a little smaller; return False once there is no need, or it is being filled."""
    if raw.execute("SELECT 1 FROM poll, orders WHERE unfinished OR builder <> ''").fetchall():
        return False
    free = _free(raw)
    if free <= _SOME_FREE + raw.execute("PRAGMA page_count").fetchall()[0][0] // _FREE_OF:
        return False
    raw.execute(f"PRAGMA incremental_vacuum({_MOVED_AT_ONCE})").fetchall()
    return _free(raw) < free


def _free(raw: RawConnection) -> int:
    return int(raw.execute("PRAGMA freelist_count").fetchall()[0][0])
