"""`ttr-tui connect`: print the link of each step, wait for the browser, say how it ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import click

from ttr_tui.cli.asking import agree, require_somebody, somebody_is_here, type_name
from ttr_tui.cli.opening import DONE, carry_out
from ttr_tui.cli.options import company_argument, json_option, yes_option
from ttr_tui.cli.records import authentication_record, company_record, moment, person_record
from ttr_tui.errors import LinkOver, NotConfirmed, Refused
from ttr_tui.model import AttemptEnd, Purpose, Station, Status, now
from ttr_tui.text import stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Authentication, Company, Person
    from ttr_tui.runtime import Runtime
    from ttr_tui.works import Work

LOOK_EVERY = 0.25
"""Seconds between two looks at the attempt; its rows may be written by another process."""

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
@click.option("--expect", metavar="UPN", default="", help="Store the sign-in only of this person.")
@click.option(
    "--take-over",
    metavar="NAME",
    default="",
    help="Let another administrator replace the present one; NAME is the company's.",
)
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
        return await _Connecting(runtime, out, wanted).both_steps(found)

    carry_out(context, work, as_json=as_json, serve=True)


class _Connecting:
    def __init__(self, runtime: Runtime, out: Output, wanted: Wanted) -> None:
        self.runtime, self.out, self.wanted = runtime, out, wanted

    async def both_steps(self, company: Company) -> int:
        master = await self.runtime.store.authentications.company_master(company.id)
        signed_in = master is not None and master.status is Status.HEALTHY
        grants = self._does(CONSENT, done=company.consent_proven_at is not None)
        signs_in = self._does(SIGN_IN, done=signed_in)
        if signs_in:
            cure = "Give --expect UPN to store that person alone, or --yes to store whoever comes."
            answered = self.wanted["yes"] or bool(self.wanted["expect"])
            require_somebody(
                "Who signs in is confirmed before it is stored.", cure, answered=answered
            )
        if grants:
            await self._grant(company)
        if signs_in:
            master = await self._sign_in(company)
        if not (grants or signs_in):
            self.out.say(f"{company.name} is connected. --step sign-in signs in again.")
        await self._finish(company, master, linger=grants or signs_in)
        return DONE

    def _does(self, step: str, *, done: bool) -> bool:
        return self.wanted["step"] == step or (self.wanted["step"] is None and not done)

    async def _grant(self, company: Company) -> None:
        attempt = await self._link(company, CONSENT, Purpose.ADMIN_CONSENT)
        await self._follow(attempt, lambda now_: now_.ended is AttemptEnd.DONE, company)
        fresh = await self.runtime.store.companies.get(company.id)
        self._event("granted", proven_at=moment(fresh.consent_proven_at))
        self.out.say(f"Microsoft shows the permission for {company.name}, and it works.")

    async def _sign_in(self, company: Company) -> Authentication:
        from ttr_tui.flows import sign_in  # noqa: PLC0415 - after the link is out

        begun = await self._link(company, SIGN_IN, Purpose.COMPANY_MASTER)
        attempt = await self._follow(begun, lambda now_: now_.person is not None, company)
        if attempt.person is None:
            raise LinkOver("Nobody waits for your word any more.", cure="Connect again.")
        self._event("signed_in", person=person_record(attempt.person))
        self.out.say(_who(attempt.person))
        try:
            typed = await self._confirmed(company, attempt.person)
            return await sign_in.confirm(self.runtime.access, attempt, typed)
        except NotConfirmed:
            await sign_in.refuse(self.runtime.access, attempt)
            self.out.say("What came was erased.")
            raise

    async def _confirmed(self, company: Company, person: Person) -> str:
        """Have the person confirmed; return the name typed for a take-over. Raises NotConfirmed."""
        from ttr_tui.flows import sign_in  # noqa: PLC0415 - as above

        expected = self.wanted["expect"].strip()
        if expected and expected.casefold() != person.user_principal_name.casefold():
            raise NotConfirmed(
                f"{person.user_principal_name or person.shown} signed in, and {expected} was "
                "expected.",
                means="Nothing was stored.",
                cure="Connect again, in a private window if the browser picks another account.",
            )
        former = await sign_in.taken_over(self.runtime.access, company, person)
        if former is not None:
            self.out.say(f"This takes over from {former.shown}.")
            if self.wanted["take_over"] or not somebody_is_here():
                return self.wanted["take_over"]
            return await type_name(self.out, "Take over?", company.name, yes=False)
        if not expected:
            question = f"Is this the administrator of {company.name}?"
            await agree(self.out, question, yes=self.wanted["yes"])
        return ""

    async def _link(self, company: Company, step: str, purpose: Purpose) -> Attempt:
        attempt = await self.runtime.begin(company, purpose)
        done = "grants admin permission" if step == CONSENT else "signs in the Company Master"
        self.out.say(
            f"This link {done}. Send it to a Privileged Role Administrator or Global Administrator "
            f"of {company.domain}, or open it yourself if you are one:"
        )
        self._tell_of_tunnel(attempt.link)
        self._event("link", step=step, link=attempt.link, expires_at=moment(attempt.expires_at))
        if not self.out.as_json:
            self.out.line(attempt.link)
        served = self.runtime.listening.served.sentence
        self.out.say(f"Good until {stamp(attempt.expires_at)}. {served}; waiting for the browser.")
        return attempt

    def _tell_of_tunnel(self, link: str) -> None:
        """Over SSH a link to localhost needs a tunnel on the browser's computer."""
        from ttr_tui.screens.remote import tunnel  # noqa: PLC0415 - as above

        way = tunnel(os.environ, link, self.runtime.settings.listen[1])
        if way is not None:
            guess = ", whose user and address are a guess" if way.guessed else ""
            self.out.say(f"On the browser's computer first run{guess}: {way.command}")

    async def _follow(
        self, attempt: Attempt, settled: Callable[[Attempt], bool], company: Company
    ) -> Attempt:
        """Tell each station until `settled`; raise what ended the attempt otherwise."""
        station: Station | None = attempt.station
        while not settled(attempt):
            self._raise_end(attempt, company)
            if attempt.station is not station:
                station = attempt.station
                self.out.say(f"The attempt stands at: {station.value}.")
            await asyncio.sleep(LOOK_EVERY)
            attempt = await self.runtime.store.attempts.get(attempt.id)
        return attempt

    def _raise_end(self, attempt: Attempt, company: Company) -> None:
        for work in self._proofs(company):
            if work.running and isinstance(work.progress, str):
                self.out.pace(work.progress)
            if work.problem is not None:
                raise work.problem
        if attempt.ended is AttemptEnd.WITHDRAWN:
            raise LinkOver("The link was withdrawn.", cure="Connect again for a new one.")
        if attempt.problem:
            raise AnswerRefused(attempt.problem)
        if attempt.ended is not None or attempt.expires_at <= now():
            raise LinkOver("The link is over: it was good for a day.", cure="Connect again.")

    def _proofs(self, company: Company) -> list[Work]:
        from ttr_tui.works import WorkKind  # noqa: PLC0415 - as above

        work = self.runtime.works.find(WorkKind.PROOF, company.id)
        return [work] if work is not None else []

    async def _finish(
        self, company: Company, master: Authentication | None, *, linger: bool
    ) -> None:
        fresh = await self.runtime.store.companies.get(company.id)
        record = authentication_record(master) if master else None
        self._event("connected", company=company_record(fresh), company_master=record)
        if master is not None and master.person is not None:
            who = master.person.user_principal_name or master.person.shown
            self.out.say(f"{company.name} is connected by {who}.")
        if linger and self.runtime.listening.listens:
            await self._let_the_browser_see()

    async def _let_the_browser_see(self) -> None:
        """Serve a moment longer: the page in the browser asks again for how it ended."""
        from ttr_tui.callback.pages import REFRESH_SECONDS  # noqa: PLC0415 - as above

        await asyncio.sleep(REFRESH_SECONDS + 1)

    def _event(self, event: str, **fields: Any) -> None:
        if self.out.as_json:
            self.out.record({"event": event, **fields})


class AnswerRefused(Refused):
    """What Microsoft or a check of ours said of the browser's answer."""


def _who(person: Person) -> str:
    return f"{person.shown}, signed in (object {person.object_id}, tenant {person.tenant_id})."
