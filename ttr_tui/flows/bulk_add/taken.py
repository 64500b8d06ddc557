"""Who cannot be added, and why: a mailbox is an agent of one company."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company


async def who_cannot(access: Access, company: Company, object_ids: Sequence[str]) -> dict[str, str]:
    """Return, for those who cannot be added, why: an agent here, or of another company."""
    known = await access.store.agents.by_object_ids(company.tenant_id, object_ids)
    here = await access.store.authentications.with_object_ids(company.id, object_ids)
    taken: dict[str, str] = {}
    for object_id, agent in known.items():
        if agent.company_id != company.id:
            other = await access.store.companies.get(agent.company_id)
            taken[object_id] = f"It is an agent of {other.name}, which shares this tenant."
        elif object_id in here:
            taken[object_id] = "It is an agent of this company."
    return taken
