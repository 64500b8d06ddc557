"""Who has arrived and has no place in the order yet: pages of users, in order of arrival.

A page is one row: the numbers its users are known by, and their columns as one blob, so that a
poll costs little. Its users have the row ids from `first` on. What is searched of them is written
behind the poll, a line each; until it is, a search makes the lines itself. Pages that come while an
order is being built wait in `later`. Who left, changed or got a place is in `arrivals_gone`.
"""

from __future__ import annotations

import marshal
from array import array
from bisect import bisect_right
from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from ttr_tui.store.directory_numbers import BitMap
from ttr_tui.store.directory_places import ARRIVED
from ttr_tui.store.directory_rows import ALL_FACETS, EACH, Columns, Person, line_of

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_search import Asked

TABLES = "arrivals", "later"
"""In order of arrival."""

_FORMAT = 2
"""The version of marshal's format that is written fastest: it looks for nothing that repeats."""


def add_page(raw: RawConnection, people: Sequence[Person], *, later: bool) -> range:
    """Append a page; return its row ids. `later`: an order is being built without it."""
    count = len(people)
    first = ARRIVED + raw.execute("SELECT next_arrival FROM poll").fetchall()[0][0]
    raw.execute("UPDATE poll SET next_arrival = next_arrival + ?1, fresh = fresh + ?1", (count,))
    raw.execute(
        f"INSERT INTO {TABLES[later]} (first, ids, facets, users) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own words
        (
            first,
            array("q", [one.id for one in people]),
            bytes([int(one.columns[-1]) for one in people]),
            pack([one.columns for one in people]),
        ),
    )
    return range(first, first + count)


def pack(users: list[Columns]) -> bytes:
    """Return the columns of users as one blob."""
    return marshal.dumps(users, _FORMAT)


def unpack(blob: bytes) -> list[Columns]:
    """Return the columns of users."""
    users: list[Columns] = marshal.loads(blob)  # noqa: S302 - our own
    return users


def gone(raw: RawConnection) -> Any:
    """Return the row ids that are nobody's any more."""
    return BitMap([row[0] for row in raw.execute("SELECT rid FROM arrivals_gone").fetchall()])


def all_rids(raw: RawConnection) -> Any:
    """Return everybody's row ids."""
    rids: Any = BitMap()
    for first, count in _sizes(raw):
        rids.add_range(first, first + count)
    return rids - gone(raw) if rids else rids


def _sizes(raw: RawConnection) -> list[tuple[int, int]]:
    # The length of a blob is known without reading it.
    return [
        (row[0], row[1])
        for table in TABLES
        for row in raw.execute(
            f"SELECT first, length(ids) / 8 FROM {table} ORDER BY first"  # noqa: S608 - our own words
        ).fetchall()
    ]


def pages_of_ids(raw: RawConnection, after: int) -> Iterator[tuple[int, array[int]]]:
    """Yield first row id and numbers of each page behind a row id, gone ones included."""
    for first, blob in _rows(raw, "ids", after):
        ids = array("q")
        ids.frombytes(blob)
        yield first, ids


def pages(raw: RawConnection) -> Generator[list[tuple[int, Columns]], None, None]:
    """Yield row id and columns of everybody, a page at a time."""
    absent = gone(raw)
    for first, blob in _rows(raw, "users", 0):
        numbered = enumerate(unpack(blob), first)
        yield [(rid, columns) for rid, columns in numbered if rid not in absent]


def _rows(raw: RawConnection, column: str, after: int) -> Iterator[tuple[int, bytes]]:
    for table in TABLES:
        query = f"SELECT first, {column} FROM {table} WHERE first > ? ORDER BY first"  # noqa: S608 - our own words
        with closing(raw.execute(query, (after,))) as cursor:
            yield from cursor


def columns_of(
    raw: RawConnection, rids: Collection[int], which: Sequence[int] = range(len(EACH))
) -> dict[int, Columns]:
    """Return columns of those of `rids` who are here; `which` of them, by their places in EACH."""
    wanted = sorted(rid for rid in rids if rid >= ARRIVED)
    found: dict[int, Columns] = {}
    if not wanted:
        return found
    sizes = _sizes(raw)
    firsts = [first for first, _ in sizes]
    absent = gone(raw)
    users: list[Columns] = []
    loaded = -1
    for rid in wanted:
        at = bisect_right(firsts, rid) - 1
        if at < 0 or rid >= sum(sizes[at]) or rid in absent:
            continue
        if at != loaded:
            users, loaded = _page(raw, firsts[at]), at
        columns = users[rid - firsts[at]]
        found[rid] = tuple(columns[n] for n in which)
    return found


def _page(raw: RawConnection, first: int) -> list[Columns]:
    rows = raw.execute(
        "SELECT users FROM arrivals WHERE first = ?1"
        " UNION ALL SELECT users FROM later WHERE first = ?1",
        (first,),
    ).fetchall()
    return unpack(rows[0][0])


def rids_of(raw: RawConnection, ids: Collection[int]) -> dict[int, int]:
    """Return the row ids of those of these numbers who are here."""
    wanted = set(ids)
    found: dict[int, int] = {}
    for first, page in pages_of_ids(raw, 0) if wanted else ():
        if not wanted.isdisjoint(page):
            found |= {one: first + at for at, one in enumerate(page) if one in wanted}
    absent = gone(raw) if found else ()
    return {one: rid for one, rid in found.items() if rid not in absent}


