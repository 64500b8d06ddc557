"""Readiness: the seven set-up steps and the proof by use, each checked now, live."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from ttr_tui import text
from ttr_tui.model import Check, Company, now
from ttr_tui.screens import readiness_deeds as deeds
from ttr_tui.screens import readiness_words as words
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.frame_parts import HEAD_AND_FOOT, LEAST_WIDTH
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import READINESS
from ttr_tui.screens.readiness_page import step_lines
from ttr_tui.screens.readiness_report import report
from ttr_tui.screens.readiness_rows import COLUMNS, ENDS, HEIGHT, rows, told
from ttr_tui.screens.readiness_sight import Sight
from ttr_tui.widgets.lines import SENTENCE_WIDTH, bold, join, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.row_messages import RowMessage, RowsChosen, RowsCursorMoved, RowsOpened
from ttr_tui.widgets.rows import Rows

EACH_SECOND = 1.0

ROOM_BELOW_FROM = 36
"""Lines of terminal from which the step at the cursor is shown below the list."""

LIMITS_ROWS = 4
"""Rows for the blank one above the list, and for what readiness cannot tell."""

NOT_ASKED = "Nothing was asked. enter, on any row, says why; r tries again."

ABOUT_READINESS = (
    (
        "Checking changes nothing at Microsoft. It goes on when you leave, and begins anew when "
        "you come back. What is not known says why."
    ),
    "e writes the report to a file, c copies it, u prints it plain.",
)


class ReadinessScreen(FrameScreen[None]):
    """The list; rows keep their places and fill in as the answers come."""

    place_number = READINESS
    help_here = ABOUT_READINESS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", show=False),
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("e", "export", show=False),
    ]

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.title_text = f"Readiness of {company.name}"
        self.sight = Sight(company)
        self.keys = (
            KeyHint("enter", "open"),
            KeyHint("r", "check again"),
            KeyHint("c", "copy report"),
            KeyHint("e", "export"),
            KeyHint("u", "plain", rank=1),
            KeyHint("esc", "back"),
        )
        self._away = True
        self._shown = rows(self.sight)
        self._rows = Rows(COLUMNS, id="readiness")
        self._below = Page(id="page")

    def compose_body(self) -> ComposeResult:
        """The list, and what it cannot tell."""
        yield Page([""])
        yield self._rows
        yield Page(["", *sentences(words.LIMITS)])
        yield self._below

    def on_mount(self) -> None:
        """Show the rows at once, and say since when nobody answers."""
        self._rows.set_rows(self._shown)
        self.set_interval(EACH_SECOND, self._each_second)

    def on_screen_resume(self) -> None:
        """Check when somebody comes here; not when what lay above has gone."""
        if self._away:
            self._away = False
            self._begin()

    def on_screen_suspend(self) -> None:
        """Take note whether this place was left, or only something lies above it."""
        self._away = self not in self.app.screen_stack

    async def load(self) -> None:
        """Read what is stored; the answers of the check come by themselves."""
        await self.sight.load(self.runtime)
        self.title_text = f"Readiness of {self.sight.company.name}"
        self.draw()

    def work_moved(self) -> None:
        """Fill in what was answered."""
        self.draw()

    def draw(self) -> None:
        """Draw what is known now."""
        sight = self.sight
        fresh = rows(sight)
        for place, (row, before) in enumerate(zip(fresh, self._shown, strict=True)):
            if row != before:
                # Rows keep their places: only what was answered is drawn.
                self._rows.supply(place, [row])
        self._shown = fresh
        self.fact = words.counted(sight.findings.values())
        self.load_problem = state(f"✗ {NOT_ASKED}") if sight.not_asked else ""
        self._say_whole()
        self._say_below()
        self._say_status()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the app knows the size
        """With room, show below the list what stands behind the row."""
        self._say_whole()
        self._say_below()

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - the list is asked
        """Say whole what does not fit the row."""
        self._say_whole()
        self._say_below()

    def on_rows_chosen(self, event: RowsChosen) -> None:
        """Open the step."""
        self._open(event)

    def on_rows_opened(self, event: RowsOpened) -> None:
        """Open the step."""
        self._open(event)

    def action_again(self) -> None:
        """Check everything again."""
        if self.sight.running:
            self.say("This is being checked now; the answers come by themselves.")
        else:
            self._begin()

    def action_copy(self) -> None:
        """Copy the report (OSC 52)."""
        deeds.copy(self, report(self.sight, now()))

    def action_plain(self) -> None:
        """Print the report outside of the full screen."""
        deeds.print_plain(self, report(self.sight, now()))

    def action_export(self) -> None:
        """Write the report to a file."""
        deeds.save(self, self.sight.company, report(self.sight, now()))

    def _begin(self) -> None:
        self.sight.begin(self.runtime)
        self.draw()

    def _open(self, event: RowMessage) -> None:
        from ttr_tui.screens.readiness_ends import EndsScreen  # noqa: PLC0415 - seldom needed
        from ttr_tui.screens.readiness_step import StepScreen  # noqa: PLC0415 - as above

        event.stop()
        row = self._rows.row(event.index)
        if row is None or self.company is None:
            return
        if row.key == ENDS:
            self.app.push_screen(EndsScreen(self.sight))
        else:
            self.app.push_screen(StepScreen(self.sight, Check(row.key)))

    def _say_whole(self) -> None:
        row = self._rows.current
        here = row.key if row is not None else ""
        seen = words.due_words(self.sight.due or ()) if here == ENDS else ""
        if here and here != ENDS:
            _, seen = told(self.sight, Check(here))
        room = COLUMNS[-1].width + max(0, self.app.size.width - LEAST_WIDTH)
        if text.cells(seen) <= room:
            self.message = ""
        elif text.cells(seen) <= SENTENCE_WIDTH:
            self.message = seen
        else:
            self.message = "More than fits here: enter shows it whole."

    def _say_below(self) -> None:
        row, size = self._rows.current, self.app.size
        finding = None
        if row is not None and row.key != ENDS and size.height >= ROOM_BELOW_FROM:
            finding = self.sight.findings.get(Check(row.key))
        if finding is None:
            self._below.lines = []
            return
        lines = step_lines(finding, self.sight.company, size.width, earlier=False)
        room = size.height - HEAD_AND_FOOT - HEIGHT - LIMITS_ROWS
        if len(lines) + 2 > room:
            lines = [*lines[: room - 3], " enter shows the rest."]
        self._below.lines = ["", join(" ", bold(words.step_name(finding.check))), *lines]

    def _say_status(self) -> None:
        sight = self.sight
        heard = sight.heard_at
        if sight.running:
            self.status_left = words.asking(sight.findings, sight.silent)
        else:
            self.status_left = self.runtime.listening.served.sentence
        self.status_right = text.stamp(heard, seconds=True)[11:] if heard is not None else ""

    def _each_second(self) -> None:
        if self.is_current and self.sight.running:
            self._say_status()
