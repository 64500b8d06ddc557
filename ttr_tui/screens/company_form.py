"""The form for a new company: its tenant is found and shown before anything is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantBlur
from textual.message import Message

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import companies
from ttr_tui.model import Company, Hosting
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.paragraphs import Page, paragraph, sentences
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted

if TYPE_CHECKING:
    from ttr_tui.microsoft import TenantFound
    from ttr_tui.screens.session import Session

ADD = "add"

_HOSTING = {
    Hosting.SELF: "self-hosted: the customer's own app registration, one tenant",
    Hosting.SAAS: "SaaS: our own app registration, many tenants",
}


class CompanyAdded(Message):
    """The company was saved."""

    def __init__(self, company: Company) -> None:
        super().__init__()
        self.company = company


class CompanyForm(Container):
    """Name, domain, what tenant answered, and the button; posts `CompanyAdded`."""

    DEFAULT_CSS = "CompanyForm { height: auto; width: 100%; }"

    class StatusSaid(Message):
        """A sentence for the screen's status row."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class Failed(Message):
        """Saving was refused."""

        def __init__(self, problem: TtrError) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._named = Prompt("Name", id="name")
        self._domain = Prompt("Domain", note="or its tenant id", id="domain")
        self._answer = Page([""])
        self._hosting = Page(id="hosting")
        self._buttons = Buttons([Choice(ADD, "Add the company", enabled=False)])
        self._found: TenantFound | None = None
        self._found_for = ""

    def compose(self) -> ComposeResult:
        """The rows as drawn."""
        hosting = self._session.runtime.settings.hosting
        hosted = paragraph(
            "Hosting", _HOSTING[hosting], "(TTR_HOSTING says so; it is not chosen here)"
        )
        yield self._named
        yield Page([""])
        yield self._domain
        yield self._answer
        self._hosting.lines = ["", *hosted]
        yield self._hosting
        yield Page([""])
        yield self._buttons
        if self._session.demo is not None:
            yield Page(["", *sentences(_tenants_there(self._session))])

    def on_mount(self) -> None:
        """Begin with the name."""
        self._named.focus()

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Forget the tenant of another domain; name the button."""
        event.stop()
        if event.prompt is self._domain and self._domain.value.strip() != self._found_for:
            self._found, self._found_for = None, ""
            self._answer_with([""])
        self._label_button()

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Go on: from the name to the domain, from the domain to its tenant."""
        event.stop()
        if event.prompt is self._named:
            self._domain.focus()
        else:
            self._find()

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - the fields are asked
        """Look the tenant up when the domain was left."""
        if self._domain.value.strip() != self._found_for and not self._domain.is_focused:
            self._find()

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Save."""
        event.stop()
        if self._found is not None:
            self.run_worker(self._save(self._found), group="save", exclusive=True)

    def _answer_with(self, rows: list[Line]) -> None:
        """Say what the domain led to; a long refusal takes the place of the hosting."""
        self._answer.lines = rows
        self._hosting.display = len(rows) <= 1

    def _find(self) -> None:
        domain = self._domain.value.strip()
        if not domain:
            return
        self._found, self._found_for = None, domain
        self._answer_with(paragraph("", state("» asking for its tenant")))
        self.run_worker(self._resolve(domain), group="resolve", exclusive=True)

    async def _resolve(self, domain: str) -> None:
        try:
            found = await companies.resolve(self._session.runtime.access, domain)
        except TtrError as problem:
            self._found_for = ""
            self._answer_with(paragraph("", *_said(problem)))
            return
        self._found = found
        self._answer_with(paragraph("", state(f"✓ tenant {found.tenant_id}")))
        host = urlsplit(found.issuer).netloc
        sandbox = ", the sandbox" if self._session.demo is not None else ""
        self.post_message(self.StatusSaid(f"The tenant answered at {host}{sandbox}"))
        self._label_button()
        if self._ready:
            self._buttons.named(ADD).focus()
        else:
            self._named.focus()

    async def _save(self, found: TenantFound) -> None:
        access = self._session.runtime.access
        try:
            company = await companies.add(access, self._named.value, self._domain.value, found)
        except TtrError as problem:
            self.post_message(self.Failed(problem))
            return
        self.post_message(CompanyAdded(company))

    @property
    def _ready(self) -> bool:
        return self._found is not None and bool(self._named.value.strip())

    def _label_button(self) -> None:
        name = text.cut_middle(" ".join(text.clean(self._named.value).split()), 40)
        self._buttons.reword(ADD, f"Add {name}" if name else "Add the company")
        self._buttons.enable(ADD, self._ready)


def _said(problem: TtrError) -> list[Line]:
    rest = " ".join(part for part in (problem.means, problem.cure) if part)
    return [state(f"✗ {text.clean(problem.happened)}"), *([rest] if rest else [])]


def _tenants_there(session: Session) -> str:
    taken = {summary.company.domain for summary in session.summaries}
    tenants = session.demo.tenants if session.demo is not None else ()
    free = [tenant for tenant in tenants if tenant not in taken]
    if not free:
        return "In this demo every tenant has a company already."
    if len(free) == 1:
        return f"In this demo the tenant is {free[0]}."
    return f"The tenants here are {', '.join(free[:-1])} and {free[-1]}."
