"""Look at companies side by side within one limit of time; what is silent by then is not known."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.cli.check_lines import Examined, Round, complete
from ttr_tui.errors import ClientRefused, ConsentNeeded, PermissionMissing, TtrError
from ttr_tui.model import Check
from ttr_tui.text import number, plural
from ttr_tui.works import WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ttr_tui.model import Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.works import Work

AT_ONCE = 4
"""Companies that are looked at side by side."""

REFUSED_TO_ALL = (ConsentNeeded, ClientRefused, PermissionMissing)
"""What stops a company whole: a round through its authentications ends there."""


@dataclass(frozen=True, slots=True)
class Examination:
    """How it is done: `seconds` for all of it, and whether `every` authentication is asked for.

    `tell` is given a sentence on progress now and then.
    """

    runtime: Runtime
    seconds: int
    every: bool
    tell: Callable[[str], None]
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def of(self, companies: Sequence[Company]) -> list[Examined]:
        """Return what is known of each company when the time is over, or earlier."""
        works = self.runtime.works
        works.on_change = lambda _work: self.tell(_progress(works.all, len(companies)))
        deadline = asyncio.get_running_loop().time() + self.seconds
        return await asyncio.gather(*(self._one(company, deadline) for company in companies))

    async def _one(self, company: Company, deadline: float) -> Examined:
        async with self.turns:
            work = self.runtime.check(company)
            if work.task is not None:
                await asyncio.wait({work.task}, timeout=_left(deadline))
            if work.problem is not None:
                return Examined(company, problem=work.problem)
            findings = complete(work.progress or (), self.seconds)
            asked = await self._ask(company, deadline) if self.every else None
            return Examined(company, findings, asked=asked)

    async def _ask(self, company: Company, deadline: float) -> Round:
        """Ask for every authentication of a company, as far as time allows."""
        from ttr_tui.flows import keep_alive  # noqa: PLC0415 - only --all needs it

        progress = (0, 0)

        def told(done: int, total: int) -> None:
            nonlocal progress
            progress = (done, total)
            self.tell(f"{company.name}: {number(done)} of {number(total)} authentications asked")

        asking = asyncio.ensure_future(keep_alive.ask_all(self.runtime.access, company, told))
        await asyncio.wait({asking}, timeout=_left(deadline))
        if not asking.done():
            asking.cancel()
            await asyncio.wait({asking})
            done, total = map(number, progress)
            come = f": {done} of {total} asked" if progress[1] else ""
            return Round(broken_off=f"no end within {self.seconds} s{come}")
        try:
            asked = asking.result()
        except REFUSED_TO_ALL as problem:
            return Round(broken_off=problem.happened, stopped=True)
        except TtrError as problem:
            return Round(broken_off=problem.happened)
        return Round(asked.healthy, asked.troubled, len(asked.silent))


def _progress(works: Iterable[Work], companies: int) -> str:
    known = sum(len(work.progress or ()) for work in works if work.kind is WorkKind.CHECK)
    return f"{number(known)} of {plural(companies * len(Check), 'check')} known."


def _left(deadline: float) -> float:
    return max(0.0, deadline - asyncio.get_running_loop().time())
