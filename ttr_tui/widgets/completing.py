"""A text field that offers how its text could go on; `right` takes what is offered.

What is offered stands in brackets behind the cursor, which no typed text does; it needs no colour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Region

from ttr_tui import text
from ttr_tui.widgets.field import Field, FieldSubmitted
from ttr_tui.widgets.lines import UNDERLINE, Line, Span, join

if TYPE_CHECKING:
    from textual.events import Key

_DELETES_LEFT = frozenset({"backspace", "ctrl+h", "ctrl+w"})


@dataclass(frozen=True, slots=True)
class Completion:
    """How a text could go on: `rest` is what is shown, `whole` the text that it makes."""

    rest: str
    whole: str


class CompletingField(Field):
    """The field; `complete` tells how a text could go on, `condense` what is kept of one.

    `condense` is asked about the text before the cursor after each edit, and may take words of it
    elsewhere; `give_back` is asked for such words when `backspace` is pressed at the start, and
    `forget` to drop them when all before the cursor is deleted. `told` hears of each change before
    it is drawn: whoever looks something up for it does so meanwhile.
    """

    def __init__(self, width: int, placeholder: str = "") -> None:
        super().__init__(width, placeholder)
        self.complete: Callable[[str], Completion | None] = lambda _text: None
        self.condense: Callable[[str], str] = lambda text: text
        self.give_back: Callable[[], str] = lambda: ""
        self.forget: Callable[[], bool] = lambda: False
        self.told: Callable[[], None] = lambda: None
        self._offered: Completion | None = None
        self._extent = (0, 0)

    def take_key(self, event: Key) -> bool:
        """Take a key that is text or edits text, or takes what is offered."""
        if event.key == "right" and self._offered is not None:
            self._take(self._offered.whole, "")
        elif event.key in _DELETES_LEFT and not self._position:
            given = self.give_back()
            if given:
                self._take(given, f" {self._value}" if self._value else "")
        elif event.key == "ctrl+u" and self.forget():
            self._take("", self._value[self._position :])
        elif event.key == "enter":
            self.finish()
            self.post_message(FieldSubmitted())
        else:
            return super().take_key(event)
        return True

    def changed(self) -> None:
        """Tell that the text is another one now."""
        self.told()
        super().changed()

    def finish(self) -> None:
        """Take it that nothing more is typed to the last word."""
        if self.condense(f"{self._value} ") != f"{self._value} ":
            self.value = self.condense(f"{self._value} ").rstrip()

    def edited(self) -> None:
        """Let words be taken elsewhere, and offer how the rest could go on."""
        before, behind = self._value[: self._position], self._value[self._position :]
        kept = self.condense(before)
        if kept != before:
            self._put(kept, behind)
        self.offer()

    def offer(self) -> None:
        """Show how the text could go on as far as that is known now."""
        at_end = self._position == len(self._value) and self.has_focus
        self._offered = self.complete(self._value) if at_end and self._value else None
        start = self._cells_before(self._position)
        shown = text.cells(self._shown_rest())
        extent = (start, start + shown) if shown else (0, 0)
        drawn = [each for each in (self._extent, extent) if each != (0, 0)]
        self._extent = extent
        if drawn:
            first, last = min(each[0] for each in drawn), max(each[1] for each in drawn)
            self.refresh(Region(first, 0, last - first, 1))

    def line(self, y: int) -> Line:
        """Return the field with what is offered."""
        rest = self._shown_rest()
        if not rest:
            return super().line(y)
        typed = self._value[self._from :]
        room = self.width - text.cells(typed) - text.cells(rest)
        return join(Span(typed, UNDERLINE), rest, Span(" " * room, UNDERLINE))

    def _shown_rest(self) -> str:
        if self._offered is None:
            return ""
        room = self.width - self._cells_before(self._position)
        return text.cut_right(f"[{text.clean(self._offered.rest)}]", room)

    def _take(self, before: str, behind: str) -> None:
        self._put(before, behind)
        self.edited()
        self.changed()

    def _put(self, before: str, behind: str) -> None:
        self._value, self._position = before + behind, len(before)
        self._show()
        self.refresh()
