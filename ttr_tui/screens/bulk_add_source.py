"""What O365 Agent Bulk Add reads of the local copy: who matches, windows of rows, the selection.

Only row ids are held; users are read by window, and whether they are agents with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pyroaring import BitMap

from ttr_tui.errors import Gone
from ttr_tui.flows import bulk_add
from ttr_tui.flows.bulk_add.taken import who_cannot
from ttr_tui.query import Sort, parse_query
from ttr_tui.screens.selection import Selection
from ttr_tui.store import Marks
from ttr_tui.text import fold

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.flows.bulk_add import Picked
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.query import Query
    from ttr_tui.screens.bulk_add_ahead import Asked
    from ttr_tui.store import CopyState, DirectoryCopy, Matches
    from ttr_tui.store.directory_copy import Screenful

T = TypeVar("T")

FIRST = 100
"""Users among whom values of a filter are looked for."""

_ORDER_NOTE = "order of users of {}"
_BACKWARDS = "backwards"
_COLUMNS: dict[str, Callable[[DirectoryUser], str]] = {
    "department": lambda user: user.department,
    "title": lambda user: user.title,
    "office": lambda user: user.office,
}


@dataclass(frozen=True, slots=True)
class Search:
    """A search of `copy` under way: its first screenful, if that is asked for, and all who match.

    `whole` is None when another copy has taken the place of this one.
    """

    copy: DirectoryCopy
    first: asyncio.Future[Screenful] | None
    whole: asyncio.Future[Matches | None]

    def end(self) -> None:
        """Wait for it no longer; what is under way is interrupted."""
        for one in (self.whole, self.first):
            if one is not None and not one.cancel() and not one.cancelled():
                one.exception()


class Source:
    """One company's local copy as the list needs it; `selection` is who is selected in it."""

    def __init__(self, access: Access, company: Company) -> None:
        self.access = access
        self.company = company
        self.selection = Selection()
        self.state: CopyState | None = None
        self.matches: Matches | None = None
        self._copy: DirectoryCopy | None = None
        self._since = -1

    async def copy(self) -> DirectoryCopy:
        """Return the local copy; raises NotConnected without a Company Master.

        Another copy than before has other row ids: what was held of the former is forgotten.
        """
        copy = await self.access.store.directory(self.company)
        if copy is not self._copy:
            self.forget()
            self._copy = copy
        return copy

    def forget(self) -> None:
        """Forget what was read, the selection with it (it is written down in its copy)."""
        self.selection.clear()
        self.selection.matched = ()
        self.state = self.matches = self._copy = None
        self._since = -1

    async def begin(self, asked: Asked, room: int) -> Search:
        """Ask for the first `room` of those who match, by name, and for all of them.

        With no room the first are not asked for. Whoever begins a search ends it.
        """
        copy = self._copy or await self.copy()
        query = await self._query(asked)
        if not room:
            return Search(copy, None, asyncio.ensure_future(self._whole(copy, query)))
        found = asyncio.ensure_future(copy.first(query, room))
        first = asyncio.ensure_future(self._first(found))
        return Search(copy, first, asyncio.ensure_future(self._whole(copy, query, found)))

    async def _first(self, found: Awaitable[Screenful]) -> Screenful:
        first = await found
        return replace(first, users=await self._with_agents(first.users))

    async def _whole(
        self, copy: DirectoryCopy, query: Query, found: asyncio.Future[Screenful] | None = None
    ) -> Matches | None:
        # Side by side with a search of all, the first would take several times as long.
        if found is not None:
            await asyncio.wait({found})
        # Whether it still is the copy is asked meanwhile: nobody waits for that alone.
        state, matches, copy_now = await asyncio.gather(
            copy.state(), copy.search(query), self.copy()
        )
        if copy_now is not copy:
            return None
        self.state = state
        return matches

    async def values(self, name: str, begins: str) -> list[str]:
        """Return values of a filter that begin so.

        They are those of the first who match, by name: enough to offer one, and as fast as a key.
        """
        column = _COLUMNS.get(name)
        query = parse_query(f'{name}:"{begins}"', show_hidden=True)
        if column is None or not query.filters:
            return []
        found = await self._ask(lambda copy: copy.first(query, FIRST))
        values = {column(user) for user in found.users}
        return [one for one in values if fold(one).startswith(fold(begins))]

    async def follow(
        self, matches: Matches | None, here: int | None
    ) -> tuple[int | None, int | None]:
        """Have the selection follow row ids that changed; the kept one is read before the first.

        Who has left the tenant is selected no longer. Returns how many of the selected that were
        (None when row ids changed after `matches` was found, or nothing was: then it has to be
        found again), and the row id that the user of `here` has now, if it is another one.
        """
        if matches is not None and matches.since == self._since:
            return 0, None
        copy, since = await self.copy(), self._since
        if since < 0:
            marks = await copy.marks()
        else:
            marks = await copy.followed(Marks(self.selection.marked.copy(), since))
        if matches is None or marks.since != matches.since:
            return None, None
        moved = None
        if here is not None and 0 <= since < marks.since:
            now = (await copy.followed(Marks(BitMap([here]), since))).rids
            moved = now[0] if len(now) == 1 and now[0] != here else None
        self.selection.marked, self._since = marks.rids, marks.since
        return marks.left, moved

    def take(self, matches: Matches) -> None:
        """Take what was found as what the list shows."""
        if self.matches is None or matches.rids != self.matches.rids:
            self.selection.matched = matches.rids
        self.matches = matches

    async def users(self, rids: Sequence[int]) -> list[DirectoryUser]:
        """Return these users, in that order, each with whether it is an agent."""
        return await self._with_agents(await self._ask(lambda copy: copy.rows(rids)))

    async def _with_agents(self, users: Sequence[DirectoryUser]) -> list[DirectoryUser]:
        ids = [user.object_id for user in users if user.object_id]
        agents = await who_cannot(self.access, self.company, ids)
        return [user._replace(is_agent=user.object_id in agents) for user in users]

    async def select(self, marks: Marks) -> int:
        """Select these as well, wherever they stand now; return how many have left the tenant."""
        copy = await self.copy()
        more, before = marks, None
        while before is None or before != self.selection.marked:
            before = self.selection.marked.copy()
            mine = await (
                copy.marks() if self._since < 0 else copy.followed(Marks(before, self._since))
            )
            more = await copy.followed(Marks(marks.rids, marks.since))
            if more.since != mine.since:
                before = None
        self.selection.marked, self._since = mine.rids | more.rids, mine.since
        return more.left

    async def save_marks(self) -> None:
        """Write the selection down."""
        if self._since >= 0:
            copy = await self.copy()
            await copy.keep_marks(Marks(self.selection.marked.copy(), self._since))

    async def picked(self, rids: BitMap) -> Picked:
        """Return rows of the list as a run is planned of them, followed from here on."""
        since = self._since
        if since < 0:
            since = (await self._ask(lambda copy: copy.followed(Marks(BitMap(), 0)))).since
        return await self._ask(lambda copy: bulk_add.picked(copy, Marks(rids, since)))

    async def object_ids(self, rids: Sequence[int]) -> list[str]:
        """Return the object ids of users, in that order."""
        return await self._ask(lambda copy: copy.object_ids_of(rids))

    async def order(self) -> tuple[Sort, bool]:
        """Return the column by which this company's users were sorted last, and if backwards."""
        kept = (await self.access.store.note(_ORDER_NOTE.format(self.company.id))).split()
        sort = Sort(kept[0]) if kept and kept[0] in set(Sort) else Sort.NAME
        return sort, kept[1:] == [_BACKWARDS]

    async def keep_order(self, sort: Sort, *, descending: bool) -> None:
        """Write down by which column the users are sorted."""
        store = self.access.store
        words = f"{sort.value} {_BACKWARDS if descending else ''}".strip()
        async with store.transaction() as tx:
            await store.set_note(tx, _ORDER_NOTE.format(self.company.id), words)

    async def _ask(self, question: Callable[[DirectoryCopy], Awaitable[T]]) -> T:
        """Ask the local copy; one that is closed meanwhile has another one, or nobody has any."""
        copy = await self.copy()
        try:
            return await question(copy)
        except Gone:
            if await self.copy() is copy:
                raise
            return await question(await self.copy())

    async def _query(self, asked: Asked) -> Query:
        query = replace(
            parse_query(asked.search, asked.show_hidden),
            sort=asked.sort,
            descending=asked.descending,
        )
        if query.asks_agents:
            agents = await self.access.store.agents.object_ids(self.company.id)
            await self._ask(lambda copy: copy.set_agents(agents))
        return query
