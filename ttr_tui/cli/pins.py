"""`agents pin` and `agents remove`: who an agent is, and that somebody is one no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ttr_tui.cli.asking import agree
from ttr_tui.cli.choosing import users_named
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import company_argument, json_option, yes_option
from ttr_tui.cli.records import agent_record, company_record
from ttr_tui.errors import Refused

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Agent, Company
    from ttr_tui.runtime import Runtime


@click.command(name="pin")
@company_argument
@click.option("--agent", "former", required=True, metavar="ADDRESS", help="The agent as it is.")
@click.option("--to", "wanted", required=True, metavar="ADDRESS", help="Who it is to be.")
@yes_option
@json_option
@click.pass_context
def pin(
    context: click.Context, company: str, former: str, wanted: str, yes: bool, as_json: bool
) -> None:
    """Pin an agent to another person of the tenant.

    From then on only that person's sign-in counts for it; open links follow. Refused while an
    authentication of the former person is stored.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui import pinning  # noqa: PLC0415 - help needs no network

        found = await runtime.store.companies.find(company)
        agent = await _agent(runtime, found, former)
        (user,) = await users_named(runtime, found, [wanted])
        out.say(f"Now: {agent.name}, {agent.address} (object {agent.object_id}).")
        out.say(f"Then: {user.name}, {user.user_principal_name} (object {user.object_id}).")
        await agree(out, "Pin this agent to the other person?", yes=yes)
        pinned = await pinning.repin(runtime.access, found, agent, user)
        if out.as_json:
            out.record({"company": company_record(found), "agent": agent_record(pinned)})
        out.say(f"{pinned.name}, {pinned.address} is the agent; its links ask for that person.")
        return DONE

    carry_out(context, work, as_json=as_json)


@click.command(name="remove")
@company_argument
@click.option("--user", "address", required=True, metavar="ADDRESS", help="Which agent.")
@yes_option
@json_option
@click.pass_context
def remove(context: click.Context, company: str, address: str, yes: bool, as_json: bool) -> None:
    """Remove an agent that has no authentication.

    Its links lead nowhere any more. One that is authenticated is deleted first.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui import pinning  # noqa: PLC0415 - as above

        found = await runtime.store.companies.find(company)
        agent = await _agent(runtime, found, address)
        await agree(out, f"Remove {agent.name}, {agent.address} from {found.name}?", yes=yes)
        await pinning.remove(runtime.access, found, agent)
        if out.as_json:
            out.record({"company": company_record(found), "removed": agent_record(agent)})
        out.say(f"{agent.address} is no agent of {found.name} any more.")
        return DONE

    carry_out(context, work, as_json=as_json)


async def _agent(runtime: Runtime, company: Company, named: str) -> Agent:
    """Return the agent that goes by an address, an object id or an id."""
    wanted = named.strip().casefold()
    every = await runtime.store.agents.list(company.id)
    found = [one for one in every if wanted in {one.address.casefold(), one.object_id, one.id}]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(
            f"Several agents of {company.name} go by {named}.", cure="Give the object id of one."
        )
    raise Refused(
        f"No agent of {company.name} goes by {named}.",
        cure="ttr-tui agents list COMPANY shows their addresses.",
    )
