"""Rotate the client secret: the new one is typed unseen, proven, and then put in place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.flows import secret_rotation
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import Line, state
from ttr_tui.widgets.masked import MaskedPrompt
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.prompt import Prompt, PromptSubmitted

if TYPE_CHECKING:
    from ttr_tui.flows.secret_rotation import Rotated
    from ttr_tui.model import Secret
    from ttr_tui.settings import SecretPlace, Settings

CANCEL, USE = "cancel", "use"
SECRET_WIDTH, DAY_WIDTH, TENANT_WIDTH = 50, 12, 24

WHAT_HAPPENS = (
    "Microsoft is asked for a token with the new secret. Only when it gives one, the new secret "
    "takes the place of the present one; nothing else in that file changes. What is refused "
    "changes nothing."
)
_DAY = "Write its last day as YYYY-MM-DD, or leave it empty."


class RotateSecretScreen(FrameScreen[None]):
    """The field for the new secret, its last day, and what became of it."""

    AUTO_FOCUS = "MaskedField, Button"
    help_here = (
        (
            "The secret is drawn as asterisks. enter goes on to its last day, from there it proves "
            "it; esc changes nothing. Proven at: the tenant the app is registered in, where no "
            "company has granted permission yet."
        ),
    )

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "make_one", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.title_text = "Rotate the client secret"
        self.help_hint = False
        self._place: SecretPlace | None = None
        self._page = Page()
        self._secret = MaskedPrompt("New secret", width=SECRET_WIDTH)
        self._ends = Prompt("Its last day", width=DAY_WIDTH, note="YYYY-MM-DD, if you know it")
        self._tenant = Prompt(
            "Proven at", width=TENANT_WIDTH, note="a tenant's domain; empty: a company's"
        )
        self._happens = Page(paragraph("What happens", WHAT_HAPPENS))
        self._answer = Page([""])
        self._buttons = Buttons(
            [Choice(CANCEL, "Cancel"), Choice(USE, "Prove and use the new secret")]
        )

    def compose_body(self) -> ComposeResult:
        """Where the secret stands, the two fields, what happens; or why it cannot be done here."""
        settings = self.runtime.settings
        yield Page([""])
        try:
            self._place = secret_rotation.require_rotatable(settings)
        except TtrError as problem:
            self.keys = (KeyHint("esc", "back"),)
            self._page.lines = paragraph("Not from here", *_said(problem))
            yield self._page
            return
        self.keys = (
            KeyHint("enter", "go on"),
            *((KeyHint("f2", "make one at the tenant"),) if self.session.demo else ()),
            KeyHint("tab", "next"),
            KeyHint("esc", "cancel"),
            KeyHint("ctrl+c", "quit"),
        )
        self._page.lines = _present(settings, self._place)
        yield self._page
        yield Page([""])
        yield self._secret
        yield self._ends
        yield self._tenant
        yield Page([""])
        yield self._happens
        yield Page([""])
        yield self._buttons
        yield self._answer

    def action_make_one(self) -> None:
        """In the demo: make a new secret at the tenant, as somebody does in the admin center."""
        demo = self.session.demo
        if demo is not None and demo.new_secret is not None and self._place is not None:
            self._secret.fill(demo.new_secret())
            self._ends.focus()

    def undo_layer(self) -> bool:
        """There is one layer only: `esc` cancels from the fields too."""
        return False

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Go on: from the secret to its last day; from the others to the proof."""
        if event.prompt is self._secret:
            self._ends.focus()
        else:
            self._begin()

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Prove it, or cancel."""
        if event.name == CANCEL:
            self.dismiss(None)
        else:
            self._begin()

    def _begin(self) -> None:
        typed = self._ends.value.strip()
        try:
            ends = date.fromisoformat(typed) if typed else None
        except ValueError:
            self.say(_DAY)
            self._ends.focus()
            return
        if not self._secret.value:
            self.say("Paste the new secret: the column called Value.")
            self._secret.focus()
            return
        if not self._buttons.named(USE).choice.enabled:
            return
        self._buttons.enable(USE, enabled=False)
        self._happens.display = True
        self._answer.lines = ["", *paragraph("", state("» asking Microsoft for a token with it"))]
        self.run_worker(self._rotate(self._secret.secret, ends), group="rotate", exclusive=True)

    async def _rotate(self, secret: Secret, ends: date | None) -> None:
        try:
            done = await secret_rotation.rotate(
                self.runtime.access, secret, ends, tenant=self._tenant.value.strip()
            )
        except TtrError as problem:
            # A long refusal takes the place of what is known by now.
            self._happens.display = False
            self._answer.lines = ["", *paragraph("", *_said(problem))]
            self._buttons.enable(USE, enabled=True)
            self._secret.focus()
            return
        self._secret.clear()
        self._show(done)

    def _show(self, done: Rotated) -> None:
        self.title_text = "The new client secret is in use"
        self.keys = (KeyHint("esc", "back"),)
        fields = (self._secret, self._ends, self._tenant)
        for part in (*fields, self._happens, self._buttons, self._answer):
            part.display = False
        self._page.lines = _result(done)


def _present(settings: Settings, place: SecretPlace) -> list[Line]:
    ends = settings.secret_ends
    known = f"ends {ends}" if ends else "its last day is not in the settings"
    where = "stands alone in" if place.alone else "is a line of"
    return paragraph("The present one", f"{known}; it {where}", text.clean(place.file))


def _said(problem: TtrError) -> list[Line]:
    rest = " ".join(part for part in (problem.means, problem.cure) if part)
    return [state(f"✗ {text.clean(problem.happened)}"), *([text.clean(rest)] if rest else [])]


def _result(done: Rotated) -> list[Line]:
    ends = f"It ends {done.ends}." if done.ends else "When it ends is not known here."
    removed = " The former one's end was removed from the settings." if done.ends_removed else ""
    by = f"✓ {text.clean(done.proven_by)} gave a token for it (tenant {done.tenant_id})"
    return [
        *paragraph("Proven", state(by)),
        "",
        *paragraph("Written to", text.clean(done.file), f"{ends}{removed}"),
        "",
        *paragraph("What is left", *done.left_to_do),
    ]
