"""The editable part of a text field: it sends one cell for a typed letter and never blinks."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from textual.events import Key, Paste, Resize
from textual.geometry import Offset, Region
from textual.message import Message

from ttr_tui import text
from ttr_tui.widgets.lines import UNDERLINE, Line, Span
from ttr_tui.widgets.takes_keys import TakesKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class FieldChanged(Message):
    """The text is another one now."""


class FieldSubmitted(Message):
    """`enter` was pressed."""


class Field(TakesKeys):
    """The field, underlined over its `width` cells; `placeholder` stands while it is empty."""

    def __init__(self, width: int, placeholder: str = "") -> None:
        super().__init__()
        self.width = width
        self.placeholder = placeholder
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
        self.edited()

    def edited(self) -> None:
        """What a subclass does after each edit and each move of the cursor."""

    def changed(self) -> None:
        """Tell that the text is another one now."""
        self.post_message(FieldChanged())

    def insert(self, typed: str) -> None:
        """Put text in at the cursor, without what is no text."""
        typed = typable(typed)
        if not typed:
            return
        before = self._position
        self._value = self._value[:before] + typed + self._value[before:]
        self._position += len(typed)
        at_end = self._position == len(self._value)
        whole = self._show() or (self.placeholder and not before and at_end)
        start = 0 if whole else self._cells_before(before)
        stop = self._cells_before(self._position) if at_end and not whole else self.width
        self.refresh(Region(start, 0, max(stop - start, 1), 1))
        self.edited()
        self.changed()

    def take_key(self, event: Key) -> bool:
        """Take a key that is text or edits text; tell whether it was one."""
        edit = _EDITS.get(event.key)
        if edit is not None:
            edit(self)
        elif event.key == "enter":
            self.post_message(FieldSubmitted())
        elif event.is_printable and event.character:
            self.insert(event.character)
        else:
            return False
        return True

    def line(self, y: int) -> Line:  # noqa: ARG002 - a field has one row
        """Return the field."""
        shown = _head(self._value[self._from :] or self.placeholder, self.width)
        return Span(shown + " " * (self.width - text.cells(shown)), UNDERLINE)

    def cursor_at(self) -> Offset:
        """Where the next letter goes."""
        return Offset(self._cells_before(self._position), 0)

    def on_paste(self, event: Paste) -> None:
        """Take pasted text as one line; it fires no key."""
        event.stop()
        self.insert(" ".join(event.text.split()))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell Textual which keys are text here."""
        return key in _EDITS or key == "enter" or bool(character and character.isprintable())

    def on_resize(self, event: Resize) -> None:
        """Keep the cursor in the field."""
        self.width = event.size.width
        self._show()
        self.refresh_changed()

    def delete_left(self) -> None:
        """Delete the letter before the cursor."""
        self._delete(self._position - 1, self._position)

    def delete_right(self) -> None:
        """Delete the letter at the cursor."""
        self._delete(self._position, self._position + 1)

    def delete_word(self) -> None:
        """Delete the word before the cursor."""
        before = self._value[: self._position].rstrip()
        self._delete(before.rfind(" ") + 1, self._position)

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

    def _cells_before(self, position: int) -> int:
        return text.cells(self._value[self._from : position])

    def _show(self) -> bool:
        """Scroll so that the cursor is in the field; tell whether the text moved."""
        before = self._from
        self._from = min(self._from, self._position)
        while self._cells_before(self._position) > self.width - 1:
            self._from = min(self._from + max(1, self.width // 2), self._position)
        return self._from != before

    def _move(self, position: int) -> None:
        self._position = min(max(position, 0), len(self._value))
        moved = self._show()
        self.refresh(Region(0, 0, self.width if moved else 1, 1))
        self.edited()

    def _delete(self, start: int, stop: int) -> None:
        start, stop = max(start, 0), min(stop, len(self._value))
        if start >= stop:
            return
        ended = self._cells_before(len(self._value))
        self._value = self._value[:start] + self._value[stop:]
        self._position = start
        whole = self._show() or not self._value
        begin = 0 if whole else self._cells_before(start)
        end = self.width if whole else min(ended, self.width)
        self.refresh(Region(begin, 0, max(end - begin, 1), 1))
        self.edited()
        self.changed()


_EDITS: Mapping[str, Callable[[Field], None]] = {
    "backspace": Field.delete_left,
    "ctrl+h": Field.delete_left,
    "delete": Field.delete_right,
    "ctrl+w": Field.delete_word,
    "ctrl+u": Field.delete_to_start,
    "left": Field.go_left,
    "right": Field.go_right,
    "home": Field.go_to_start,
    "end": Field.go_to_end,
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
