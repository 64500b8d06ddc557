"""Connect a company: grant admin permission and sign in the Company Master, on one screen."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import Attempt, Company, Purpose, Station, now
from ttr_tui.screens import connect_deeds, connect_words, link_deeds
from ttr_tui.screens.connect_state import GRANT, PURPOSES, SIGN_IN, ConnectState, load_connect
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.link_screen import HELP_KEYS, HELP_PASTE, LinkScreen
from ttr_tui.screens.places import BULK_ADD, CONNECT, open_place
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.row_messages import RowsChosen, RowsCursorMoved
from ttr_tui.widgets.rows import Row, Rows
from ttr_tui.works import Work, WorkKind

_STEP_COLUMNS = (Column("", 32, Cut.NEVER, gap=2), Column("", 43, Cut.NEVER))


class ConnectScreen(LinkScreen):
    """Both steps, the start link of the one at the cursor, and how far it is."""

    place_number = CONNECT
    help_here = (
        (
            "up and down choose the step. A link is made by itself for a step that is not done; it "
            "lives a day, a try at Microsoft ten minutes. Leaving cancels nothing."
        ),
        HELP_KEYS,
        HELP_PASTE,
    )

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.title_text = f"Connect {company.name}"
        self.fact = f"tenant {company.tenant_id}"
        self.connect: ConnectState | None = None
        self.withdrawn: set[int] = set()
        self._problem: TtrError | None = None
        self._chosen = False
        self._steps = Rows(_STEP_COLUMNS, head=False, id="steps")

    def compose_body(self) -> ComposeResult:
        """The steps, the link's page, the live line, the paste box."""
        yield self._steps
        yield Page([""])
        yield from self.compose_link()

    async def _loaded(self, company: Company) -> ConnectState:
        return await load_connect(self.runtime.store, company, self.runtime.settings.redirects)

    async def load(self) -> None:
        """Load both steps; make a link where one is needed and none is out."""
        if self.company is None:
            return
        first = self.connect is None
        self.connect = await self._loaded(self.company)
        self.company = self.connect.company
        self.title_text = f"Connect {self.company.name}"
        if not self._chosen:
            self._steps.cursor = self.connect.first_open
        if await self._make_link():
            self.connect = await self._loaded(self.company)
        if first:
            # What was refused before this screen was opened stands beside its link.
            self.told_of |= {one.id for one in self.connect.attempts if one and one.refusal}
        self.draw()
        link_deeds.ask_if_waiting(self, self.connect.waiting)
        self.tell_refusal(self.attempt)

    @property
    def step(self) -> int:
        """The step at the cursor."""
        return self._steps.cursor

    @property
    def attempt(self) -> Attempt | None:
        """The attempt whose link is out."""
        return self.connect.attempts[self.step] if self.connect is not None else None

    def what_for(self) -> str:
        """Return the step at the cursor."""
        return connect_words.STEPS[self.step]

    def focus_body(self) -> None:
        """Back to the steps."""
        self._steps.focus()

    def was_withdrawn(self, attempt: Attempt) -> None:
        """No other link is made by itself for a step whose link was withdrawn."""
        self.withdrawn.add(PURPOSES.index(attempt.purpose))

    def draw(self) -> None:
        """Draw what was loaded."""
        if self.connect is None:
            return
        moment = now()
        rows = [
            Row(
                (f"{step + 1}  {name}", state(connect_words.step_words(self.connect, step, moment)))
            )
            for step, name in enumerate(connect_words.STEPS)
        ]
        self._steps.set_rows(rows)
        self.link_page.lines = self._page(moment)
        self.tick()
        self.keys = self._key_hints()

    def work_moved(self) -> None:
        """The proof says what it waits for, or what it ended with."""
        self.draw()

    def waiting_sentence(self) -> Line:
        """Row 22 tells of other companies' sign-ins; this one's is asked here."""
        waiting = self.connect.waiting if self.connect is not None else None
        others = [w for w in self.session.waiting if waiting is None or w.id != waiting.id]
        return super().waiting_sentence() if others else ""

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - the list is asked
        """Show the other step's link."""
        self._chosen = True
        self.draw()
        self.reload()

    def on_rows_chosen(self, event: RowsChosen) -> None:  # noqa: ARG002 - the list is asked
        """Go on: ask, prove, or open Bulk Add."""
        if self.connect is None:
            return
        if self.connect.waiting is not None:
            self.asked_later.discard(self.connect.waiting.id)
            link_deeds.ask_if_waiting(self, self.connect.waiting)
        elif self.step == GRANT and not self.connect.granted:
            connect_deeds.prove(self)
        elif self.connect.signed_in:
            open_place(self.app, BULK_ADD, self.company)
        elif self.attempt is None:
            self.action_again()

    def action_again(self) -> None:
        """Make a new link; the former is withdrawn, unless a sign-in waits on it."""
        if self.attempt is not None and self.attempt.person is not None:
            self.say("A sign-in waits for your word. d withdraws the link and erases it.")
            return
        self.run_worker(connect_deeds.renew(self), group="link", exclusive=True)

    async def _make_link(self) -> bool:
        shown, step = self.connect, self.step
        if shown is None or shown.done(step) or shown.attempts[step] or step in self.withdrawn:
            return False
        try:
            await self.runtime.begin(shown.company, PURPOSES[step])
        except TtrError as problem:
            self._problem = problem
            return False
        self._problem = None
        return True

    def _page(self, moment: datetime) -> list[Line]:
        shown, attempt = self.connect, self.attempt
        if shown is None:
            return []
        if attempt is not None:
            return self.link_rows(attempt, attempt.problem or self._proof_problem(), moment)
        if self._problem is not None and not shown.done(self.step):
            return sentences(state(f"✗ {text.clean(self._problem.sentence())}"))
        return sentences(connect_words.without_link(shown, self.step))

    def said_of_link(self, attempt: Attempt) -> str:
        """While a consent is proven, what that waits for."""
        proves = attempt.purpose is Purpose.ADMIN_CONSENT and attempt.station is Station.CAME_BACK
        return self._proof_words() if proves else ""

    def _proof(self) -> Work | None:
        company_id = self.company.id if self.company is not None else ""
        return self.runtime.works.find(WorkKind.PROOF, company_id)

    def _proof_problem(self) -> str:
        proof = self._proof() if self.step == GRANT else None
        return proof.problem.sentence() if proof is not None and proof.problem is not None else ""

    def _proof_words(self) -> str:
        proof = self._proof()
        if proof is None or not proof.running:
            return "enter looks whether Microsoft shows the permission now."
        return str(proof.progress or "Asking Microsoft whether it shows the permission.")

    def _key_hints(self) -> tuple[KeyHint, ...]:
        hints: list[KeyHint] = []
        shown = self.connect
        if shown is not None and shown.waiting is None and shown.signed_in and self.step == SIGN_IN:
            hints.append(KeyHint("enter", "Bulk Add"))
        elif shown is not None and self.step == GRANT and not shown.granted:
            hints.append(KeyHint("enter", "check now", rank=1))
        elif shown is not None and shown.waiting is not None:
            hints.append(KeyHint("enter", "who signed in"))
        return (*self.link_hints(), *hints, KeyHint("esc", "back"))
