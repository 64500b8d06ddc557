"""What a deletion did: unusable, erased here, still granted at Microsoft. Never mixed.

*Erased* is said only when it is proven, by whichever process of ours proved it; until then stands
what it waits for.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import export
from ttr_tui.model import now
from ttr_tui.screens import authentications_left as left
from ttr_tui.screens.ask_path import AskPath, proposed_path
from ttr_tui.screens.authentications_question import stays
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.store.revocations import Stage
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.terminal import print_and_wait
from ttr_tui.works import WorkKind

if TYPE_CHECKING:
    from ttr_tui.flows.revocation import RevocationPlan, Revoked
    from ttr_tui.works import Work

SAVED_AS = (
    "The message is written as plain text, readable by you alone. A file that is there already is "
    "not written over."
)
KEYS = (
    KeyHint("c", "copy message"),
    KeyHint("u", "plain"),
    KeyHint("e", "save message"),
    KeyHint("4", "Readiness", rank=1),
    KeyHint("esc", "back"),
)


class ResultScreen(FrameScreen[None]):
    """The result of one deletion; `esc` goes back to the tree."""

    help_here = (
        "Unusable: nothing here can use it any more. Erased here: proven, no page of it is left.",
        "c copies the message to whoever ends the rest at Microsoft; u prints it; e saves it.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("e", "save", show=False),
        Binding("enter", "back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, done: Revoked) -> None:
        super().__init__(done.plan.company)
        self.done = done
        self.erased_at: datetime | None = done.at if done.erased else None
        name = text.cut_middle(text.clean(done.plan.company.name), 30)
        self.title_text = f"Deleted {text.plural(done.plan.count, 'authentication')} of {name}"
        self.fact = text.stamp(done.at)
        self.status_left = f"Deletion {done.id} in the journal"
        self.keys = KEYS
        self._page = Page(id="page")

    def compose_body(self) -> ComposeResult:
        """One page."""
        yield self._page

    def on_mount(self) -> None:
        """Say who deleted; count while erasing waits."""
        actor = self.runtime.actor
        origin = f" from {text.clean(actor.origin)}" if actor.origin else ""
        self.status_right = f"by {text.clean(actor.name)}{origin}"
        self.set_interval(1.0, self._each_second)
        self._show()

    async def load(self) -> None:
        """See whether it is erased by now, also by another program of ours."""
        if self.erased_at is None:
            try:
                kept = await self.runtime.store.revocations.get(self.done.id)
            except TtrError as problem:
                self.report(problem)
                return
            if kept.stage == Stage.ERASED:
                self.erased_at = kept.stage_at
        self._show()

    def work_moved(self) -> None:
        """See whether erasing has ended."""
        self.reload()

    def action_copy(self) -> None:
        """Copy the message to send (OSC 52)."""
        self.app.copy_to_clipboard(self._message())
        tmux = " tmux may keep it." if self.session.environ.get("TMUX") else ""
        self.say(f"Sent to the terminal. Not in your clipboard? u prints it.{tmux}")

    def action_plain(self) -> None:
        """Print the message, with its links, outside of the full screen."""
        self.run_worker(print_and_wait(self.app, self._message()), group="plain", exclusive=True)

    def action_save(self) -> None:
        """Write the message to a file."""
        self.run_worker(self._save(), group="save", exclusive=True)

    def action_scroll(self, step: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(step)

    async def _save(self) -> None:
        company = self.done.plan.company
        named = proposed_path("ttr-deletion", company, str(self.done.id)).with_suffix(".txt")
        asked = AskPath(company, "the message", named, SAVED_AS)
        path: Path | None = await self.app.push_screen_wait(asked)
        if path is None:
            return
        try:
            await export.text_file(path, self._message() + "\n")
        except TtrError as problem:
            self.report(problem)
            return
        self.say(state(f"✓ written to {text.cut_middle(text.clean(path), 60)}"))

    def _message(self) -> str:
        return "\n".join(left.message(self.done.plan, self.done.at, self.runtime.settings))

    def _each_second(self) -> None:
        if self.erased_at is None and self.is_current:
            self._show()

    def _show(self) -> None:
        plan = self.done.plan
        erasing = self.runtime.works.find(WorkKind.ERASING, plan.company.id, str(self.done.id))
        self._page.lines = [
            "",
            *paragraph("Unusable", state(unusable(plan, self.done.at))),
            *paragraph("Erased here", state(erased(self.erased_at, erasing))),
            *paragraph("Stays here", stays(plan)),
            "",
            *left.still_granted(plan, self.done.at),
            "",
            *left.who_and_what(plan),
        ]
        self.call_after_refresh(self._offer_scrolling)

    def _offer_scrolling(self) -> None:
        scrolls = (KeyHint("up down", "scroll"),) if self._page.scrolls else ()
        self.keys = (*KEYS, *scrolls)


def unusable(plan: RevocationPlan, at: datetime) -> str:
    """Return since when nothing here can be used, and why."""
    lost = "the keys are gone"
    if plan.alone == plan.count:
        lost = "the grant is gone" if plan.count == 1 else "the grants are gone"
    elif plan.alone:
        lost = "keys and grants are gone"
    elif plan.count == 1:
        lost = "the key is gone"
    return f"✓ since {_clock(at)}: {lost}"


def erased(at: datetime | None, work: Work | None) -> str:
    """Return when it was proven erased, or what that waits for."""
    if at is not None:
        return f"✓ since {_clock(at)}: proven, no page of it is left in store or log"
    if work is not None and work.problem is not None:
        why = text.clean(work.problem.happened)
        return f"✗ not yet: {why} The next start of ttr-tui goes on with it."
    if work is not None and work.running:
        waits = text.span((now() - work.began_at).total_seconds())
        return f"» waits for another program of ours to stop reading, {waits}"
    return "» waits; the next start of ttr-tui goes on with it"


def _clock(moment: datetime) -> str:
    return text.stamp(moment, seconds=True)[11:]
