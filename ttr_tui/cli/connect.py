"""`ttr-tui connect`: print the link of each step, wait for the browser, say how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from ttr_tui.cli.following import Following
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import (
    company_argument,
    expect_option,
    json_option,
    take_over_option,
    yes_option,
)
from ttr_tui.cli.records import authentication_record, company_record
from ttr_tui.cli.word import Word
from ttr_tui.model import Purpose, Status

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Authentication, Company
    from ttr_tui.runtime import Runtime

CONSENT, SIGN_IN = "consent", "sign-in"


class Wanted(TypedDict):
    """What the command line asked for."""

    step: str | None
    expect: str
    take_over: str
    yes: bool


@click.command(name="connect")
@company_argument
@click.option(
    "--step",
    type=click.Choice([CONSENT, SIGN_IN]),
    help="Do this step alone, also when it was done before.",
)
@expect_option
@take_over_option
@yes_option
@json_option
@click.pass_context
def command(context: click.Context, company: str, as_json: bool, **wanted: Unpack[Wanted]) -> None:
    """Grant admin permission and sign in the Company Master.

    Prints a link, alone on its line, and waits until an administrator has opened it in a browser
    anywhere and the outcome is proven. Steps that are done are passed over. The link is good for a
    day, as long as ttr-tui runs.

    With --json every line is an object with an "event": "link", "granted", "signed_in",
    "connected".
    """

    async def work(runtime: Runtime, out: Output) -> int:
        found = await runtime.store.companies.find(company)
        return await _Connecting(runtime, out, found, wanted).both_steps()

    carry_out(context, work, as_json=as_json, serve=True)


class _Connecting:
    def __init__(self, runtime: Runtime, out: Output, company: Company, wanted: Wanted) -> None:
        self.runtime, self.out, self.company = runtime, out, company
        self.step = wanted["step"]
        self.word = Word(wanted["expect"], wanted["yes"], wanted["take_over"])

    async def both_steps(self) -> int:
        company = self.company
        master = await self.runtime.store.authentications.company_master(company.id)
        signed_in = master is not None and master.status is Status.HEALTHY
        grants = self._does(CONSENT, done=company.consent_proven_at is not None)
        signs_in = self._does(SIGN_IN, done=signed_in)
        if signs_in:
            self.word.require()
        following = Following(self.runtime, self.out, company, self.word)
        if grants:
            attempt = await self.runtime.begin(company, Purpose.ADMIN_CONSENT)
            await following.show_link(attempt, self._asks("grants admin permission"), CONSENT)
            await following.granted(attempt)
        if signs_in:
            attempt = await self.runtime.begin(company, Purpose.COMPANY_MASTER)
            await following.show_link(attempt, self._asks("signs in the Company Master"), SIGN_IN)
            master = await following.signed_in(attempt)
        if not (grants or signs_in):
            self.out.say(f"{company.name} is connected. --step sign-in signs in again.")
        await self._tell(following, master)
        if grants or signs_in:
            await following.let_the_browser_see()
        return DONE

    def _does(self, step: str, *, done: bool) -> bool:
        return self.step == step or (self.step is None and not done)

    def _asks(self, done: str) -> str:
        return (
            f"This link {done}. Send it to a Privileged Role Administrator or Global Administrator "
            f"of {self.company.domain}, or open it yourself if you are one:"
        )

    async def _tell(self, following: Following, master: Authentication | None) -> None:
        fresh = await self.runtime.store.companies.get(self.company.id)
        record = authentication_record(master) if master else None
        following.event("connected", company=company_record(fresh), company_master=record)
        if master is not None and master.person is not None:
            who = master.person.user_principal_name or master.person.shown
            self.out.say(f"{self.company.name} is connected by {who}.")
