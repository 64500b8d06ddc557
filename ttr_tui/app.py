"""The full-screen app: its theme, its first screen, and the signal that the store changed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, Key
from textual.geometry import Offset
from textual.signal import Signal
from textual.widgets import Input

from ttr_tui.errors import StoreKeyWrong
from ttr_tui.model import Purpose
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.places import COMPANIES, open_place
from ttr_tui.screens.session import Demo, Session
from ttr_tui.screens.settings_faults import SettingsFaultsScreen
from ttr_tui.widgets.shapes import AsciiShapes, wants_ascii
from ttr_tui.widgets.takes_keys import TakesKeys
from ttr_tui.widgets.terminal import TerminalDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.widget import Widget

    from ttr_tui.runtime import Runtime
    from ttr_tui.works import Work

MOVING_KEYS = frozenset({"down", "up", "j", "k", "pagedown", "pageup", "ctrl+d", "ctrl+u"})
"""Keys whose messages nothing typed behind them depends on; they are held down."""

SETTLE_SECONDS = 0.25

LEAVE_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""A dropped SSH line and a polite kill close everything and give the terminal back."""


class TtrApp(App[None], inherit_bindings=False):
    """The app on an open runtime; `demo` is what `ttr-tui demo` adds to it.

    Run it with `await app.run_async(mouse=False)`; `app.crash` then is the exception that ended
    it, or None; `locked_out` says that the store was moved to a key this process cannot have.
    """

    CSS_PATH = "app.tcss"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("ctrl+p", "command_palette", show=False),
        Binding("w", "answer_waiting", show=False),
    ]

    def __init__(
        self,
        runtime: Runtime,
        *,
        demo: Demo | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._cursor = Offset(0, 0)
        self.crash: Exception | None = None
        self.locked_out: StoreKeyWrong | None = None
        environ = os.environ if environ is None else environ
        self._ascii = AsciiShapes(enabled=wants_ascii(environ))
        # Native ANSI is chosen here or not at all: later, Textual paints black on black (NO_COLOR).
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self.session = Session(runtime, environ, demo)
        self.session.changed = Signal(self, "store changed")
        self.session.worked = Signal(self, "work moved")
        self._work_told = False

    @property
    def runtime(self) -> Runtime:
        """The open runtime."""
        return self.session.runtime

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor goes after each drawing: where the person is."""
        if self._screen_stack and isinstance(self.screen, FrameScreen):
            return self.screen.terminal_cursor()
        return self._cursor

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        self._cursor = offset

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that puts ASCII in place of shapes."""
        return [*super().get_line_filters(), *([self._ascii] if self._ascii.enabled else [])]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: the present screen's, then what is offered everywhere."""
        if isinstance(screen, FrameScreen):
            yield from screen.palette()
            yield SystemCommand("Help", "The keys of this screen", screen.action_help)
        yield SystemCommand("Journal", "Who did what, when, from where", self._show_journal)
        words = "Prove a new client secret and use it"
        yield SystemCommand("Rotate secret", words, self._rotate_secret)
        words = "Draw the shapes again" if self._ascii.enabled else "Draw ASCII in place of shapes"
        yield SystemCommand("ASCII", words, self.action_ascii)
        if isinstance(self._driver, TerminalDriver):
            ours = self._driver.has_mouse
            words = "Leave it to the terminal, for selecting text" if ours else "Use it here"
            yield SystemCommand("Mouse", words, partial(self._driver.take_mouse, ours=not ours))
        yield SystemCommand("Quit", "Leave ttr-tui", self.action_leave)

    def on_mount(self) -> None:
        """Open Companies and follow the store."""
        for number in LEAVE_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, partial(self._leave_by, number))
        self.runtime.works.on_change = self._work_moved
        self.runtime.listening.on_change = self._listening_moved
        open_place(self, COMPANIES)
        if self.runtime.settings.registration is None:
            self.call_next(self._show_faults)
        self.run_worker(self._follow_store(), group="store")

    async def _show_faults(self) -> None:
        await self.push_screen(SettingsFaultsScreen(self.runtime.settings))

    async def on_event(self, event: Event) -> None:
        """Let the present screen see each key first."""
        if isinstance(event, Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, FrameScreen):
                if screen.before_key(event):
                    await self._take_key(event)
                return
        await super().on_event(event)

    def action_leave(self) -> None:
        """Quit; asks while work runs."""
        if isinstance(self.screen, FrameScreen):
            self.screen.action_quit()
        else:
            self.exit()

    def _show_journal(self) -> None:
        from ttr_tui.screens.journal import JournalScreen  # noqa: PLC0415 - seldom needed

        self.push_screen(JournalScreen())

    def _rotate_secret(self) -> None:
        from ttr_tui.screens.rotate_secret import RotateSecretScreen  # noqa: PLC0415 - seldom needed

        if not isinstance(self.screen, RotateSecretScreen):
            self.push_screen(RotateSecretScreen())

    def action_ascii(self) -> None:
        """Draw ASCII in place of the shapes, or the shapes again."""
        self._ascii.enabled = not self._ascii.enabled
        self.refresh_css(animate=False)

    def action_answer_waiting(self) -> None:
        """Show the first agent's sign-in that waits for somebody's word."""
        from ttr_tui.screens.attempt import AttemptScreen  # noqa: PLC0415 - seldom needed

        for attempt in self.session.waiting:
            company = self.session.company(attempt.company_id)
            if company is not None and attempt.purpose is not Purpose.COMPANY_MASTER:
                if not isinstance(self.screen, AttemptScreen):
                    self.push_screen(AttemptScreen(company, attempt))
                return

    async def _take_key(self, event: Key) -> None:
        """Act on a key before the next one is looked at.

        Textual hands keys from widget to widget through queues, so that a key typed ahead may act
        where the focus was before: text for a field would be commands for a list.
        """
        if await self._check_bindings(event.key, priority=True):
            return
        focused = self.focused
        if isinstance(focused, TakesKeys) and focused.take_key(event):
            if event.key == "enter":
                await self._settle(focused)
            return
        await self._check_bindings(event.key)
        if focused is not None and event.key not in MOVING_KEYS:
            await self._settle(focused)

    async def _settle(self, widget: Widget) -> None:
        """Wait until what a key made `widget` say has reached its screen and was acted on.

        A message is handed up from parent to parent, and a parent may answer with one of its own:
        each is asked twice. Nobody waits longer than a moment for a screen that takes its time.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                for node in widget.ancestors_with_self:
                    if node is self:
                        return
                    for _ in range(2):
                        done = asyncio.Event()
                        if not node.call_later(done.set):
                            break
                        await done.wait()

    def action_command_palette(self) -> None:
        """Show Textual's palette, its cursor steady: an idle screen sends nothing."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="Search for a command"))
        self.call_after_refresh(self._steady)

    def _steady(self) -> None:
        for field in self.screen.query(Input):
            field.cursor_blink = False

    def _leave_by(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    def _handle_exception(self, error: Exception) -> None:
        """End the app; its report is the caller's, because Textual's would print locals."""
        self._return_code = 1
        if self.crash is None:
            self.crash = self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _work_moved(self, _work: Work) -> None:
        # Work reports in its own task; timers and drawing belong to the app's.
        self.call_later(self._plan_telling)

    def _plan_telling(self) -> None:
        if not self._work_told:
            self._work_told = True
            self.set_timer(self.session.redraw_pause, self._tell_work)

    def _listening_moved(self) -> None:
        self.call_later(self._tell_change)

    def _tell_change(self) -> None:
        self.session.changed.publish(None)

    def _tell_work(self) -> None:
        self._work_told = False
        self.session.worked.publish(None)

    async def _follow_store(self) -> None:
        try:
            await self.session.reload()
            self.session.changed.publish(None)
            async for _ in self.runtime.store.watch():
                await self.session.reload()
                self.session.changed.publish(None)
                await asyncio.sleep(self.session.redraw_pause)
        except StoreKeyWrong as problem:
            self.locked_out = problem
            self.exit(return_code=1)
