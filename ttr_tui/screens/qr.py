"""The start link as a QR code, and beside it in a form that can be typed.

The code takes rows 2 to 22: places and title are not drawn, and what would be said in row 22 stands
beside the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Offset, Size

from ttr_tui import text
from ttr_tui.model import Company, now
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.link_words import left
from ttr_tui.widgets.lines import Line, LineWidget, bold, join, state, wrap
from ttr_tui.widgets.qr import QrCode, room_needed
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from datetime import datetime

    from textual.app import ComposeResult
    from textual.events import Key, Resize

BESIDE = 39
"""Cells beside the code: three of a gap, and the words."""
OTHER_ROWS = 3
"""Row 1 and the last two, which stay."""
_WORDS_WIDTH = BESIDE - 4
TICK = 1.0
"""Seconds between two looks at the countdown; nothing is sent while no word changes."""


class QrScreen(FrameScreen[None]):
    """The code of `link`; `for_whom` are sentences, `waiting` is what is waited for.

    What is waited for moves on by setting `status_left`; `esc` goes back to the link.
    """

    help_here = (
        (
            "i swaps light and dark of the code. c copies the link, u leaves the full screen and "
            "prints it alone."
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("i", "invert", show=False),
    ]

    def __init__(
        self,
        company: Company,
        title: str,
        link: str,
        for_whom: str,
        *,
        expires_at: datetime,
        waiting: str,
    ) -> None:
        super().__init__(company)
        self.title_text = title
        self.status_left = state(waiting)
        self.link = link
        self.for_whom = for_whom
        self.expires_at = expires_at
        self._code = QrCode(link)
        self._words = Beside(self)

    def compose(self) -> ComposeResult:
        """The frame, and over its rows 2 to 22 the code and the words."""
        yield from super().compose()
        with Container(id="qr"):
            yield self._code
            yield self._words

    def on_mount(self) -> None:
        """Count down; the base class follows the store."""
        self.set_interval(TICK, self._tick)
        self._tick()

    def on_resize(self, event: Resize) -> None:
        """Draw the code as large as it is, or say what it needs; the base class does the rest."""
        self._code.fill(Size(event.size.width - BESIDE, event.size.height - OTHER_ROWS))
        hints = (KeyHint("c", "copy"), KeyHint("u", "plain link"))
        swap = (KeyHint("i", "swap light and dark"),) if self._code.fits else ()
        self.keys = (KeyHint("esc", "back to the link"), *hints, *swap)
        self._words.refresh()

    def say(self, sentence: Line) -> None:
        """Say it beside the code until the next key."""
        super().say(sentence)
        self._words.refresh()

    def before_key(self, event: Key) -> bool:
        """Take note of a key; what was said beside the code goes with it."""
        goes_on = super().before_key(event)
        self._words.refresh()
        return goes_on

    def terminal_cursor(self) -> Offset:
        """On the title, as everywhere where nothing has the focus."""
        return Offset(0, 0) if self.too_small else self._words.region.offset + Offset(3, 1)

    def action_copy(self) -> None:
        """Copy the link (OSC 52)."""
        self.app.copy_to_clipboard(self.link)
        tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
        self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print the link alone, outside of the full screen."""
        self.run_worker(print_and_wait(self.app, self.link), group="plain")

    def action_invert(self) -> None:
        """Swap light and dark, for readers that see the code the other way."""
        self._code.invert()

    def beside(self) -> list[Line]:
        """Return the rows beside the code."""
        company = self.company
        whose = f"of {company.name}, {company.domain}" if company is not None else ""
        rows: list[Line] = ["", bold(self.title_text), *wrap(text.clean(whose), _WORDS_WIDTH)]
        rows += ["", "Scan it, or type:" if self._code.fits else "Type:", ""]
        rows += [*link_rows(self.link, _WORDS_WIDTH), "", *wrap(self.for_whom, _WORDS_WIDTH), ""]
        rows += wrap(self._about_the_code(), _WORDS_WIDTH)
        said = self.shown_message()
        return rows + (["", *wrap(said, _WORDS_WIDTH)] if said else [])

    def _about_the_code(self) -> str:
        if self._code.fits:
            return "i swaps light and dark if the phone does not see the code."
        code = room_needed(self.link)
        return (
            f"Its QR code needs {code.width + BESIDE} columns and {code.height + OTHER_ROWS} lines "
            "of this terminal."
        )

    def _tick(self) -> None:
        moment, until = now(), text.stamp(self.expires_at)
        over = self.expires_at <= moment
        remaining = "" if over else f"link {left(self.expires_at, moment)} left, "
        self.status_right = f"the link ended {until}" if over else f"{remaining}until {until}"


class Beside(LineWidget):
    """The words beside the code."""

    def __init__(self, screen: QrScreen) -> None:
        super().__init__()
        self._of = screen

    def line(self, y: int) -> Line:
        """Return one row, behind the gap."""
        rows = self._of.beside()
        return join("   ", rows[y]) if y < len(rows) else ""


def link_rows(link: str, width: int) -> list[Line]:
    """Return a link broken behind slashes into rows of `width`, its host and its code alone."""
    parts = urlsplit(link)
    path, _, code = parts.path.rpartition("/")
    rows, row = [f"{parts.scheme}://{parts.netloc}/"], ""
    for piece in f"{path}/".removeprefix("/").split("/")[:-1]:
        if row and len(row) + len(piece) + 1 > width:
            rows.append(row)
            row = ""
        row += f"{piece}/"
    rows += [row] if row else []
    rows += [f"{code}?{parts.query}" if parts.query else code]
    return [row[at : at + width] for row in rows for at in range(0, len(row), width)]
