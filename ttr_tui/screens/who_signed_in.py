"""The question before anything is stored: is this the administrator?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import AuthenticationKind, now
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.link_words import countdown, station_line
from ttr_tui.screens.question import Asked, MustType, Paragraph, Question
from ttr_tui.screens.readiness_words import SHAPES
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import Line, state

if TYPE_CHECKING:
    from ttr_tui.model import Attempt, Authentication, Company, Person

REFUSE, STORE = "refuse", "store"

ROLE, BEING_ASKED = "Role, licence", "» asking Microsoft; this question does not wait for it"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who came back for which company; `master` is the Company Master so far.

    `held` is what an agent's sign-in would take the place of, where it has one.
    """

    company: Company
    attempt: Attempt
    person: Person
    master: Authentication | None
    children: int
    held: Authentication | None = None

    @property
    def former(self) -> Person | None:
        """The administrator who would be taken over from."""
        if not self.attempt.for_master:
            return None
        before = self.master.person if self.master is not None else None
        same = before is not None and before.object_id == self.person.object_id
        return None if same else before


class WhoSignedIn(Question):
    """Nothing is stored until the button with the person's name is pressed."""

    help_here = (
        (
            "The sign-in waits sealed. It is stored only by the button that says so, and erased "
            "by the other one, or by itself after a day. esc decides later."
        ),
    )

    def __init__(self, arrival: Arrival) -> None:
        attempt = arrival.attempt
        came = text.stamp(attempt.station_at, seconds=True)[11:]
        super().__init__(
            _asked(arrival),
            arrival.company,
            fact=f"came back {came}",
            status_left="Nothing is stored yet",
            status_right=countdown(attempt, now()),
        )
        self.attempt_id = attempt.id
        self._person = arrival.person
        self._of_an_administrator = attempt.for_master
        self.keys = (
            KeyHint("enter", "press"),
            KeyHint("tab", "next"),
            KeyHint("esc", "decide later"),
        )

    def on_mount(self) -> None:
        """Find out what readiness would say of this administrator; nothing waits for it."""
        if self._of_an_administrator:
            self.run_worker(self._look(), group="role")

    def waiting_sentence(self) -> Line:
        """Row 22 does not tell what is asked here."""
        return ""

    async def load(self) -> None:
        """Leave when it was decided elsewhere, has run out, or somebody else waits since."""
        attempt = await self.runtime.store.attempts.get(self.attempt_id)
        if attempt.person != self._person and self.is_current:
            self.dismiss(None)

    async def _look(self) -> None:
        from ttr_tui.flows.readiness import administrator  # noqa: PLC0415 - only administrators

        if self.company is None:
            return
        try:
            found = await administrator.about(self.runtime.access, self.company, self._person)
            said = f"{SHAPES[found.verdict]} {text.clean(found.seen)}"
        except TtrError as problem:
            said = f"? {text.clean(problem.sentence())}"
        self.fill_in([_filled(one, said) for one in self.asked.paragraphs])


def _filled(paragraph: Paragraph, said: str) -> Paragraph:
    return (ROLE, state(said)) if paragraph[:1] == (ROLE,) else paragraph


def _asked(arrival: Arrival) -> Asked:
    person, company = arrival.person, arrival.company
    name = text.cut_middle(text.clean(person.called), 30)
    former = arrival.former
    return Asked(
        _question(arrival),
        (
            (
                "Signed in",
                f"{person.called}   {person.user_principal_name}",
                f"object {person.object_id}",
            ),
            ("Tenant", state(f"✓ {company.domain}, the tenant of {company.name}")),
            ("Browser", _browser(arrival.attempt)),
            ("Before", _before(arrival)),
            *(((ROLE, state(BEING_ASKED)),) if arrival.attempt.for_master else ()),
            (),
            ("What happens", _happens(arrival)),
        ),
        (
            Choice(REFUSE, "Not this person, erase it"),
            Choice(STORE, f"Store {name}'s sign-in"),
        ),
        must_type=MustType(company.name, STORE) if former is not None else None,
        focus=REFUSE,
        tail=(station_line(arrival.attempt), " Waits for you."),
    )


def _browser(attempt: Attempt) -> Line:
    origin = f", from {attempt.browser_from}" if attempt.browser_from else ""
    if attempt.browser_known:
        return state(f"✓ the one that opened the start link{origin}")
    return state(f"! not the one that opened the start link{origin}")


def _question(arrival: Arrival) -> str:
    expected = arrival.attempt.expected
    if arrival.attempt.for_master or expected is None:
        return f"Is this the administrator of {arrival.company.name}?"
    return f"Is this {expected.shown}?"


def _before(arrival: Arrival) -> Line:
    if not arrival.attempt.for_master:
        return _held_before(arrival.held)
    master, former = arrival.master, arrival.former
    if master is None:
        return "nobody; no Company Master is stored yet"
    if master.person is None:
        return state(f"! somebody who is not known any more, since {text.stamp(master.since)}")
    if former is None:
        return f"the same person, since {text.stamp(master.since)}"
    children = text.plural(arrival.children, "child")
    stay = "stays" if arrival.children == 1 else "stay"
    return state(
        f"! {former.name}   {former.user_principal_name}: this is a take-over; {children} {stay}"
    )


def _held_before(held: Authentication | None) -> Line:
    if held is None:
        return "nothing; this agent is not authenticated yet"
    since = text.stamp(held.since)
    if held.kind is AuthenticationKind.CHILD:
        return state(f"! a child of the Company Master since {since}; it leaves its parent")
    return f"an own sign-in, since {since}; it is replaced"


def _happens(arrival: Arrival) -> str:
    until = arrival.attempt.person_until
    itself = f" by itself on {text.stamp(until)}" if until is not None else " by itself in a day"
    role = "the Company Master" if arrival.attempt.for_master else "an agent's own sign-in"
    return (
        f"The sign-in is stored, sealed, as {role} of {arrival.company.name}, and one "
        f"refresh proves it. Otherwise it is erased now, or{itself}."
    )
