"""`ttr-tui authentications`: list what is stored, show one, sign in again, revoke."""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.authenticating import get_authentication, reauth
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import Group, json_option, yes_option
from ttr_tui.cli.records import agent_record, authentication_record, company_record
from ttr_tui.cli.revoking import revoke
from ttr_tui.errors import Refused
from ttr_tui.model import Agent, AuthenticationKind, Status, now
from ttr_tui.store.branches import Sought
from ttr_tui.text import ago, stamp, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from ttr_tui.cli.output import Output
    from ttr_tui.cli.records import Record
    from ttr_tui.model import Authentication, Company
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.tree import AuthenticationTree

HEADS = ("Company", "Authentication", "Address", "State", "Used", "Ends", "Id")
KINDS = {
    AuthenticationKind.COMPANY_MASTER: "Company Master",
    AuthenticationKind.CHILD: "through the app's permission",
    AuthenticationKind.OWN: "own sign-in",
}


@click.group(name="authentications", cls=Group)
def command() -> None:
    """List what is stored, show one, sign in again, revoke."""


@command.command(name="list")
@click.argument("company", required=False)
@json_option
@click.pass_context
def list_authentications(context: click.Context, company: str | None, as_json: bool) -> None:
    """List the authentications of a company, or of all.

    Needs no network.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        companies = runtime.store.companies
        chosen = [await companies.find(company)] if company else await companies.list()
        if out.as_json:
            trees = [(one, await _tree(runtime, one)) for one in chosen]
            out.record({"companies": [_tree_record(one, tree) for one, tree in trees]})
        elif not await out.long_table(HEADS, _rows(runtime, chosen)):
            out.say("No authentication is stored. ttr-tui connect COMPANY makes the first.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="show")
@click.argument("authentication")
@json_option
@click.pass_context
def show_authentication(context: click.Context, authentication: str, as_json: bool) -> None:
    """Show one authentication, by its id; never its secret."""

    async def work(runtime: Runtime, out: Output) -> int:
        found = await get_authentication(runtime, authentication)
        company = await runtime.store.companies.get(found.company_id)
        if out.as_json:
            out.record({"authentication": authentication_record(found)})
        else:
            out.facts(_facts(found, company))
        return DONE

    carry_out(context, work, as_json=as_json)


command.add_command(reauth)


@command.command(name="revoke")
@click.argument("authentications", nargs=-1, metavar="[AUTHENTICATION]...")
@click.option(
    "--company-master", metavar="COMPANY", help="The Company Master of COMPANY and its children."
)
@yes_option
@json_option
@click.pass_context
def revoke_authentications(
    context: click.Context,
    authentications: tuple[str, ...],
    company_master: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete authentications.

    Those of one company by their ids, or a Company Master by its company. A Company Master takes
    its children with it. Says what was erased, and what is still granted at Microsoft and who ends
    that.
    """
    if bool(authentications) == (company_master is not None):
        raise click.UsageError("Name authentications by their ids, or give --company-master.")

    async def work(runtime: Runtime, out: Output) -> int:
        if company_master is not None:
            company = await runtime.store.companies.find(company_master)
            ids = [(await runtime.access.company_master(company)).id]
        else:
            found = [await get_authentication(runtime, one) for one in authentications]
            company, ids = await _one_company(runtime, found), [row.id for row in found]
        return await revoke(runtime, out, company, ids, yes=yes)

    carry_out(context, work, as_json=as_json)


async def _tree(runtime: Runtime, company: Company) -> AuthenticationTree:
    """Return what a company has; what does not open says so, and the others stand."""
    tree = await runtime.store.authentications.tree(company.id)
    closed = await runtime.store.authentications.unreadable(company.id)
    children = [
        replace(row, status=Status.UNREADABLE) if row.id in closed else row for row in tree.children
    ]
    return replace(tree, children=children)


async def _one_company(runtime: Runtime, found: list[Authentication]) -> Company:
    companies = {row.company_id for row in found}
    if len(companies) > 1:
        raise Refused(
            "These belong to several companies.", cure="Revoke those of one company at a time."
        )
    return await runtime.store.companies.get(companies.pop())


async def _rows(runtime: Runtime, companies: Sequence[Company]) -> AsyncIterator[tuple[str, ...]]:
    """Yield the row of everything that is stored, read a window at a time."""
    branches = runtime.store.branches
    for company in companies:
        master = await branches.master(company.id)
        if master is not None:
            yield _row(company, master)
        members = await branches.members(company.id, Sought(now()))
        everybody = (members.children, members.own, members.without)
        async for one in branches.each(array("I", chain(*everybody))):
            if isinstance(one, Agent):
                yield company.name, one.name, one.address, "not authenticated", "", "", ""
            else:
                yield _row(company, one)


def _row(company: Company, row: Authentication) -> tuple[str, ...]:
    master = row.kind is AuthenticationKind.COMPANY_MASTER
    name = row.user_principal_name if master else row.name
    address = row.person.user_principal_name if master and row.person else row.address
    used = ago(row.last_used, now()) if row.last_used else "never"
    return company.name, name, address, row.status.value, used, _ends(row), row.id


def _ends(row: Authentication) -> str:
    if row.kind is AuthenticationKind.CHILD:
        return "with its parent"
    return f"in {until(row.expires_at, now())}" if row.expires_at else ""


def _facts(row: Authentication, company: Company) -> list[tuple[str, str]]:
    person = row.person
    who = f"{person.called}, {person.user_principal_name}" if person else ""
    return [
        ("Company", f"{company.name}, {company.domain}"),
        ("Authentication", row.user_principal_name or row.name),
        ("Kind", KINDS[row.kind]),
        ("Address", row.address),
        ("State", f"{row.status.value} since {stamp(row.status_since)}"),
        ("Reason", row.status_reason),
        *_refused(row),
        ("Signed in by", who),
        ("Granted by", row.granted_by),
        ("Asked for", ", ".join(row.scopes)),
        ("Since", _when(row.since)),
        ("Signed in again", _when(row.signed_in_again_at)),
        ("Last used", _when(row.last_used) or "never"),
        ("Ends", _when(row.expires_at) or _ends(row)),
        ("Object", row.object_id or (person.object_id if person else "")),
        ("Id", row.id),
    ]


def _refused(row: Authentication) -> list[tuple[str, str]]:
    """Return what Microsoft refused last, for whoever can act; nothing while it refuses nothing."""
    refusal = row.refusal
    if refusal is None:
        return []
    times = f"{row.refusal_class}, {row.refusals} in a row"
    known = refusal.happened in row.status_reason
    return [
        ("Refused", times if known else f"{refusal.happened} ({times})"),
        ("Who can act", refusal.who),
        ("Code", refusal.code),
        ("Correlation id", refusal.correlation_id),
        ("Trace id", refusal.trace_id),
        ("Refused at", refusal.timestamp),
        ("Asked again", _when(row.next_try_at)),
    ]


def _when(moment: datetime | None) -> str:
    return stamp(moment) if moment else ""


def _tree_record(company: Company, tree: AuthenticationTree) -> Record:
    without: list[Agent] = list(tree.without)
    return {
        "company": company_record(company),
        "company_master": authentication_record(tree.master) if tree.master else None,
        "children": [authentication_record(row) for row in tree.children],
        "own": [authentication_record(row) for row in tree.own],
        "not_authenticated": [agent_record(agent) for agent in without],
    }
