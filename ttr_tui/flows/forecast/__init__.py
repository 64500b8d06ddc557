"""Everything with a date on one list, soonest first: of a company, and of the installation.

Read from the store, the settings and our own certificate's file: no network, so that it can be
asked at any time. A date that should be known and is not stays on the list, as not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.flows.forecast import installation, own
from ttr_tui.flows.forecast.due import Due, in_order, judged, when
from ttr_tui.model import now

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company

__all__ = ["Due", "forecast", "in_order", "judged", "of_company", "of_installation", "when"]


async def forecast(access: Access, company: Company, warn: int | None = None) -> tuple[Due, ...]:
    """Return all that has a date and concerns a company, soonest first, undated things last.

    `warn` replaces the days of notice of every kind that ends. Raises store errors only.
    """
    shared = await of_installation(access, warn)
    return in_order([*shared, *await of_company(access, company, warn)])


async def of_installation(access: Access, warn: int | None = None) -> tuple[Due, ...]:
    """Return what all companies share: client secret, certificates, backup, keep-alive."""
    endings = await installation.endings(access)
    return in_order(judged(ending, now(), warn) for ending in endings)


async def of_company(access: Access, company: Company, warn: int | None = None) -> tuple[Due, ...]:
    """Return what is a company's own: sign-ins, each with its children, and open links."""
    endings = await own.endings(access, company)
    return in_order(judged(ending, now(), warn) for ending in endings)
