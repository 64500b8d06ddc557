"""A labelled field that takes a paste of any length, and a row below it that says what it takes.

    box = PasteBox(id="paste")
    box.take_paste(event.text)                    # a paste that came to the screen
    def on_paste_submitted(self, event): ...      # `enter`: event.text is all of it
    box.clear()

Like a prompt it stands with its label in column 2 and its field in column 18. What is long is kept
and not drawn: how long it is, and the host it begins with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.containers import Container
from textual.message import Message

from ttr_tui import text
from ttr_tui.pasted import first_host
from ttr_tui.widgets.lines import Line, join
from ttr_tui.widgets.paste_field import PasteEntered, PasteField
from ttr_tui.widgets.prompt import VALUE_COLUMN, Label, Note

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import DescendantBlur, DescendantFocus

    from ttr_tui.widgets.field import FieldChanged

WHAT_IT_TAKES = "the address the browser ended on, its code, or an AADSTS number"

_LONGEST_HOST = 32


class PasteSubmitted(Message):
    """`enter` was pressed in `box`; `text` is what stands in it, as it was pasted or typed."""

    def __init__(self, box: PasteBox, text: str) -> None:
        super().__init__()
        self.box = box
        self.text = text

    @property
    def control(self) -> PasteBox:
        """The box, for `@on(PasteSubmitted, "#some-id")`."""
        return self.box


class PasteBox(Container):
    """The two rows; `note` stands below the field while nothing long is in it."""

    DEFAULT_CSS = f"""
    PasteBox {{
        height: 2; width: 100%;
        layout: grid; grid-size: 2 2; grid-columns: {VALUE_COLUMN} 1fr; grid-rows: 1 1;
    }}
    PasteBox > LineWidget {{ height: 1; }}
    PasteBox > PasteField {{ margin: 0 1 0 0; }}
    PasteBox > Note {{ column-span: 2; }}
    """

    def __init__(
        self,
        label: str = "Paste",
        note: Line = WHAT_IT_TAKES,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name for it
    ) -> None:
        super().__init__(id=id)
        self._label = Label(label)
        self._field = PasteField()
        self._hint = note
        self._note = Note(_indented(note))

    def compose(self) -> ComposeResult:
        """Label and field, and the note below the field."""
        yield self._label
        yield self._field
        yield self._note

    @property
    def text(self) -> str:
        """All that stands in it."""
        return self._field.text

    @property
    def is_focused(self) -> bool:
        """Whether what is typed goes here."""
        return self._field.has_focus

    def focus(self, scroll_visible: bool = True) -> Self:
        """Let what is typed go here."""
        self._field.focus(scroll_visible)
        return self

    def take_paste(self, pasted: str) -> None:
        """Take a paste from anywhere on the screen, and what is typed from now on."""
        self.focus()
        self._field.append(pasted)

    def clear(self) -> None:
        """Empty it."""
        self._field.clear()

    def on_field_changed(self, event: FieldChanged) -> None:
        """Say below what a text is that is not drawn."""
        event.stop()
        words = _indented(self._below())
        if words != self._note.words:
            self._note.words = words
            self._note.refresh()

    def on_paste_entered(self, event: PasteEntered) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(PasteSubmitted(self, event.text))

    def on_descendant_focus(self, event: DescendantFocus) -> None:  # noqa: ARG002 - only that it came
        """Draw the `>`."""
        self._label.mark(here=True)

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - only that it came
        """Take the `>` away: it never stands twice."""
        self._label.mark(here=False)

    def _below(self) -> Line:
        if not self._field.is_hidden:
            return self._hint
        host = text.cut_middle(first_host(self.text), _LONGEST_HOST)
        return f"they begin with {host}; ctrl+u clears them" if host else "ctrl+u clears them"


def _indented(words: Line) -> Line:
    return join(" " * (VALUE_COLUMN - 1), words)
