"""Sorting any number of arrivals with little memory: sorted runs in the database, then merged.

A user's whole row is written into the run, because fetching rows in name order from where they
arrived would decrypt a page for each of them.
"""

from __future__ import annotations

import heapq
import marshal
from array import array
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from ttr_tui.store.directory_rows import COLUMNS, Person, person_of, sort_key
from ttr_tui.store.directory_writing import ARRIVAL, person_of_arrival

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

RUN = 3_000
"""Users of a run: 5 MiB while it is sorted."""

_BLOCK = 12
_STRETCH = 500
_BUCKETS = 64
_BUCKET_SHIFT = 64 - 6
_BUCKET_BLOCK = 3 * 1_000
_IDS_AT_ONCE = 10_000

Keyed = tuple[str, str, int, Person]
"""Sort key, object id, the row id so far, and what is written."""

_key = itemgetter(0, 1)


def read_run(raw: RawConnection, after: int) -> tuple[int, list[bytes]]:
    """Return the last row id of the next run of arrivals, and the run's blocks; 0: no more."""
    rows = raw.execute(
        f"SELECT {ARRIVAL} FROM arrivals WHERE rid > ? ORDER BY rid LIMIT ?",  # noqa: S608 - our own words
        (after, RUN),
    ).fetchall()
    if not rows:
        return 0, []
    last = int(rows[-1][0])
    run = [_keyed(tuple(row)) for row in rows]
    rows.clear()
    run.sort(key=_key)
    blocks = range(0, len(run), _BLOCK)
    return last, [marshal.dumps([_plain(one) for one in run[at : at + _BLOCK]]) for at in blocks]


def _keyed(row: Sequence[int | str]) -> Keyed:
    return sort_key(str(row[4])), str(row[3]), int(row[0]), person_of_arrival(row)


def _plain(one: Keyed) -> tuple[object, ...]:
    # marshal knows tuples, not those with names.
    return (*one[:3], tuple(one[3]))


def merged(raw: RawConnection, runs: int) -> Iterator[Keyed]:
    """Return all users in order: the runs, and those who have a place already."""
    return heapq.merge(_placed(raw), *(_run(raw, run) for run in range(runs)), key=_key)


def _run(raw: RawConnection, run: int) -> Iterator[Keyed]:
    n = 0
    while True:
        block = raw.execute("SELECT block FROM runs WHERE run = ? AND n = ?", (run, n)).fetchall()
        if not block:
            return
        for key, object_id, rid, person in marshal.loads(block[0][0]):  # noqa: S302 - our own
            yield key, object_id, rid, Person(*person)
        n += 1


def _placed(raw: RawConnection) -> Iterator[Keyed]:
    after = 0
    while True:
        rows = raw.execute(
            f"SELECT rid, {COLUMNS} FROM users WHERE rid > ? ORDER BY rid LIMIT ?",  # noqa: S608 - our own words
            (after, _STRETCH),
        ).fetchall()
        if not rows:
            return
        folded: dict[str, str] = {}
        for row in rows:
            person = person_of(tuple(row[1:]), folded)
            yield sort_key(str(row[2])), str(row[1]), int(row[0]), person
        after = int(rows[-1][0])


class Buckets:
    """Rows of `ids` in the making, by the first bits of the id: each bucket is sorted by itself."""

    def __init__(self) -> None:
        self._open = [array("q") for _ in range(_BUCKETS)]
        self._written = [0] * _BUCKETS

    def add(self, raw: RawConnection, people: Iterable[tuple[int, Person]]) -> None:
        """Add users with their places; what is full is written to the database."""
        for rid, one in people:
            number = (one.id >> _BUCKET_SHIFT) + _BUCKETS // 2
            bucket = self._open[number]
            bucket.extend((one.id, rid, one.digest))
            if len(bucket) >= _BUCKET_BLOCK:
                self._write(raw, number)

    def flush(self, raw: RawConnection) -> None:
        """Write what is left."""
        for number in range(_BUCKETS):
            if self._open[number]:
                self._write(raw, number)

    def _write(self, raw: RawConnection, number: int) -> None:
        raw.execute(
            "INSERT INTO runs (run, n, block) VALUES (?, ?, ?)",
            (_bucket_run(number), self._written[number], self._open[number].tobytes()),
        )
        self._written[number] += 1
        self._open[number] = array("q")


def read_ids(raw: RawConnection, first: int) -> tuple[int, list[tuple[int, int, int]]]:
    """Return sorted rows of `ids` from bucket `first` on, and the bucket after them; 0: no more."""
    rows: list[tuple[int, int, int]] = []
    for number in range(first, _BUCKETS):
        flat = array("q")
        for row in raw.execute(
            "SELECT block FROM runs WHERE run = ? ORDER BY n", (_bucket_run(number),)
        ).fetchall():
            flat.frombytes(row[0])
        rows += sorted(zip(flat[0::3], flat[1::3], flat[2::3], strict=True))
        if len(rows) > _IDS_AT_ONCE:
            return number + 1, rows
    return 0, rows


def _bucket_run(number: int) -> int:
    return -1 - number
