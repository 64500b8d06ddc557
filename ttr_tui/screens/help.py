"""The help, written for the screen it was called from: its own keys stand under Here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.version import VERSION
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, bold, cells, join, state, wrap
from ttr_tui.widgets.paragraphs import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

_EVERYWHERE = (
    ("enter", "go on", "up down j k", "one row"),
    ("esc", "one step back", "pgup pgdn g G", "a page; first, last"),
    ("tab", "next field or button", "left right", "close, open"),
    ("0 1 2 3 4", "the place by that number", "space", "select"),
    ("/", "search", "v", "range, shift+arrows too"),
    ("r", "again", "a i n", "all, invert, none"),
    ("c u", "copy, print plain", "o", "the selection"),
    (":", "command palette", ". s", "what is hidden; sort"),
    ("q", "quit", "d", "delete, asks first"),
)
_LAST_KEY = ("e", "export")
_ROWS = 17
"""Rows of the body at 80x24; the shapes stand in the last one."""

_SHAPES = (
    ("✓", "good"),
    ("!", "look at it"),
    ("✗", "stopped"),
    ("»", "at work"),
    ("-", "nothing"),
    ("?", "not known"),
)


class HelpScreen(FrameScreen[None]):
    """Keys that mean the same everywhere, those of the calling screen, the shapes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, caller: FrameScreen[Any]) -> None:
        super().__init__(caller.company)
        self.title_text = f"Help: {caller.title_text}"
        zone = datetime.now().astimezone()
        offset = zone.strftime("%z")
        self.fact = f"times are {zone.tzname()}, UTC{offset[:3]}:{offset[3:]}"
        self.status_left = f"ttr-tui {VERSION}"
        self.has_help = False
        self.keys = (KeyHint("esc", "back"), KeyHint("up down", "scroll"))
        self._page = Page(help_lines(caller.help_here), id="page")

    def compose_body(self) -> ComposeResult:
        """One page."""
        yield self._page

    def on_mount(self) -> None:
        """Say where the log is."""
        self.status_right = f"log: {text.cut_middle(str(self.runtime.settings.log_file), 50)}"

    def action_scroll(self, step: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(step)


def help_lines(here: Sequence[str]) -> list[Line]:
    """Return the rows of the help for a screen with these sentences of its own."""
    rows: list[Line] = [
        "",
        join(" ", bold("Everywhere"), " " * 29, bold("In lists")),
    ]
    rows += [
        join("   ", bold(key.ljust(12)), words.ljust(27), bold(list_key.ljust(15)), list_words)
        for key, words, list_key, list_words in _EVERYWHERE
    ]
    key, words = _LAST_KEY
    heading = bold("Here") if here else ""
    rows.append(join(" ", heading, " " * (41 - cells(heading)), bold(key.ljust(15)), words))
    if here:
        rows += [
            join("   ", row) for sentence in here for row in wrap(sentence, SENTENCE_WIDTH - 2)
        ]
    shapes: list[Line] = [" Shapes  "]
    for shape, words in _SHAPES:
        shapes += [state(f"{shape} {words}"), "   "]
    rows += [""] * (_ROWS - 1 - len(rows))
    return [*rows, join(*shapes[:-1])]
