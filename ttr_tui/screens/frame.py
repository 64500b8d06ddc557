"""The frame every screen stands in: rows 1-4 and the last three never move.

A screen says what stands there by plain attributes, at any time; only the row concerned is drawn
again:

    class BulkAddScreen(FrameScreen[None]):
        place_number = BULK_ADD                    # in brackets in row 2; esc goes to Companies

        def __init__(self, company: Company) -> None:
            super().__init__(company)
            self.title_text = "O365 Agent Bulk Add"                         # row 4, left
            self.fact = "Company Master accepted 15:41"                     # row 4, right
            self.keys = (KeyHint("space", "select"), KeyHint("enter", "add 12"))  # row 24

        def compose_body(self) -> ComposeResult:   # rows 5 to the fourth from below
            yield Rows(...)

        async def load(self) -> None:              # at the start, when shown again, on each change
            ...await self.runtime.store...

    self.message = "..."                           # row 22, for as long as it is true
    self.say("...")                                # row 22, until the next key
    self.status_left = ...; self.status_right = ...   # row 23
    self.report(error)                             # a TtrError, where it belongs

`fact`, `message`, `status_left` and `status_right` take a `Line` (widgets/lines.py), so a shape has
its colour: `state("✓ healthy")`. A screen without `place_number` lies above a place (a question, a
result, the help) and goes with `esc`; it is pushed with `app.push_screen`, and dismissed with None
when its person goes elsewhere by number.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Key, Resize
from textual.geometry import Offset
from textual.reactive import Reactive, var

from ttr_tui.screens import frame_parts
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import COMPANIES, PLACES, open_place
from ttr_tui.screens.session import Session
from ttr_tui.widgets.drawing import QuickScreen
from ttr_tui.widgets.lines import Line, LineWidget

if TYPE_CHECKING:
    from textual.widget import Widget
    from textual.worker import Worker

    from ttr_tui.errors import TtrError
    from ttr_tui.model import Company
    from ttr_tui.runtime import Runtime

Result = TypeVar("Result")


class FrameScreen(QuickScreen[Result], inherit_bindings=False):
    """The base of every screen; the module says how it is used."""

    AUTO_FOCUS = "Rows, Button"
    CSS_PATH = Path(__file__).with_name("frame.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("0", "go(0)", show=False),
        Binding("1", "go(1)", show=False),
        Binding("2", "go(2)", show=False),
        Binding("3", "go(3)", show=False),
        Binding("4", "go(4)", show=False),
        Binding("q", "quit", show=False),
        Binding("question_mark", "help", show=False),
        Binding("colon,ctrl+p", "app.command_palette", show=False),
        Binding("ctrl+l", "redraw", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]

    place_number: ClassVar[int | None] = None
    """The number of the place this is, when it is one."""

    tells_run: ClassVar[bool] = True
    """Whether row 2 tells how far a run is; not on the screen that shows the run itself."""

    help_here: ClassVar[tuple[str, ...]] = ()
    """Sentences about this screen's own keys, shown under Here in the help."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """Textual's own, but moving the focus does not draw the whole screen again."""

    title_text: var[str] = var("", init=False)
    fact: var[Line] = var("", init=False)
    message: var[Line] = var("", init=False)
    load_problem: var[Line] = var("", init=False)
    """What went wrong with loading; stands in row 22 until it went right."""
    status_left: var[Line] = var("", init=False)
    status_right: var[Line] = var("", init=False)
    keys: var[tuple[KeyHint, ...]] = var((), init=False)
    places_offered: var[int] = var(len(PLACES), init=False)
    has_help: var[bool] = var(True, init=False)
    help_hint: var[bool] = var(True, init=False)

    def __init__(self, company: Company | None = None) -> None:
        super().__init__()
        self.company = company
        self._said: Line = ""
        self._head = frame_parts.Head(self)
        self._foot = frame_parts.Foot(self)
        self._body = Container(id="body")
        self._too_small = frame_parts.TooSmall()

    # For subclasses

    def compose_body(self) -> ComposeResult:
        """Yield the widgets of the body."""
        yield from ()

    async def load(self) -> None:
        """Load what this screen shows; called at the start, when shown again, on each change."""

    def work_moved(self) -> None:
        """Show how far running work is; called four times a second at most, over SSH once."""

    def undo_layer(self) -> bool:
        """Undo this screen's last own layer (range, field, search); tell whether there was one."""
        return False

    def company_here(self) -> Company | None:
        """Return the company that the places of row 2 are opened for."""
        return self.company

    def palette(self) -> Iterable[SystemCommand]:
        """Yield what the command palette offers here beside what it offers everywhere."""
        return ()

    def who_line(self, width: int) -> Line:
        """Return row 1."""
        return frame_parts.who_line(self.session, self.company, width)

    # For everybody

    @property
    def session(self) -> Session:
        """What all screens share."""
        session = getattr(self.app, "session", None)
        if not isinstance(session, Session):
            raise TypeError("screens of ttr-tui stand in its own app")
        return session

    @property
    def runtime(self) -> Runtime:
        """The open store, Microsoft, callback server and running work."""
        return self.session.runtime

    @property
    def present_place(self) -> int | None:
        """The number of the place this is, or lies above."""
        for screen in reversed(self.app.screen_stack):
            if isinstance(screen, FrameScreen) and screen.place_number is not None:
                return screen.place_number
        return None

    @property
    def too_small(self) -> bool:
        """Whether the terminal is smaller than 80x24."""
        size = self.app.size
        return size.width < frame_parts.LEAST_WIDTH or size.height < frame_parts.LEAST_HEIGHT

    def say(self, sentence: Line) -> None:
        """Put a sentence into row 22 until the next key."""
        self._said = sentence
        self._foot.refresh_row(0)

    def report(self, problem: TtrError) -> None:
        """Show an error: its sentence in row 22, or the whole story where it does not fit there."""
        from ttr_tui.screens.explained import show_error  # noqa: PLC0415 - it stands on this frame

        show_error(self, problem)

    def shown_message(self) -> Line:
        """Return what stands in row 22 now."""
        return self._said or self.load_problem or self.message or self.waiting_sentence()

    def waiting_sentence(self) -> Line:
        """Return the sentence about a sign-in that waits for the person's word elsewhere."""
        return frame_parts.waiting_sentence(self.session)

    def before_key(self, event: Key) -> bool:
        """Take note of a key before anything else does; tell whether it may go on.

        What was said goes with it. While the terminal is too small, only leaving works.
        """
        if self._said:
            self._said = ""
            self._foot.refresh_row(0)
        return not self.too_small or event.key in ("q", "ctrl+c")

    def terminal_cursor(self) -> Offset:
        """Return where the terminal's own cursor belongs: at the focus, else on the title."""
        if self.too_small:
            return Offset(0, 0)
        focused = self.focused
        if isinstance(focused, LineWidget):
            return focused.region.offset + focused.cursor_at()
        return Offset(1, 3)

    def reload(self) -> None:
        """Load again, in a worker; one that runs is replaced."""
        self.loader: Worker[None] = self.run_worker(self._load, group="load", exclusive=True)

    async def _load(self) -> None:
        from ttr_tui.screens.loading import load_or_leave  # noqa: PLC0415 - it knows the places

        await load_or_leave(self)

    def refresh_head(self) -> None:
        """Draw rows 1-4 again."""
        self._head.refresh()

    # Textual's side

    def compose(self) -> ComposeResult:
        """Head, body and foot below each other."""
        yield self._head
        with self._body:
            yield from self.compose_body()
        yield self._foot
        yield self._too_small

    def on_mount(self) -> None:
        """Follow the store."""
        self.session.changed.subscribe(self, self._store_changed)
        self.session.worked.subscribe(self, self._work_moved)

    def on_screen_resume(self) -> None:
        """Show what is true now."""
        self._head.refresh()
        self._foot.refresh()
        self.reload()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the app knows the size
        """Show the plain message below 80x24, and all of the screen again above it."""
        self.set_class(self.too_small, "-too-small")
        self._too_small.refresh()

    def _store_changed(self, _nothing: None) -> None:
        if self.is_current:
            if self.company is not None:
                self.company = self.session.company(self.company.id) or self.company
            self._head.refresh_row(0)
            self._head.refresh_row(1)
            self._foot.refresh_row(0)
            self.reload()

    def _work_moved(self, _nothing: None) -> None:
        if self.is_current:
            self.work_moved()

    # Keys

    def action_back(self) -> None:
        """One step back: the screen's own layer, the screen, the place."""
        if self.undo_layer():
            return
        if self.place_number is None:
            self.dismiss(None)
        elif self.place_number != COMPANIES:
            open_place(self.app, COMPANIES)

    def action_go(self, number: int) -> None:
        """Go to a place, for the company at the cursor."""
        company = self.company_here()
        if number >= self.places_offered:
            return
        if number and company is None:
            self.say("No company is chosen. 0 lists them.")
            return
        open_place(self.app, number, company)

    def action_quit(self) -> None:
        """Quit; asks while work runs."""
        from ttr_tui.screens.leaving import leave  # noqa: PLC0415 - it stands on this frame

        leave(self)

    def action_help(self) -> None:
        """Show the help for this screen."""
        from ttr_tui.screens.help import HelpScreen  # noqa: PLC0415 - it stands on this frame

        if self.has_help:
            self.app.push_screen(HelpScreen(self))

    def action_redraw(self) -> None:
        """Draw everything again."""
        self.refresh(layout=True)
