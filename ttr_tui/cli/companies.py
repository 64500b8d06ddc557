"""`ttr-tui companies`: list, add, rename, remove, dismiss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttr_tui.cli.asking import agree
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import Group, company_argument, json_option, yes_option
from ttr_tui.cli.records import alarm_record, authentication_record, company_record
from ttr_tui.problems import error_of
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.cli.output import Output
    from ttr_tui.model import Alarm
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.companies import CompanySummary


@click.group(name="companies", cls=Group)
def command() -> None:
    """List, add, rename and remove companies."""


@command.command(name="list")
@json_option
@click.pass_context
def list_companies(context: click.Context, as_json: bool) -> None:
    """List the companies and how each one stands."""

    async def work(runtime: Runtime, out: Output) -> int:
        summaries = await runtime.store.companies.summaries()
        alarms: dict[str, list[Alarm]] = {}
        for alarm in await runtime.store.alarms.list():
            alarms.setdefault(alarm.company_id, []).append(alarm)
        if out.as_json:
            records = [_summary_record(one, alarms.get(one.company.id, [])) for one in summaries]
            out.record({"companies": records})
        elif summaries:
            heads = ("Company", "Domain", "Tenant", "Agents", "State")
            out.table(heads, [_row(one, alarms.get(one.company.id, [])) for one in summaries])
            for alarm in (one for several in alarms.values() for one in several):
                out.tell(error_of(alarm.problem))
        else:
            out.say("No company yet. ttr-tui companies add NAME DOMAIN adds one.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="add")
@click.argument("name")
@click.argument("domain")
@json_option
@click.pass_context
def add_company(context: click.Context, name: str, domain: str, as_json: bool) -> None:
    """Add a company by its name and domain.

    DOMAIN is one of its Microsoft 365 tenant's, or the tenant's id. The tenant is looked up and
    printed; the company stays with it.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import companies  # noqa: PLC0415 - only this command needs it

        found = await companies.resolve(runtime.access, domain)
        out.say(f"{domain} belongs to tenant {found.tenant_id}.")
        company = await companies.add(runtime.access, name, domain, found)
        if out.as_json:
            out.record({"company": company_record(company)})
        else:
            out.facts((("Company", company.name), ("Tenant", company.tenant_id)))
        out.say(f"{company.name} was added. ttr-tui connect goes on.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="rename")
@company_argument
@click.argument("name")
@json_option
@click.pass_context
def rename_company(context: click.Context, company: str, name: str, as_json: bool) -> None:
    """Give a company another NAME."""

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import companies  # noqa: PLC0415 - only this command needs it

        former = await runtime.store.companies.find(company)
        renamed = await companies.rename(runtime.access, former, name)
        if out.as_json:
            out.record({"company": company_record(renamed)})
        out.say(f"{former.name} is now called {renamed.name}.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="remove")
@company_argument
@yes_option
@json_option
@click.pass_context
def remove_company(context: click.Context, company: str, yes: bool, as_json: bool) -> None:
    """Remove a company and its agents.

    Refused while one of its authentications lives.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import companies  # noqa: PLC0415 - only this command needs it

        found = await runtime.store.companies.find(company)
        await agree(out, f"Remove {found.name} and its agents? There is no undo.", yes=yes)
        await companies.remove(runtime.access, found)
        if out.as_json:
            out.record({"removed": company_record(found)})
        out.say(f"{found.name} was removed.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="dismiss")
@company_argument
@yes_option
@json_option
@click.pass_context
def dismiss_alarms(context: click.Context, company: str, yes: bool, as_json: bool) -> None:
    """Dismiss what is said to stop a company.

    Nothing is mended by it: the next refusal of the same cause raises it again.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.flows import companies  # noqa: PLC0415 - only this command needs it

        found = await runtime.store.companies.find(company)
        await agree(out, f"Dismiss what is said to stop {found.name}?", yes=yes)
        causes = await companies.dismiss(runtime.access, found)
        if out.as_json:
            out.record({"company": company_record(found), "dismissed": causes})
        out.say(f"{plural(len(causes), 'alarm')} of {found.name} dismissed.")
        return DONE

    carry_out(context, work, as_json=as_json)


def state_of(summary: CompanySummary) -> str:
    """Return how a company stands, in the words of the screens."""
    return summary.master.status.value if summary.master else "not connected"


def _row(summary: CompanySummary, alarms: Sequence[Alarm]) -> tuple[str, ...]:
    company = summary.company
    agents = number(summary.agents)
    state = ", ".join([state_of(summary), *(f"stopped: {alarm.cause}" for alarm in alarms)])
    return company.name, company.domain, company.tenant_id, agents, state


def _summary_record(summary: CompanySummary, alarms: Sequence[Alarm]) -> dict[str, object]:
    master = authentication_record(summary.master) if summary.master else None
    return {
        **company_record(summary.company),
        "agents": summary.agents,
        "state": state_of(summary),
        "company_master": master,
        "alarms": [alarm_record(alarm) for alarm in alarms],
    }
