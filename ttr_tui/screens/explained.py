"""An error explained: what happened, what it means, who can act, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import US, YOU, SettingsFaulty, TtrError
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line
from ttr_tui.widgets.paragraphs import Page, paragraph

if TYPE_CHECKING:
    from ttr_tui.model import Company


def show_error(screen: FrameScreen[Any], problem: TtrError) -> None:
    """Render an error: a short one in row 22, any other on a screen of its own."""
    sentence = text.clean(problem.sentence())
    short = text.cells(sentence) <= SENTENCE_WIDTH and problem.who == YOU
    if short and not problem.evidence.code:
        screen.say(f"✗ {sentence}")
    else:
        screen.app.push_screen(ExplainedScreen(problem, screen.company))


class ExplainedScreen(FrameScreen[None]):
    """The whole story of one error; `esc` goes back."""

    help_here = ("c copies the message to send. u leaves the full screen and prints it plain.",)

    def __init__(self, problem: TtrError, company: Company | None = None) -> None:
        super().__init__(company)
        self.problem = problem
        self.title_text = "What happened, and what to do"
        self.fact = problem.evidence.code
        self.keys = (KeyHint("esc", "back"),)

    def compose_body(self) -> ComposeResult:
        """The paragraphs, each only where there is something to say."""
        yield Page(["", *explanation(self.problem)])


def explanation(problem: TtrError) -> list[Line]:
    """Return the rows of an error's paragraphs."""
    rows = paragraph("What happened", problem.happened)
    if problem.means:
        rows += paragraph("What it means", problem.means)
    if isinstance(problem, SettingsFaulty):
        rows += paragraph("Faults", *problem.faults)
    rows += paragraph("Who can act", who_acts(problem.who))
    if problem.cure:
        rows += paragraph("What to do", problem.cure)
    return rows


def who_acts(who: str) -> str:
    """Return who can act, told apart from the reader."""
    return who if who in (YOU, US) else f"{who}, not you"
