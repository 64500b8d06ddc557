"""A one-line text field that sends one cell for a typed letter and never blinks.

    prompt = Prompt("Domain", note="or its tenant id", width=40)
    prompt.value                                  # what stands in it
    on_prompt_changed(event)   event.value        # after every change
    on_prompt_submitted(event)                    # `enter`

It takes a whole row: `>` in column 1 while it has the focus, the label, the field from column
`at`. Letters, digits, `space` and all signs are text in it; `up`, `down`, `tab`, `esc` and the
other keys of the screen go on to the screen.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from textual.events import Key, Paste, Resize
from textual.geometry import Offset, Region
from textual.message import Message

from ttr_tui import text
from ttr_tui.widgets.lines import BOLD, UNDERLINE, Line, LineWidget, Span, cells, join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VALUE_COLUMN = 17
"""Cells before a value: values stand in column 18."""


class PromptMessage(Message):
    """Something about `prompt`; `value` is what stands in it."""

    def __init__(self, prompt: Prompt, value: str) -> None:
        super().__init__()
        self.prompt = prompt
        self.value = value

    @property
    def control(self) -> Prompt:
        """The field."""
        return self.prompt


class PromptChanged(PromptMessage):
    """The text is another one now."""


class PromptSubmitted(PromptMessage):
    """`enter` was pressed."""


class Prompt(LineWidget, can_focus=True):
    """The field; `width` and `at` are cells, `placeholder` stands while it is empty."""

    DEFAULT_CSS = "Prompt { height: 1; }"

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
        self.label = label
        self.width = width
        self.at = at
        self.placeholder = placeholder
        self._note = note
        self._value = ""
        self._position = 0
        self._from = 0

    @property
    def value(self) -> str:
        """The text; setting it puts the cursor at its end and posts nothing."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._value = typable(value)
        self._position = len(self._value)
        self._show()
        self.refresh()

    @property
    def note(self) -> Line:
        """What stands behind the field; setting it redraws that part alone."""
        return self._note

    @note.setter
    def note(self, note: Line) -> None:
        self._note = note
        start = self.at + self.width
        self.refresh(Region(start, 0, max(0, self.size.width - start), 1))

    def insert(self, typed: str) -> None:
        """Put text in at the cursor, without what is no text."""
        typed = typable(typed)
        if not typed:
            return
        before = self._position
        self._value = self._value[:before] + typed + self._value[before:]
        self._position += len(typed)
        self._changed(before)

    def line(self, y: int) -> Line:  # noqa: ARG002 - a prompt has one row
        """Return the label, the field and its note."""
        here: Line = (Span(">", BOLD), " ") if self.has_focus else " "
        lead = join(here, self.label)
        if self._value or not self.placeholder:
            shown = self._shown()
        else:
            shown = text.cut_right(self.placeholder, self.width)
        field = shown + " " * (self.width - text.cells(shown))
        fill = " " * (self.at - cells(lead))
        return join(lead, fill, Span(field, UNDERLINE), " ", self._note)

    def cursor_at(self) -> Offset:
        """Where the next letter goes."""
        return Offset(self.at + text.cells(self._value[self._from : self._position]), 0)

    def on_key(self, event: Key) -> None:
        """Take what is text or edits text; let the rest go on to the screen."""
        edit = _EDITS.get(event.key)
        if edit is not None:
            edit(self)
        elif event.key == "enter":
            self.post_message(PromptSubmitted(self, self._value))
        elif event.is_printable and event.character:
            self.insert(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Take pasted text as one line; it fires no key."""
        event.stop()
        self.insert(" ".join(event.text.split()))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell Textual which keys are text here."""
        return key in _EDITS or key == "enter" or bool(character and character.isprintable())

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - only that it happened counts
        """Keep the cursor in the field."""
        self._show()

    def on_focus(self) -> None:
        """Draw the `>`."""
        self.refresh(Region(0, 0, self.at, 1))

    def on_blur(self) -> None:
        """Take the `>` away."""
        self.refresh(Region(0, 0, self.at, 1))

    def _shown(self) -> str:
        return _head(self._value[self._from :], self.width)

    def _show(self) -> bool:
        """Scroll so that the cursor is in the field; tell whether the text moved."""
        before = self._from
        self._from = min(self._from, self._position)
        while text.cells(self._value[self._from : self._position]) > self.width - 1:
            self._from += max(1, self.width // 2)
            self._from = min(self._from, self._position)
        return self._from != before

    def _changed(self, first: int) -> None:
        shortened = text.cells(self._value) <= 1
        if self._show() or (shortened and self.placeholder):
            self.refresh(Region(self.at, 0, self.width, 1))
        else:
            start = text.cells(self._value[self._from : first])
            ended = text.cells(self._shown()) if first < len(self._value) else start
            self.refresh(Region(self.at + start, 0, max(ended - start, 0) + 2, 1))
        self.post_message(PromptChanged(self, self._value))

    def _move(self, position: int) -> None:
        self._position = min(max(position, 0), len(self._value))
        moved = self._show()
        self.refresh(Region(self.at, 0, self.width if moved else 1, 1))

    def _delete(self, start: int, stop: int) -> None:
        start, stop = max(start, 0), min(stop, len(self._value))
        if start >= stop:
            return
        self._value = self._value[:start] + self._value[stop:]
        self._position = start
        moved = self._show()
        begin = 0 if moved else text.cells(self._value[self._from : start])
        if not self._value:
            begin = 0
        self.refresh(Region(self.at + begin, 0, self.width - begin, 1))
        self.post_message(PromptChanged(self, self._value))

    def _word_start(self) -> int:
        before = self._value[: self._position].rstrip()
        return before.rfind(" ") + 1

    def delete_left(self) -> None:
        """Delete the letter before the cursor."""
        self._delete(self._position - 1, self._position)

    def delete_right(self) -> None:
        """Delete the letter at the cursor."""
        self._delete(self._position, self._position + 1)

    def delete_word(self) -> None:
        """Delete the word before the cursor."""
        self._delete(self._word_start(), self._position)

    def delete_to_start(self) -> None:
        """Delete all before the cursor."""
        self._delete(0, self._position)

    def go_left(self) -> None:
        """One letter to the left."""
        self._move(self._position - 1)

    def go_right(self) -> None:
        """One letter to the right."""
        self._move(self._position + 1)

    def go_to_start(self) -> None:
        """To the first letter."""
        self._move(0)

    def go_to_end(self) -> None:
        """Behind the last letter."""
        self._move(len(self._value))


_EDITS: Mapping[str, Callable[[Prompt], None]] = {
    "backspace": Prompt.delete_left,
    "ctrl+h": Prompt.delete_left,
    "delete": Prompt.delete_right,
    "ctrl+w": Prompt.delete_word,
    "ctrl+u": Prompt.delete_to_start,
    "left": Prompt.go_left,
    "right": Prompt.go_right,
    "home": Prompt.go_to_start,
    "end": Prompt.go_to_end,
}


def typable(typed: str) -> str:
    """Return what of `typed` is text: composed, without control and invisible characters."""
    composed = unicodedata.normalize("NFC", typed.replace("\n", " "))
    return "".join(letter for letter in composed if letter.isprintable())


def _head(shown: str, width: int) -> str:
    taken = shown[:width]
    while text.cells(taken) > width:
        taken = taken[:-1]
    return taken
