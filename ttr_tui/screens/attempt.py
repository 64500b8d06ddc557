"""One sign-in under way: its link, where it stands, who came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import attempts, text
from ttr_tui.errors import TtrError
from ttr_tui.model import Purpose, now
from ttr_tui.screens import link_deeds, link_words
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.link_screen import HELP_KEYS, HELP_PASTE, LinkScreen
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, paragraph, sentences

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ttr_tui.model import Attempt, Company

TITLES = {
    Purpose.ADMIN_CONSENT: "Grant admin permission",
    Purpose.COMPANY_MASTER: "Sign in the Company Master",
    Purpose.AGENT: "Sign in the owner",
    Purpose.INVITATION: "Invitation",
    Purpose.REAUTHENTICATION: "Sign in again",
}


class AttemptScreen(LinkScreen):
    """An own sign-in, an invitation or a re-authentication, live; leaving cancels nothing."""

    help_here = (
        "The link is for one person and one sign-in. Who else signs in is told so, and not stored.",
        HELP_KEYS,
        HELP_PASTE,
    )

    def __init__(self, company: Company, attempt: Attempt) -> None:
        super().__init__(company)
        self._attempt = attempt
        self.told_of = {attempt.id} if attempt.refusal is not None else set()
        self.title_text = _title(attempt)
        self.fact = text.cut_middle(text.clean(company.name), 40)
        self._who = Page(_who(attempt), id="who")

    def compose_body(self) -> ComposeResult:
        """Whose sign-in it is, the link's page, the live line, the paste box."""
        yield self._who
        yield Page([""])
        yield from self.compose_link()

    @property
    def attempt(self) -> Attempt | None:
        """The attempt, while its link is out."""
        return self._attempt if self._attempt.ended is None else None

    def what_for(self) -> str:
        """Return whose sign-in it is."""
        return self.title_text

    async def load(self) -> None:
        """Load the attempt; ask who signed in when somebody waits."""
        self._attempt = await self.runtime.store.attempts.get(self._attempt.id)
        self._who.lines = _who(self._attempt)
        self.draw()
        waiting = self._attempt if self._attempt.person is not None else None
        link_deeds.ask_if_waiting(self, waiting)
        self.tell_refusal(self.attempt)

    def draw(self) -> None:
        """Draw what was loaded."""
        attempt, open_one = self._attempt, self.attempt
        if open_one is not None:
            self.link_page.lines = self.link_rows(open_one, attempt.problem, now())
        else:
            self.link_page.lines = sentences(_how_it_ended(attempt))
        self.tick()
        entered = (KeyHint("enter", "who signed in"),) if attempt.person is not None else ()
        hints = self.link_hints() if attempt.signed_in is None else ()
        self.keys = (*entered, *hints, KeyHint("esc", "back"))

    def tick(self) -> None:
        """Show what time has changed; the live line stays when it has come to its end."""
        super().tick()
        if self._attempt.signed_in is not None:
            self.live_line.lines = [link_words.station_line(self._attempt)]

    def key_enter(self) -> None:
        """Ask again who signed in, after it was put off."""
        if self._attempt.person is not None and not self.paste_box.is_focused:
            self.asked_later.discard(self._attempt.id)
            link_deeds.ask_if_waiting(self, self._attempt)

    def waiting_sentence(self) -> Line:
        """Row 22 tells of other sign-ins; this one's is asked here."""
        others = [w for w in self.session.waiting if w.id != self._attempt.id]
        return super().waiting_sentence() if others else ""

    def action_again(self) -> None:
        """Make a new link for the same person; the former is withdrawn."""
        if self._attempt.person is not None:
            self.say("A sign-in waits for your word. d withdraws the link and erases it.")
            return
        self.run_worker(self._renew(), group="link", exclusive=True)

    async def _renew(self) -> None:
        try:
            self.runtime.listening.require()
            self._attempt = await attempts.renew(
                self.runtime.store, self.runtime.access.redirects, self._attempt, self.runtime.actor
            )
        except TtrError as problem:
            self.report(problem)
            return
        self.say("This link is new; the former one is withdrawn.")
        self.reload()


def _title(attempt: Attempt) -> str:
    called = attempt.expected.called if attempt.expected is not None else ""
    return f"{TITLES[attempt.purpose]}: {called}" if called else TITLES[attempt.purpose]


def _who(attempt: Attempt) -> list[Line]:
    expected = attempt.expected
    if expected is None:
        return [""]
    rows = paragraph("Asked for", text.clean(expected.shown))
    if not expected.object_id:
        return [*rows, *sentences("Not pinned yet: you confirm who came, and that person is.")]
    return [*rows, *paragraph("", f"object {expected.object_id}")]


def _how_it_ended(attempt: Attempt) -> Line:
    if attempt.signed_in is not None:
        first = f" {attempt.problem}" if attempt.problem else ""
        who = text.clean(attempt.signed_in.shown)
        return state(f"✓ {who} signed in, and it is stored.{text.clean(first)} esc goes back.")
    ended = str(attempt.ended) if attempt.ended is not None else "over"
    return state(f"- This link is {ended}: nothing comes back through it. r makes a new one.")
