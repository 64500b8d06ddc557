"""What O365 Agent Bulk Add reads of the local copy: who matches, windows of rows, the selection.

Only row numbers are held; users are read by window, and whether they are agents with them.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ttr_tui.flows.bulk_add.taken import who_cannot
from ttr_tui.screens.selection import Selection
from ttr_tui.store.directory_copy import Query

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.store.directory_copy import CopyState, DirectoryCopy, Matches


class Source:
    """One company's local copy as the list needs it; `selection` is who is selected in it."""

    def __init__(self, access: Access, company: Company) -> None:
        self.access = access
        self.company = company
        self.selection = Selection()
        self.state: CopyState | None = None
        self.matches: Matches | None = None
        self.everyone: array[int] = array("I")
        self._copy: DirectoryCopy | None = None
        self._marks_known = False

    async def copy(self) -> DirectoryCopy:
        """Return the local copy; raises NotConnected without a Company Master.

        Another copy than before has other row numbers: what was held of the former is forgotten.
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
        self.everyone = array("I")
        self._marks_known = False

    async def look(self, search: str, *, show_hidden: bool) -> Matches:
        """Search; the kept selection is read before the first search."""
        copy = await self.copy()
        if not self._marks_known:
            self.selection.add(await copy.rids_of(await copy.load_marks()))
            self._marks_known = True
        self.state = await copy.state()
        return await copy.search(Query(search, show_hidden))

    def take(self, matches: Matches) -> None:
        """Take what was found as what the list shows."""
        if self.matches is None or matches.rids != self.matches.rids:
            self.selection.matched = matches.rids
        self.matches = matches

    async def look_at_everyone(self) -> int:
        """Read the order of all users, for lists of the selection.

        Who has left the tenant is selected no longer; returns how many of the selected that were.
        """
        self.everyone = (await (await self.copy()).search(Query(show_hidden=True))).rids
        left = self.selection.marked.difference(self.everyone)
        if self.state is None or not self.state.complete:
            return 0
        self.selection.drop(left)
        return len(left)

    async def users(self, rids: Sequence[int]) -> list[DirectoryUser]:
        """Return these users, in that order, each with whether it is an agent."""
        users = await (await self.copy()).rows(rids)
        ids = [user.object_id for user in users if user.object_id]
        agents = await who_cannot(self.access, self.company, ids)
        return [replace(user, is_agent=user.object_id in agents) for user in users]

    async def save_marks(self) -> None:
        """Write the selection down."""
        if self._marks_known:
            copy = await self.copy()
            await copy.save_marks(await copy.object_ids_of(list(self.selection.marked)))

    async def object_ids(self, rids: Sequence[int]) -> list[str]:
        """Return the object ids of users, in that order."""
        return await (await self.copy()).object_ids_of(rids)
