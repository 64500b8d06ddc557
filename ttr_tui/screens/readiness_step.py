"""One step of readiness, opened: what it means, what was seen, who can act, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from ttr_tui import text
from ttr_tui.screens import readiness_deeds as deeds
from ttr_tui.screens import readiness_words as words
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.readiness_page import step_lines, what_is_copied
from ttr_tui.screens.readiness_report import message, step
from ttr_tui.screens.readiness_rows import told
from ttr_tui.widgets.lines import plain, state
from ttr_tui.widgets.paragraphs import Page, paragraph

if TYPE_CHECKING:
    from ttr_tui.model import Check, Finding
    from ttr_tui.screens.readiness_sight import Sight

LINK = "u prints the link to this page of the Entra admin center"


class StepScreen(FrameScreen[None]):
    """One step; it follows the check that runs. `esc` goes back to the list."""

    help_here = (
        "r checks everything again; what stands here changes when the answer comes.",
        "c copies what is to be copied: a URL, a line, a message to send, else the report.",
        "u prints it all plain, with the link to the page of the Entra admin center.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "again", show=False),
        Binding("c", "copy", show=False),
        Binding("u", "plain", show=False),
        Binding("e", "export", show=False),
        Binding("enter,left,h", "back", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,ctrl+d", "scroll(10)", show=False),
        Binding("pageup,ctrl+u", "scroll(-10)", show=False),
        Binding("home,g", "scroll(-9999)", show=False),
        Binding("end,G", "scroll(9999)", show=False),
    ]

    def __init__(self, sight: Sight, check: Check) -> None:
        super().__init__(sight.company)
        self.sight, self.check = sight, check
        name = text.cut_middle(text.clean(sight.company.name), 30)
        self.title_text = f"Readiness of {name} > {words.step_name(check)}"
        self._page = Page(id="page")

    @property
    def finding(self) -> Finding | None:
        """What this check found; while it asks, what an earlier one did."""
        return self.sight.findings.get(self.check) or self.sight.before.get(self.check)

    @property
    def earlier(self) -> bool:
        """Whether the present check has not answered."""
        return self.check not in self.sight.findings

    def compose_body(self) -> ComposeResult:
        """One page."""
        yield self._page

    async def load(self) -> None:
        """Read what is stored, and draw."""
        await self.sight.load(self.runtime)
        self.draw()

    def work_moved(self) -> None:
        """Show the answer when it is there."""
        self.draw()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - the app knows the size
        """Lay out for the new width."""
        self.draw()

    def draw(self) -> None:
        """Draw what is known now."""
        shown, why = told(self.sight, self.check)
        finding = self.finding
        self.fact = state(shown)
        if finding is None:
            label = "Why not known" if self.sight.not_asked else "Seen"
            self._page.lines = ["", *paragraph(label, why or "nothing yet; it is being asked")]
        else:
            lines = step_lines(
                finding, self.sight.company, self.app.size.width, earlier=self.earlier
            )
            self._page.lines = lines
        self._say_status(finding)
        self.call_after_refresh(self._offer)

    def action_again(self) -> None:
        """Check everything again."""
        if self.sight.running:
            self.say("This is being checked now; the answer comes by itself.")
            return
        self.sight.begin(self.runtime)
        self.draw()

    def action_copy(self) -> None:
        """Copy the lines that are to be copied, else the message to send, else the report."""
        finding = self.finding
        if finding is not None:
            lines = list(finding.lines) or message(finding, self.sight.company) or step(finding)
            deeds.copy(self, lines)

    def action_plain(self) -> None:
        """Print all of it, each line to be copied alone, and the page it is mended on."""
        finding = self.finding
        if finding is None:
            return
        page = [self.title_text, *(plain(row) for row in self._page.lines)]
        if any(line not in page for line in finding.lines):
            page += ["", *(text.clean(line) for line in finding.lines)]
        if finding.link:
            page += ["", "This page of the Entra admin center:", "", text.clean(finding.link)]
        deeds.print_plain(self, page)

    def action_export(self) -> None:
        """Write this step's report to a file."""
        if self.finding is not None:
            deeds.save(self, self.sight.company, step(self.finding))

    def action_scroll(self, lines: int) -> None:
        """Move the page when it is longer than the screen."""
        self._page.scroll_lines(lines)

    def _say_status(self, finding: Finding | None) -> None:
        if self.sight.running:
            self.status_left = words.asking(self.sight.findings, self.sight.silent)
        else:
            self.status_left = LINK if finding is not None and finding.link else ""
        heard = self.sight.heard_at
        self.status_right = text.stamp(heard, seconds=True)[11:] if heard is not None else ""

    def _offer(self) -> None:
        finding = self.finding
        copied = what_is_copied(finding) if finding is not None else ""
        if finding is not None and copied == "report" and message(finding, self.sight.company):
            copied = "message"
        hints = (
            (KeyHint("r", "check again"), True),
            (KeyHint("c", f"copy {copied}"), bool(copied)),
            (KeyHint("u", "plain"), finding is not None),
            (KeyHint("up down", "scroll"), self._page.scrolls),
            (KeyHint("e", "export", rank=1), finding is not None),
            (KeyHint("esc", "back"), True),
        )
        self.keys = tuple(hint for hint, works in hints if works)
