"""Changing users of a local copy, in one transaction: who is new, who changed, who left.

A few get their place in the order at once. Many, and all that come while an order is being built,
arrive: they are put in order behind the list. Everything here runs in a thread, on the writing
connection.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_agents import agents_came
from ttr_tui.store.directory_common import common_of
from ttr_tui.store.directory_lists import EVERYBODY, list_later, unlist
from ttr_tui.store.directory_numbers import BitMap, note_moves
from ttr_tui.store.directory_places import ARRIVED, places_for
from ttr_tui.store.directory_rows import (
    BETWEEN,
    COLUMNS,
    TEXTS,
    Person,
    id_of,
    line_of,
    person_of,
    tokens_of,
)

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_rows import Columns

AT_ONCE = 250
"""Users who get their place in the transaction that brings them: 0.1 s."""

PUT_USER = f"INSERT INTO {{}} (rid, {COLUMNS}) VALUES ({', '.join('?' * 10)})"  # noqa: S608 - our own words
PUT_WORDS = (
    f"INSERT INTO {{}} (rowid, {TEXTS}, kind, hidden, enabled, licensed)"  # noqa: S608 - our own words
    f" VALUES ({', '.join('?' * 10)})"
)


class Known(NamedTuple):
    """The row of a user, and what it was made of."""

    rid: int
    digest: int


class Arrived:
    """Who has arrived: half of each number, so that who has not is known without looking.

    The numbers are in random order; an index of them would rewrite itself with each page.
    """

    def __init__(self) -> None:
        self._halves = BitMap()
        self._upto = ARRIVED

    def suspects(self, raw: RawConnection, ids: Sequence[int]) -> list[int]:
        """Return those of `ids` who may have arrived; who is not among them has not."""
        known = self._halves
        for first, page in arrivals.pages_of_ids(raw, self._upto):
            self._upto = first
            known |= _halves(page)
        if not known.intersect(_halves(array("q", ids))):
            return []
        return [one for one in ids if one & 0xFFFF_FFFF in known]


def _halves(ids: array[int]) -> Any:
    """Return the lower halves of 64-bit numbers."""
    both = array("I", ids.tobytes())
    return BitMap(both[0::2] if sys.byteorder == "little" else both[1::2])


def put(raw: RawConnection, arrived: Arrived, people: Sequence[Person]) -> list[int]:
    """Insert and replace what is new or changed; return the row ids of all of `people`."""
    known = known_of(raw, arrived, [one.id for one in people])
    changed = [one for one in people if one.id not in known or known[one.id].digest != one.digest]
    if not changed:
        return [row.rid for row in known.values()]
    former = {one.id: known[one.id].rid for one in changed if one.id in known}
    kept = {} if is_building(raw) else _with_place_kept(raw, changed, former)
    remove(raw, former.values())
    rids = {one: row.rid for one, row in known.items()} | _write(raw, changed, kept)
    note_moves(raw, {old: rids[one] for one, old in former.items() if rids[one] != old})
    agents_came(raw, {one.id: rids[one.id] for one in changed if one.id not in former})
    raw.execute(
        "UPDATE poll SET count = count + ?, edition = edition + 1", (len(changed) - len(former),)
    )
    return list(rids.values())


def take_out(raw: RawConnection, rids: Sequence[int]) -> None:
    """Remove users who have left."""
    if not rids:
        return
    remove(raw, rids)
    note_moves(raw, dict.fromkeys(rids, 0))
    raw.execute("UPDATE poll SET count = count - ?, edition = edition + 1", (len(rids),))


def known_of(raw: RawConnection, arrived: Arrived, ids: Sequence[int]) -> dict[int, Known]:
    """Return the rows of those of `ids` who are in the copy."""
    rows = raw.execute(
        "SELECT i.id, i.rid, i.digest FROM json_each(?) AS j CROSS JOIN ids AS i ON i.id = j.value",
        (json.dumps(sorted(ids)),),
    ).fetchall()
    known = {row[0]: Known(row[1], row[2]) for row in rows}
    if suspects := arrived.suspects(raw, ids):
        fresh = arrivals.rids_of(raw, suspects)
        columns = arrivals.columns_of(raw, fresh.values())
        known |= {one: Known(rid, person_of(columns[rid]).digest) for one, rid in fresh.items()}
    return known


def is_building(raw: RawConnection) -> bool:
    """Tell whether an order is being built."""
    return bool(raw.execute("SELECT builder FROM orders").fetchall()[0][0])


def epoch_of(raw: RawConnection) -> int:
    """Return the number of the order."""
    return int(raw.execute("SELECT epoch FROM orders").fetchall()[0][0])


def place(raw: RawConnection, people: Sequence[Person]) -> dict[int, int]:
    """Give each of `people` a place; return the row ids by user, without those whose gap is full.

    Not while an order is being built.
    """
    inside = sorted(people, key=lambda one: one.key)
    places = places_for(raw, epoch_of(raw), inside)
    found = {one.id: rid for one, rid in zip(inside, places, strict=True) if rid is not None}
    insert(raw, [(found[one.id], one) for one in inside if one.id in found])
    return found


def insert(raw: RawConnection, placed: Sequence[tuple[int, Person]]) -> None:
    """Write users with their places in the present order."""
    if placed:
        rows = [(rid, one.columns, line_of(one.columns)) for rid, one in placed]
        list_later(raw, insert_into(raw, "", rows))
        raw.executemany(
            "INSERT INTO ids (id, rid, digest) VALUES (?, ?, ?)",
            ((one.id, rid, one.digest) for rid, one in placed),
        )


def insert_into(
    raw: RawConnection, new: str, placed: Sequence[tuple[int, Columns, str]]
) -> dict[str, list[int]]:
    """Write columns and lines of users; `new` is put before the tables' names.

    Returns who is to be listed, by token.
    """
    raw.executemany(PUT_USER.format(f"{new}users"), ((rid, *columns) for rid, columns, _ in placed))
    common = common_of(raw, new)
    holders: dict[str, list[int]] = {EVERYBODY: [rid for rid, *_ in placed]}
    rows = []
    for rid, columns, line in placed:
        texts, codes = common.coded(line.split(BETWEEN))
        kind, hidden, *more = tokens_of(int(columns[8]))
        rows.append((rid, *texts, kind, hidden, *more))
        for token in (kind, *more, *codes):
            holders.setdefault(token, []).append(rid)
    raw.executemany(PUT_WORDS.format(f"{new}search"), rows)
    return holders


def arrive(raw: RawConnection, people: Sequence[Person]) -> dict[int, int]:
    """Append `people` behind the order; return their row ids by user."""
    if not people:
        return {}
    rids = arrivals.add_page(raw, people, later=is_building(raw))
    return {one.id: rid for rid, one in zip(rids, people, strict=True)}


def remove(raw: RawConnection, rids: Iterable[int]) -> None:
    """Take rows out of every table; their row ids are not used again in this order."""
    listed = list(rids)
    placed = [rid for rid in listed if rid < ARRIVED]
    fresh = [rid for rid in listed if rid >= ARRIVED]
    if placed:
        ids = (json.dumps(placed),)
        among = "IN (SELECT value FROM json_each(?))"
        owners = raw.execute(f"SELECT object_id FROM users WHERE rid {among}", ids)  # noqa: S608 - our own words
        _forget_ids(raw, [row[0] for row in owners.fetchall()])
        raw.execute(f"DELETE FROM users WHERE rid {among}", ids)  # noqa: S608 - our own words
        raw.execute(f"DELETE FROM search WHERE rowid {among}", ids)  # noqa: S608 - our own words
        raw.executemany("INSERT OR IGNORE INTO freed (rid) VALUES (?)", ((r,) for r in placed))
        unlist(raw, placed)
    arrivals.take_back(raw, fresh)
    if is_building(raw):
        raw.executemany("INSERT OR IGNORE INTO dropped (rid) VALUES (?)", ((r,) for r in listed))


def _forget_ids(raw: RawConnection, object_ids: Sequence[str]) -> None:
    raw.executemany("DELETE FROM ids WHERE id = ?", ((id_of(one),) for one in object_ids))


def _with_place_kept(
    raw: RawConnection, changed: Sequence[Person], former: Mapping[int, int]
) -> dict[int, int]:
    """Return the places of those whose name did not change."""
    rids = {rid for rid in former.values() if rid < ARRIVED}
    found = raw.execute(
        "SELECT rid, name FROM users WHERE rid IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(rids)),),
    ).fetchall()
    names: dict[int, Any] = {row[0]: row[1] for row in found}
    return {
        one.id: former[one.id]
        for one in changed
        if names.get(former.get(one.id, 0)) == one.columns[1]
    }


def _write(raw: RawConnection, people: Sequence[Person], kept: Mapping[int, int]) -> dict[int, int]:
    """Write people where they belong; return the row ids by user."""
    if is_building(raw) or len(people) > AT_ONCE:
        return arrive(raw, people)
    raw.executemany("DELETE FROM freed WHERE rid = ?", ((rid,) for rid in kept.values()))
    staying = sorted(((kept[one.id], one) for one in people if one.id in kept), key=_rid)
    insert(raw, staying)
    placed = place(raw, [one for one in people if one.id not in kept])
    full = [one for one in people if one.id not in kept and one.id not in placed]
    return {**kept, **placed, **arrive(raw, full)}


def _rid(placed: tuple[int, Person]) -> int:
    return placed[0]
