"""Sorting any number of arrivals with little memory: sorted runs in the database, then merged.

A user's whole row is written into the run, because fetching rows in name order from where they
arrived would decrypt a page for each of them.
"""

from __future__ import annotations

import heapq
import marshal
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from operator import itemgetter
from typing import TYPE_CHECKING

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_rows import COLUMNS, Columns, Person, line_of, sort_key

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

Keyed = tuple[str, str, int, Columns, str]
"""Sort key, object id, the row id so far, the columns, and the line of what is searched."""

_key = itemgetter(0, 1)


def read_run(raw: RawConnection, after: int) -> tuple[int, list[bytes]]:
    """Return the last row id of the next run of arrivals, and the run's blocks; 0: no more."""
    run: list[Keyed] = []
    with closing(arrivals.pages_with_lines(raw, after)) as pages:
        for page in pages:
            run += [
                (sort_key(str(columns[1])), str(columns[0]), rid, columns, line)
                for rid, columns, line in page
            ]
            after = page[-1][0] if page else after
            if len(run) >= RUN:
                break
    if not run:
        return 0, []
    run.sort(key=_key)
    blocks = range(0, len(run), _BLOCK)
    return after, [marshal.dumps(run[at : at + _BLOCK]) for at in blocks]


def merged(raw: RawConnection, runs: int) -> Iterator[Keyed]:
    """Return all users in order: the runs, and those who have a place already."""
    return heapq.merge(_placed(raw), *(_run(raw, run) for run in range(runs)), key=_key)


def _run(raw: RawConnection, run: int) -> Iterator[Keyed]:
    n = 0
    while True:
        block = raw.execute("SELECT block FROM runs WHERE run = ? AND n = ?", (run, n)).fetchall()
        if not block:
            return
        yield from marshal.loads(block[0][0])  # noqa: S302 - our own
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
            rid, *columns = row
            yield (
                sort_key(str(columns[1])),
                str(columns[0]),
                int(rid),
                tuple(columns),
                line_of(tuple(columns), folded),
            )
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
