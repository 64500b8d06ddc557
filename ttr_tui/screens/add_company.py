"""Add a company, from `+` on Companies."""

from __future__ import annotations

from textual.app import ComposeResult

from ttr_tui.screens.company_form import CompanyAdded, CompanyForm
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import CONNECT, open_place
from ttr_tui.widgets.paragraphs import Page

FORM_KEYS = (
    KeyHint("tab", "next"),
    KeyHint("enter", "go on"),
    KeyHint("esc", "cancel"),
    KeyHint("ctrl+c", "quit"),
)


class AddCompanyScreen(FrameScreen[None]):
    """The form on a screen of its own; saved, it goes on to Connect."""

    AUTO_FOCUS = "Field"
    help_here = (
        (
            "enter in Name goes to Domain, in Domain it asks Microsoft for the tenant; the button "
            "then saves. Nothing is saved before."
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.title_text = "Add a company"
        self.help_hint = False
        self.keys = FORM_KEYS

    def compose_body(self) -> ComposeResult:
        """The form."""
        yield Page([""])
        yield CompanyForm(self.session)

    def on_company_form_status_said(self, event: CompanyForm.StatusSaid) -> None:
        """Say who answered."""
        self.status_left = event.sentence

    def on_company_form_failed(self, event: CompanyForm.Failed) -> None:
        """Say why it was not saved."""
        self.report(event.problem)

    def on_company_added(self, event: CompanyAdded) -> None:
        """Go on with connecting it."""
        open_place(self.app, CONNECT, event.company)
