"""One authentication: all that is known of it, as stored; it needs no network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.model import Authentication, AuthenticationKind, Check, now
from ttr_tui.screens.authentications_deeds import DELETED, ToDelete, delete
from ttr_tui.screens.authentications_facts import Known, facts, title
from ttr_tui.screens.authentications_history import history, lines
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.rereading import Rereading
from ttr_tui.screens.sign_in_deeds import sign_in
from ttr_tui.widgets.lines import plain
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from ttr_tui.screens.authentications_source import Source

EACH_MINUTE = 60.0
PLACE = "View Microsoft Authentications"
GONE = "It was deleted: nothing of it is stored any more. esc goes back."


class AuthenticationPage(FrameScreen[None]):
    """The page of one row of the tree; `source` is the tree's own."""

    help_here = (
        "Ends: Microsoft tells no date; 90 days without use end a sign-in at the latest.",
        "r signs in again, whatever its state; a child then has a sign-in of its own.",
        "d deletes this one alone; a Company Master takes all its children. It asks first.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "sign_in", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("left,h", "back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, source: Source, row: Authentication) -> None:
        super().__init__(source.company)
        self.source = source
        self.row = row
        self.there = True
        self._asking = False
        self.title_text = title(row, source.company)
        self.status_left = "As stored; this screen needs no network"
        self._page = Page(id="page")
        self._children: Mapping[str, int] = {}
        self._reading = Rereading(self._read)

    @property
    def is_master(self) -> bool:
        """Whether this is the Company Master."""
        return self.row.kind is AuthenticationKind.COMPANY_MASTER

    def compose_body(self) -> ComposeResult:
        """One page."""
        yield self._page

    def on_mount(self) -> None:
        """Show what the tree knows at once, and keep the ages true."""
        self._page.lines = ["", *facts(self._known(now()))]
        if text.cells(self.title_text) + len(PLACE) <= self.app.size.width - 4:
            self.fact = PLACE
        self.set_interval(EACH_MINUTE, self._each_minute)
        if self.is_master:
            self.run_worker(self._look_for_closed(), group="closed")

    async def load(self) -> None:
        """Read it again, and what the journal has of it."""
        if self._reading.ask():
            self.run_worker(self._reading.run(), group="tree")

    def action_sign_in(self) -> None:
        """Sign in again, in whatever state it is."""
        if self.there:
            signing_in = sign_in(self, self.source.company, self.row)
            self.run_worker(signing_in, group="sign in", exclusive=True)

    def action_delete(self) -> None:
        """Delete it, after a question."""
        if self.there and not self._asking:
            self._asking = True
            # In the app's hands: going elsewhere must not break a deletion off half-way.
            self.app.run_worker(self._delete(), group="delete")

    def action_copy(self) -> None:
        """Copy what stands here (OSC 52)."""
        self.app.copy_to_clipboard(self._words())
        tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
        self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print what stands here, outside of the full screen."""
        self.run_worker(print_and_wait(self.app, self._words()), group="plain", exclusive=True)

    def action_scroll(self, step: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(step)

    async def _read(self) -> None:
        try:
            await self.source.read()
            row = await self.source.find(self.row.id)
            children = await self.source.child_states() if self.is_master else {}
            entries = await self.source.journal()
            seen = await self.runtime.store.findings.of(self.row.company_id)
        except TtrError as problem:
            self.report(problem)
            return
        self.there = row is not None
        self.row = row or self.row
        moment = now()
        told = history(self.row, self.source.company, entries)
        self._children = children
        known = self._known(moment)
        known.administrator = seen.get(Check.ADMINISTRATOR)
        known.last_use = next((e for e in reversed(told) if e.what == "company master used"), None)
        if self.there:
            self._page.lines = ["", *facts(known), "", *lines(told)]
        else:
            self._page.lines = ["", *sentences(GONE)]
        self.status_right = text.stamp(moment)[11:]
        self.call_after_refresh(self._stand)

    async def _look_for_closed(self) -> None:
        """Find out behind the page which children do not open: they are counted by their states."""
        try:
            if await self.source.look_for_closed(children=True):
                self.reload()
        except TtrError as problem:
            self.report(problem)

    async def _delete(self) -> None:
        to_delete = ToDelete((), (self.row.id,), selected=False)
        try:
            ended = await delete(self, self.source, to_delete)
        finally:
            self._asking = False
        if ended == DELETED and self.is_current:
            self.dismiss(None)

    def _known(self, moment: datetime) -> Known:
        source = self.source
        return Known(self.row, source.company, source.catalogue.master, self._children, moment)

    def _words(self) -> str:
        rows = [plain(row).removeprefix(" ") for row in self._page.lines]
        return "\n".join([self.title_text, *rows])

    def _stand(self) -> None:
        goes = 1 + sum(self._children.values())
        hints = (
            (KeyHint("r", "sign in again"), self.there),
            (KeyHint("d", f"delete {text.number(goes)}"), self.there),
            (KeyHint("c", "copy"), self.there),
            (KeyHint("u", "plain"), self.there),
            (KeyHint("up down", "scroll"), self._page.scrolls),
            (KeyHint("esc", "back"), True),
        )
        self.keys = tuple(hint for hint, works in hints if works)

    def _each_minute(self) -> None:
        if self.is_current:
            self.reload()
