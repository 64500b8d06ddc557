"""The terminal as we use it: its cursor stays visible, for braille and screen readers."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

SHOW_CURSOR_STEADY = "\x1b[?25h\x1b[2 q"
"""DECTCEM set, DECSCUSR 2: shown, a steady block; it never blinks."""

CURSOR_AS_BEFORE = "\x1b[0 q"


class TerminalDriver(LinuxDriver):
    """Textual hides the cursor at the start and after each suspension; this shows it again."""

    def start_application_mode(self) -> None:
        """Take the terminal, cursor shown."""
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        self.write(SHOW_CURSOR_STEADY)
        self.flush()

    def stop_application_mode(self) -> None:
        """Give the terminal back with its own cursor shape."""
        self.write(CURSOR_AS_BEFORE)
        super().stop_application_mode()
