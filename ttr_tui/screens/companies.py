"""Companies, the home screen: the list, and below it the facts of the company at the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType

from ttr_tui import problems, text
from ttr_tui.errors import TtrError
from ttr_tui.model import Company, now
from ttr_tui.screens.company_dates import banner
from ttr_tui.screens.company_facts import (
    COLUMNS,
    facts,
    list_row,
    needs_you,
)
from ttr_tui.screens.company_form import CompanyAdded, CompanyForm
from ttr_tui.screens.explained import ExplainedScreen
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import BULK_ADD, COMPANIES, CONNECT, PLACES, open_place
from ttr_tui.screens.rereading import Rereading
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted
from ttr_tui.widgets.row_messages import RowsChosen, RowsCursorMoved, RowsOpened
from ttr_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from ttr_tui.model import Alarm
    from ttr_tui.store import CompanySummary

_THREE_THINGS = (
    "",
    "   1  Name the company here.",
    "   2  An administrator of its Microsoft 365 tenant grants permission and signs",
    "      in, in any browser. No user name or password ever comes to ttr-tui.",
    "   3  You choose the users who become agents.",
    "",
)
_LIST_KEYS = (
    KeyHint("enter", "next step"),
    KeyHint("1-4", "go there"),
    KeyHint("+", "company"),
    KeyHint("d", "remove"),
    KeyHint("/", "search"),
    KeyHint("q", "quit"),
)
_FIRST_KEYS = (
    KeyHint("tab", "next"),
    KeyHint("enter", "go on"),
    KeyHint("esc", "leave the field"),
    KeyHint("ctrl+c", "quit"),
)


class CompaniesScreen(FrameScreen[None]):
    """The list; without a company, the form for the first one."""

    AUTO_FOCUS = "Rows"
    place_number = COMPANIES
    help_here = (
        "enter does what Next step says: connect, sign in again, or open Bulk Add.",
        "right shows whole what stops a company, with the message to send.",
        "The palette (:) renames the company at the cursor, and dismisses what stops it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "add", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("slash", "search", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.title_text = "Companies"
        self.keys = _LIST_KEYS
        self._rows = Rows(COLUMNS)
        self._facts = Page(id="facts")
        self._search = Prompt("Search", at=9, placeholder="name or domain", id="search")
        self._shown: list[CompanySummary] = []
        self._form: CompanyForm | None = None
        self._here = ""
        self._dates = Rereading(self._read_dates)

    def compose_body(self) -> ComposeResult:
        """The search box when there is one, the list, the facts."""
        self._search.display = False
        yield self._search
        yield Page([""], id="above")
        yield self._rows
        yield self._facts

    async def load(self) -> None:
        """Show the companies as last loaded by the app; the first run shows the form."""
        if not self.session.loaded:
            await self.session.reload()
        if not self.session.summaries:
            await self._show_form()
            return
        self._drop_form()
        self._fill()
        if self._dates.ask():
            self.run_worker(self._dates.run(), group="dates")

    def waiting_sentence(self) -> Line:
        """A sign-in that waits for somebody's word; else what is due in any company."""
        companies = [summary.company for summary in self.session.summaries]
        return super().waiting_sentence() or banner(companies, self.session.due, now())

    def company_here(self) -> Company | None:
        """The company at the cursor."""
        summary = self._at_cursor()
        return summary.company if summary is not None else None

    def undo_layer(self) -> bool:
        """Leave the field, or the search."""
        if self._search.display:
            self._search.display = False
            self._search.value = ""
            self.query_one("#above").display = True
            self._fill()
            self._rows.focus()
            return True
        if self._form is not None and self.focused is not None:
            self.set_focus(None)
            return True
        return False

    def palette(self) -> Iterable[SystemCommand]:
        """Renaming and dismissing have no key."""
        summary = self._at_cursor()
        if summary is None:
            return
        company, alarms = summary.company, self._alarms(summary)
        yield SystemCommand(
            "Rename", f"Give {company.name} another name", lambda: self._rename(company)
        )
        if alarms:
            words = f"End what is said to stop {company.name}, until it is refused again"
            yield SystemCommand("Dismiss", words, lambda: self._dismiss(company, alarms))

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - the list is asked
        """Explain the row at the cursor."""
        summary = self._at_cursor()
        self._here = summary.company.id if summary is not None else ""
        self._explain()

    def on_rows_chosen(self, event: RowsChosen) -> None:  # noqa: ARG002 - the list is asked
        """Do what Next step says."""
        summary = self._at_cursor()
        if summary is None:
            return
        connected = summary.master is not None and not needs_you(summary)
        open_place(self.app, BULK_ADD if connected else CONNECT, summary.company)

    def on_rows_opened(self, event: RowsOpened) -> None:
        """Show whole what stops the company at the cursor, with the message to send."""
        event.stop()
        summary = self._at_cursor()
        alarms = self._alarms(summary) if summary is not None else []
        if summary is not None and alarms:
            problem = problems.error_of(alarms[0].problem)
            self.app.push_screen(ExplainedScreen(problem, summary.company))

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Search as it is typed."""
        if event.prompt is self._search:
            self._fill()

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Go from the search box to what it found."""
        if event.prompt is self._search:
            self._rows.focus()

    def on_company_form_status_said(self, event: CompanyForm.StatusSaid) -> None:
        """Say who answered."""
        self.status_left = event.sentence

    def on_company_form_failed(self, event: CompanyForm.Failed) -> None:
        """Say why it was not saved."""
        self.report(event.problem)

    def on_company_added(self, event: CompanyAdded) -> None:
        """Go on with connecting the first company."""
        open_place(self.app, CONNECT, event.company)

    def action_add(self) -> None:
        """Name another company."""
        from ttr_tui.screens.add_company import AddCompanyScreen  # noqa: PLC0415 - seldom needed

        if self._form is None:
            self.app.push_screen(AddCompanyScreen())

    def action_remove(self) -> None:
        """Remove the company at the cursor, after a question."""
        from ttr_tui.screens.company_questions import ask_remove  # noqa: PLC0415 - seldom needed

        summary = self._at_cursor()
        if summary is not None and self._form is None:
            self.run_worker(ask_remove(self, summary), group="ask")

    def action_search(self) -> None:
        """Show the search box and go there."""
        if self._form is None:
            self.query_one("#above").display = False
            self._search.display = True
            self._search.focus()

    def _rename(self, company: Company) -> None:
        from ttr_tui.screens.company_questions import ask_rename  # noqa: PLC0415 - seldom needed

        self.run_worker(ask_rename(self, company), group="ask")

    def _dismiss(self, company: Company, alarms: Sequence[Alarm]) -> None:
        from ttr_tui.screens.company_questions import ask_dismiss  # noqa: PLC0415 - seldom needed

        self.run_worker(ask_dismiss(self, company, alarms), group="ask")

    def _at_cursor(self) -> CompanySummary | None:
        if self._form is not None or self._rows.cursor >= len(self._shown):
            return None
        return self._shown[self._rows.cursor]

    def _fill(self) -> None:
        wanted = text.fold(self._search.value.strip())
        self._shown = sorted(
            (s for s in self.session.summaries if wanted in _searched(s)),
            key=lambda s: (not self._troubled(s), text.fold(s.company.name)),
        )
        at = [i for i, s in enumerate(self._shown) if s.company.id == self._here]
        self._rows.empty = f'No company matches "{self._search.value}". esc shows all.'
        self._rows.set_rows(
            [list_row(s, self._alarms(s), now()) for s in self._shown], cursor=at[0] if at else 0
        )
        self._say_counts()
        self._explain()

    def _say_counts(self) -> None:
        count, troubled = len(self.session.summaries), len(self.session.in_trouble())
        self.fact = text.plural(count, "company") + (f", {troubled} in trouble" if troubled else "")
        self.status_left = self.runtime.listening.served.sentence

    async def _read_dates(self) -> None:
        try:
            await self.session.reload_due()
        except TtrError as problem:
            self.load_problem = state(f"✗ {text.clean(problem.sentence())}")
            return
        self._explain()
        self._foot.refresh_row(0)

    def _explain(self) -> None:
        summary = self._at_cursor()
        if summary is None:
            self._facts.lines = []
            return
        due = self.session.due.get(summary.company.id, ())
        self._facts.lines = facts(summary, now(), self._alarms(summary), due)

    def _alarms(self, summary: CompanySummary) -> Sequence[Alarm]:
        return self.session.alarms.get(summary.company.id, [])

    def _troubled(self, summary: CompanySummary) -> bool:
        return needs_you(summary) or bool(self._alarms(summary))

    async def _show_form(self) -> None:
        if self._form is not None:
            return
        self.title_text = "No company yet. Three things, and the first agents are in:"
        self.help_hint = False
        self.fact, self.keys, self.places_offered = "", _FIRST_KEYS, 1
        self._show_list(shown=False)
        self._form = CompanyForm(self.session)
        await self.query_one("#body").mount(Page(_THREE_THINGS, id="three"), self._form)

    def _drop_form(self) -> None:
        if self._form is None:
            return
        self._form.remove()
        self.query_one("#three").remove()
        self._form = None
        self.title_text, self.help_hint = "Companies", True
        self.keys, self.places_offered = _LIST_KEYS, len(PLACES)
        self._show_list(shown=True)
        self._rows.focus()

    def _show_list(self, *, shown: bool) -> None:
        self._rows.display = self._facts.display = self.query_one("#above").display = shown


def _searched(summary: CompanySummary) -> str:
    return text.fold(f"{summary.company.name} {summary.company.domain}")
