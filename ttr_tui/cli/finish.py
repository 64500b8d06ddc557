"""`ttr-tui finish`: what a browser ended on is pasted here, when it could not reach us."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.attempt_words import find_attempt
from ttr_tui.cli.following import Following
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import expect_option, json_option, take_over_option, yes_option
from ttr_tui.cli.records import attempt_record, authentication_record, company_record
from ttr_tui.cli.word import Word
from ttr_tui.errors import LinkOver, NotConfirmed
from ttr_tui.model import Purpose

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Authentication
    from ttr_tui.runtime import Runtime


class Given(TypedDict):
    """The word as it was given on the command line."""

    expect: str
    take_over: str
    yes: bool


@click.command(name="finish")
@click.argument("attempt", required=False)
@click.option(
    "--file",
    "source",
    metavar="FILE",
    default="-",
    help="Read what was pasted from FILE; without it, or with -, from the terminal or a pipe.",
)
@expect_option
@take_over_option
@yes_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    attempt: str | None,
    source: str,
    as_json: bool,
    **given: Unpack[Given],
) -> None:
    """Finish with the address the browser ended on.

    Where the browser cannot reach ttr-tui, paste the whole address it shows. It says itself which
    attempt it belongs to; a code alone, or the number of an error on Microsoft's page, needs
    ATTEMPT: its id, or its start link.

    Who signed in is confirmed before it is stored: you are asked, unless --expect or --yes answers.
    Where neither is given and nobody can be asked, the sign-in waits a day for attempts confirm.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.cli.pasting import read_text  # noqa: PLC0415 - help reads nothing

        named = await find_attempt(runtime, attempt) if attempt is not None else None
        pasted = await runtime.finish_pasted(await read_text(source), named)
        return await _finish(runtime, out, pasted, Word(**given))

    carry_out(context, work, as_json=as_json)


async def decide(following: Following, attempt: Attempt) -> Authentication:
    """Give the word about who waits on an attempt; return what is stored by then.

    Raises NotConfirmed for a no, and where the word cannot be had: then the sign-in goes on
    waiting. What was decided in another shell meanwhile counts.
    """
    if attempt.person is not None and not following.word.can_be_had:
        raise NotConfirmed(
            f"{attempt.person.shown} signed in and waits for your word. Nobody can be asked here.",
            means="Nothing is stored; what came waits for a day.",
            cure=f"ttr-tui attempts confirm {attempt.id}, with --expect UPN or --yes.",
        )
    stored = await following.decided(attempt)
    if stored is not None:
        return stored
    seen = await following.runtime.store.attempts.get(attempt.id)
    if seen.signed_in is None:
        raise LinkOver("Nobody waits for your word any more.", cure="Begin again for a new link.")
    return await following.signed_in(seen)


async def _finish(runtime: Runtime, out: Output, attempt: Attempt, word: Word) -> int:
    company = await runtime.store.companies.get(attempt.company_id)
    following = Following(runtime, out, company, word, events=False)
    stored: Authentication | None = None
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        out.say("Microsoft has answered; the permission is now proven by using it.")
        await following.granted(attempt)
    else:
        stored = await decide(following, attempt)
        following.tell_stored(stored)
    await print_outcome(runtime, out, attempt, stored)
    return DONE


async def print_outcome(
    runtime: Runtime, out: Output, attempt: Attempt, stored: Authentication | None
) -> None:
    """Print what became of an attempt as one document, where JSON is wanted."""
    if out.as_json:
        company = await runtime.store.companies.get(attempt.company_id)
        out.record(
            {
                "attempt": attempt_record(await runtime.store.attempts.get(attempt.id)),
                "company": company_record(company),
                "authentication": authentication_record(stored) if stored is not None else None,
            }
        )
