"""Quitting: at once when nothing runs, else a question that says what happens to the work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ttr_tui import text
from ttr_tui.screens.question import Answer, Asked, Question
from ttr_tui.widgets.buttons import Choice

if TYPE_CHECKING:
    from ttr_tui.screens.frame import FrameScreen
    from ttr_tui.works import Work

_AFTERWARDS = {
    "reading the directory": "what was read is kept; it is read again when Bulk Add is opened",
    "adding agents": "what is done is kept, and the rest goes on at the next start",
    "proving the permission": "it can be proven again at any time",
    "erasing": "the keys are gone already; erasing goes on at the next start",
}


def leave(screen: FrameScreen[Any]) -> None:
    """End the app, or ask first while work runs."""
    running = screen.runtime.works.running
    if not running or isinstance(screen, LeavingQuestion):
        screen.app.exit()
        return

    def answered(answer: Answer | None) -> None:
        if answer is not None:
            screen.app.exit()

    screen.app.push_screen(LeavingQuestion(running, screen), answered)


class LeavingQuestion(Question):
    """Names each piece of work and what becomes of it."""

    def __init__(self, running: list[Work], screen: FrameScreen[Any]) -> None:
        works = text.plural(len(running), "piece") + " of work"
        asked = Asked(
            f"Quit while {works} {'is' if len(running) == 1 else 'are'} under way?",
            [(_label(index), _sentence(work, screen)) for index, work in enumerate(running)],
            (Choice("cancel", "Cancel"), Choice("quit", f"Quit and stop {works}")),
        )
        super().__init__(asked, screen.company)


def _label(index: int) -> str:
    return "" if index else "What stops"


def _sentence(work: Work, screen: FrameScreen[Any]) -> str:
    company = screen.session.company(work.company_id)
    name = f" for {company.name}" if company is not None else ""
    words = str(work.kind)
    return f"{words.capitalize()}{name}: {_AFTERWARDS.get(words, 'it can be begun again')}."