def take_back(raw: RawConnection, rids: Collection[int]) -> None:
    """Take users out; a page of whom nobody is left goes with the last."""
    if not rids:
        return
    raw.executemany("INSERT INTO arrivals_gone (rid) VALUES (?)", ((rid,) for rid in rids))
    raw.execute("UPDATE poll SET fresh = fresh - ?", (len(rids),))
    absent = gone(raw)
    for first, count in _sizes(raw):
        if absent.range_cardinality(first, first + count) == count:
            for table in (*TABLES, "arrival_lines"):
                raw.execute(f"DELETE FROM {table} WHERE first = ?", (first,))  # noqa: S608 - our own words
            raw.execute(
                "DELETE FROM arrivals_gone WHERE rid BETWEEN ? AND ?", (first, first + count - 1)
            )


def count_left(raw: RawConnection) -> int:
    """Forget those who went with pages that are no more; return how many users there are."""
    firsts = [first for first, _ in _sizes(raw)]
    raw.execute("DELETE FROM arrivals_gone WHERE rid < ?", (min(firsts, default=1 << 32),))
    return len(all_rids(raw))


def sample(raw: RawConnection, stretches: int, size: int) -> Iterator[list[Columns]]:
    """Yield so many stretches of users from all over those who do not wait for a later order."""
    firsts = [row[0] for row in raw.execute("SELECT first FROM arrivals ORDER BY first").fetchall()]
    for n in range(stretches if firsts else 0):
        page, part = divmod(n * len(firsts), stretches)
        users = _page(raw, firsts[page])
        start = len(users) * part // stretches
        yield users[start : start + size]


# What is searched of them


def lines_of(users: Sequence[Columns]) -> list[str]:
    """Return what is searched of the users of a page, a line each."""
    folded: dict[str, str] = {}
    return [line_of(columns, folded) for columns in users]


def without_lines(raw: RawConnection, after: int) -> tuple[int, list[str]]:
    """Return the next page whose lines are not written, and these; 0: there is none."""
    rows = raw.execute(
        "SELECT a.first, a.users FROM arrivals AS a WHERE a.first > ? AND NOT EXISTS"
        " (SELECT 1 FROM arrival_lines AS l WHERE l.first = a.first) ORDER BY a.first LIMIT 1",
        (after,),
    ).fetchall()
    return (rows[0][0], lines_of(unpack(rows[0][1]))) if rows else (0, [])


def write_lines(raw: RawConnection, first: int, lines: Sequence[str]) -> None:
    """Write the lines of a page, if it is still here."""
    raw.execute(
        "INSERT OR IGNORE INTO arrival_lines (first, lines)"
        " SELECT first, ?2 FROM arrivals WHERE first = ?1",
        (first, "\n".join(lines)),
    )


def pages_with_lines(
    raw: RawConnection, after: int
) -> Generator[list[tuple[int, Columns, str]], None, None]:
    """Yield row id, columns and line of everybody who does not wait for a later order."""
    absent = gone(raw)
    query = (
        "SELECT a.first, a.users, l.lines FROM arrivals AS a"
        " LEFT JOIN arrival_lines AS l ON l.first = a.first WHERE a.first > ? ORDER BY a.first"
    )
    with closing(raw.execute(query, (after,))) as cursor:
        for first, blob, written in cursor:
            users = unpack(blob)
            lines = lines_of(users) if written is None else written.split("\n")
            numbered = zip(range(first, first + len(users)), users, lines, strict=True)
            yield [one for one in numbered if one[0] not in absent]


def find(raw: RawConnection, asked: Asked, limit: int = -1) -> list[int]:
    """Return the first row ids of whom it fits; all without a `limit`."""
    absent = gone(raw)
    found: list[int] = []
    for first, facets, written, blob in _searched(raw, with_lines=bool(asked.words)):
        fitting: Iterable[int] = range(len(facets))
        if len(asked.facets) < ALL_FACETS:
            fitting = [at for at in fitting if facets[at] in asked.facets]
        if asked.words:
            lines = _lines(asked, written, blob)
            fitting = [at for at in fitting if asked.fits(lines[at])] if lines else ()
        found += [first + at for at in fitting if first + at not in absent]
        if 0 <= limit <= len(found):
            return found[:limit]
    return found


def _lines(asked: Asked, written: str | None, blob: bytes | None) -> list[str]:
    """Return the lines of a page; none when a word stands nowhere in it."""
    if written is not None:
        return written.split("\n") if asked.may_stand_in(written) else []
    return lines_of(unpack(blob or b""))


def _searched(
    raw: RawConnection, *, with_lines: bool
) -> Iterator[tuple[int, bytes, str | None, bytes | None]]:
    """Yield of each page the first row id, facets and lines, or its users where it has none."""
    for table in TABLES:
        query = f"SELECT first, facets, NULL, NULL FROM {table} ORDER BY first"  # noqa: S608 - our own words
        if with_lines:
            query = (
                "SELECT a.first, a.facets, l.lines, CASE WHEN l.lines IS NULL THEN a.users END"  # noqa: S608 - our own words
                f" FROM {table} AS a LEFT JOIN arrival_lines AS l ON l.first = a.first"
                " ORDER BY a.first"
            )
        with closing(raw.execute(query)) as cursor:
            yield from cursor
