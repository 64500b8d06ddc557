"""The journey of `agents add` and `agents retry`: choose, ask, run, print the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.cli.asking import agree
from ttr_tui.cli.choosing import names_of
from ttr_tui.cli.directory import in_order, waiting
from ttr_tui.cli.gathered import gathered_record
from ttr_tui.cli.gathering import choose
from ttr_tui.cli.opening import DONE, FAILED
from ttr_tui.cli.records import company_record, outcome_record, run_record, user_record
from ttr_tui.errors import Refused, TtrError
from ttr_tui.model import Outcome, RunItem
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from ttr_tui.cli.gathering import Gathered
    from ttr_tui.cli.output import Output
    from ttr_tui.cli.records import Record
    from ttr_tui.cli.wanted import Wanted
    from ttr_tui.flows.bulk_add import AddPlan, RunProgress
    from ttr_tui.model import Company, DirectoryUser, Run
    from ttr_tui.runtime import Runtime

AGENTS_NOW = (Outcome.ADDED, Outcome.ALREADY)

HEADS = ("Outcome", "Name", "Address", "Reason")
WOULD_HEADS = ("Would be", "Name", "Address", "Kind")
WOULD_WIDTHS = (16, 28, 36, 10)


@dataclass(frozen=True, slots=True)
class Adding:
    """One company's adding, printed as it goes."""

    runtime: Runtime
    out: Output
    company: Company
    csv_file: Path | None

    async def add(self, wanted: Wanted, *, yes: bool, dry_run: bool) -> int:
        """Choose, ask, and carry the run to its end; return the exit status.

        With `dry_run` only list whom that would concern.
        """
        from ttr_tui.flows import bulk_add  # noqa: PLC0415 - only these commands need it

        gathered = await choose(self.runtime, self.out, self.company, wanted)
        if isinstance(gathered, TtrError):
            return self.out.refuse(gathered)
        if dry_run:
            return await self._rehearse(gathered)
        access, company = self.runtime.access, self.company
        plan = await bulk_add.plan(access, company, gathered.choice.marks)
        self._tell(plan)
        if not plan.to_add.count:
            return await self._print(None, plan, gathered)
        count = plural(plan.to_add.count, "agent")
        await agree(self.out, f"Add {count} to {company.name}?", yes=yes)
        run = await bulk_add.start(access, company, plan.to_add.marks)
        return await self._carry_on(run, plan, gathered)

    async def _rehearse(self, gathered: Gathered) -> int:
        """List who would be added, and who is an agent already; nothing is changed."""
        await in_order(self.out, await self.runtime.store.directory(self.company))
        if self.out.as_json:
            head = {
                "company": company_record(self.company),
                "dry_run": True,
                "chosen": gathered_record(gathered),
            }
            await self.out.stream(head, "users", self._would(gathered))
        else:
            self.out.columns(WOULD_HEADS, WOULD_WIDTHS)
            async for user in self._would(gathered):
                row = (user["would"], user["name"], user["address"], user["kind"])
                self.out.columns(row, WOULD_WIDTHS)
        self.out.say("Nothing was added.")
        return FAILED if gathered.lacks else DONE

    async def _would(self, gathered: Gathered) -> AsyncIterator[Record]:
        from ttr_tui.flows import bulk_add  # noqa: PLC0415 - as above

        access, company = self.runtime.access, self.company
        async for users in bulk_add.windows(access, company, gathered.choice.marks):
            taken = await bulk_add.who_cannot(access, company, [user.object_id for user in users])
            for user in users:
                is_agent = user.object_id in taken
                would = Outcome.ALREADY if is_agent else Outcome.ADDED
                yield {**user_record(user), "is_agent": is_agent, "would": would.value}

    async def retry(self, users: Sequence[str]) -> int:
        """Go on with the company's last run; return the exit status."""
        from ttr_tui.flows import bulk_add  # noqa: PLC0415 - as above

        run = await self.runtime.store.runs.latest(self.company.id)
        if run is None:
            raise Refused(f"{self.company.name} has no run yet.", cure="Add agents first.")
        if users or run.ended_at is not None:
            ids = await self._ids_in(run, users) if users else None
            run = await bulk_add.retry(self.runtime.access, run.id, ids)
        return await self._carry_on(run)

    async def _ids_in(self, run: Run, users: Sequence[str]) -> list[str]:
        wanted = {user.casefold() for user in users}
        ids = [
            item.object_id
            async for item in self.runtime.store.runs.each(run.id)
            if {item.address.casefold(), item.object_id} & wanted
        ]
        if not ids:
            raise Refused(f"Run {run.id} has none of these.", cure="Name them by their address.")
        return ids

    def _tell(self, plan: AddPlan) -> None:
        if plan.to_add.count:
            self.out.say(f"To be added: {names_of(plan.to_add.first, plan.to_add.count)}.")
        if plan.already.count:
            self.out.say(f"Left as they are: {plural(plan.already.count, 'agent')}.")
        if plan.gone:
            self.out.say(f"No longer in the tenant: {plural(plan.gone, 'user')}.")

    async def _carry_on(
        self, run: Run, plan: AddPlan | None = None, gathered: Gathered | None = None
    ) -> int:
        from ttr_tui.flows import bulk_add, export  # noqa: PLC0415 - as above

        self.out.say(f"Run {run.id} is in the journal; broken off, it goes on where it stood.")
        access = self.runtime.access
        run = await bulk_add.carry_on(access, run.id, lambda p: self.out.pace(_progress(p)))
        if self.csv_file is not None:
            await export.outcomes_csv(access, run.id, self.csv_file)
            self.out.say(f"The outcomes stand in {self.csv_file}.")
        return await self._print(run, plan, gathered)

    async def _print(self, run: Run | None, plan: AddPlan | None, gathered: Gathered | None) -> int:
        outcomes = self._outcomes(run, plan)
        if self.out.as_json:
            head = {
                "company": company_record(self.company),
                "run": run_record(run) if run else None,
                "chosen": gathered_record(gathered) if gathered else None,
            }
            await self.out.stream(head, "outcomes", (outcome_record(i) async for i in outcomes))
        else:
            rows = ((i.outcome.value, i.name, i.address, i.reason) async for i in outcomes)
            await self.out.long_table(HEADS, rows)
        counts = run.counts if run else {}
        left_out = sum(count for one, count in counts.items() if one not in AGENTS_NOW)
        added = plural(counts.get(Outcome.ADDED, 0), "agent")
        self.out.say(f"Added {added} to {self.company.name}.")
        if left_out:
            self.out.say(f"Not added: {plural(left_out, 'user')}, each with its reason.")
        return FAILED if left_out or (gathered is not None and gathered.lacks) else DONE

    async def _outcomes(self, run: Run | None, plan: AddPlan | None) -> AsyncIterator[RunItem]:
        """Yield what became of everybody, those who were agents before the run last."""
        from ttr_tui.flows import bulk_add  # noqa: PLC0415 - as above

        if run is not None:
            async for item in self.runtime.store.runs.each(run.id):
                yield item
        if plan is not None:
            marks = plan.already.marks
            async for users in bulk_add.windows(self.runtime.access, self.company, marks):
                for user in users:
                    yield _already(user)


def _already(user: DirectoryUser) -> RunItem:
    return RunItem(user.object_id, user.name, user.address, Outcome.ALREADY)


def _progress(progress: RunProgress) -> str:
    done = progress.total - progress.waiting
    rate = f", {progress.rate:.0f} a second" if progress.rate else ""
    pause = waiting(progress.waiting_until)
    return f"{number(done)} of {number(progress.total)}{rate}{pause}."
