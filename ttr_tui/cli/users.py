"""`ttr-tui users`: the users of a company's tenant, from the local copy of its directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.directory import age, hidden_words, in_order, read_directory, search_agents_too
from ttr_tui.cli.opening import DONE, FAILED, carry_out
from ttr_tui.cli.options import company_argument, json_option
from ttr_tui.cli.records import company_record, error_record, moment, user_record
from ttr_tui.cli.wanted import filter_option, query_of
from ttr_tui.model import now
from ttr_tui.query import Sort
from ttr_tui.text import number

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ttr_tui.cli.output import Output
    from ttr_tui.errors import TtrError
    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import CopyState, DirectoryCopy, Matches

WINDOW = 500
"""Users read from the copy at a time."""

HEADS = ("Name", "Address", "Department", "Kind", "Agent")
WIDTHS = (28, 36, 20, 10, 5)


@dataclass(frozen=True, slots=True)
class _Found:
    company: Company
    copy: DirectoryCopy
    state: CopyState
    matches: Matches
    problem: TtrError | None


class Asked(TypedDict):
    """Who is looked for, and in which order."""

    filters: str | None
    search: str | None
    sort: str
    show_hidden: bool


@click.command(name="users")
@company_argument
@filter_option
@click.option("--search", metavar="TEXT", help="Words only, in any field.")
@click.option(
    "--sort",
    type=click.Choice([column.value for column in Sort]),
    default=Sort.NAME.value,
    metavar="COLUMN",
    help=f"One of {', '.join(Sort)}.",
)
@click.option("--show-hidden", is_flag=True, help="Guests, disabled and unlicensed users too.")
@click.option("--refresh", is_flag=True, help="Read what changed in the directory first.")
@click.option("--whole", is_flag=True, help="Read every user of the directory anew first.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    company: str,
    refresh: bool,
    whole: bool,
    as_json: bool,
    **asked: Unpack[Asked],
) -> None:
    """List the users of a company's tenant.

    Words are looked for in name, addresses, department, title and office; all must match. Filters
    are name: address: department: title: office: with words, kind:member, guest, shared, disabled
    or unlicensed, and enabled: license: agent: with yes or no.

    The directory is read when that was never done, what changed in it with --refresh, and all of it
    anew with --whole; else the local copy is shown with its age.
    """

    query = query_of(
        asked["filters"], asked["search"], show_hidden=asked["show_hidden"], sort=asked["sort"]
    )

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        copy = await runtime.store.directory(found)
        reads = refresh or whole or (await copy.state()).polled_at is None
        problem = await read_directory(runtime, out, found, whole=whole) if reads else None
        await search_agents_too(runtime, found, query)
        await in_order(out, copy)
        matches = await copy.search(query)
        await _print(runtime, out, _Found(found, copy, await copy.state(), matches, problem))
        if problem is not None:
            out.tell(problem)
        return FAILED if problem else DONE

    carry_out(context, work, as_json=as_json)


async def _print(runtime: Runtime, out: Output, found: _Found) -> None:
    state, matches = found.state, found.matches
    agents = await runtime.store.agents.object_ids(found.company.id)
    if out.as_json:
        head = {
            "company": company_record(found.company),
            "polled_at": moment(state.polled_at),
            "complete": state.complete,
            "total": matches.total,
            "matched": len(matches.rids),
            "hidden": {kind.value: count for kind, count in matches.hidden.items()},
        }
        problem = error_record(found.problem) if found.problem else None
        records = (user_record(user) async for user in _users(found, agents))
        await out.stream({**head, "problem": problem}, "users", records)
    else:
        out.columns(HEADS, WIDTHS)
        async for user in _users(found, agents):
            out.columns(_row(user), WIDTHS)
    matched = f"{number(len(matches.rids))} of {number(matches.total)} match"
    out.say(f"{matched}, {age(state.polled_at, now())}.")
    if hidden := hidden_words(matches.hidden):
        out.say(f"Hidden unless --show-hidden is given: {hidden}.")


async def _users(found: _Found, agents: set[str]) -> AsyncIterator[DirectoryUser]:
    rids = found.matches.rids
    for start in range(0, len(rids), WINDOW):
        for user in await found.copy.rows(rids[start : start + WINDOW]):
            if user.object_id:
                yield user._replace(is_agent=user.object_id in agents)


def _row(user: DirectoryUser) -> tuple[str, ...]:
    agent = "yes" if user.is_agent else ""
    return user.name, user.address, user.department, user.kind.value, agent
