"""The full-screen app: its theme, its first screen, and the signal that the store changed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.events import Event, Key
from textual.filter import NoColor
from textual.geometry import Offset
from textual.signal import Signal
from textual.widgets import Input

from ttr_tui.errors import StoreKeyWrong, TtrError
from ttr_tui.screens.opening import OpeningScreen
from ttr_tui.screens.places import COMPANIES, open_place
from ttr_tui.widgets.hang_up import HangUp
from ttr_tui.widgets.keys_in_turn import KeysInTurn
from ttr_tui.widgets.shapes import AsciiShapes, Colourless, wants_ascii
from ttr_tui.widgets.terminal import TerminalDriver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from textual.filter import LineFilter
    from textual.screen import Screen

    from ttr_tui.runtime import Runtime
    from ttr_tui.screens.frame import FrameScreen
    from ttr_tui.screens.session import Demo, Session
    from ttr_tui.works import Work

LEAVE_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""A dropped SSH line and a polite kill close everything and give the terminal back."""


def _as_framed(screen: Screen[Any]) -> FrameScreen[Any] | None:
    from ttr_tui.screens.frame import FrameScreen  # noqa: PLC0415 - the first frame needs none

    return screen if isinstance(screen, FrameScreen) else None


class TtrApp(KeysInTurn, inherit_bindings=False):
    """The app on a runtime that is open, or that is opened behind the first frame.

    `begin` is awaited once the list of companies stands; `demo` is what `ttr-tui demo` adds. Run it
    with `await app.run_async(mouse=False)`; `app.crash` then is the exception that ended it, or
    None; `refused` says that the store cannot be opened, or was moved to a key this process cannot
    have.
    """

    CSS_PATH = "app.tcss"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "leave", show=False, priority=True),
        Binding("q", "leave", show=False),
        Binding("ctrl+p", "command_palette", show=False),
        Binding("w", "answer_waiting", show=False),
    ]

    def __init__(
        self,
        runtime: Runtime | Callable[[], Awaitable[Runtime]],
        *,
        begin: Callable[[], Awaitable[None]] | None = None,
        demo: Demo | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._cursor = Offset(0, 0)
        self.crash: Exception | None = None
        self._hang_up: HangUp | None = None
        self.refused: TtrError | None = None
        self.session: Session
        self._environ = os.environ if environ is None else environ
        self._demo, self._begin = demo, begin
        self._opening = runtime if callable(runtime) else None
        self._ascii = AsciiShapes(enabled=wants_ascii(self._environ))
        # Native ANSI is chosen here or not at all: later, Textual paints black on black (NO_COLOR).
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.theme = "ansi-dark"
        self.animation_level = "none"
        self._work_told = False
        if not callable(runtime):
            self._take_runtime(runtime)

    def _take_runtime(self, runtime: Runtime) -> None:
        from ttr_tui.screens.session import Session  # noqa: PLC0415 - the first frame needs none

        self.session = Session(runtime, self._environ, self._demo)
        self.session.changed = Signal(self, "store changed")
        self.session.worked = Signal(self, "work moved")

    @property
    def runtime(self) -> Runtime:
        """The open runtime."""
        return self.session.runtime

    @property
    def _framed(self) -> FrameScreen[Any] | None:
        """The present screen, when it is one of ours that stand on an open runtime."""
        opening = self._opening is not None or not self._screen_stack
        return None if opening else _as_framed(self.screen)

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's own cursor goes after each drawing: where the person is."""
        framed = self._framed
        return self._cursor if framed is None else framed.terminal_cursor()

    @cursor_position.setter
    def cursor_position(self, offset: Offset) -> None:
        self._cursor = offset

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that puts ASCII in place of shapes."""
        given = [
            Colourless() if isinstance(one, NoColor) else one for one in super().get_line_filters()
        ]
        return [*given, *([self._ascii] if self._ascii.enabled else [])]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """What the palette offers: the present screen's, then what is offered everywhere."""
        framed = None if self._opening is not None else _as_framed(screen)
        if framed is not None:
            yield from framed.palette()
            yield SystemCommand("Help", "The keys of this screen", framed.action_help)
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
        """Open Companies and follow the store, or first open that behind the first frame."""
        for number in LEAVE_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, partial(self._leave_by, number))
        if isinstance(self._driver, TerminalDriver):
            gone = partial(self._leave_by, signal.SIGHUP)
            self._hang_up = HangUp(self._driver.fileno, gone)
        self.hold_back()
        if self._opening is None:
            self._start()
            return
        self.push_screen(OpeningScreen())
        self.call_after_refresh(self.run_worker, self._open(self._opening), group="store")

    def on_unmount(self) -> None:
        """Look at the terminal no more."""
        if self._hang_up is not None:
            self._hang_up.close()

    async def _open(self, opening: Callable[[], Awaitable[Runtime]]) -> None:
        try:
            self._take_runtime(await opening())
            self._opening = None
        except TtrError as problem:
            self._refuse(problem)
            return
        await self.pop_screen()
        self._start()

    def _start(self) -> None:
        self.runtime.works.on_change = self._work_moved
        self.runtime.listening.on_change = self._listening_moved
        open_place(self, COMPANIES)
        if self.runtime.settings.registration is None:
            self.call_next(self._show_faults)
        self.run_worker(self._follow_store(), group="store")

    async def _show_faults(self) -> None:
        from ttr_tui.screens.settings_faults import SettingsFaultsScreen  # noqa: PLC0415 - seldom needed

        await self.push_screen(SettingsFaultsScreen(self.runtime.settings))

    def _refuse(self, problem: TtrError) -> None:
        self.refused = problem
        self.exit(return_code=1)

    async def on_event(self, event: Event) -> None:
        """Let the present screen see each key first."""
        if isinstance(event, Key) and not event.is_forwarded:
            framed = self._framed
            if self.holds_back(event):
                return
            if framed is not None:
                if framed.before_key(event):
                    await self.take_key(event)
                return
        await super().on_event(event)

    def action_leave(self) -> None:
        """Quit; asks while work runs."""
        framed = self._framed
        if framed is None:
            self.exit()
        else:
            framed.action_quit()

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
        from ttr_tui.model import Purpose  # noqa: PLC0415 - the first frame needs none
        from ttr_tui.screens.attempt import AttemptScreen  # noqa: PLC0415 - seldom needed

        for attempt in self.session.waiting:
            company = self.session.company(attempt.company_id)
            if company is not None and attempt.purpose is not Purpose.COMPANY_MASTER:
                if not isinstance(self.screen, AttemptScreen):
                    self.push_screen(AttemptScreen(company, attempt))
                return

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

    async def _begin_work(self) -> None:
        if self._begin is None:
            return
        try:
            await self._begin()
        except TtrError as problem:
            self._refuse(problem)

    async def _follow_store(self) -> None:
        try:
            await self.session.reload()
            self.session.changed.publish(None)
            self.hand_over()
            await self._begin_work()
            async for _ in self.runtime.store.watch():
                await self.session.reload()
                self.session.changed.publish(None)
                await asyncio.sleep(self.session.redraw_pause)
        except StoreKeyWrong as problem:
            self._refuse(problem)
