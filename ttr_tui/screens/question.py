"""A question takes rows 4-21 and goes with `esc`: paragraphs, perhaps a name to type, buttons.

    answer = await self.app.push_screen_wait(Question(Asked(      # inside a worker
        "Delete 3 authentications of Contoso Ltd?",
        (("What goes", "…", "There is no undo."), (), ("What stays", "…")),
        (Choice("cancel", "Cancel"), Choice("delete", "Delete 3 authentications"))),
        company, status_left="3 selected, 0 not in view"))
    if answer is not None and answer.name == "delete": ...

Cancel stands left and has the focus, unless `focus` names another choice. `must_type` closes the
choice named in `frees` until that text is typed (case and outer spaces ignored); what was typed is
`answer.typed`. `None` or the choice called `cancel` both come back as None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.events import Resize

from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.frame_parts import HEAD_AND_FOOT
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.buttons import ButtonPressed, Buttons, Choice
from ttr_tui.widgets.lines import Line, plain
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted

if TYPE_CHECKING:
    from ttr_tui.model import Company

CANCEL = "cancel"

Paragraph: TypeAlias = tuple[Line, ...]
"""A label and its values, each value on a row of its own; `()` is a blank row."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Which button was pressed, and what was typed (outer spaces removed)."""

    name: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class MustType:
    """What is to be typed before the choice called `frees` can be pressed."""

    text: str
    frees: str
    label: str = "Company's name"


@dataclass(frozen=True, slots=True)
class Asked:
    """All words of a question; `tail` are rows below the buttons."""

    title: str
    paragraphs: Sequence[Paragraph]
    choices: Sequence[Choice]
    must_type: MustType | None = None
    focus: str = CANCEL
    vertical: bool = False
    tail: Sequence[Line] = ()


class Question(FrameScreen[Answer]):
    """One question."""

    AUTO_FOCUS = ""
    help_here: ClassVar[tuple[str, ...]] = (
        "tab goes to the next button or field, enter presses it, esc cancels and changes nothing.",
    )

    def __init__(
        self,
        asked: Asked,
        company: Company | None = None,
        *,
        fact: Line = "",
        status_left: Line = "",
        status_right: Line = "",
    ) -> None:
        super().__init__(company)
        self.asked = asked
        self.title_text = asked.title
        self.fact, self.status_left, self.status_right = fact, status_left, status_right
        self.keys = (
            KeyHint("enter", "press"),
            KeyHint("tab", "next"),
            KeyHint("esc", "cancel"),
        )
        self._page = Page(_rows(asked.paragraphs))
        self._buttons = Buttons(_until_typed(asked), vertical=asked.vertical)
        self._prompt = _prompt(asked.must_type)
        self._space = Page(id="space")
        self._tail = Page(asked.tail)

    def compose_body(self) -> ComposeResult:
        """Paragraphs, the field, the buttons, a blank row between."""
        yield Page([""])
        yield self._page
        yield Page([""])
        if self._prompt is not None and self.asked.must_type is not None:
            yield self._prompt
            typed = self.asked.must_type.text
            yield Page(paragraph("", f"tab goes there; typing {typed} frees the button"))
            yield Page([""])
        yield self._buttons
        yield self._space
        yield self._tail

    def on_mount(self) -> None:
        """Put the focus on the refusing button, or the one that was named."""
        self._buttons.named(self.asked.focus).focus()

    def change(self, asked: Asked) -> None:
        """Ask with other counts (they changed elsewhere); the focus goes back to where it began.

        The choices keep their names and order.
        """
        if asked == self.asked:
            return
        self.asked = asked
        self.title_text = asked.title
        self._page.lines = _rows(asked.paragraphs)
        for choice in asked.choices:
            self._buttons.reword(choice.name, choice.words)
        self._buttons.named(asked.focus).focus()

    def fill_in(self, paragraphs: Sequence[Paragraph]) -> None:
        """Show what was found out meanwhile; focus and buttons stay as they are."""
        self.asked = replace(self.asked, paragraphs=paragraphs)
        self._page.lines = _rows(paragraphs)
        self._fit(self.app.size.height)

    def on_prompt_changed(self, event: PromptChanged) -> None:
        """Free the button when the right name stands there."""
        must = self.asked.must_type
        if must is not None:
            self._buttons.enable(must.frees, _same(event.value, must.text))

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:  # noqa: ARG002 - only that it came
        """Go on to the button that was freed; nothing is pressed by it."""
        must = self.asked.must_type
        if must is not None and self._buttons.named(must.frees).choice.enabled:
            self._buttons.named(must.frees).focus()

    def on_button_pressed(self, event: ButtonPressed) -> None:
        """Answer."""
        typed = self._prompt.value.strip() if self._prompt is not None else ""
        self.dismiss(None if event.name == CANCEL else Answer(event.name, typed))

    def on_resize(self, event: Resize) -> None:
        """Give the paragraphs the room that field, buttons and tail leave."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        field = 3 if self._prompt is not None else 0
        buttons = len(self.asked.choices) if self.asked.vertical else 1
        room = height - HEAD_AND_FOOT - 2 - field - buttons
        rows = len(self._page.lines)
        self._page.styles.max_height = max(3, room)
        self._tail.display = rows + len(self.asked.tail) <= room
        if rows > room and "down" not in self._bindings.key_to_bindings:
            self._bindings.bind("down", "scroll(1)", show=False)
            self._bindings.bind("up", "scroll(-1)", show=False)
            self.keys = (*self.keys, KeyHint("up down", "scroll"))

    def action_scroll(self, step: int) -> None:
        """Move the paragraphs when they are more than fit."""
        self._page.scroll_lines(step)


def _until_typed(asked: Asked) -> list[Choice]:
    must = asked.must_type
    return [
        replace(choice, enabled=choice.enabled and (must is None or choice.name != must.frees))
        for choice in asked.choices
    ]


def _prompt(must: MustType | None) -> Prompt | None:
    return None if must is None else Prompt(must.label)


def _rows(paragraphs: Sequence[Paragraph]) -> list[Line]:
    rows: list[Line] = []
    for label, *values in (one or ("",) for one in paragraphs):
        rows.extend(paragraph(plain(label), *values) if values else [""])
    return rows


def _same(typed: str, wanted: str) -> bool:
    return typed.strip().casefold() == wanted.strip().casefold()
