"""Work that outlives the screen that began it: polls, bulk-add runs, proofs, erasing.

A face shows each by its numbers; going back never stops one. Progress is whatever value the journey
reports (`flows.polling.PollProgress`, `flows.bulk_add.RunProgress`, a sentence).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ttr_tui.errors import TtrError
from ttr_tui.model import now

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime


class WorkKind(StrEnum):
    """What is under way."""

    POLL = "reading the directory"
    BULK_ADD = "adding agents"
    PROOF = "proving the permission"
    ERASING = "erasing"
    CHECK = "checking"


@dataclass(eq=False)
class Work:
    """One piece of running or ended work.

    `problem` is set when it ended with an error that has a sentence; `result` when it ended well.
    """

    kind: WorkKind
    company_id: str
    subject: str = ""
    began_at: datetime = field(default_factory=now)
    progress: Any = None
    result: Any = None
    problem: TtrError | None = None
    task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Tell whether it is still under way."""
        return self.task is not None and not self.task.done()


class Works:
    """All work of this process; `on_change` is called after each report and each end."""

    def __init__(self) -> None:
        self.all: list[Work] = []
        self.on_change: Callable[[Work], None] = lambda _work: None

    def start(
        self,
        kind: WorkKind,
        company_id: str,
        journey: Callable[[Callable[[Any], None]], Awaitable[Any]],
        *,
        subject: str = "",
    ) -> Work:
        """Begin work in a task of its own; return the one under way if there is one already."""
        running = self.find(kind, company_id, subject)
        if running is not None and running.running:
            return running
        work = Work(kind, company_id, subject)
        self.all = [w for w in self.all if w is not running] + [work]
        work.task = asyncio.get_running_loop().create_task(self._run(work, journey))
        return work

    def find(self, kind: WorkKind, company_id: str, subject: str = "") -> Work | None:
        """Return the latest work of that kind, running or ended, or None."""
        for work in reversed(self.all):
            if (work.kind, work.company_id, work.subject) == (kind, company_id, subject):
                return work
        return None

    @property
    def running(self) -> list[Work]:
        """Return what is under way, oldest first."""
        return [work for work in self.all if work.running]

    async def close(self) -> None:
        """Cancel what is under way and wait for it; runs are resumed at the next start."""
        tasks = [work.task for work in self.all if work.task is not None and not work.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self, work: Work, journey: Callable[[Callable[[Any], None]], Awaitable[Any]]
    ) -> None:
        def report(progress: Any) -> None:
            work.progress = progress
            self.on_change(work)

        try:
            work.result = await journey(report)
        except TtrError as problem:
            work.problem = problem
        finally:
            asyncio.get_running_loop().call_soon(self.on_change, work)
