"""Follow an attempt to its end: its link, its stations, who came, the word, what was stored."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ttr_tui.cli.records import authentication_record, error_record, moment, person_record
from ttr_tui.cli.word import Word, ask_for_word, who
from ttr_tui.errors import ConsentNeeded, LinkOver, NotConfirmed, Refused, WrongPerson
from ttr_tui.model import AttemptEnd, Purpose, Station
from ttr_tui.problems import error_of
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttr_tui.cli.output import Output
    from ttr_tui.model import Attempt, Authentication, Company, Person, Problem
    from ttr_tui.runtime import Runtime

LOOK_EVERY = 0.25
"""Seconds between two looks at the attempt; its rows may be written by another process."""


class Following:
    """One attempt of a company, told as it goes; whoever brings it forward.

    Without `events` JSON is printed by whoever called, as one document.
    """

    def __init__(
        self, runtime: Runtime, out: Output, company: Company, word: Word, *, events: bool = True
    ) -> None:
        self.runtime, self.out, self.company, self.word = runtime, out, company, word
        self._events = events
        self._told: Problem | None = None
        self._left: Person | None = None

    def event(self, event: str, **fields: Any) -> None:
        """Print an event, where JSON is wanted."""
        if self.out.as_json and self._events:
            self.out.record({"event": event, **fields})

    async def show_link(self, attempt: Attempt, sentence: str, step: str) -> None:
        """Print the link, alone on its line. Raises NotConfirmed for one nobody wants."""
        await self._require_asked_for(attempt)
        self.out.say(sentence)
        self._tell_of_tunnel(attempt.link)
        self.event(
            "link",
            step=step,
            attempt=attempt.id,
            link=attempt.link,
            expires_at=moment(attempt.expires_at),
        )
        if not self.out.as_json:
            self.out.line(attempt.link)
        served = self.runtime.listening.served.sentence
        self.out.say(
            f"Good until {stamp(attempt.expires_at)}, as attempt {attempt.id}. {served}; waiting "
            "for the browser."
        )

    async def until(self, attempt: Attempt, settled: Callable[[Attempt], bool]) -> Attempt:
        """Tell each station until `settled`; raise what ended the attempt otherwise.

        Somebody else than was asked for ends nothing: it is told, and the link still works.
        """
        station: Station | None = attempt.station
        while not settled(attempt):
            self._tell_refusal(attempt)
            self._raise_end(attempt)
            if attempt.station is not station:
                station = attempt.station
                self.out.say(f"The attempt stands at: {station.value}.")
            await asyncio.sleep(LOOK_EVERY)
            attempt = await self.runtime.store.attempts.get(attempt.id)
        return attempt

    async def granted(self, attempt: Attempt) -> None:
        """Follow a grant of admin permission until it is proven, and tell."""
        await self.until(attempt, lambda seen: seen.ended is AttemptEnd.DONE)
        fresh = await self.runtime.store.companies.get(self.company.id)
        self.event("granted", proven_at=moment(fresh.consent_proven_at))
        self.out.say(f"Microsoft shows the permission for {self.company.name}, and it works.")

    async def signed_in(self, attempt: Attempt) -> Authentication:
        """Follow a sign-in until it is stored and proven, by whoever's word; return it.

        Raises NotConfirmed when the word here is no, and what ended the attempt.
        """
        while True:
            attempt = await self.until(attempt, self._is_decided_or_asks)
            if attempt.person is None or attempt.ended is AttemptEnd.DONE:
                return await self._stored(attempt)
            stored = await self.decided(attempt)
            if stored is not None:
                return stored
            self._left = attempt.person
            attempt = await self.runtime.store.attempts.get(attempt.id)

    async def decided(self, attempt: Attempt) -> Authentication | None:
        """Give the word about who waits; None where nobody can be asked, or another shell did.

        Raises NotConfirmed for a no, after erasing what came; what the first refresh raises.
        """
        from ttr_tui.flows import sign_in  # noqa: PLC0415 - after the link is out

        if attempt.person is None:
            return None
        self.event("signed_in", attempt=attempt.id, person=person_record(attempt.person))
        self.out.say(who(attempt.person))
        if not self.word.can_be_had:
            self.out.say(f"This waits for your word: ttr-tui attempts confirm {attempt.id}")
            return None
        try:
            typed = await self._asked(attempt)
            if typed is None:
                self.out.say("")  # the question stands on the line
                self.out.say("That was decided elsewhere.")
                return None
            return await sign_in.confirm(self.runtime.access, attempt, typed)
        except LinkOver:
            if await self._still_waits(attempt):
                raise
            return None
        except NotConfirmed:
            await sign_in.refuse(self.runtime.access, attempt)
            self.out.say("What came was erased.")
            raise

    def tell_stored(self, stored: Authentication) -> None:
        """Say that a sign-in is stored and was refreshed once."""
        self.event("stored", authentication=authentication_record(stored))
        name = stored.person.shown if stored.person else stored.name
        self.out.say(f"{name} is signed in for {self.company.name}; a first refresh worked.")

    async def let_the_browser_see(self) -> None:
        """Serve a moment longer where a browser's page asks again for how it ended."""
        while self.runtime.listening.waited_for:  # noqa: ASYNC110 - a browser that left sets no event
            await asyncio.sleep(LOOK_EVERY)

    def tell_standing(self, attempt: Attempt) -> None:
        """Tell what was refused before this began; it ends nothing."""
        if attempt.refusal is not None:
            self.out.tell(error_of(attempt.refusal))
        self._told = attempt.refusal

    def _is_decided_or_asks(self, seen: Attempt) -> bool:
        """Tell whether a sign-in is stored, or somebody waits whom the word is not left for."""
        if seen.person is None:
            self._left = None
        asks = seen.person is not None and seen.person != self._left
        return asks or seen.ended is AttemptEnd.DONE

    async def _asked(self, attempt: Attempt) -> str | None:
        """Ask for the word; None when another shell has decided meanwhile."""
        asking = asyncio.ensure_future(
            ask_for_word(self.runtime, self.out, self.company, attempt, self.word)
        )
        elsewhere = asyncio.ensure_future(self._decided_elsewhere(attempt))
        try:
            await asyncio.wait({asking, elsewhere}, return_when=asyncio.FIRST_COMPLETED)
            return await asking if asking.done() else None
        finally:
            asking.cancel()
            elsewhere.cancel()
            await asyncio.gather(asking, elsewhere, return_exceptions=True)

    async def _decided_elsewhere(self, attempt: Attempt) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not await self._still_waits(attempt):
                return

    async def _still_waits(self, attempt: Attempt) -> bool:
        return (await self.runtime.store.attempts.get(attempt.id)).person == attempt.person

    async def _stored(self, attempt: Attempt) -> Authentication:
        """Return what was stored from an attempt that is done. Raises LinkOver when it is gone."""
        if attempt.for_master:
            return await self.runtime.access.company_master(self.company)
        found = await self.runtime.store.authentications.of_agent(attempt.agent_id or "")
        if found is not None:
            return found
        raise LinkOver("What was stored from this link is deleted by now.", cure="Try again.")

    async def _require_asked_for(self, attempt: Attempt) -> None:
        from ttr_tui import attempts  # noqa: PLC0415 - as above

        try:
            self.word.require_asked_for(attempt)
        except NotConfirmed:
            await attempts.withdraw(self.runtime.store, attempt.id)
            raise

    def _tell_refusal(self, attempt: Attempt) -> None:
        """Tell a refusal once that ends nothing; raise another one whole."""
        if attempt.refusal == self._told:
            return
        self._told = attempt.refusal
        if attempt.refusal is None:
            return
        problem = error_of(attempt.refusal)
        if not isinstance(problem, WrongPerson):
            raise problem
        self.out.tell(problem)
        self.event("wrong_person", attempt=attempt.id, error=error_record(problem))
        self.out.say("The link still works; waiting for the browser.")

    def _raise_end(self, attempt: Attempt) -> None:
        self._look_at_proof(attempt)
        if attempt.ended is AttemptEnd.WITHDRAWN:
            raise LinkOver("The link was withdrawn.", cure="Begin again for a new one.")
        if attempt.problem and attempt.refusal is None:
            kind = ConsentNeeded if attempt.purpose is Purpose.ADMIN_CONSENT else Refused
            raise kind(attempt.problem)
        if attempt.ended is not None:
            days = round((attempt.expires_at - attempt.created_at) / timedelta(days=1))
            life = "a day" if days <= 1 else plural(days, "day")
            raise LinkOver(
                f"The link is over: it was good for {life}.", cure="Begin again for a new one."
            )

    def _look_at_proof(self, attempt: Attempt) -> None:
        """Tell how far the proof of a grant is; raise what ended it."""
        from ttr_tui.works import WorkKind  # noqa: PLC0415 - as above

        work = self.runtime.works.find(WorkKind.PROOF, self.company.id)
        if work is None or attempt.purpose is not Purpose.ADMIN_CONSENT:
            return
        if work.running and isinstance(work.progress, str):
            self.out.pace(work.progress)
        if work.problem is not None:
            raise work.problem

    def _tell_of_tunnel(self, link: str) -> None:
        """Over SSH a link to localhost needs a tunnel on the browser's computer."""
        from ttr_tui.screens.remote import tunnel  # noqa: PLC0415 - as above

        way = tunnel(os.environ, link, self.runtime.settings.listen[1])
        if way is not None:
            guess = ", whose user and address are a guess" if way.guessed else ""
            self.out.say(f"On the browser's computer first run{guess}: {way.command}")
