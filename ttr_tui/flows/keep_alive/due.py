"""When a stored sign-in is to be refreshed, and when a company is left alone."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui.access import SIGN_IN_FREQUENCY_NOTE
from ttr_tui.advice import SIGN_IN_FREQUENCY, company_pause
from ttr_tui.model import Authentication, AuthenticationKind, Company, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Alarm

MASTER_WITHIN = timedelta(hours=24)
"""How long a Company Master is left unused at most: everything hangs on it, and a consent that was
withdrawn shows by it."""

YOUNGEST = timedelta(days=5)
OLDEST = timedelta(days=8)
"""How long a sign-in is left unused at least and at most; which of it is its own, so that a
thousand stored on one day are not asked on one day."""


def stopping(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return which alarms speak for every sign-in of their company.

    One that a policy ended after its time says nothing of the next, and what no token is refused
    for stops no refresh.
    """
    return [
        alarm
        for alarm in alarms
        if alarm.cause.startswith("AADSTS") and alarm.cause != SIGN_IN_FREQUENCY
    ]


def rests(alarms: Iterable[Alarm]) -> bool:
    """Tell whether a company is left alone for now because of what stops it."""
    present = now()
    return any(present < alarm.last_at + company_pause(alarm.times) for alarm in alarms)


async def due(access: Access, company: Company) -> Sequence[Authentication]:
    """Return which sign-ins of a company are to be refreshed now.

    Those that worked come first: what stops one that was refused before must not keep them waiting.
    """
    note = await access.store.note(SIGN_IN_FREQUENCY_NOTE.format(company.id))
    frequency = timedelta(seconds=int(note)) if note else None
    present = now()
    roots = [
        one
        for one in await access.store.roots.of(company.id)
        if one.person is not None and due_at(one, frequency) <= present
    ]
    return sorted(roots, key=lambda one: (one.refusals, due_at(one, frequency)))


def due_at(root: Authentication, frequency: timedelta | None = None) -> datetime:
    """Return when a sign-in is refreshed next: its own day between YOUNGEST and OLDEST, a Company
    Master's its own hour within MASTER_WITHIN.

    Sooner where a conditional-access policy is known to end sign-ins after `frequency`: it is then
    seen on the day.
    """
    if root.next_try_at is not None:
        return root.next_try_at
    signed_in = root.signed_in_again_at or root.since
    used = max(signed_in, root.last_used or signed_in)
    if root.kind is AuthenticationKind.COMPANY_MASTER:
        by_age = used + MASTER_WITHIN * (1 - _share(root.id) / 4)
    else:
        by_age = used + YOUNGEST + (OLDEST - YOUNGEST) * _share(root.id)
    if frequency is not None and used < signed_in + frequency:
        return min(by_age, signed_in + frequency)
    return by_age


def _share(of: str) -> float:
    """Return a number from 0 to 1 that is always the same for the same id."""
    return int.from_bytes(hashlib.blake2b(of.encode(), digest_size=4).digest(), "big") / 2**32
