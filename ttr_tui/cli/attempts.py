"""`ttr-tui attempts`: what is open; a second shell watches, confirms or withdraws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.attempt_words import PURPOSES, find_attempt, for_whom, stands_at
from ttr_tui.cli.finish import decide, print_outcome
from ttr_tui.cli.following import Following
from ttr_tui.cli.opening import DONE, FAILED, carry_out
from ttr_tui.cli.options import Group, expect_option, json_option, take_over_option, yes_option
from ttr_tui.cli.records import attempt_record, moment
from ttr_tui.cli.word import Word
from ttr_tui.errors import Refused
from ttr_tui.model import Purpose, now
from ttr_tui.text import ago, stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Company
    from ttr_tui.runtime import Runtime

HEADS = ("Company", "For", "Whom", "State", "Since", "Good until", "Link", "Id")


class Given(TypedDict):
    """The word as it was given on the command line."""

    expect: str
    take_over: str
    yes: bool


@click.group(name="attempts", cls=Group)
def command() -> None:
    """List the open sign-ins, watch, confirm, withdraw them.

    ATTEMPT is its id, or its start link.
    """


@command.command(name="list")
@click.argument("company", required=False)
@json_option
@click.pass_context
def list_attempts(context: click.Context, company: str | None, as_json: bool) -> None:
    """List the open attempts of a company, or of all.

    Needs no network.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        companies = runtime.store.companies
        chosen = [await companies.find(company)] if company else await companies.list()
        found = [
            (one, attempt)
            for one in chosen
            for attempt in await runtime.store.attempts.open_of(one.id)
        ]
        if out.as_json:
            out.record({"attempts": [attempt_record(attempt) for _, attempt in found]})
        elif found:
            out.table(HEADS, [_row(one, attempt) for one, attempt in found])
        else:
            out.say("No sign-in is open. ttr-tui connect and agents authenticate begin one.")
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="watch")
@click.argument("attempt")
@json_option
@click.pass_context
def watch_attempt(context: click.Context, attempt: str, as_json: bool) -> None:
    """Follow an attempt to its end, whoever began it.

    Exit status 1 when it ends without what it was for. Its link is answered meanwhile.

    With --json every line is an object with an "event": "attempt", "granted", "wrong_person",
    "signed_in", "stored".
    """

    async def work(runtime: Runtime, out: Output) -> int:
        found = await find_attempt(runtime, attempt)
        company = await runtime.store.companies.get(found.company_id)
        following = Following(runtime, out, company, Word(asks=False))
        following.event("attempt", attempt=attempt_record(found))
        out.say(
            f"{company.name}, {PURPOSES[found.purpose]}, {for_whom(found)}: {stands_at(found)}."
        )
        following.tell_standing(found)
        if found.purpose is Purpose.ADMIN_CONSENT:
            await following.granted(found)
        else:
            following.tell_stored(await following.signed_in(found))
        await following.let_the_browser_see()
        return DONE

    carry_out(context, work, as_json=as_json, serve=True)


@command.command(name="confirm")
@click.argument("attempt")
@expect_option
@take_over_option
@yes_option
@json_option
@click.pass_context
def confirm_attempt(
    context: click.Context, attempt: str, as_json: bool, **given: Unpack[Given]
) -> None:
    """Give your word about who signed in and waits.

    Asks, unless --expect or --yes answers. Who is not confirmed is erased.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        found = await find_attempt(runtime, attempt)
        if found.person is None:
            raise Refused(
                f"Nobody waits for your word on attempt {found.id}.",
                means=f"It stands at: {stands_at(found)}.",
                cure="ttr-tui attempts watch follows it.",
            )
        company = await runtime.store.companies.get(found.company_id)
        following = Following(runtime, out, company, Word(**given), events=False)
        stored = await decide(following, found)
        following.tell_stored(stored)
        await print_outcome(runtime, out, found, stored)
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="withdraw")
@click.argument("named", nargs=-1, required=True, metavar="ATTEMPT...")
@json_option
@click.pass_context
def withdraw_attempts(context: click.Context, named: tuple[str, ...], as_json: bool) -> None:
    """Let links lead nowhere any more; who waits on one is erased.

    Exit status 1 when one of them was over before.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui import attempts  # noqa: PLC0415 - help needs no store

        found = [await find_attempt(runtime, one) for one in named]
        withdrawn = [one.id for one in found if await attempts.withdraw(runtime.store, one.id)]
        over = [one.id for one in found if one.id not in withdrawn]
        if out.as_json:
            out.record({"withdrawn": withdrawn, "over_before": over})
        for one in withdrawn:
            out.say(f"{one} is withdrawn.")
        for one in over:
            out.say(f"{one} was over before.")
        return FAILED if over else DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="address")
@click.argument("attempt")
@json_option
@click.pass_context
def show_address(context: click.Context, attempt: str, as_json: bool) -> None:
    """Print Microsoft's own address, alone on its line.

    For a browser that cannot reach the start page. It is long, and good for ten minutes; the
    address on which the browser ends is pasted into ttr-tui finish.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        found = await find_attempt(runtime, attempt)
        address = await runtime.microsoft_address(found)
        seen = await runtime.store.attempts.get(found.id)
        if out.as_json:
            ends = moment(seen.request_expires_at)
            out.record({"attempt": found.id, "address": address, "expires_at": ends})
        else:
            out.line(address)
        until = stamp(seen.request_expires_at) if seen.request_expires_at else "ten minutes pass"
        out.say(f"Good until {until}. Paste where the browser ends into: ttr-tui finish")
        return DONE

    carry_out(context, work, as_json=as_json)


def _row(company: Company, attempt: Attempt) -> tuple[str, ...]:
    since = f"{ago(attempt.station_at, now())} ago"
    return (
        company.name,
        PURPOSES[attempt.purpose],
        for_whom(attempt),
        stands_at(attempt),
        since,
        stamp(attempt.expires_at),
        attempt.link,
        attempt.id,
    )
