"""An error explained: what happened, what it means, who can act, what to do, what to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.advice import message
from ttr_tui.errors import (
    US,
    YOU,
    AttemptError,
    ConsentDenied,
    GraphRefused,
    SettingsFaulty,
    SignInDenied,
    TokenRefused,
    TtrError,
    Unreachable,
    WrongPerson,
)
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, join, plain, state, wrap
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from ttr_tui.model import Company

_TITLES: tuple[tuple[tuple[type[TtrError], ...], str], ...] = (
    ((WrongPerson,), "Another person signed in. Nothing was stored."),
    ((ConsentDenied,), "Microsoft refused to grant the permission"),
    ((SignInDenied, TokenRefused), "Microsoft refused this sign-in"),
    ((GraphRefused,), "Microsoft refused this request"),
    ((Unreachable,), "Microsoft did not answer"),
    ((AttemptError,), "This sign-in was not stored"),
    ((SettingsFaulty,), "The settings are faulty"),
)


def show_error(screen: FrameScreen[Any], problem: TtrError) -> None:
    """Render an error: a short one in row 22, any other on a screen of its own."""
    sentence = text.clean(problem.sentence())
    short = text.cells(sentence) <= SENTENCE_WIDTH - 2 and problem.who == YOU
    if short and not problem.evidence.code:
        screen.say(state(f"✗ {sentence}"))
    else:
        screen.app.push_screen(ExplainedScreen(problem, screen.company))


class ExplainedScreen(FrameScreen[None]):
    """The whole story of one error; `esc` goes back."""

    help_here = ("c copies the message to send. u leaves the full screen and prints it plain.",)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("enter", "back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, problem: TtrError, company: Company | None = None) -> None:
        super().__init__(company)
        self.problem = problem
        self.title_text = title(problem)
        self.fact = problem.evidence.code
        self.message_lines = message_to_send(problem, company)
        self.keys = (
            *((KeyHint("c", "copy message"),) if self.message_lines else ()),
            KeyHint("u", "plain"),
            KeyHint("up down", "scroll", rank=1),
            KeyHint("esc", "back"),
        )
        self._page = Page(self._rows(), id="page")

    def compose_body(self) -> ComposeResult:
        """The paragraphs, each only where there is something to say."""
        yield self._page

    def action_copy(self) -> None:
        """Copy the message to send (OSC 52)."""
        if self.message_lines:
            self.app.copy_to_clipboard("\n".join(self.message_lines))
            self.say("Sent to the terminal. Not in your clipboard? u prints it.")

    def action_plain(self) -> None:
        """Print all of it, outside of the full screen."""
        words = "\n".join([self.title_text, *(plain(row) for row in self._page.lines)])
        self.run_worker(print_and_wait(self.app, words), group="plain")

    def action_scroll(self, step: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(step)

    def _rows(self) -> list[Line]:
        rows = ["", *explanation(self.problem)]
        if self.message_lines:
            rows += ["", " Message to send"]
            rows += [
                join("   ", row)
                for line in filter(None, self.message_lines)
                for row in wrap(line, SENTENCE_WIDTH - 2)
            ]
        return rows


def title(problem: TtrError) -> str:
    """Return what a screen about this error is called."""
    for kinds, words in _TITLES:
        if isinstance(problem, kinds):
            return words
    return "This was not done"


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


def message_to_send(problem: TtrError, company: Company | None) -> list[str]:
    """Return the message for whoever must act; none when that is the reader.

    Ids and the time in UTC stand here, not in the explanation.
    """
    if problem.who in (YOU, ""):
        return []
    name, domain = (company.name, company.domain) if company is not None else ("", "")
    return message(problem, company=name, domain=domain).splitlines()
