"""Loading a screen: what goes wrong is a sentence, and a company that is gone is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.screens.places import leave_company
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from ttr_tui.screens.frame import FrameScreen


async def load_or_leave(screen: FrameScreen[Any]) -> None:
    """Load the screen. When its company was removed (here or elsewhere) go to Companies."""
    try:
        await screen.load()
    except TtrError as problem:
        company = screen.company
        if company is not None and screen.session.loaded:
            await screen.session.reload()
            if screen.session.company(company.id) is None:
                leave_company(screen.app, company.id)
                return
        screen.load_problem = state(f"✗ {text.clean(problem.sentence())}")
        return
    screen.load_problem = ""
