"""Places in the order: row ids that grow with the name, with gaps for who comes later.

A row id is four bits of the order's number and 28 bits of place, so that one of an order that is
past is never taken for one of today's. Who has no place yet goes by a number of arrival, behind all
places.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ttr_tui.store.directory_rows import sort_key

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_rows import Person

ARRIVED = 0xF000_0000
"""From here on, row ids number arrivals."""

EPOCHS = 15
"""Orders after which their numbers come again."""

GAP = 4_096
"""From one place to the next where there is room; of a million it is 67, of which SQLite's index
writes most in one byte."""

_BITS = 28
_ROOM = 1 << _BITS


def first_place(epoch: int) -> int:
    """Return the first row id of an order; 0 is nobody's."""
    return (epoch % EPOCHS << _BITS) + 1


def last_place(epoch: int) -> int:
    """Return the last row id of an order."""
    return (epoch % EPOCHS << _BITS) + _ROOM - 1


def beginning_of(epoch: int) -> int:
    """Return the first place of a new order, which leaves room before it."""
    return first_place(epoch) + _ROOM // 4


def gap_for(count: int) -> int:
    """Return the distance of places in a new order of `count` users."""
    return max(1, min(GAP, _ROOM // 4 // (count + 1)))


def places_for(raw: RawConnection, epoch: int, people: Sequence[Person]) -> list[int | None]:
    """Return a place between their neighbours for each of `people`, who are sorted by key.

    None where a gap is full: then the order has to be built anew.
    """
    low = first_place(epoch)
    between = []
    for person in people:
        successor = _successor(raw, low, last_place(epoch), person.key)
        before = raw.execute("SELECT max(rid) FROM users WHERE rid < ?", (successor,)).fetchall()
        between.append((before[0][0], successor))
        low = max(low, int(before[0][0] or 0) + 1)
    places: list[int | None] = []
    for (before_it, behind_it), group in groupby(between):
        places += _spread(raw, epoch, (before_it, behind_it), len(list(group)))
    return places


def _successor(raw: RawConnection, low: int, last: int, key: tuple[str, str]) -> int:
    """Return the first row id whose user stands behind `key`, or one more than any."""
    high = last + 1
    while low < high:
        middle = (low + high) // 2
        found = raw.execute(
            "SELECT rid, name, object_id FROM users WHERE rid >= ? ORDER BY rid LIMIT 1", (middle,)
        ).fetchall()
        if found and found[0][0] < high and (sort_key(found[0][1]), found[0][2]) < key:
            low = found[0][0] + 1
        else:
            high = middle
    found = raw.execute("SELECT min(rid) FROM users WHERE rid >= ?", (low,)).fetchall()
    return int(found[0][0] or last + 1)


def _spread(
    raw: RawConnection, epoch: int, neighbours: tuple[int | None, int], count: int
) -> list[int | None]:
    """Return `count` free places between two neighbours, as even as can be."""
    before, behind = neighbours
    low, high = (first_place(epoch) if before is None else before + 1), behind - 1
    if behind > last_place(epoch):
        low, high = (_middle(epoch, count), high) if before is None else (low, high)
        high = min(high, low + GAP * count)
    elif before is None:
        low = max(low, behind - GAP * count)
    taken = raw.execute("SELECT rid FROM freed WHERE rid BETWEEN ? AND ?", (low, high)).fetchall()
    if not taken:
        room = high - low + 1
        if room < count:
            return [None] * count
        return [low + room * (2 * n + 1) // (2 * count) for n in range(count)]
    held = {row[0] for row in taken}
    free = [rid for rid in range(low, high + 1) if rid not in held][: 1 << 16]
    if len(free) < count:
        return [None] * count
    return [free[len(free) * (2 * n + 1) // (2 * count)] for n in range(count)]


def _middle(epoch: int, count: int) -> int:
    return first_place(epoch) + max(0, _ROOM // 2 - GAP * count // 2)
