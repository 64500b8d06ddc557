"""Add one agent, from `+` on View Microsoft Authentications: its owner signs in, or is invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.attempts import INVITATION_DAYS
from ttr_tui.screens.address_form import AddressChanged, AddressForm, Whom
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.sign_in_deeds import invite, sign_in_new
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.paragraphs import Page, paragraph

if TYPE_CHECKING:
    from ttr_tui.model import Company

CANCEL, SIGN_IN, INVITE = "cancel", "sign in", "invite"

FORM_KEYS = (
    KeyHint("enter", "go on"),
    KeyHint("tab", "next"),
    KeyHint("esc", "cancel"),
    KeyHint("ctrl+c", "quit"),
)
HAPPENS = (
    (
        "Sign in now: a link, good for a day, is shown here, to be opened by the mailbox's owner "
        "in any browser."
    ),
    (
        f"Invite: the link is good for {text.plural(INVITATION_DAYS, 'day')}; e on the invitations "
        "writes it as a message for your own mailer. Nobody is sent anything by us."
    ),
)
SHARED = (
    "Nobody can sign in for a shared mailbox: O365 Agent Bulk Add (2) adds it as a child of the "
    "Company Master."
)


class AddAgentScreen(FrameScreen[None]):
    """The form; it gives its place to the link, or to the invitations."""

    AUTO_FOCUS = "Field"
    help_here = (
        "enter in Address asks Microsoft who goes by it. Nothing is stored before a button.",
        SHARED,
    )

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.place_of = company
        self.title_text = f"Add one agent to {text.cut_middle(text.clean(company.name), 40)}"
        self.help_hint = False
        self.keys = FORM_KEYS
        self._whom: Whom | None = None
        self._buttons = Buttons(
            [
                Choice(CANCEL, "Cancel"),
                Choice(SIGN_IN, "Sign in the owner now", enabled=False),
                Choice(INVITE, "Invite the owner", enabled=False),
            ]
        )

    def compose_body(self) -> ComposeResult:
        """The address, what happens, the buttons."""
        yield Page([""])
        yield AddressForm(self.session, self.place_of)
        yield Page(["", *paragraph("What happens", *HAPPENS), ""])
        yield self._buttons

    def on_address_changed(self, event: AddressChanged) -> None:
        """Free the buttons for whom they can work."""
        event.stop()
        self._whom = whom = event.whom
        self._buttons.enable(SIGN_IN, whom is not None)
        self._buttons.enable(INVITE, whom is not None and whom.user is not None)
        if event.entered:
            self._buttons.named(SIGN_IN).focus()

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Make the link, or the invitation."""
        event.stop()
        whom = self._whom
        if event.name == CANCEL:
            self.dismiss(None)
        elif whom is not None:
            self.run_worker(self._go_on(whom, event.name), group="go on", exclusive=True)

    async def _go_on(self, whom: Whom, how: str) -> None:
        if how == INVITE and whom.user is not None:
            await invite(self, self.place_of, [whom.user], instead=True)
        else:
            await sign_in_new(self, self.place_of, whom.user or whom.address, instead=True)
