"""The attempt that is open for somebody already: it is gone on with instead of a second link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.attempts.links import accepts_a_press
from ttr_tui.model import AuthenticationKind, Purpose

if TYPE_CHECKING:
    from ttr_tui.model import Attempt, Authentication, Company
    from ttr_tui.store import Store


async def ongoing_again(
    store: Store, company: Company, authentication: Authentication
) -> Attempt | None:
    """Return the open attempt that renews this authentication, or None.

    An invitation or a first sign-in that is still open is none: it replaces nothing.
    """
    every = await store.attempts.open_of(company.id, Purpose.REAUTHENTICATION)
    if authentication.kind is not AuthenticationKind.COMPANY_MASTER:
        return _best(store, [one for one in every if one.agent_id == authentication.agent_id])
    person = authentication.person
    object_id = person.object_id if person is not None else ""
    mine = [
        one
        for one in every
        if one.for_master and one.expected is not None and one.expected.object_id == object_id
    ]
    return _best(store, mine)


async def ongoing_of(store: Store, agent_id: str) -> Attempt | None:
    """Return the open attempt of an agent, whatever it was made for, or None."""
    return _best(store, await store.attempts.open_of_agents([agent_id])) if agent_id else None


def _best(store: Store, open_ones: list[Attempt]) -> Attempt | None:
    """Return the one that waits for the operator's word, else the newest."""
    living = [one for one in open_ones if accepts_a_press(store, one)]
    return max(living, key=lambda one: (one.person is not None, one.created_at), default=None)
