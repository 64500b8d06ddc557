"""Read the parts of a directory into its copy: some at once, and each from where it stands.

The next page is asked for as soon as its link is known; parsing and storing follow behind. A plain
walk is one part that holds everybody.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import GraphRefused, PermissionMissing, TokenStale
from ttr_tui.flows.polling.parts import Parts, Standing
from ttr_tui.microsoft import directory, partition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.flows.polling.progress import Pace
    from ttr_tui.flows.polling.source import Source
    from ttr_tui.microsoft.pages import PageText
    from ttr_tui.store import Part

AT_ONCE = 8
"""Requests under way at once, however many parts there are."""

_AHEAD = 3
"""Pages that may wait to be stored: a thousand users each, half a megabyte as they come."""


class PartBroken(Exception):
    """A part cannot be read to its end: Graph refuses its filter, or its link, twice."""

    def __init__(self, refusal: GraphRefused, *, begun: bool) -> None:
        super().__init__(refusal.happened)
        self.refusal = refusal
        self.begun = begun


@dataclass(eq=False)
class _Came:
    """A page on its way into the copy, and where its part goes on (empty: it does not)."""

    part: Standing
    page: PageText
    goes_on: str


@dataclass(eq=False)
class _Replaced:
    """A part that is read anew, or whose users are read in smaller parts."""

    part: str
    into: tuple[str, ...]


class Walk:
    """One walk over parts, from where each stands; `over` is called once."""

    def __init__(self, source: Source, pace: Pace, expected: int | None) -> None:
        self._source = source
        self._pace = pace
        self._parts = Parts(expected, AT_ONCE)
        self._queue: asyncio.Queue[_Came | _Replaced | None] = asyncio.Queue(_AHEAD)
        self._stored: Counter[str] = Counter()

    async def over(self, parts: Sequence[Part]) -> None:
        """Read all that is not read of `parts`, and store it.

        When it ends before its end, what came by then is stored. Raises PartBroken when Graph
        refuses to go on with a part, and what else `Graph.page` raises.
        """
        for part in parts:
            self._parts.add(None if part.done else self._standing(part.name, part.link, part.read))
            self._stored[part.name] = part.read
        many = AT_ONCE if len(parts) > 1 else 1
        storing = asyncio.create_task(self._store())
        fetching = [asyncio.create_task(self._fetch()) for _ in range(many)]
        try:
            await self._until_stored(fetching, storing)
        finally:
            tasks = [storing, *fetching]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_stored(
        self, fetching: Sequence[asyncio.Task[None]], storing: asyncio.Task[None]
    ) -> None:
        fetched = asyncio.gather(*fetching)
        fetched.add_done_callback(_looked_at)
        both: list[asyncio.Future[Any]] = [fetched, storing]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not storing.done():
            # One broke, or all are through: the others end, and what came is stored.
            for task in fetching:
                task.cancel()
            await asyncio.wait(fetching)
            end = asyncio.create_task(self._queue.put(None))
            await asyncio.wait([end, storing], return_when=asyncio.FIRST_COMPLETED)
            end.cancel()
        await storing
        fetched.result()

    def _standing(self, name: str, link: str = "", read: int = 0) -> Standing:
        start = link or partition.path_of(name)
        return Standing(name, self._source.microsoft.graph.trail(start), link, read)

    async def _fetch(self) -> None:
        while (part := await self._parts.take()) is not None:
            try:
                await self._fetch_page(part)
            except (PermissionMissing, TokenStale):
                raise
            except GraphRefused as refusal:
                if part.again or not part.link or not part.name:
                    raise PartBroken(refusal, begun=bool(part.link)) from refusal
                await self._replace(part, (part.name,))

    async def _fetch_page(self, part: Standing) -> None:
        graph, start = self._source.microsoft.graph, part.start
        advanced = bool(part.name)
        came = await self._source.ask(lambda token: graph.page(start, token, advanced=advanced))
        if not part.link and part.name and came.count is not None:
            part.count = came.count
            if smaller := self._parts.instead_of(part):
                await self._replace(part, smaller)
                return
        fault = part.trail.fault(came.next_link)
        # A page whose next link is not followed is stored, and its part stays where it was.
        await self._queue.put(_Came(part, came, start if fault else came.next_link))
        if fault is not None:
            raise fault
        part.link = came.next_link
        part.read += partition.LARGEST_PAGE
        await self._parts.give_back(part)

    async def _replace(self, part: Standing, names: tuple[str, ...]) -> None:
        await self._queue.put(_Replaced(part.name, names))
        others = [self._standing(name) for name in names]
        for other in others:
            other.again = other.name == part.name
        await self._parts.replace(others)

    async def _store(self) -> None:
        copy = self._source.copy
        while (came := await self._queue.get()) is not None:
            if isinstance(came, _Replaced):
                await copy.replace_part(came.part, came.into)
                self._pace.not_read(self._stored.pop(came.part, 0))
                continue
            # One after the other: two would take turns, and hold twice as much.
            page = await directory.users_of(came.page, came.part.trail)
            await copy.put_page(page.users, came.goes_on, came.part.name)
            self._stored[came.part.name] += len(page.users)
            self._pace.parts_are(self._parts.done, self._parts.all)
            self._pace.has_read(len(page.users))


def _looked_at(fetched: asyncio.Future[Any]) -> None:
    """Look at how fetching ended, so that nobody is told that nobody did."""
    if not fetched.cancelled():
        fetched.exception()
