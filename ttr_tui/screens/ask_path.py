"""Where a CSV is written: the path is asked, with a default that can be taken as it is."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.prompt import Prompt, PromptSubmitted

if TYPE_CHECKING:
    from ttr_tui.model import Company

PATH_WIDTH = 62
A_CSV = (
    "A CSV for a spreadsheet is written, readable by you alone. No cell can start a formula. A "
    "file that is there already is not written over."
)


class AskPath(FrameScreen[Path]):
    """The question; `what` is written, as `26 outcomes of run 417`, `happens` says how."""

    AUTO_FOCUS = "Field"

    def __init__(
        self,
        company: Company,
        what: str,
        proposed: Path,
        happens: str = A_CSV,
        *,
        into: str = "File",
    ) -> None:
        super().__init__(company)
        self.title_text = f"Write {what} to a {into.lower()}?"
        self.keys = (KeyHint("enter", "write"), KeyHint("tab", "next"), KeyHint("esc", "cancel"))
        self._happens = happens
        self._prompt = Prompt(into, width=PATH_WIDTH)
        self._prompt.value = str(proposed)
        self._buttons = Buttons([Choice("cancel", "Cancel"), Choice("write", f"Write {what}")])

    def compose_body(self) -> ComposeResult:
        """The field and what is to be known about the file."""
        yield Page([""])
        yield self._prompt
        yield Page([""])
        yield Page(paragraph("What happens", self._happens))
        yield Page([""])
        yield self._buttons

    def undo_layer(self) -> bool:
        """There is one layer only: `esc` cancels from the field too."""
        return False

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Take the path."""
        self._take(event.value)

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Take the path, or cancel."""
        if event.name == "cancel":
            self.dismiss(None)
        else:
            self._take(self._prompt.value)

    def _take(self, typed: str) -> None:
        if not typed.strip():
            self.say("Type its name, or press esc.")
            return
        self.dismiss(path_of(typed.strip()))


def path_of(typed: str) -> Path:
    """Return the path that was typed; `~` is the home directory, of somebody who has one."""
    path = Path(typed)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


async def export(
    screen: FrameScreen[Any],
    company: Company,
    what: str,
    proposed: Path,
    write: Callable[[Path], Awaitable[int]],
) -> None:
    """Ask where to, have it written, and say so in row 22; awaited in a worker of `screen`."""
    path = await screen.app.push_screen_wait(AskPath(company, what, proposed))
    if path is None:
        return
    try:
        count = await write(path)
    except TtrError as problem:
        screen.report(problem)
        return
    rows = text.plural(count, "row")
    screen.say(state(f"✓ {rows} written to {text.cut_middle(text.clean(path), 50)}"))


def proposed_path(name: str, company: Company, part: str) -> Path:
    """Return a file in the home directory that tells what it holds and whose it is."""
    domain = re.sub(r"[^A-Za-z0-9.-]", "", company.domain) or "company"
    return Path.home() / f"{name}-{domain}-{part}.csv"
