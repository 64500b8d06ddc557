"""What deleting would take and leave; nothing is deleted here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttr_tui.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Authentication, Company
    from ttr_tui.store.branches import Held
    from ttr_tui.store.chosen import Chosen

FIRST = 5
"""So many of the chosen are named in a question, if there are no more."""


@dataclass(frozen=True, slots=True)
class RevocationPlan:
    """What deleting would take and leave.

    `ids` are the chosen rows, `first` the first few of them, `own` and `alone` how many of them are
    own sign-ins, and children that go without their parent. `with_master`: the Company Master is
    among them, and all its `children` go too. `people` signed in to what goes; `own_stay` and
    `children_stay` count the authentications that work on.
    `admin_center` is the page of the Entra admin center where this app's consent is ended, empty
    until it is carried out and where the authority is none of Microsoft's.
    """

    company: Company
    ids: tuple[str, ...]
    first: tuple[Authentication, ...]
    with_master: bool
    children: int
    own: int
    alone: int
    people: tuple[str, ...]
    own_stay: int
    children_stay: int
    admin_center: str = ""

    @property
    def count(self) -> int:
        """Return how many authentications go."""
        return len(self.ids) + self.children

    @property
    def agents(self) -> int:
        """Return how many agents are left without an authentication."""
        return self.own + self.alone + self.children


async def plan(
    access: Access, company: Company, authentication_ids: Sequence[str]
) -> RevocationPlan:
    """Say exactly what deleting these would take; raise Refused when none is there any more."""
    branches = access.store.branches
    chosen = await branches.chosen(company.id, authentication_ids)
    planned = plan_of(company, await branches.held(company.id), chosen)
    first = await access.store.authentications.of_ids(planned.ids[:FIRST])
    return replace(planned, first=tuple(first))


def plan_of(company: Company, held: Held, chosen: Chosen) -> RevocationPlan:
    """Say what deleting `chosen` takes of what the company has; raise Refused for nothing."""
    if not chosen.ids:
        raise Refused("What was chosen is no longer there.", cure="Choose again.")
    goes = chosen.ids if chosen.master is None else (chosen.master, *chosen.own)
    alone = 0 if chosen.master is not None else len(chosen.children)
    taken = held.children if chosen.master is not None else 0
    return RevocationPlan(
        company=company,
        ids=goes,
        first=(),
        with_master=chosen.master is not None,
        children=taken,
        own=len(chosen.own),
        alone=alone,
        people=chosen.people,
        own_stay=held.own - len(chosen.own),
        children_stay=held.children - taken - alone,
    )
