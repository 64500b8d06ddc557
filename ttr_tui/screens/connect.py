"""Connect a company: grant admin permission and sign in the Company Master, on one screen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import Attempt, Company, Purpose, Station, now
from ttr_tui.screens import connect_deeds, connect_words
from ttr_tui.screens.connect_state import GRANT, PURPOSES, SIGN_IN, ConnectState, load_connect
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import BULK_ADD, CONNECT, open_place
from ttr_tui.screens.remote import tunnel
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.row_messages import RowsChosen, RowsCursorMoved
from ttr_tui.widgets.rows import Row, Rows
from ttr_tui.works import Work, WorkKind

if TYPE_CHECKING:
    from textual.timer import Timer

_STEP_COLUMNS = (Column("", 32, Cut.NEVER, gap=2), Column("", 43, Cut.NEVER))
TICK = 1.0
"""Seconds between two looks at the countdowns; nothing is sent while no word changes."""


class ConnectScreen(FrameScreen[None]):
    """Both steps, the start link of the one at the cursor, and how far it is."""

    place_number = CONNECT
    help_here = (
        (
            "up and down choose the step. A link is made by itself for a step that is not done; it "
            "lives a day, a try at Microsoft ten minutes. Leaving cancels nothing."
        ),
        (
            "c copies the link, u leaves the full screen and prints it alone, r makes a new one "
            "and withdraws the former, d withdraws it."
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("r", "again", show=False),
        Binding("d,delete", "withdraw", show=False),
        Binding("x", "administrator", show=False),
    ]

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.title_text = f"Connect {company.name}"
        self.fact = f"tenant {company.tenant_id}"
        self.connect: ConnectState | None = None
        self.asked_later: set[str] = set()
        self.withdrawn: set[int] = set()
        self._problem: TtrError | None = None
        self._chosen = False
        self._steps = Rows(_STEP_COLUMNS, head=False, id="steps")
        self._text = Page(id="link")
        self._line = Page(id="stations")
        self._timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """The steps, the link's page, the live line."""
        yield self._steps
        yield Page([""])
        yield self._text
        yield self._line

    def on_mount(self) -> None:
        """Count down; the base class follows the store."""
        self._timer = self.set_interval(TICK, self._tick)

    async def _loaded(self, company: Company) -> ConnectState:
        return await load_connect(self.runtime.store, company, self.runtime.settings.redirects)

    async def load(self) -> None:
        """Load both steps; make a link where one is needed and none is out."""
        if self.company is None:
            return
        self.connect = await self._loaded(self.company)
        self.company = self.connect.company
        self.title_text = f"Connect {self.company.name}"
        if not self._chosen:
            self._steps.cursor = self.connect.first_open
        if await self._make_link():
            self.connect = await self._loaded(self.company)
        self.show()
        connect_deeds.ask_if_waiting(self)

    @property
    def step(self) -> int:
        """The step at the cursor."""
        return self._steps.cursor

    @property
    def attempt(self) -> Attempt | None:
        """The attempt whose link is out."""
        return self.connect.attempts[self.step] if self.connect is not None else None

    @property
    def leading_here(self) -> Attempt | None:
        """The attempt whose link may be shown: none while it would lead to a stranger."""
        return self.attempt if self.runtime.listening.served.links_work else None

    def show(self) -> None:
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
        self._text.lines = self._page(moment)
        self._tick()
        self.keys = self._key_hints()

    def work_moved(self) -> None:
        """The proof says what it waits for, or what it ended with."""
        self.show()

    def waiting_sentence(self) -> Line:
        """Row 22 tells of other companies' sign-ins; this one's is asked here."""
        waiting = self.connect.waiting if self.connect is not None else None
        others = [w for w in self.session.waiting if waiting is None or w.id != waiting.id]
        return super().waiting_sentence() if others else ""

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - the list is asked
        """Show the other step's link."""
        self._chosen = True
        self.show()
        self.reload()

    def on_rows_chosen(self, event: RowsChosen) -> None:  # noqa: ARG002 - the list is asked
        """Go on: ask, prove, or open Bulk Add."""
        if self.connect is None:
            return
        if self.connect.waiting is not None:
            self.asked_later.discard(self.connect.waiting.id)
            connect_deeds.ask_if_waiting(self)
        elif self.step == GRANT and not self.connect.granted:
            connect_deeds.prove(self)
        elif self.connect.signed_in:
            open_place(self.app, BULK_ADD, self.company)
        elif self.attempt is None:
            self.action_again()

    def action_copy(self) -> None:
        """Copy the link (OSC 52)."""
        if self.leading_here is not None:
            self.app.copy_to_clipboard(self.leading_here.link)
            tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
            self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print the link alone, outside of the full screen."""
        if self.leading_here is not None:
            self.run_worker(connect_deeds.print_plain(self, self.leading_here.link), group="plain")

    def action_again(self) -> None:
        """Make a new link; the former is withdrawn, unless a sign-in waits on it."""
        if self.attempt is not None and self.attempt.person is not None:
            self.say("A sign-in waits for your word. d withdraws the link and erases it.")
            return
        self.run_worker(connect_deeds.renew(self), group="link", exclusive=True)

    def action_withdraw(self) -> None:
        """Withdraw the link, after a question."""
        if self.attempt is not None:
            self.run_worker(connect_deeds.ask_withdraw(self, self.attempt), group="ask")

    def action_administrator(self) -> None:
        """In the demo: the sandbox's administrator does what the browser would."""
        if self.leading_here is not None and self.session.demo is not None:
            self.run_worker(
                connect_deeds.follow(self, self.session.demo, self.leading_here),
                group="administrator",
                exclusive=True,
            )

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
        if attempt is not None and self.leading_here is None:
            return sentences(connect_words.not_shown(self.runtime.listening.served.sentence))
        if attempt is not None:
            listen_port = self.runtime.settings.listen[1]
            redirect = self.runtime.settings.redirects.get(PURPOSES[self.step], "")
            way = tunnel(self.session.environ, redirect, listen_port)
            problem = attempt.problem or self._proof_problem()
            page = connect_words.LinkPage(attempt, shown.company, problem, way)
            return page.rows(self.size.width, moment)
        if self._problem is not None and not shown.done(self.step):
            return sentences(state(f"✗ {text.clean(self._problem.sentence())}"))
        return sentences(connect_words.without_link(shown, self.step))

    def _tick(self) -> None:
        attempt, moment = self.attempt, now()
        self.status_left = self._listening(attempt)
        self.status_right = connect_words.countdown(attempt, moment) if attempt else ""
        if attempt is None:
            self._line.lines = []
            return
        said = connect_words.stuck(attempt, moment)
        if not said and self.session.demo is not None and attempt.station is Station.WAITING:
            said = connect_words.DEMO_HINT
        if attempt.purpose is Purpose.ADMIN_CONSENT and attempt.station is Station.CAME_BACK:
            said = self._proof_words() or said
        self._line.lines = [connect_words.station_line(attempt), *sentences(said)]

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

    def _listening(self, attempt: Attempt | None) -> str:
        sentence = self.runtime.listening.served.sentence
        if attempt is not None and attempt.station is Station.WAITING and len(sentence) < 34:
            return f"{sentence}; no browser has come yet"
        return sentence

    def _key_hints(self) -> tuple[KeyHint, ...]:
        hints: list[KeyHint] = []
        shown = self.connect
        if self.leading_here is not None:
            if self.session.demo is not None:
                hints.append(KeyHint("x", "administrator follows it"))
            hints += [KeyHint("c", "copy"), KeyHint("u", "plain link")]
        if shown is not None and shown.waiting is None and shown.signed_in and self.step == SIGN_IN:
            hints.append(KeyHint("enter", "Bulk Add"))
        elif shown is not None and self.step == GRANT and not shown.granted:
            hints.append(KeyHint("enter", "check now", rank=1))
        elif shown is not None and shown.waiting is not None:
            hints.append(KeyHint("enter", "who signed in"))
        hints.append(KeyHint("r", "new link", rank=1))
        if self.attempt is not None:
            hints.append(KeyHint("d", "withdraw", rank=2))
        return (*hints, KeyHint("esc", "back"))
