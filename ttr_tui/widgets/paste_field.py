"""Where a paste lands: it keeps all of it and draws a short text, or how long the text is.

Without bracketed paste a terminal sends a paste as keys, `enter` for each line break. Keys that
come closer together than fingers press them are such a flood: in it nothing is a command, and what
is drawn waits for a tenth of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset, Region
from textual.message import Message

from ttr_tui import text
from ttr_tui.pasted import LONGEST
from ttr_tui.widgets.field import FieldChanged
from ttr_tui.widgets.lines import UNDERLINE, Line, Span
from ttr_tui.widgets.takes_keys import TakesKeys

if TYPE_CHECKING:
    from textual.events import Key, Paste
    from textual.timer import Timer

CLOSE = 0.03
"""Seconds between two keys that no person pressed; a key held down repeats slower."""
CLOSE_IN_LONG_RUN = 0.25
"""The same within a long run: a slow line hands it over piece by piece."""
FLOOD, LONG_RUN = 8, 32
"""Keys close together that are a flood, and those that are surely no typing ahead."""
DRAW_EVERY = 0.1
SHOWN_LENGTH = 60
"""Characters of a text that is drawn itself; an authorization code has hundreds."""

_BREAKS = {"enter": "\n", "ctrl+j": "\n", "tab": "\t"}
_KEPT_FROM_SCREEN = frozenset({"delete", "left", "right", "home", "end"})
_BLANKS = str.maketrans("\r\n\t", "   ")


class PasteEntered(Message):
    """A person pressed `enter`; `text` is what stood there then."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PasteField(TakesKeys):
    """The text, its cursor always at its end."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._kept = 0
        self._length = 0
        self._pasted = False
        self._drawn = ""
        self._drawing: Timer | None = None
        self._run = 0
        self._last_key = 0.0
        self._held_enter: Timer | None = None

    @property
    def text(self) -> str:
        """All of the text, line breaks too; of more than is ever read, enough to be refused."""
        return "".join(self._parts)

    @property
    def is_hidden(self) -> bool:
        """Whether the text is too long to be drawn itself."""
        return self._length > SHOWN_LENGTH

    def append(self, more: str) -> None:
        """Put a paste in behind what stands there; it costs one drawing."""
        self._pasted = True
        self._add(more)
        self._draw()

    def clear(self) -> None:
        """Empty the field; posts nothing but that it changed."""
        self._parts.clear()
        self._kept = self._length = 0
        self._pasted = False
        self._draw()

    def take_key(self, event: Key) -> bool:
        """Take text, `enter` and what edits; in a flood every key."""
        gap = event.time - self._last_key
        close = gap <= (CLOSE_IN_LONG_RUN if self._run >= LONG_RUN else CLOSE)
        self._run = self._run + 1 if close else 1
        self._last_key = event.time
        self._decide_enter(as_break=close)
        flooded = self._run >= FLOOD
        self._pasted = self._pasted or flooded
        if event.key in ("enter", "ctrl+j"):
            self._held_enter = self.set_timer(CLOSE, self._look_behind_enter)
        elif event.key == "tab" and flooded:
            self._type("\t")
        elif event.is_printable and event.character:
            self._type(event.character)
        else:
            return self._edit(event.key) or flooded
        return True

    def on_paste(self, event: Paste) -> None:
        """Take a bracketed paste whole; it fires no key."""
        event.stop()
        self.append(event.text)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Tell Textual which keys are text here."""
        return key in _BREAKS or bool(character and character.isprintable())

    def line(self, y: int) -> Line:  # noqa: ARG002 - a field has one row
        """Return the field, underlined over its length."""
        shown = text.cut_right(self._shown(), self.size.width)
        return Span(shown + " " * (self.size.width - text.cells(shown)), UNDERLINE)

    def cursor_at(self) -> Offset:
        """Behind what is drawn."""
        return Offset(min(text.cells(self._shown()), max(self.size.width - 1, 0)), 0)

    def _shown(self) -> str:
        if self.is_hidden:
            return f"{text.number(self._length)} characters, enter reads them"
        return text.clean(self.text.translate(_BLANKS))

    def _type(self, character: str) -> None:
        self._add(character)
        if self._run < FLOOD:
            self._draw()
        elif self._drawing is None:
            self._drawing = self.set_timer(DRAW_EVERY, self._draw)

    def _add(self, more: str) -> None:
        self._length += len(more)
        if self._kept <= LONGEST:
            self._parts.append(more[: LONGEST + 1])
            self._kept += len(self._parts[-1])

    def _edit(self, key: str) -> bool:
        if key in ("ctrl+u", "ctrl+w"):
            self.clear()
        elif key in ("backspace", "ctrl+h"):
            self._delete_last()
        else:
            return key in _KEPT_FROM_SCREEN
        return True

    def _delete_last(self) -> None:
        """Delete the last character; of a paste that is not drawn all: nobody saw what went."""
        if self.is_hidden and self._pasted:
            self.clear()
        elif self._parts:
            last = self._parts.pop()[:-1]
            self._parts.extend([last] if last else [])
            self._kept = self._length = self._length - 1
            self._draw()

    def _draw(self) -> None:
        """Draw what differs from what stands there, once for all that came since."""
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None
        before, shown = self._drawn, self._shown()
        self._drawn = shown
        same = 0
        for one, other in zip(before, shown, strict=False):
            if one != other:
                break
            same += 1
        start = text.cells(shown[:same])
        stop = max(text.cells(before), text.cells(shown))
        self.refresh(Region(start, 0, max(stop - start, 1), 1))
        self.post_message(FieldChanged())

    def _look_behind_enter(self) -> None:
        """Ask for a turn behind all keys that are under way already, through either queue."""
        held = self._held_enter
        self.app.call_later(self.call_later, self._enter_alone, held)

    def _enter_alone(self, held: Timer | None) -> None:
        """Nothing came behind `enter`: a person's, or the last line break of a long paste."""
        if held is not None and held is self._held_enter:
            self._decide_enter(as_break=self._run >= LONG_RUN)

    def _decide_enter(self, *, as_break: bool) -> None:
        if self._held_enter is None:
            return
        self._held_enter.stop()
        self._held_enter = None
        if as_break:
            self._type("\n")
        else:
            self._draw()
            self.post_message(PasteEntered(self.text))
