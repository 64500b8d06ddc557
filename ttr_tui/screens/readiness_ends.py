"""Everything of a company that has a date, soonest first; it asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.model import Verdict, now
from ttr_tui.screens import readiness_deeds as deeds
from ttr_tui.screens import readiness_words as words
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.readiness_report import ends
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.row_windows import Row
from ttr_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ttr_tui.flows.forecast import Due
    from ttr_tui.screens.readiness_sight import Sight
    from ttr_tui.widgets.row_messages import RowsClosed, RowsCursorMoved

COLUMNS = (
    Column("State", 11, Cut.NEVER),
    Column("Ends", 10, Cut.NEVER, gap=2),
    Column("", 14, Cut.NEVER),
    Column("What", 38, Cut.RIGHT, grow=1, gap=0),
)
ROWS_BELOW = 3
"""Rows for the sentence of the row at the cursor."""

NOTHING = "Nothing of this company that is stored here has a date."


class EndsScreen(FrameScreen[None]):
    """The forecast; `esc` goes back to readiness."""

    help_here = (
        "Microsoft tells no date for a sign-in: 90 days without use end it at the latest.",
        "A client secret's date is read where the registration can be read, else typed in.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("e", "export", show=False),
    ]

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight.company)
        self.sight = sight
        name = text.cut_middle(text.clean(sight.company.name), 30)
        self.title_text = f"Readiness of {name} > {words.WHAT_ENDS_NEXT}"
        self.status_left = "As stored; this screen needs no network"
        self.keys = (
            KeyHint("c", "copy report"),
            KeyHint("u", "plain"),
            KeyHint("e", "export"),
            KeyHint("esc", "back"),
        )
        self._rows = Rows(COLUMNS)
        self._rows.empty = NOTHING
        self._below = Page(_below(""))

    def compose_body(self) -> ComposeResult:
        """The list, and below it all of the row at the cursor."""
        yield Page([""])
        yield self._rows
        yield self._below

    async def load(self) -> None:
        """Read the dates again."""
        await self.sight.load(self.runtime)
        due, moment = self.sight.due or (), now()
        self.fact = state(words.due_state(due))
        self._rows.set_rows(ends_rows(due, moment))
        self.status_right = text.stamp(moment)[11:]
        self._say_whole()

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - the list is asked
        """Say of what ends how sure its date is."""
        self._say_whole()

    def on_rows_closed(self, event: RowsClosed) -> None:
        """Back to readiness."""
        event.stop()
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the list (OSC 52)."""
        deeds.copy(self, self._words())

    def action_plain(self) -> None:
        """Print the list outside of the full screen."""
        deeds.print_plain(self, self._words())

    def action_export(self) -> None:
        """Write the list to a file."""
        deeds.save(self, self.sight.company, self._words())

    def _words(self) -> list[str]:
        company = self.sight.company
        whose = f"{text.clean(company.name)}, {text.clean(company.domain)}"
        return [whose, *ends(self.sight.due or (), now())]

    def _say_whole(self) -> None:
        due = self.sight.due or ()
        here = self._rows.cursor
        self._below.lines = _below(whole(due[here]) if here < len(due) else "")


def ends_rows(due: Sequence[Due], now: datetime) -> list[Row]:
    """Return a row for each thing with a date."""
    return [
        Row(
            (
                state(words.verdict_words(one.verdict)),
                _date(one),
                words.in_time(one.ending, now),
                words.named(one.ending),
            ),
            key=str(place),
        )
        for place, one in enumerate(due)
    ]


def _date(one: Due) -> str:
    if one.ending.at is not None:
        return text.stamp(one.ending.at)[:10]
    return "not known" if one.verdict is Verdict.UNKNOWN else "never"


def whole(one: Due) -> str:
    """Return which it is and how sure its date is."""
    note, name = text.clean(one.ending.note), words.named(one.ending)
    return f"{name}: {note}" if note else name


def _below(sentence: str) -> list[Line]:
    """Return the rows below the list; always as many, so that the list keeps its height."""
    rows = sentences(sentence) if sentence else []
    return ["", *rows, *[""] * (ROWS_BELOW - len(rows))]
