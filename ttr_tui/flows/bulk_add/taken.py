"""Who cannot be added, and why: a mailbox is an agent of one company."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ttr_tui.access import Access
    from ttr_tui.model import Company


async def who_cannot(
    access: Access, company: Company, object_ids: Collection[str]
) -> dict[str, str]:
    """Return, for those who cannot be added, why: an agent here, or of another company."""
    if not object_ids:
        return {}
    return await whose(access, company, await access.store.agents.taken(company, object_ids))


async def whose(access: Access, company: Company, taken: Mapping[str, str]) -> dict[str, str]:
    """Return the same as reasons, for object ids with the ids of the companies they are taken by.

    A reason is the same text for everybody it concerns.
    """
    reasons = {}
    for company_id in set(taken.values()):
        if company_id == company.id:
            reasons[company_id] = "It is an agent of this company."
        else:
            other = await access.store.companies.get(company_id)
            reasons[company_id] = f"It is an agent of {other.name}, which shares this tenant."
    return {object_id: reasons[company_id] for object_id, company_id in taken.items()}
