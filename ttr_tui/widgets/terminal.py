"""The terminal as we use it: its cursor stays visible, for braille and screen readers."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import termios
import tty
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, TextIO

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.drivers.linux_driver import LinuxDriver

from ttr_tui.widgets.line_writer import LineWriter

if TYPE_CHECKING:
    from textual.app import App

SHOW_CURSOR_STEADY = "\x1b[?25h\x1b[2 q"
"""DECTCEM set, DECSCUSR 2: shown, a steady block; it never blinks."""

KEY_PAUSE = 0.1
"""Seconds between two looks whether the program ends while a key is waited for."""

CURSOR_AS_BEFORE = "\x1b[0 q"


class TerminalDriver(LinuxDriver):
    """Textual hides the cursor at the start and after each suspension; this shows it again.

    What stands between the marks of a frame goes out in one piece, or not at all.
    """

    _frame = ""

    def write(self, data: str) -> None:
        """Have something written, a frame when its end has come."""
        if data == SYNC_START:
            self._frame = data
            return
        if self._frame:
            self._frame += data
            if data != SYNC_END:
                return
            data, self._frame = self._frame, ""
        super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal, cursor shown."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        if self._writer_thread is not None and self._file is not None:
            self._writer_thread.stop()
            self._writer_thread = LineWriter(self._file, self._caught_up)
            self._writer_thread.start()
        self.write(SHOW_CURSOR_STEADY)
        self.flush()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the terminal's own columns and rows.

        Textual asks COLUMNS and LINES first, which stay what they were when somebody exported them.
        """
        try:
            size = os.get_terminal_size(self.fileno)
        except OSError:
            return super()._get_terminal_size()
        return (size.columns, size.lines) if all(size) else super()._get_terminal_size()

    def _caught_up(self) -> None:
        self._loop.call_soon_threadsafe(partial(self._app.refresh, layout=True))

    @property
    def has_mouse(self) -> bool:
        """Whether the mouse comes to us; else it is the terminal's, for selecting text."""
        return self._mouse

    def take_mouse(self, *, ours: bool) -> None:
        """Let the mouse come to us, or leave it to the terminal again."""
        if ours:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def stop_application_mode(self) -> None:
        """Give the terminal back with its own cursor shape."""
        self.write(CURSOR_AS_BEFORE)
        super().stop_application_mode()


async def print_and_wait(app: App[Any], words: str) -> None:
    """Leave the full screen, print `words` alone on their line, wait for a key, come back.

    The key is read in a thread: what else runs in the loop (the callback server) goes on.
    """
    over = Event()
    try:
        with app.batch_update(), app.suspend():
            print(f"\n{words}\n\nPress a key to go back to ttr-tui.", flush=True)  # noqa: T201 - that is the purpose
            await asyncio.to_thread(_wait_for_key, sys.__stdin__, over)
    finally:
        over.set()
    app.refresh(layout=True)


def _wait_for_key(source: TextIO | None, over: Event) -> None:
    """Return after any key, `ctrl+c` too, or when `over` is set (the program ends)."""
    if source is None or not source.isatty():
        return
    before = termios.tcgetattr(source)
    raw = termios.tcgetattr(source)
    raw[tty.LFLAG] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    try:
        termios.tcsetattr(source, termios.TCSADRAIN, raw)
        while not over.is_set():
            if select.select([source], [], [], KEY_PAUSE)[0]:
                os.read(source.fileno(), 64)
                return
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
