"""Buttons: verbs with their object and count, drawn `>[ Cancel ]   [ Add 11 agents ]`.

    Buttons([Choice("cancel", "Cancel"), Choice("add", "Add 11 agents")])
    on_button_pressed(event)   event.name == "add"

A choice that is not `enabled` is drawn `( … )` and skipped by `tab`; `enable("delete", True)`
frees it. `vertical` puts each on a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Offset
from textual.message import Message

from ttr_tui import text
from ttr_tui.widgets.lines import BOLD, PLAIN, REVERSE, Line, LineWidget, Span


@dataclass(frozen=True, slots=True)
class Choice:
    """One button: the name its press is known by, and the words on it."""

    name: str
    words: str
    enabled: bool = True


class ButtonPressed(Message):
    """The button called `name` was pressed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Button(LineWidget, can_focus=True):
    """One button, with the cell for its `>` before it."""

    DEFAULT_CSS = "Button { height: 1; width: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", show=False),
        Binding("right,down", "app.focus_next", show=False),
        Binding("left,up", "app.focus_previous", show=False),
    ]

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._choice = choice

    @property
    def choice(self) -> Choice:
        """What it is for; setting it redraws."""
        return self._choice

    @choice.setter
    def choice(self, choice: Choice) -> None:
        wider = text.cells(choice.words) != text.cells(self._choice.words)
        self._choice = choice
        self.refresh(layout=wider)

    def allow_focus(self) -> bool:
        """A button that is not enabled is passed over."""
        return self._choice.enabled

    def get_content_width(self, container: object, viewport: object) -> int:  # noqa: ARG002 - Textual's signature
        """`>`, the brackets and the words."""
        return text.cells(self._choice.words) + 5

    def line(self, y: int) -> Line:  # noqa: ARG002 - a button has one row
        """Return the button as it stands."""
        words = self._choice.words
        if not self._choice.enabled:
            return f" ( {words} )"
        here = self.has_focus
        return (Span(">" if here else " ", BOLD), Span(f"[ {words} ]", REVERSE if here else PLAIN))

    def cursor_at(self) -> Offset:
        """The `>`."""
        return Offset(0, 0)

    def on_focus(self) -> None:
        """Draw it reversed."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw it plain."""
        self.refresh()

    def on_click(self) -> None:
        """Press it, when the mouse is ours."""
        self.action_press()

    def action_press(self) -> None:
        """Tell the screen."""
        if self._choice.enabled:
            self.post_message(ButtonPressed(self._choice.name))


class Buttons(Container):
    """A row of buttons from column 17 on, or a column of them."""

    DEFAULT_CSS = """
    Buttons { height: auto; width: 100%; padding: 0 0 0 16; layout: horizontal; }
    Buttons Button { margin: 0 2 0 0; }
    Buttons.-vertical { layout: vertical; }
    """

    def __init__(self, choices: Sequence[Choice], *, vertical: bool = False) -> None:
        super().__init__()
        self._buttons = [Button(choice) for choice in choices]
        self.set_class(vertical, "-vertical")

    def compose(self) -> ComposeResult:
        """Lay the buttons out in order."""
        yield from self._buttons

    def named(self, name: str) -> Button:
        """Return one button; KeyError when there is none of that name."""
        for button in self._buttons:
            if button.choice.name == name:
                return button
        raise KeyError(name)

    def enable(self, name: str, enabled: bool) -> None:
        """Free a button, or close it again."""
        button = self.named(name)
        if button.choice.enabled != enabled:
            button.choice = Choice(name, button.choice.words, enabled)

    def reword(self, name: str, words: str) -> None:
        """Put other words on a button (its count changed)."""
        button = self.named(name)
        if button.choice.words != words:
            button.choice = Choice(name, words, button.choice.enabled)
