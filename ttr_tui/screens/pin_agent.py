"""Pin an agent that is not authenticated to another person: somebody else was meant, or left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from ttr_tui import pinning, text
from ttr_tui.errors import TtrError
from ttr_tui.screens.add_agent import CANCEL, FORM_KEYS
from ttr_tui.screens.address_form import AddressChanged, AddressForm
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.question import Asked, MustType, Question
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.paragraphs import Page, paragraph

if TYPE_CHECKING:
    from ttr_tui.model import Agent, Company, DirectoryUser

PIN = "pin"
WHAT_A_PIN_IS = (
    "An agent is one person of the tenant, by object id. Only that person's sign-in counts for "
    "it, whatever their address is."
)


class PinAgentScreen(FrameScreen[None]):
    """Who it is now, and the field for who it is to be; a question follows."""

    AUTO_FOCUS = "Field"
    help_here = (
        "enter in Address asks Microsoft who goes by it. Nothing is changed before the question.",
    )

    def __init__(self, company: Company, agent: Agent) -> None:
        super().__init__(company)
        self.place_of = company
        self.agent = agent
        self.title_text = f"Pin {_called(agent.name or agent.address)} to another person?"
        self.help_hint = False
        self.keys = FORM_KEYS
        self._user: DirectoryUser | None = None
        self._buttons = Buttons(
            [Choice(CANCEL, "Cancel"), Choice(PIN, "Go on to the question", enabled=False)]
        )

    def compose_body(self) -> ComposeResult:
        """Who it is, the address, what that means, the buttons."""
        agent = self.agent
        pinned = paragraph(
            "Pinned to", f"{agent.name}   {agent.address}", f"object {agent.object_id}"
        )
        yield Page(["", *pinned, ""])
        yield AddressForm(self.session, self.place_of)
        yield Page(["", *paragraph("What it means", WHAT_A_PIN_IS), ""])
        yield self._buttons

    def on_address_changed(self, event: AddressChanged) -> None:
        """Free the button for another person who was found."""
        event.stop()
        whom = event.whom
        self._user = whom.user if whom is not None else None
        self._buttons.enable(PIN, self._user is not None)
        if self._user is not None and event.entered:
            self._buttons.named(PIN).focus()
        elif whom is not None and whom.user is None:
            self.say("Without admin permission nobody can be found, so nobody can be pinned.")

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Ask."""
        event.stop()
        if event.name == CANCEL:
            self.dismiss(None)
        elif self._user is not None:
            self.run_worker(self._ask(self._user), group="ask", exclusive=True)

    async def _ask(self, user: DirectoryUser) -> None:
        if user.object_id == self.agent.object_id:
            self.say("That is the person it is pinned to already. Nothing was changed.")
            return
        answer = await self.app.push_screen_wait(
            Question(asked(self.place_of, self.agent, user), self.place_of)
        )
        if answer is None:
            return
        try:
            await pinning.repin(self.runtime.access, self.place_of, self.agent, user)
        except TtrError as problem:
            self.report(problem)
            return
        if self.is_current:
            self.dismiss(None)
            below = self.app.screen
            if isinstance(below, FrameScreen):
                below.say(state(f"✓ The agent is {_called(user.name)} now; the journal has it."))


def asked(company: Company, agent: Agent, user: DirectoryUser) -> Asked:
    """Return the question's words: both people, the company, what follows."""
    name = text.clean(company.name)
    return Asked(
        f"Pin an agent of {text.cut_middle(name, 30)} to {_called(user.name)}?",
        (
            ("So far", f"{agent.name}   {agent.address}", f"object {agent.object_id}"),
            ("From now on", f"{user.name}   {user.address}", f"object {user.object_id}"),
            (),
            (
                "What happens",
                (
                    f"Open links and invitations of this agent wait for {_called(user.name)} then, "
                    f"and {_called(agent.name or agent.address)} can no longer sign in for it. "
                    "It is written to the journal."
                ),
            ),
            (
                "What stays",
                "Every other agent. Until somebody has signed in, p pins it back.",
            ),
        ),
        (Choice(CANCEL, "Cancel"), Choice(PIN, f"Pin it to {_called(user.name)}")),
        must_type=MustType(company.name, PIN),
    )


def _called(name: str) -> str:
    return text.cut_middle(text.clean(name), 28)
