"""How O365 Agent Bulk Add searches: the latest search wins, and no key waits for one.

A search begins in the key's own turn, before the letter is drawn. The first screenful is asked for,
then all who match; the list is drawn with the exact count when that is there soon, else it follows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import Gone, TtrError
from ttr_tui.query import Sort
from ttr_tui.screens import bulk_add_words as words
from ttr_tui.screens.bulk_add_ahead import Asked
from ttr_tui.screens.bulk_add_box import SearchBox
from ttr_tui.screens.bulk_add_users import ReadingFailed, UserRows
from ttr_tui.screens.finder import Finder
from ttr_tui.screens.selection import Listing, all_matched, only_selected

if TYPE_CHECKING:
    from ttr_tui.model import DirectoryUser
    from ttr_tui.screens.bulk_add_source import Search, Source
    from ttr_tui.store import Matches
    from ttr_tui.store.directory_copy import Screenful

PATIENCE = 5.0
"""A list that fills is looked at again after so many times what the last look took."""

UNTIL_ORDERED = 0.5
"""Seconds between two looks at a list of which some are still being put in order."""


GRACE = 0.005
"""Seconds at most that the first screenful waits for the count, so that both are one frame.

No longer than it took itself, and not at all when the last count took more than twice that: while
the list is drawn, a count takes longer.
"""


class Looking(Finder):
    """Finds users of `source`; a subclass shows what is about the list.

    `only_selected` shows the selection alone; `show_hidden` lets hidden kinds through. `found` is
    called whenever the list shows what a search found, before it is drawn, with how many of the
    selected have left the directory.
    """

    search: SearchBox
    rows: UserRows

    def __init__(self, source: Source) -> None:
        super().__init__(id="finder")
        self.source = source
        self.show_hidden = False
        self.search = SearchBox(self.look)
        self.sort, self.descending = Sort.NAME, False
        self.rows = UserRows(source)
        self.rows.asked = self._asked
        self.found: Callable[[int], None] = lambda _left: None
        self._wanted = self._looking = self._held = self._due = False
        self._new = self._counts_soon = True
        self._took = self._looked_at = 0.0
        self._news = asyncio.Event()
        self._chosen: tuple[Sequence[int], Sequence[int]] = ([], [])

    def show_counts(self) -> None:
        """Show how many match, and who is left out."""
        raise NotImplementedError

    def show_beside(self) -> None:
        """Show what stands beside the list."""
        raise NotImplementedError

    def _asked(self) -> Asked:
        found = self.search.value, self.show_hidden, self.only_selected
        return Asked(*found, self.sort, self.descending)

    def look(self) -> None:
        """Search for what stands in the field now; while a search runs, once more after it."""
        self._wanted, self._due = True, False
        self._news.set()
        if not self._looking:
            self._looking = True
            self.run_worker(self._look_on(), group="look")

    def look_soon(self) -> None:
        """Search again, not at once when that was just done: a list that fills slows no key."""
        wait = self._looked_at + PATIENCE * self._took - monotonic()
        if wait <= 0 or not self._took:
            self.look()
        elif not self._due:
            self._due = True
            self.set_timer(wait, self.look)

    def catch_up(self) -> None:
        """Do what a range put off."""
        if self._held:
            self._held = False
            self.look()

    async def _look_on(self) -> None:
        """Search whenever that is wanted, for as long as this stands."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                while self._wanted:
                    self._wanted = False
                    await self._look()
            except TtrError as problem:
                self.rows.give_up()
                self.post_message(ReadingFailed(problem))

    async def _look(self) -> None:
        if self._new:
            self.sort, self.descending = await self.source.order()
            self._new = False
        began, asked = monotonic(), self.rows.wanted
        to_top = asked.begins_anew(self.rows.shown)
        search = await self.source.begin(asked, self.rows.page if to_top and asked.by_name else 0)
        try:
            await self._look_once(search, asked, to_top=to_top)
        except Gone:
            if await self.source.copy() is search.copy:
                raise
            self._wanted = True
        finally:
            search.end()
        self._looked_at = monotonic()
        self._took = self._looked_at - began

    async def _look_once(self, search: Search, asked: Asked, *, to_top: bool) -> None:
        before = self.source.matches
        first = await self._first(search, asked)
        at_hand = monotonic()
        matches = await self._whole(search.whole, asked)
        if matches is None:
            self._wanted = True
            return
        self._counts_soon = monotonic() - at_hand < 2 * GRACE
        left, here = await self.source.follow(matches, self.rows.rid_here)
        if left is None or asked != self.rows.wanted:
            self._wanted = True
            return
        self.source.take(matches)
        listing = self._listing(asked)
        same = before is not None and before.rids == matches.rids and not self.rows.provisional
        if same and not to_top and not asked.only_selected and listing == self.rows.listing:
            await self.rows.renew()
        elif self.rows.in_range or not await self.rows.show(
            listing, _known(first, matches), to_top=to_top, here=here
        ):
            self._held = True
        self.rows.shown = asked
        self.rows.settle()
        self._wanted |= asked != self._asked()
        self.show_counts()
        self.call_after_refresh(self.show_beside)
        self._wait_for_order()
        self.found(left)

    async def _first(self, search: Search, asked: Asked) -> Screenful | None:
        """Return the first screenful; shown at once while the others are still looked for."""
        if search.first is None:
            return None
        began = monotonic()
        first = await search.first
        if self._counts_soon:
            await asyncio.wait({search.whole}, timeout=min(monotonic() - began, GRACE))
        if not search.whole.done() and asked == self.rows.wanted and not self.rows.in_range:
            await self.rows.show(all_matched(first.rids), _known(first, first), to_top=True)
            self.rows.provisional = True
            self.search.count = words.count_so_far(first, self.source.state)
        return first

    async def _whole(self, whole: asyncio.Future[Matches | None], asked: Asked) -> Matches | None:
        """Return all who match, or None when something else is to be looked for meanwhile."""
        while not whole.done() and asked == self.rows.wanted:
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            either: set[asyncio.Future[Any]] = {whole, news}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
        return await whole if whole.done() else None

    def _wait_for_order(self) -> None:
        """Look again for as long as some users stand behind the others, in order of arrival."""
        state = self.source.state
        if state is not None and state.unplaced and state.complete and not self._due:
            self._due = True
            self.set_timer(max(UNTIL_ORDERED, PATIENCE * self._took), self.look)

    def _listing(self, asked: Asked) -> Listing:
        source = self.source
        if not asked.only_selected:
            return all_matched(source.selection.matched)
        selection = source.selection
        self._chosen = selection.not_in_view_of(), selection.in_view_of()
        return only_selected(selection, *self._chosen)


def _known(first: Screenful | None, found: Matches | Screenful) -> Mapping[int, DirectoryUser]:
    """Return the users of the first screenful by row id, if these are true as `found` has them."""
    if first is None or first.since != found.since:
        return {}
    return dict(zip(first.rids, first.users, strict=True))
