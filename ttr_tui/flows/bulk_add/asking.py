"""Asking the mailboxes of a run: a few batches at once, one pause for all, kept as they come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from ttr_tui.flows.bulk_add.taken import who_cannot
from ttr_tui.microsoft import mailbox, waits_told_to
from ttr_tui.microsoft.waiting import Gate, requests_share
from ttr_tui.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from ttr_tui.access import Access
    from ttr_tui.microsoft import WaitingFor
    from ttr_tui.microsoft.mailbox import MailboxAnswer
    from ttr_tui.model import Company, Run, RunItem

    Keep = Callable[[Sequence[RunItem], Mapping[str, MailboxAnswer]], Awaitable[bool]]

BATCH = 20
"""Requests in one `$batch` (facts section 7: the most Graph takes)."""

AT_ONCE = 4
"""Batches under way at once."""

READ_AT_ONCE = 400
"""Users of a run that are read at once."""

KEEP_EVERY = 0.5
"""Seconds in which answers are gathered for one transaction; a crash has them asked again."""

MOST_KEPT = 4_000
"""Users of one transaction: with quick answers none grows long (it takes less than 0.1 s)."""

LEASE_SECONDS = 600.0
"""Longer than the longest wait Microsoft is granted; a killed process loses its lease at once."""
_RENEW_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: its counts by outcome, and mailboxes a second since it was taken up.

    `waiting_until` is set while Microsoft asked for a pause.
    """

    run: Run
    rate: float
    waiting_until: datetime | None = None

    @property
    def total(self) -> int:
        """Return the number of users in the run."""
        return sum(self.run.counts.values())

    @property
    def waiting(self) -> int:
        """Return the number of users not yet asked."""
        return self.run.counts.get(Outcome.WAITING, 0)

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at this rate, in seconds, or None before the first batch."""
        return self.waiting / self.rate if self.rate > 0 else None


class Asking:
    """One pass over those of a run who wait; `keep` writes down what became of some."""

    def __init__(
        self,
        access: Access,
        company: Company,
        run: Run,
        on_progress: Callable[[RunProgress], None],
        keep: Keep,
    ) -> None:
        self._access = access
        self._company = company
        self._run = run
        self._on_progress = on_progress
        self._keep = keep
        self._line: list[RunItem] = []
        self._read_to = -1
        self._under_way: dict[asyncio.Task[Mapping[str, MailboxAnswer]], list[RunItem]] = {}
        self._answered: list[RunItem] = []
        self._answers: dict[str, MailboxAnswer] = {}
        self._began = self._kept_at = self._renewed_at = monotonic()
        self._asked = 0

    async def ask_all(self) -> bool:
        """Ask everybody once; return whether it may go on with those who wait still.

        Not when the run was stopped, its parent is gone, or nobody waited. Raises what concerns all
        mailboxes; what was answered until then is kept.
        """
        with waits_told_to(self._paused), requests_share(Gate(AT_ONCE)):
            try:
                while await self._goes_on():
                    await self._send()
                    if not self._under_way:
                        return await self._keep_answered() and self._asked > 0
                    await self._gather()
            finally:
                await self._let_go()
        return False

    async def _goes_on(self) -> bool:
        """Keep what was answered when it is time to; return False when the run ends here."""
        moment = monotonic()
        soon = self._asked and moment - self._kept_at < KEEP_EVERY
        if soon and len(self._answered) < MOST_KEPT:
            return True
        if not await self._keep_answered():
            return False
        if moment - self._renewed_at > _RENEW_EVERY:
            self._renewed_at = moment
            store = self._access.store
            await store.runs.take(self._run.id, store.owner, LEASE_SECONDS)
        return not await self._access.store.runs.is_stopped(self._run.id)

    async def _send(self) -> None:
        """Send batches until as many as may be are under way, or the line has ended.

        Also until there is enough to be kept: many may be read who are not asked.
        """
        while len(self._under_way) < AT_ONCE and len(self._answered) < MOST_KEPT:
            if not self._line and not await self._read_on():
                return
            batch, self._line = self._line[:BATCH], self._line[BATCH:]
            if not batch:
                continue
            self._under_way[asyncio.ensure_future(self._probe(batch))] = batch

    async def _read_on(self) -> bool:
        """Read who waits next, and tell whether anybody did; who cannot be added is not asked."""
        store = self._access.store
        read = await store.runs.waiting(self._run.id, READ_AT_ONCE, self._read_to)
        if not read:
            return False
        self._read_to = read[-1].place
        taken = await who_cannot(self._access, self._company, [item.object_id for item in read])
        self._line = [item for item in read if item.object_id not in taken]
        self._answered += [item for item in read if item.object_id in taken]
        self._asked += len(read) - len(self._line)
        return True

    async def _probe(self, batch: Sequence[RunItem]) -> Mapping[str, MailboxAnswer]:
        ids = [item.object_id for item in batch]
        return await self._access.with_app_token(
            self._company, lambda token: mailbox.probe(self._access.microsoft, token, ids)
        )

    async def _gather(self) -> None:
        """Take the answers that are there; raise what one of them raised."""
        done, _ = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        refused: BaseException | None = None
        for task in done:
            batch = self._under_way.pop(task)
            refused = task.exception() or refused
            if task.exception() is None:
                self._answers |= task.result()
                self._answered += batch
                self._asked += len(batch)
        if refused is not None:
            await self._keep_answered()
            raise refused

    async def _keep_answered(self) -> bool:
        """Write down what is known; return False when the parent died meanwhile."""
        items, self._answered = self._answered, []
        answers, self._answers = self._answers, {}
        self._kept_at = monotonic()
        if not items:
            return True
        if not await self._keep(items, answers):
            return False
        self._run = await self._access.store.runs.get(self._run.id)
        self._on_progress(RunProgress(self._run, self._rate))
        return True

    async def _let_go(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _paused(self, wait: WaitingFor) -> None:
        self._on_progress(RunProgress(self._run, self._rate, wait.until))

    @property
    def _rate(self) -> float:
        """Mailboxes a second since this pass began."""
        elapsed = monotonic() - self._began
        return self._asked / elapsed if elapsed > 0 else 0.0
