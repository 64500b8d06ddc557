"""Open O365 Agent Bulk Add: invoke the Company Master's token, which proves the grant lives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.errors import AnswerBroken, IdentityWrong, MicrosoftError, TtrError, Unreachable
from ttr_tui.model import Company, now

if TYPE_CHECKING:
    from datetime import datetime

    from ttr_tui.access import Access


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening O365 Agent Bulk Add found out about the Company Master.

    `accepted_at` is set when Microsoft accepted its token just now; `refused` when Microsoft said
    no, as against having given no answer. Adding needs `accepted_at`.
    """

    accepted_at: datetime | None = None
    problem: TtrError | None = None

    @property
    def refused(self) -> bool:
        """Tell a refusal from silence."""
        return self.problem is not None and not isinstance(self.problem, Unreachable | AnswerBroken)


async def open_bulk_add(access: Access, company: Company) -> Opened:
    """Invoke the Company Master's token: the proof that the administrator's grant lives.

    Raises only what concerns neither Microsoft nor the network: NotConnected, RowUnreadable,
    SettingsFaulty, CompanyElsewhere, Gone.
    """
    await access.company_master(company)
    try:
        await access.company_master_token(company)
    except (Unreachable, AnswerBroken) as problem:
        return Opened(problem=problem)
    except (MicrosoftError, IdentityWrong) as problem:
        await _journal_opening(access, company, problem)
        return Opened(problem=problem)
    await _journal_opening(access, company, None)
    return Opened(accepted_at=now())


async def _journal_opening(access: Access, company: Company, problem: TtrError | None) -> None:
    async with access.store.transaction() as tx:
        await access.store.journal.write(
            tx,
            "company master used",
            company_name=company.name,
            subject="O365 Agent Bulk Add",
            outcome="refused" if problem else "done",
            detail=problem.happened if problem else "",
        )
