"""What is known of a company's readiness at this moment; the list and an opened step share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ttr_tui.flows.forecast import forecast
from ttr_tui.model import Check, Finding, now

if TYPE_CHECKING:
    from datetime import datetime

    from ttr_tui.flows.forecast import Due
    from ttr_tui.model import Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.works import Work


class Sight:
    """The check that was begun last, what earlier ones left in the store, and what ends next."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.work: Work | None = None
        self.before: Mapping[Check, Finding] = {}
        self.due: Sequence[Due] | None = None

    @property
    def running(self) -> bool:
        """Whether somebody is still asked."""
        return self.work is not None and self.work.running

    @property
    def findings(self) -> dict[Check, Finding]:
        """What this check has found so far; nothing of an earlier one."""
        if self.work is None:
            return {}
        found: Sequence[Finding] = self.work.result or self.work.progress or ()
        return {finding.check: finding for finding in found}

    @property
    def heard_at(self) -> datetime | None:
        """When the last answer came."""
        return max((one.checked_at for one in self.findings.values()), default=None)

    @property
    def silent(self) -> float:
        """Seconds since anything was heard."""
        if self.work is None:
            return 0.0
        since = max(self.heard_at or self.work.began_at, self.work.began_at)
        return (now() - since).total_seconds()

    @property
    def not_asked(self) -> str:
        """Why checks that are over found nothing; empty while it is not so."""
        if self.work is None or self.work.running or self.work.problem is None:
            return ""
        return self.work.problem.sentence()

    def begin(self, runtime: Runtime) -> None:
        """Check everything now, or go on with the check that is under way."""
        self.work = runtime.check(self.company)

    async def load(self, runtime: Runtime) -> None:
        """Read what the store and files tell; asks nobody. Raises StoreError, CompanyUnknown."""
        self.company = await runtime.store.companies.get(self.company.id)
        self.before = await runtime.store.findings.of(self.company.id)
        self.due = await forecast(runtime.access, self.company)
