"""Whose addresses these are: everybody is looked through once, however many addresses there are.

An index of addresses would cost every poll more than the seconds a file of addresses takes here at
a million users.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_finding import rids_of
from ttr_tui.store.directory_marks import Marks
from ttr_tui.store.directory_numbers import BitMap, last_move

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.directory_readers import Readers

_AT_ONCE = 5_000
"""Rows fetched at a time; more hold the interpreter for longer than a screen can wait."""

_EVERYBODY = (
    "SELECT rid, object_id || char(10) || user_principal_name || char(10) || address"
    " || char(10) || aliases FROM users"
)


@dataclass(frozen=True, slots=True)
class Owners:
    """Row ids by address, case-folded, true after the move `since`; nobody's are left out."""

    rids: Mapping[str, tuple[int, ...]]
    since: int


class Addresses:
    """Finds users of one local copy by what others call them."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def owners_of(self, addresses: Collection[str]) -> Owners:
        """Return whoever goes by each of `addresses`: all of them, where several do.

        An address is an object id, a user principal name, an address or an alias, in any case.
        Takes 3 s of CPU for each million users, in a thread.
        """
        wanted = {address.casefold() for address in addresses} - {""}

        def work(raw: RawConnection) -> Owners:
            since = last_move(raw)
            return Owners(_looked_through(raw, wanted) if wanted else {}, since)

        return await self._readers.background(work)

    async def marks_of(self, object_ids: Collection[str]) -> Marks:
        """Return those of `object_ids` who are in the copy, as they can be selected."""

        def work(raw: RawConnection) -> Marks:
            since = last_move(raw)
            return Marks(BitMap(rids_of(raw, object_ids).values()), since)

        return await self._readers.behind(work)


def _looked_through(raw: RawConnection, wanted: set[str]) -> dict[str, tuple[int, ...]]:
    owners: dict[str, tuple[int, ...]] = {}
    for rows in _everybody(raw):
        for rid, written in rows:
            names = written.casefold().split("\n")
            if not wanted.isdisjoint(names):
                for name in wanted.intersection(names):
                    owners[name] = (*owners.get(name, ()), rid)
    return owners


def _everybody(raw: RawConnection) -> Iterator[list[tuple[int, str]]]:
    """Yield row ids and what others call their users, a line each, some at a time."""
    with closing(raw.execute(_EVERYBODY)) as cursor:
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows
    for page in arrivals.pages(raw):
        yield [
            (rid, f"{object_id}\n{principal}\n{address}\n{aliases}")
            for rid, (object_id, _, principal, address, _, _, _, aliases, _) in page
        ]
