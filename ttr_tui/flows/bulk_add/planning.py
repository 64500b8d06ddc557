"""Who of the chosen becomes an agent: counted as bitmaps, however many; read by window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ttr_tui.query import Filter, Query
from ttr_tui.store import Marks
from ttr_tui.store.directory_copy import BitMap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.store import DirectoryCopy

FIRST = 10
"""So many of each sort are known by name."""

WINDOW = 2_000
"""Users that are read at once; a million of them are never held."""

_CANNOT_SIGN_IN = Query(filters=(Filter("kind", ("shared", "disabled")),), show_hidden=True)
"""What `pinning.CANNOT_SIGN_IN` is called in a search."""


@dataclass(frozen=True, slots=True)
class Picked:
    """Some users of the local copy; the `first` of them by name."""

    marks: Marks
    first: tuple[DirectoryUser, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.marks.rids)


@dataclass(frozen=True, slots=True)
class AddPlan:
    """What adding would do: who becomes an agent, who is one already, how many left the tenant.

    `unable` are those of `to_add` for whom nobody can sign in: they cannot be invited.
    """

    to_add: Picked
    already: Picked
    unable: Picked
    gone: int

    @property
    def able(self) -> int:
        """How many of those to be added can be invited."""
        return self.to_add.count - self.unable.count


async def plan(access: Access, company: Company, chosen: Marks) -> AddPlan:
    """Sort the chosen into those to add, those who cannot be added again, and who has left."""
    copy = await access.store.directory(company)
    here = await copy.followed(replace(chosen, left=0))
    taken = await _taken(access, company, copy, here)
    while here.since != taken.since:
        here, taken = await copy.followed(here), await copy.followed(taken)
    already = here.rids & taken.rids
    to_add = here.rids - already
    unable = await copy.search(replace(_CANNOT_SIGN_IN, among=to_add))
    return AddPlan(
        await picked(copy, replace(here, rids=to_add)),
        await picked(copy, replace(here, rids=already)),
        await picked(copy, Marks(BitMap(unable.rids), unable.since)),
        here.left,
    )


async def picked(copy: DirectoryCopy, marks: Marks) -> Picked:
    """Return the users of these marks as a plan tells of them."""
    first = await copy.rows(marks.rids[:FIRST].to_array())
    return Picked(replace(marks, left=0), tuple(user for user in first if user.object_id))


async def windows(
    access: Access, company: Company, marks: Marks
) -> AsyncIterator[list[DirectoryUser]]:
    """Yield the users of these marks in name order, some at a time; who left is passed over."""
    copy = await access.store.directory(company)
    waiting, place = await copy.followed(marks), 0
    while some := waiting.rids[place : place + WINDOW]:
        yield [user for user in await copy.rows(some.to_array()) if user.object_id]
        place += WINDOW
        # The order may be built anew meanwhile, which gives everybody another row id.
        if (await copy.followed(Marks(BitMap(), waiting.since))).since != waiting.since:
            waiting, place = await copy.followed(replace(waiting, rids=waiting.rids[place:])), 0


async def _taken(access: Access, company: Company, copy: DirectoryCopy, chosen: Marks) -> Marks:
    """Return who cannot be added; those who are chosen or those who are agents are looked through,
    whichever are fewer.
    """
    agents = access.store.agents
    found = Marks(BitMap(), chosen.since)
    if len(chosen.rids) < await agents.count_in_tenant(company.tenant_id):
        async for users in windows(access, company, chosen):
            some = await agents.taken(company, [user.object_id for user in users])
            found = await _together(copy, found, list(some))
    else:
        async for ids in agents.all_taken(company):
            found = await _together(copy, found, ids)
    return found


async def _together(copy: DirectoryCopy, found: Marks, object_ids: Sequence[str]) -> Marks:
    more = await copy.addresses.marks_of(object_ids)
    while more.since != found.since:
        more, found = await copy.followed(more), await copy.followed(found)
    rids: Any = found.rids | more.rids
    return replace(found, rids=rids)
