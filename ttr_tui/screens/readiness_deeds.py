"""What readiness' screens do with their words: copy, print plain, write to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import export
from ttr_tui.model import now
from ttr_tui.screens.ask_path import AskPath, proposed_path
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Company
    from ttr_tui.screens.frame import FrameScreen

SAVED_AS = (
    "The report is written as plain text, readable by you alone. It holds no secret. A file that "
    "is there already is not written over."
)


def copy(screen: FrameScreen[Any], lines: Sequence[str]) -> None:
    """Send the lines to the terminal's clipboard (OSC 52), and say what cannot be known."""
    screen.app.copy_to_clipboard("\n".join(lines))
    tmux = " tmux may keep it." if screen.session.environ.get("TMUX") else ""
    screen.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")


def print_plain(screen: FrameScreen[Any], lines: Sequence[str]) -> None:
    """Print the lines outside of the full screen."""
    printing = print_and_wait(screen.app, "\n".join(lines))
    screen.run_worker(printing, group="plain", exclusive=True)


def save(screen: FrameScreen[Any], company: Company, lines: Sequence[str]) -> None:
    """Ask where to, and write the lines as a text file."""
    screen.run_worker(_save(screen, company, lines), group="save", exclusive=True)


async def _save(screen: FrameScreen[Any], company: Company, lines: Sequence[str]) -> None:
    moment = text.stamp_z(now())[:16].replace(":", "").replace(" ", "-")
    named = proposed_path("ttr-readiness", company, moment).with_suffix(".txt")
    asked = AskPath(company, "the report", named, SAVED_AS)
    path: Path | None = await screen.app.push_screen_wait(asked)
    if path is None:
        return
    try:
        await export.text_file(path, "\n".join(lines) + "\n")
    except TtrError as problem:
        screen.report(problem)
        return
    screen.say(state(f"✓ written to {text.cut_middle(text.clean(path), 60)}"))
