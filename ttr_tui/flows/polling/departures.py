"""Agents whose user a poll found disabled or gone are marked, until the user is back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ttr_tui.model import AuthenticationKind, Company, UserKind, now
from ttr_tui.store import UserGone
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ttr_tui.access import Access
    from ttr_tui.store import DirectoryCopy, Occupant

_MOST_NAMED = 5

_WHAT_BECAME = {
    UserGone.DISABLED: "users disabled in Microsoft 365",
    UserGone.DELETED: "users deleted in Microsoft 365",
    UserGone.NO: "users back in Microsoft 365",
}


async def keep_departures(access: Access, company: Company, copy: DirectoryCopy) -> None:
    """Mark the agents whose user is disabled or no longer there, unmark those whose user is back.

    What is known of each is compared in one go, however many there are.
    """
    if not (await copy.state()).count:
        # A tenant without a single user is none to believe.
        return
    occupants = await access.store.departures.occupants(company.id)
    kinds = await copy.kinds_of({one.object_id for one in occupants})
    changed = await asyncio.to_thread(_changed, occupants, kinds)
    if not changed:
        return
    async with access.store.transaction() as tx:
        await access.store.departures.keep(tx, changed, now())
        for gone, what in _WHAT_BECAME.items():
            called = [one.called for one, became in changed if became is gone]
            if called:
                await access.store.journal.write(
                    tx,
                    what,
                    company_name=company.name,
                    subject=plural(len(called), "authentication"),
                    detail=_named(called),
                )


def _changed(
    occupants: Sequence[Occupant], kinds: Mapping[str, UserKind]
) -> list[tuple[Occupant, UserGone]]:
    seen = ((one, _gone(one, kinds.get(one.object_id))) for one in occupants)
    return [(one, gone) for one, gone in seen if gone is not one.gone]


def _gone(who: Occupant, kind: UserKind | None) -> UserGone:
    """Return what the directory says of one user.

    A disabled account without a licence is what a shared mailbox looks like (facts section 6.1):
    who signed in for themselves had an account, and has been disabled.
    """
    if kind is None:
        return UserGone.DELETED
    signed_in = who.kind is not AuthenticationKind.CHILD
    disabled = kind is UserKind.DISABLED or (kind is UserKind.SHARED and signed_in)
    return UserGone.DISABLED if disabled else UserGone.NO


def _named(called: Sequence[str]) -> str:
    more = len(called) - _MOST_NAMED
    return ", ".join(called[:_MOST_NAMED]) + (f" and {number(more)} more" if more > 0 else "")
