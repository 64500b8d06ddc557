"""`agents authenticate` and `authentications reauth`: one person signs in, now, in any browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.following import Following
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import company_argument, expect_option, json_option, yes_option
from ttr_tui.cli.word import Word
from ttr_tui.errors import Refused

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Authentication, Company
    from ttr_tui.runtime import Runtime

AGENT, AGAIN = "agent", "reauthentication"


class Given(TypedDict):
    """The word as it was given on the command line."""

    expect: str
    yes: bool


@click.command(name="authenticate")
@company_argument
@click.option("--user", "address", required=True, metavar="ADDRESS", help="Whose mailbox it is.")
@expect_option
@yes_option
@json_option
@click.pass_context
def authenticate(
    context: click.Context, company: str, address: str, as_json: bool, **given: Unpack[Given]
) -> None:
    """Let one mailbox's owner sign in now, in any browser.

    Prints a link, alone on its line, and waits until the owner has opened it and the sign-in is
    stored and proven. The address is looked up first: whoever it names is asked for, and nobody
    else is stored. Who came in another browser than pressed the button, was pasted, or could not be
    looked up, is confirmed by you.

    With --json every line is an object with an "event": "link", "wrong_person", "signed_in",
    "stored".
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui import pinning  # noqa: PLC0415 - help needs no network

        found = await runtime.store.companies.find(company)
        word = Word(**given)
        user = await pinning.find(runtime.access, found, address)
        if user is None:
            word.require()
            out.say("Microsoft cannot be asked yet who that is; you confirm who came.")
        attempt = await runtime.begin_agent(found, user or address)
        whose = attempt.expected.shown if attempt.expected else address
        sentence = f"With this link {whose} signs in. Send it to them alone:"
        return await _follow(Following(runtime, out, found, word), attempt, sentence, AGENT)

    carry_out(context, work, as_json=as_json, serve=True)


@click.command(name="reauth")
@click.argument("authentication", required=False)
@click.option("--company-master", metavar="COMPANY", help="The Company Master of COMPANY.")
@expect_option
@yes_option
@json_option
@click.pass_context
def reauth(
    context: click.Context,
    authentication: str | None,
    company_master: str | None,
    as_json: bool,
    **given: Unpack[Given],
) -> None:
    """Sign an authentication in again, whatever state it is in.

    By its id, or a Company Master by its company. The same person is asked for and nobody else is
    stored; what is stored is replaced, and a Company Master keeps its children. A child signs in
    for itself from then on. Events as with agents authenticate.
    """
    if (authentication is None) == (company_master is None):
        raise click.UsageError("Name an authentication by its id, or give --company-master.")

    async def work(runtime: Runtime, out: Output) -> int:
        found = await _named(runtime, authentication or "", company_master or "")
        company = await runtime.store.companies.get(found.company_id)
        attempt = await runtime.begin_again(company, found)
        following = Following(runtime, out, company, Word(**given))
        return await _follow(following, attempt, _asks(attempt, company), AGAIN)

    carry_out(context, work, as_json=as_json, serve=True)


async def get_authentication(runtime: Runtime, authentication_id: str) -> Authentication:
    """Return a stored authentication; raise Refused when none has the id."""
    found = await runtime.store.authentications.get(authentication_id)
    if found is None:
        raise Refused(
            f"No authentication has the id {authentication_id}.",
            cure="ttr-tui authentications list shows the ids.",
        )
    return found


async def _named(runtime: Runtime, authentication: str, company_master: str) -> Authentication:
    if not company_master:
        return await get_authentication(runtime, authentication)
    company = await runtime.store.companies.find(company_master)
    return await runtime.access.company_master(company)


def _asks(attempt: Attempt, company: Company) -> str:
    named = attempt.expected is not None and bool(attempt.expected.called.strip())
    whose = attempt.expected.shown if attempt.expected and named else "its administrator"
    what = f" for {company.name}'s Company Master" if attempt.for_master else ""
    return f"With this link {whose} signs in again{what}. Send it to them alone:"


async def _follow(following: Following, attempt: Attempt, sentence: str, step: str) -> int:
    await following.show_link(attempt, sentence, step)
    following.tell_stored(await following.signed_in(attempt))
    await following.let_the_browser_see()
    return DONE
