"""A labelled text field on a row of its own.

    prompt = Prompt("Domain", note="or its tenant id", width=40)
    prompt.value                                  # what stands in it; can be set
    prompt.note = state("✓ tenant …")             # behind the field
    def on_prompt_changed(self, event): ...       # event.value, after every change
    def on_prompt_submitted(self, event): ...     # `enter`

`>` stands in column 1 while it has the focus, then the label, then the field from cell `at` on.
Letters, digits, `space` and all signs are text in it, and pasted text fires no key; `up`, `down`,
`tab`, `esc` and the other keys of the screen go on to the screen.
"""

from __future__ import annotations

from typing import Self

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantBlur, DescendantFocus
from textual.geometry import Region
from textual.message import Message

from ttr_tui.widgets.field import Field, FieldChanged, FieldSubmitted
from ttr_tui.widgets.lines import BOLD, Line, LineWidget, Span, join

VALUE_COLUMN = 17
"""Cells before a value: values stand in column 18."""


class PromptMessage(Message):
    """Something about `prompt`; `value` is what stands in it."""

    def __init__(self, prompt: Prompt) -> None:
        super().__init__()
        self.prompt = prompt
        self.value = prompt.value

    @property
    def control(self) -> Prompt:
        """The prompt, for `@on(PromptChanged, "#some-id")`."""
        return self.prompt


class PromptChanged(PromptMessage):
    """The text is another one now."""


class PromptSubmitted(PromptMessage):
    """`enter` was pressed."""


class Label(LineWidget):
    """What stands before the field: the `>` and the words."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.here = False

    def line(self, y: int) -> Line:  # noqa: ARG002 - a label has one row
        """Return the label."""
        return join(Span(">", BOLD) if self.here else "", " ", self.words)

    def mark(self, *, here: bool) -> None:
        """Draw the `>`, or take it away."""
        self.here = here
        self.refresh(Region(0, 0, len(self.words) + 2, 1))


class Note(LineWidget):
    """What stands behind the field."""

    def __init__(self, words: Line) -> None:
        super().__init__()
        self.words = words

    def line(self, y: int) -> Line:  # noqa: ARG002 - a note has one row
        """Return the note."""
        return join(" ", self.words)

    def change(self, words: Line) -> None:
        """Show other words."""
        self.words = words
        self.refresh_changed()


class Prompt(Container):
    """The row; `width` and `at` are cells, `placeholder` stands while the field is empty."""

    DEFAULT_CSS = """
    Prompt { height: 1; width: 100%; layout: horizontal; }
    Prompt > LineWidget { height: 1; }
    Prompt > Note { width: 1fr; }
    """

    def __init__(
        self,
        label: str,
        *,
        width: int = 40,
        at: int = VALUE_COLUMN,
        note: Line = "",
        placeholder: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._label = Label(label)
        self._label.styles.width = at
        self._field = self.make_field(width, placeholder)
        self._field.styles.width = width
        self._note = Note(note)

    def make_field(self, width: int, placeholder: str) -> Field:
        """Return the field; a subclass may have one that does more."""
        return Field(width, placeholder)

    def compose(self) -> ComposeResult:
        """Label, field and note beside each other."""
        yield self._label
        yield self._field
        yield self._note

    @property
    def value(self) -> str:
        """The text; setting it puts the cursor at its end and posts nothing."""
        return self._field.value

    @value.setter
    def value(self, value: str) -> None:
        self._field.value = value

    @property
    def note(self) -> Line:
        """What stands behind the field; setting it redraws that part alone."""
        return self._note.words

    @note.setter
    def note(self, note: Line) -> None:
        self._note.change(note)

    @property
    def width(self) -> int:
        """The field's cells; setting it lays the row out again."""
        return self._field.width

    @width.setter
    def width(self, width: int) -> None:
        self._field.styles.width = width

    @property
    def is_focused(self) -> bool:
        """Whether what is typed goes here."""
        return self._field.has_focus

    def focus(self, scroll_visible: bool = True) -> Self:
        """Let what is typed go here."""
        self._field.focus(scroll_visible)
        return self

    def on_field_changed(self, event: FieldChanged) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(PromptChanged(self))

    def on_field_submitted(self, event: FieldSubmitted) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(PromptSubmitted(self))

    def on_descendant_focus(self, event: DescendantFocus) -> None:  # noqa: ARG002 - only that it came
        """Draw the `>`."""
        self._label.mark(here=True)

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - only that it came
        """Take the `>` away: it never stands twice."""
        self._label.mark(here=False)
