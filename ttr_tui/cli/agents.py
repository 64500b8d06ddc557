"""`ttr-tui agents`: list them, add users as agents, let owners sign in, say who an agent is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from ttr_tui.cli.adding import Adding
from ttr_tui.cli.authenticating import authenticate
from ttr_tui.cli.inviting import invite, list_invitations
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import Group, company_argument, json_option, yes_option
from ttr_tui.cli.pins import pin, remove
from ttr_tui.cli.records import agent_record, authentication_record, company_record
from ttr_tui.cli.wanted import Given, choice_options, wanted_of
from ttr_tui.text import stamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from ttr_tui.cli.output import Output
    from ttr_tui.cli.records import Record
    from ttr_tui.model import Agent, Authentication, Company
    from ttr_tui.runtime import Runtime

HEADS = ("Company", "Name", "Address", "State", "Since")
WINDOW = 500
"""Agents whose authentications are read at once."""


class Adds(Given):
    """Whom the command line chose, and whether it asks."""

    dry_run: bool
    yes: bool


@click.group(name="agents", cls=Group)
def command() -> None:
    """List agents, add users as agents, let them sign in, invite them."""


@command.command(name="list")
@click.argument("company", required=False)
@json_option
@click.pass_context
def list_agents(context: click.Context, company: str | None, as_json: bool) -> None:
    """List the agents of a company, or of all."""

    async def work(runtime: Runtime, out: Output) -> int:
        companies = runtime.store.companies
        chosen = [await companies.find(company)] if company else await companies.list()
        if out.as_json:
            out.record({"companies": [await _company_record(runtime, one) for one in chosen]})
        elif not await out.long_table(HEADS, _rows(runtime, chosen)):
            out.say("No agent yet. ttr-tui agents add COMPANY adds some.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="add")
@company_argument
@choice_options
@click.option("--dry-run", is_flag=True, help="List who would be added; change nothing.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write outcomes here too.")
@yes_option
@json_option
@click.pass_context
def add_agents(
    context: click.Context,
    company: str,
    csv_file: Path | None,
    as_json: bool,
    **given: Unpack[Adds],
) -> None:
    """Add users of the tenant as agents.

    ADDRESS, --from, --group and --filter together say who. Who was found and who was not is told
    before anything happens; then you are asked.

    Each gets an authentication of its own, after its mailbox answered. The directory is read again
    first. Each one's outcome is printed with its reason; exit status 1 when one of those who were
    meant did not become an agent.
    """
    wanted = wanted_of(given)

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        adding = Adding(runtime, out, found, csv_file)
        return await adding.add(wanted, yes=given["yes"], dry_run=given["dry_run"])

    carry_out(context, work, as_json=as_json)


@command.command(name="retry")
@company_argument
@click.option("--user", "users", multiple=True, metavar="UPN", help="This one; may be repeated.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write outcomes here too.")
@json_option
@click.pass_context
def retry_agents(
    context: click.Context,
    company: str,
    users: tuple[str, ...],
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Go on with the company's last run.

    Carries on what was broken off; a run that ended tries its failed ones again.

    With --user those of the run are tried again, whatever kept them out before.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        return await Adding(runtime, out, found, csv_file).retry(users)

    carry_out(context, work, as_json=as_json)


for more in (authenticate, invite, list_invitations, pin, remove):
    command.add_command(more)


async def _rows(runtime: Runtime, companies: Sequence[Company]) -> AsyncIterator[tuple[str, ...]]:
    """Yield the row of each agent, by name, read a window at a time."""
    for company in companies:
        async for agent, held in _agents(runtime, company):
            yield company.name, *_row(agent, held)


async def _agents(
    runtime: Runtime, company: Company
) -> AsyncIterator[tuple[Agent, Authentication | None]]:
    agents = await runtime.store.agents.list(company.id)
    for start in range(0, len(agents), WINDOW):
        window = agents[start : start + WINDOW]
        held = await runtime.store.authentications.of_agents([agent.id for agent in window])
        for agent in window:
            yield agent, held.get(agent.id)


async def _company_record(runtime: Runtime, company: Company) -> Record:
    agents = [_record(agent, held) async for agent, held in _agents(runtime, company)]
    return {"company": company_record(company), "agents": agents}


def _row(agent: Agent, held: Authentication | None) -> tuple[str, str, str, str]:
    state = held.status.value if held else "not authenticated"
    return agent.name, agent.address, state, stamp(agent.created_at)


def _record(agent: Agent, held: Authentication | None) -> dict[str, object]:
    return {
        **agent_record(agent),
        "authentication": authentication_record(held) if held else None,
    }
