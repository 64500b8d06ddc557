"""Where the authentications' screens read: the store, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ttr_tui.flows import invitations
from ttr_tui.screens.authentications_catalogue import NO_TREE, Catalogue, Matched, Numbers
from ttr_tui.screens.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company, JournalEntry

JOURNAL_ENTRIES = 2_000
"""So many of the latest entries are looked through for those of one authentication."""


class Source:
    """One company's authentications as last read, and which of them are selected.

    Nothing is asked of Microsoft, and the tree stands before a single child was opened; which do
    not open is found out behind it (`look_for_closed`).
    """

    def __init__(self, access: Access, company: Company) -> None:
        self.company = company
        self.catalogue = Catalogue(NO_TREE)
        self.known = False
        self.selection = Selection()
        self.matched = Matched(self.catalogue.members)
        self._expected: set[int] = set()
        self._access = access
        self._store = access.store
        self._numbers = Numbers()
        self._closed: frozenset[str] = frozenset()

    async def read(self) -> int:
        """Read the tree; return how many of the selected were deleted elsewhere."""
        tree = await self._store.authentications.tree(self.company.id)
        latest = await invitations.latest(self._access, self.company)
        invited = [invitations.state_of(one) for one in latest]
        self.catalogue = await asyncio.to_thread(
            Catalogue.of, tree, self._closed, self._numbers, invited
        )
        self.known = True
        gone = {rid for rid in self.selection.marked if rid not in self.catalogue.rows}
        self.selection.drop(gone)
        return len(gone - self._expected)

    def deletes(self, ids: Sequence[str]) -> None:
        """Take note that these are about to be deleted from here: that is no news then."""
        self._expected.update(map(self._numbers.of, ids))

    async def look_for_closed(self) -> bool:
        """Open every row to see whether it can be; return whether the tree must be read again."""
        closed = frozenset(await self._store.authentications.unreadable(self.company.id))
        changed = closed != self._closed
        self._closed = closed
        return changed

    def match(self, matched: Matched) -> None:
        """Take who matches the present search; only authentications can be selected."""
        self.matched = matched
        rows = self.catalogue.rows
        self.selection.matched = [
            rid for rids in matched.rids.values() for rid in rids if rid in rows
        ]

    def ids(self, rids: Sequence[int]) -> list[str]:
        """Return the ids of these authentications."""
        rows = self.catalogue.rows
        return [rows[rid].id for rid in rids if rid in rows]

    def everyone(self) -> Iterable[int]:
        """Return the numbers of all authentications that can be selected, in order."""
        return self.catalogue.rows

    async def journal(self) -> list[JournalEntry]:
        """Return the latest entries of the whole journal, oldest first."""
        return await self._store.journal.since(limit=JOURNAL_ENTRIES)
