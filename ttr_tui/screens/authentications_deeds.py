"""What the authentications' screens do: ask, delete, show what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import revocation
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.widgets.lines import state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.flows.revocation import Revoked
    from ttr_tui.screens.authentications_source import Source

DELETED = "deleted"
SELECTION = "selection"


@dataclass(frozen=True, slots=True)
class ToDelete:
    """Ids of what is to be deleted; `selected` is False when the row at the cursor is meant."""

    not_in_view: Sequence[str]
    in_view: Sequence[str]
    selected: bool = True

    @property
    def ids(self) -> list[str]:
        """Return all of them, those not in view first."""
        return [*self.not_in_view, *self.in_view]


async def delete(screen: FrameScreen[Any], source: Source, to_delete: ToDelete) -> str:
    """Ask, delete, show the result above `screen`; return DELETED, SELECTION or nothing.

    Awaited in a worker of the app: a deletion that was begun is carried out wherever its person
    goes meanwhile. The question is planned anew from the store while it is looked at.
    """
    from ttr_tui.screens.authentications_question import DeleteQuestion  # noqa: PLC0415 - seldom needed

    try:
        access = screen.runtime.access
        plan = await revocation.plan(access, source.company, to_delete.ids)
        status = screen.status_left
        if not to_delete.selected:
            status = "0 selected; this is the row under the cursor"
        question = DeleteQuestion(to_delete, plan, status)
        answer = await screen.app.push_screen_wait(question)
        if question.gone:
            screen.say("What was chosen is no longer there: it was deleted meanwhile.")
        if answer is None or answer.name == SELECTION:
            return answer.name if answer is not None else ""
        count = text.plural(question.plan.count, "authentication")
        screen.say(state(f"» deleting {count}"))
        await source.deletes(question.plan.ids)
        done = await revocation.carry_out(access, question.plan, answer.typed)
    except TtrError as problem:
        screen.report(problem)
        return ""
    await _show_result(screen, done)
    return DELETED


async def _show_result(screen: FrameScreen[Any], done: Revoked) -> None:
    """Show what a deletion did; who has gone elsewhere is told where they are."""
    from ttr_tui.screens.authentications_result import ResultScreen  # noqa: PLC0415 - seldom needed

    company = done.plan.company
    if not done.erased:
        screen.runtime.erase(company.id, done.id)
    screen.say("")
    here = screen.app.screen
    if here is screen:
        await screen.app.push_screen_wait(ResultScreen(done))
    elif isinstance(here, FrameScreen):
        count = text.plural(done.plan.count, "authentication")
        name = text.cut_middle(text.clean(company.name), 30)
        here.say(state(f"✓ {count} of {name} deleted; the journal has it."))
