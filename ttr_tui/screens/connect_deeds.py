"""What Connect alone does, each in a worker of its screen: prove the permission, renew a link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.errors import TtrError
from ttr_tui.screens.connect_state import PURPOSES
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from ttr_tui.screens.connect import ConnectScreen


def prove(screen: ConnectScreen) -> None:
    """Look whether Microsoft shows the permission now."""
    if screen.company is None:
        return
    attempt = screen.attempt
    try:
        screen.runtime.prove_consent(screen.company, attempt.id if attempt is not None else "")
    except TtrError as problem:
        screen.report(problem)
        return
    screen.say(state("» asking Microsoft whether it shows the permission"))


async def renew(screen: ConnectScreen) -> None:
    """Make a new link for the step at the cursor and withdraw the former one."""
    former, step = screen.attempt, screen.step
    if screen.company is None:
        return
    try:
        await screen.runtime.begin(screen.company, PURPOSES[step])
        if former is not None:
            await attempts.withdraw(screen.runtime.store, former.id)
    except TtrError as problem:
        screen.report(problem)
        return
    screen.withdrawn.discard(step)
    screen.say("This link is new; the former one is withdrawn." if former else "This link is new.")
    screen.reload()
