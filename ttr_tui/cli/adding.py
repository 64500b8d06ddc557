"""The journey of `agents add` and `agents retry`: choose, ask, run, print the outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.cli.asking import agree
from ttr_tui.cli.choosing import names_of
from ttr_tui.cli.directory import in_order, read_directory, search_agents_too, waiting
from ttr_tui.cli.gathered import gathered_record, tell
from ttr_tui.cli.gathering import gather, look, windows
from ttr_tui.cli.opening import DONE, FAILED
from ttr_tui.cli.records import company_record, outcome_record, run_record, user_record
from ttr_tui.errors import Refused
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

        looked = await look(self.runtime, self.company, wanted)
        problem = await read_directory(self.runtime, self.out, self.company)
        if problem is not None:
            return self.out.refuse(problem)
        await search_agents_too(self.runtime, self.company, wanted.query)
        gathered = await gather(self.runtime, self.out, self.company, wanted, looked)
        tell(self.out, gathered)
        if dry_run:
            return await self._rehearse(gathered)
        ids = [one async for some in windows(self.runtime, self.company, gathered) for one in some]
        plan = await bulk_add.plan(self.runtime.access, self.company, ids)
        self._tell(plan)
        already = [_already(user) for user in plan.already]
        if not plan.to_add:
            return self._print(None, already, gathered)
        count = plural(len(plan.to_add), "agent")
        await agree(self.out, f"Add {count} to {self.company.name}?", yes=yes)
        run = await bulk_add.start(self.runtime.access, self.company, plan.to_add)
        return await self._carry_on(run, already, gathered)

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

        async for ids in windows(self.runtime, self.company, gathered):
            plan = await bulk_add.plan(self.runtime.access, self.company, ids)
            taken = {user.object_id for user in plan.already}
            users = {user.object_id: user for user in (*plan.to_add, *plan.already)}
            for user in (users[one] for one in ids if one in users):
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
        return await self._carry_on(run, [])

    async def _ids_in(self, run: Run, users: Sequence[str]) -> list[str]:
        items = await self.runtime.store.runs.items(run.id)
        wanted = {user.casefold() for user in users}
        ids = [i.object_id for i in items if {i.address.casefold(), i.object_id} & wanted]
        if not ids:
            raise Refused(f"Run {run.id} has none of these.", cure="Name them by their address.")
        return ids

    def _tell(self, plan: AddPlan) -> None:
        if plan.to_add:
            self.out.say(f"To be added: {names_of(plan.to_add)}.")
        if plan.already:
            self.out.say(f"Left as they are: {plural(len(plan.already), 'agent')}.")
        if plan.gone:
            self.out.say(f"No longer in the tenant: {plural(len(plan.gone), 'user')}.")

    async def _carry_on(
        self, run: Run, already: list[RunItem], gathered: Gathered | None = None
    ) -> int:
        from ttr_tui.flows import bulk_add, export  # noqa: PLC0415 - as above

        self.out.say(f"Run {run.id} is in the journal; broken off, it goes on where it stood.")
        access = self.runtime.access
        run = await bulk_add.carry_on(access, run.id, lambda p: self.out.pace(_progress(p)))
        if self.csv_file is not None:
            await export.outcomes_csv(access, run.id, self.csv_file)
            self.out.say(f"The outcomes stand in {self.csv_file}.")
        items = [*await self.runtime.store.runs.items(run.id), *already]
        return self._print(run, items, gathered)

    def _print(self, run: Run | None, items: Sequence[RunItem], gathered: Gathered | None) -> int:
        if self.out.as_json:
            self.out.record(
                {
                    "company": company_record(self.company),
                    "run": run_record(run) if run else None,
                    "outcomes": [outcome_record(item) for item in items],
                    "chosen": gathered_record(gathered) if gathered else None,
                }
            )
        else:
            rows = [(i.outcome.value, i.name, i.address, i.reason) for i in items]
            self.out.table(("Outcome", "Name", "Address", "Reason"), rows)
        left_out = [item for item in items if item.outcome not in AGENTS_NOW]
        added = len([item for item in items if item.outcome is Outcome.ADDED])
        self.out.say(f"Added {plural(added, 'agent')} to {self.company.name}.")
        if left_out:
            self.out.say(f"Not added: {plural(len(left_out), 'user')}, each with its reason.")
        return FAILED if left_out or (gathered is not None and gathered.lacks) else DONE


def _already(user: DirectoryUser) -> RunItem:
    return RunItem(user.object_id, user.name, user.address, Outcome.ALREADY)


def _progress(progress: RunProgress) -> str:
    done = progress.total - progress.waiting
    rate = f", {progress.rate:.0f} a second" if progress.rate else ""
    pause = waiting(progress.waiting_until)
    return f"{number(done)} of {number(progress.total)}{rate}{pause}."
