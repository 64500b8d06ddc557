"""Where the authentications' screens read: the store, and nothing else."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from ttr_tui.flows import invitations
from ttr_tui.model import Agent, Authentication, now
from ttr_tui.screens.authentications_catalogue import (
    Branch,
    Catalogue,
    Matched,
    by_branch,
    sought,
)
from ttr_tui.screens.selection import Selection
from ttr_tui.store.branches import Sought

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company, JournalEntry
    from ttr_tui.store.branches import Entry, Members

JOURNAL_ENTRIES = 2_000
"""So many of the latest entries are looked through for those of one authentication."""

MOST_AT_HAND = 10_000
"""Rows kept at hand; when there are more, those that were not wanted last are forgotten."""


OPENED_AT_ONCE = 1_000
"""So many rows are opened at once behind the list; it takes them ten milliseconds."""


class Source:
    """One company's authentications: who stands where as last read, and which are selected.

    Nothing is asked of Microsoft, and the tree stands before a single child was read; rows are
    read by window, and opened with it. Which of the others do not open is found out behind the list
    where it is counted: of the own sign-ins, of the children once a state asks for it.
    """

    def __init__(self, access: Access, company: Company) -> None:
        self.company = company
        self.catalogue = Catalogue()
        self.known = False
        self._everybody: Members | None = None
        self.selection = Selection()
        self.matched = Matched(self.catalogue.members)
        self._expected: Any = BitMap()
        self._access = access
        self._store = access.store
        self._at_hand: dict[int, Entry] = {}
        self._selectable: Any = BitMap()
        self._opened: Any = BitMap()
        self._closed: Any = BitMap()

    async def read(self) -> int:
        """Read who stands where; return how many of the selected were deleted elsewhere."""
        branches, of = self._store.branches, self.company.id
        everything = Sought(now(), closed=self._closed)
        everybody = await branches.members(of, everything)
        members = by_branch(everybody)
        latest = await invitations.latest(self._access, self.company)
        self.catalogue = Catalogue(
            await branches.master(of),
            members,
            await branches.states(of, everything, own=True),
            [invitations.state_of(one) for one in latest],
        )
        self.known, self._everybody = True, everybody
        self._at_hand.clear()
        self._selectable = BitMap(members[Branch.MASTER]) | BitMap(members[Branch.OWN])
        gone = self.selection.marked - self._selectable
        self.selection.drop(gone)
        return len(gone - self._expected)

    async def bring(self, rids: Iterable[int]) -> None:
        """Read those of these rows that are not at hand."""
        wanted = [rid for rid in rids if rid not in self._at_hand]
        if not wanted:
            return
        if len(self._at_hand) > MOST_AT_HAND:
            self._at_hand.clear()
        self._at_hand |= await self._store.branches.entries(wanted)

    def row(self, rid: int) -> Authentication | None:
        """Return the authentication of a row that is at hand; None for an agent without."""
        found = self._at_hand.get(rid)
        return found if isinstance(found, Authentication) else None

    def agent(self, rid: int) -> Agent | None:
        """Return the agent of a row that is at hand and has no authentication."""
        found = self._at_hand.get(rid)
        return found if isinstance(found, Agent) else None

    def name(self, rid: int) -> str:
        """Return what a row that is at hand is called."""
        found = self._at_hand.get(rid)
        return "" if found is None else found.name or found.address

    def selects(self, rid: int) -> bool:
        """Tell whether a row can be selected: only authentications can."""
        return rid in self._selectable

    async def deletes(self, ids: Sequence[str]) -> None:
        """Take note that these are about to be deleted from here: that is no news then."""
        self._expected |= BitMap(await self._store.branches.numbers_of(ids))

    def open_anew(self) -> None:
        """Let `look_for_closed` open again what it has opened."""
        self._opened = BitMap()

    async def look_for_closed(self, *, children: bool) -> bool:
        """Open all own sign-ins, and `children`; return whether the tree must be read again.

        What was opened since `open_anew` is not opened again.
        """
        members, before = self.catalogue.members, self._closed
        wanted: Any = BitMap(members[Branch.OWN])
        if children:
            wanted |= BitMap(members[Branch.MASTER])
        wanted -= self._opened
        for start in range(0, len(wanted), OPENED_AT_ONCE):
            some: Any = wanted[start : start + OPENED_AT_ONCE]
            closed = BitMap(await self._store.branches.closed(some))
            self._closed = (self._closed - some) | closed
            self._opened |= some
        return bool(self._closed != before)

    async def search(self, search: str) -> None:
        """Look for who matches; only authentications can be selected."""
        wanted = sought(search, now(), self._closed)
        if wanted is None:
            matched = Matched(self.catalogue.members)
        else:
            found = await self._store.branches.members(self.company.id, wanted, self._everybody)
            master = self.catalogue.master_matches(wanted)
            by_state = wanted.states is not None
            matched = Matched(by_branch(found), True, master, by_state=by_state)
        self.matched = matched
        self.selection.matched = matched.rids[Branch.MASTER] + matched.rids[Branch.OWN]

    async def ids(self, rids: Sequence[int]) -> list[str]:
        """Return the ids of these authentications."""
        return await self._store.branches.ids_of(rids)

    def everyone(self) -> Iterable[int]:
        """Return the numbers of all authentications that can be selected, in order."""
        members = self.catalogue.members
        return chain(members[Branch.MASTER], members[Branch.OWN])

    async def find(self, authentication_id: str) -> Authentication | None:
        """Return an authentication as it stands now, or None when it is gone."""
        master = self.catalogue.master
        if master is not None and master.id == authentication_id:
            return await self._store.branches.master(self.company.id)
        for rid in await self._store.branches.numbers_of([authentication_id]):
            found = (await self._store.branches.entries([rid])).get(rid)
            return found if isinstance(found, Authentication) else None
        return None

    async def child_states(self) -> Mapping[str, int]:
        """Return how many children of the Company Master are in which state."""
        everything = Sought(now(), closed=self._closed)
        return await self._store.branches.states(self.company.id, everything, own=False)

    async def journal(self) -> list[JournalEntry]:
        """Return the latest entries of the whole journal, oldest first."""
        return await self._store.journal.since(limit=JOURNAL_ENTRIES)
