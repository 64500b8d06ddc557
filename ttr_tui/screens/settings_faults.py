"""The settings at start: every fault at once, with its line and its cure; warnings last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.model import now
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.frame_parts import notice_line
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import COMPANIES, open_place
from ttr_tui.settings import read_settings
from ttr_tui.settings.places import default_env_file
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, join, plain, state, wrap
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from pathlib import Path

    from ttr_tui.settings import Fault, Settings

FILE_WIDTH = 18
"""Cells a path may take in the title at 80 columns."""

_WHERE_WIDTH = 9
_INDENT = 3
_MEANWHILE = (
    "Looked for, in this order: the process environment, --env-file, TTR_ENV_FILE, "
    "~/.config/ttr-tui/env. What is stored can be seen and deleted meanwhile."
)


class SettingsFaultsScreen(FrameScreen[None]):
    """All faults; `r` reads the settings again, `0` goes to what is stored."""

    help_here = (
        "r reads the settings again. 0 lists the companies as stored; nothing reaches Microsoft.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", show=False),
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.places_offered = 0
        self.status_left = "Nothing was changed"
        self.keys = (
            KeyHint("r", "check again"),
            KeyHint("0", "Companies, as stored"),
            KeyHint("c", "copy report"),
            KeyHint("u", "plain"),
            KeyHint("q", "quit"),
        )
        self._page = Page(id="page")
        self._faults: Sequence[Fault] = ()
        self._show(settings)

    def compose_body(self) -> ComposeResult:
        """One page."""
        yield self._page

    def who_line(self, width: int) -> Line:
        """Row 1 counts what is wrong."""
        faults = sum(fault.severity == "fault" for fault in self._faults)
        warnings = len(self._faults) - faults
        counted = text.plural(faults, "fault")
        if warnings:
            counted += f", {text.plural(warnings, 'warning')}"
        return notice_line(self.session, state(f"! {counted}"), width)

    def action_go(self, number: int) -> None:
        """Go to the companies as stored; the other places belong to one of them."""
        if number == COMPANIES:
            open_place(self.app, COMPANIES)

    def action_again(self) -> None:
        """Read the settings again."""
        self.run_worker(self._read_again(), group="read", exclusive=True)

    def action_copy(self) -> None:
        """Copy the report (OSC 52)."""
        self.app.copy_to_clipboard(self._report())
        self.say("Sent to the terminal. Not in your clipboard? u prints it.")

    def action_plain(self) -> None:
        """Print the report, outside of the full screen."""
        self.run_worker(print_and_wait(self.app, self._report()), group="plain")

    def action_scroll(self, step: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(step)

    async def _read_again(self) -> None:
        looked_for = self.runtime.settings.looked_for
        named = None if looked_for == default_env_file().absolute() else looked_for
        read = await asyncio.to_thread(read_settings, self.session.environ, named)
        self._show(read)
        self.refresh_head()

    def _show(self, settings: Settings) -> None:
        self._faults = settings.faults
        faults = [fault for fault in settings.faults if fault.severity == "fault"]
        self.title_text = _title(len(faults), settings)
        self.status_right = f"checked {text.stamp(now(), seconds=True)[11:]}"
        self._page.lines = fault_lines(settings.faults)

    def _report(self) -> str:
        return "\n".join([self.title_text, *(fault.sentence() for fault in self._faults)])


def fault_lines(faults: Sequence[Fault]) -> list[Line]:
    """Return the rows of all faults, each with its place, and a command alone on its row."""
    width = max([_WHERE_WIDTH, *(len(fault.where) + 2 for fault in faults)])
    rows: list[Line] = [""]
    for fault in faults:
        rows += [*_fault(fault, width), ""]
    return [*rows, *sentences(_MEANWHILE)]


def _fault(fault: Fault, width: int) -> list[Line]:
    lead = " " * _INDENT + fault.where.ljust(width)
    blank = " " * len(lead)
    shape = "✗" if fault.severity == "fault" else "!"
    wrapped = wrap(f"{fault.problem}. {fault.cure}", SENTENCE_WIDTH + 2 - len(lead) - 2)
    body = [
        join(blank, state(f"{shape} ") if not index else "  ", row)
        for index, row in enumerate(wrapped)
    ]
    if fault.name:
        rows: list[Line] = [f"{lead}{fault.name}", *body]
    else:
        rows = [join(lead, state(plain(body[0])[len(lead) :])), *body[1:]]
    return [*rows, "", fault.command] if fault.command else rows


def _short(file: Path) -> str:
    """Return a path that fits the title, else its name; the whole one stands below."""
    shown = text.clean(file)
    return shown if text.cells(shown) <= FILE_WIDTH else text.cut_right(file.name, FILE_WIDTH)


def _title(faults: int, settings: Settings) -> str:
    if not faults:
        return "The settings are in order now. Quit and start again to use them."
    verb = "is" if faults == 1 else "are"
    where = f" in {_short(settings.env_file)}" if settings.env_file is not None else ""
    return (
        f"Nothing can reach Microsoft until {text.plural(faults, 'setting')}{where} {verb} mended."
    )
