"""Select by file, select by group: who is meant is listed before anybody is selected."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import choosing
from ttr_tui.screens import bulk_add_chosen as chosen
from ttr_tui.screens.ask_path import path_of
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, state
from ttr_tui.widgets.paragraphs import Page, sentences
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted
from ttr_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from textual.worker import Worker

    from ttr_tui.model import Company
    from ttr_tui.screens.bulk_add_chosen import Chosen
    from ttr_tui.screens.bulk_add_source import Source
    from ttr_tui.store import Marks  # noqa: F401 - the screen's result, in quotes
    from ttr_tui.widgets.row_messages import RowsCursorMoved, RowsWanted

CANCEL, SELECT = "cancel", "select"
NOBODY_YET = "Select nobody yet"
PATH_WIDTH = 62


class ChooseScreen(FrameScreen["Marks"]):
    """A field, what came of it, everybody it names, the button; `source` is what the list shows."""

    AUTO_FOCUS = "Field"
    asked_for: ClassVar[str] = ""
    help_here = (
        "enter in the field looks; nobody is selected before the button is pressed.",
        "tab goes to the list of who was found and who was not, and on to the buttons.",
    )

    def __init__(self, company: Company, source: Source, *, show_hidden: bool) -> None:
        super().__init__(company)
        self.place_of = company
        self.source = source
        self.show_hidden = show_hidden
        self.keys = (KeyHint("enter", "look"), KeyHint("tab", "next"), KeyHint("esc", "cancel"))
        self._prompt = Prompt(self.asked_for, width=PATH_WIDTH)
        self._told = Page([""])
        self._rows = Rows(chosen.COLUMNS, id="chosen")
        self._buttons = Buttons(
            [Choice(CANCEL, "Cancel"), Choice(SELECT, NOBODY_YET, enabled=False)]
        )
        self._chosen: Chosen | None = None
        self._looked_for = ""

    @abstractmethod
    async def look(self, typed: str) -> Chosen:
        """Return whom `typed` names; raises TtrError kinds."""

    def compose_body(self) -> ComposeResult:
        """The field, what it came to, who, the buttons."""
        yield Page([""])
        yield self._prompt
        yield self._told
        yield self._rows
        yield Page([""])
        yield self._buttons

    def tell(self, *lines: Line) -> None:
        """Say something below the field."""
        self._told.lines = ["", *sentences(*lines), ""] if lines else [""]

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Forget what another name came to."""
        if self._looked_for and event.value.strip() != self._looked_for:
            self._looked_for = ""
            self.workers.cancel_group(self, "look")
            self._show(None)
            self.tell()

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Look who is meant."""
        typed = event.value.strip()
        if not typed:
            self.say("Type its name, or press esc.")
            return
        self._looked_for = typed
        self._show(None)
        self.tell(state(f"» looking who is meant by {text.clean(typed, 40)}"))
        _looking: Worker[None] = self.run_worker(
            partial(self._look, typed), group="look", exclusive=True
        )

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Hand over who was found, or cancel."""
        found = self._chosen if event.name == SELECT else None
        self.dismiss(None if found is None else found.choice.marks)

    def on_rows_wanted(self, event: RowsWanted) -> None:
        """Read the rows that came into view."""
        event.stop()
        if self._chosen is not None:
            self.run_worker(self._bring(self._chosen, event.start, event.end), group="rows")

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:
        """Say in full who goes by an ambiguous address."""
        event.stop()
        troubles = self._chosen.troubles if self._chosen is not None else ()
        who = troubles[event.index].who if event.index < len(troubles) else ""
        self.message = text.cut_right(text.clean(who), SENTENCE_WIDTH)

    async def _look(self, typed: str) -> None:
        try:
            found = await self.look(typed)
        except TtrError as problem:
            self._looked_for = ""
            rest = " ".join(part for part in (problem.means, problem.cure) if part)
            happened = state(f"✗ {text.clean(problem.happened)}")
            self.tell(happened, *((text.clean(rest),) if rest else ()))
            return
        if typed == self._looked_for:
            self._show(found)
            self.tell(*found.told)
            if found.count:
                self._buttons.named(SELECT).focus()

    def _show(self, found: Chosen | None) -> None:
        self._chosen = found
        count = 0 if found is None else found.count
        words = f"Select {text.plural(count, 'user')}" if count else NOBODY_YET
        self._buttons.reword(SELECT, words)
        self._buttons.enable(SELECT, bool(count))
        self._rows.set_count(0 if found is None else found.rows, cursor=0)

    async def _bring(self, found: Chosen, start: int, end: int) -> None:
        try:
            users = await self.source.users(found.rids(start, end))
        except TtrError as problem:
            self.report(problem)
            return
        if found is self._chosen:
            self._rows.supply(start, found.window(start, end, users))


class FileScreen(ChooseScreen):
    """Select by file: addresses, one a line or in a column of a table."""

    asked_for = "File"

    def __init__(self, company: Company, source: Source, *, show_hidden: bool) -> None:
        super().__init__(company, source, show_hidden=show_hidden)
        self.title_text = "Select users by file"

    async def look(self, typed: str) -> Chosen:
        """Read the file and find its addresses in the directory."""
        access = self.source.access
        path = path_of(typed)
        file = await choosing.read_file(path)
        found = await choosing.by_addresses(access, self.place_of, file.entries)
        choice = await choosing.all_together(
            access, self.place_of, [found.marks], show_hidden=self.show_hidden
        )
        return chosen.of_file(path.name, file, found, choice, self.source.state)


class GroupScreen(ChooseScreen):
    """Select by group: its members and those of the groups within it."""

    asked_for = "Group"

    def __init__(self, company: Company, source: Source, *, show_hidden: bool) -> None:
        super().__init__(company, source, show_hidden=show_hidden)
        self.title_text = "Select users by group"

    async def look(self, typed: str) -> Chosen:
        """Ask Microsoft for the group and for its members."""
        access = self.source.access
        group = await choosing.find_group(access, self.place_of, typed)
        name = text.clean(group.name, 40)

        def read(count: int) -> None:
            self.tell(state(f"» reading {name}: {text.plural(count, 'member')} so far"))

        grouped = await choosing.by_group(access, self.place_of, group, read)
        choice = await choosing.all_together(
            access, self.place_of, [grouped.marks], show_hidden=self.show_hidden
        )
        return chosen.of_group(grouped, choice, self.source.state)
