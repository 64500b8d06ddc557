"""The questions about a company: remove it, give it another name, dismiss what stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import companies
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import leave_company
from ttr_tui.screens.question import Asked, Question
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Alarm, Company
    from ttr_tui.store import CompanySummary


async def ask_remove(screen: FrameScreen[Any], summary: CompanySummary) -> None:
    """Ask whether a company is to be removed, and remove it; says when that is refused."""
    company = summary.company
    if summary.master is None:
        answer = await screen.app.push_screen_wait(Question(_removal(summary), company))
        if answer is None:
            return
    try:
        await companies.remove(screen.runtime.access, company)
    except TtrError as problem:
        screen.report(problem)
        return
    leave_company(screen.app, company.id)
    await screen.session.reload()
    screen.say(f"{company.name} is removed.")
    screen.reload()


def _removal(summary: CompanySummary) -> Asked:
    company = summary.company
    goes = f"{company.name} with its domain, tenant and links"
    if summary.agents:
        goes += f", and {text.plural(summary.agents, 'agent')} not authenticated"
    return Asked(
        f"Remove {company.name}?",
        (
            ("What goes", f"{goes}. There is no undo."),
            ("What stays", "The journal. No authentication is stored for it."),
            (),
            (
                "What this cannot end",
                (
                    f"A consent that {company.domain} has granted. Its administrator ends it in "
                    "the Entra admin center, under Enterprise applications."
                ),
            ),
        ),
        (Choice("cancel", "Cancel"), Choice("remove", f"Remove {company.name}")),
    )


async def ask_dismiss(screen: FrameScreen[Any], company: Company, alarms: Sequence[Alarm]) -> None:
    """Ask whether the alarms that stand on a company are to end, and end them."""
    answer = await screen.app.push_screen_wait(Question(_dismissal(company, alarms), company))
    if answer is None:
        return
    try:
        causes = await companies.dismiss(screen.runtime.access, company)
    except TtrError as problem:
        screen.report(problem)
        return
    await screen.session.reload()
    screen.say(f"{text.plural(len(causes), 'alarm')} of {company.name} dismissed.")
    screen.reload()


def _dismissal(company: Company, alarms: Sequence[Alarm]) -> Asked:
    count = text.plural(len(alarms), "alarm")
    said = [text.cut_right(text.clean(one.problem.happened), 61) for one in alarms[:4]]
    return Asked(
        f"Dismiss {count} of {company.name}?",
        (
            ("What goes", *said),
            (),
            (
                "What stays",
                "Its cause, if it is still there; the next refusal raises the alarm again.",
            ),
        ),
        (Choice("cancel", "Cancel"), Choice("dismiss", f"Dismiss {count}")),
    )


async def ask_rename(screen: FrameScreen[Any], company: Company) -> None:
    """Ask for a company's new name, and store it."""
    name = await screen.app.push_screen_wait(RenameScreen(company))
    if not name:
        return
    try:
        await companies.rename(screen.runtime.access, company, name)
    except TtrError as problem:
        screen.report(problem)
        return
    leave_company(screen.app, company.id)
    await screen.session.reload()
    screen.say(f"{company.name} is called {' '.join(name.split())} now.")
    screen.reload()


class RenameScreen(FrameScreen[str]):
    """One field with the present name, and the button."""

    AUTO_FOCUS = "Field"
    help_here = ("The name is ours alone; nothing changes in Microsoft 365.",)

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.title_text = f"Rename {company.name}"
        self.keys = (KeyHint("enter", "go on"), KeyHint("tab", "next"), KeyHint("esc", "cancel"))
        self._named = Prompt("Name", width=60)
        self._named.value = company.name
        self._buttons = Buttons([Choice("cancel", "Cancel"), Choice("rename", "Rename")])

    def compose_body(self) -> ComposeResult:
        """The field and the buttons."""
        yield Page([""])
        yield self._named
        yield Page([""])
        yield self._buttons

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Say on the button what it will be called."""
        name = text.cut_middle(" ".join(event.value.split()), 40)
        self._buttons.reword("rename", f"Rename to {name}" if name else "Rename")

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:  # noqa: ARG002 - only that it came
        """Go on to the button."""
        self._buttons.named("rename").focus()

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Answer."""
        self.dismiss(self._named.value if event.name == "rename" else None)
