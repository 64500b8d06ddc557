"""The question before an agent without an authentication is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui import pinning, text
from ttr_tui.errors import TtrError
from ttr_tui.screens.question import Asked, Question
from ttr_tui.widgets.buttons import Choice
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from ttr_tui.model import Agent, Company
    from ttr_tui.screens.frame import FrameScreen


async def ask_remove_agent(screen: FrameScreen[Any], company: Company, agent: Agent) -> None:
    """Ask whether an agent is to be removed, and remove it; awaited in a worker of `screen`."""
    name = text.cut_middle(text.clean(agent.name or agent.address), 30)
    answer = await screen.app.push_screen_wait(Question(removal(company, agent), company))
    if answer is None:
        return
    try:
        await pinning.remove(screen.runtime.access, company, agent)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.say(state(f"✓ {name} is no agent any more."))
    screen.reload()


def removal(company: Company, agent: Agent) -> Asked:
    """Return the words of the question."""
    name = text.cut_middle(text.clean(agent.name or agent.address), 30)
    whose = text.cut_middle(text.clean(company.name), 30)
    return Asked(
        f"Remove the agent {name} of {whose}?",
        (
            (
                "What goes",
                f"{agent.name}   {agent.address}",
                "with its links that are out, and a sign-in that waits for a word on one of them.",
            ),
            (),
            (
                "What stays",
                "The user and the mailbox in Microsoft 365, untouched; the journal.",
                "Nothing of it can be used here: no authentication is stored.",
            ),
        ),
        (Choice("cancel", "Cancel"), Choice("remove", f"Remove {name}")),
    )
