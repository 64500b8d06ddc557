"""The Company Master that new children hang on: there, and accepted by Microsoft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import Gone, NotConnected
from ttr_tui.model import Status

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Authentication, Company, Run


async def accepted_master(access: Access, company: Company) -> Authentication:
    """Return the company's Company Master; raise NotConnected while Microsoft refuses it."""
    master = await access.company_master(company)
    require_accepted(master, company)
    return master


async def parent_of(access: Access, run: Run, company: Company) -> Authentication:
    """Return the Company Master a run was started under.

    Raises Gone when it was deleted meanwhile, NotConnected when Microsoft refuses it by now.
    """
    master = await access.store.authentications.get(run.parent_id)
    if master is None:
        raise Gone("The Company Master was deleted meanwhile.", means="Nobody more is added.")
    require_accepted(master, company)
    return master


def require_accepted(master: Authentication, company: Company) -> None:
    """Raise NotConnected unless Microsoft accepted the Company Master the last time."""
    if master.status is not Status.HEALTHY:
        raise NotConnected(
            f"Microsoft refuses the Company Master of {company.name}.",
            means="Its children work on; nobody can be added.",
            cure="Sign in the Company Master again.",
        )
