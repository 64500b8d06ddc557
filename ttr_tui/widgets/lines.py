"""A line of the screen as a value, and the widget base that draws from such lines.

A `Line` is plain text, a `Span` (text with a style) or a tuple of both. Whatever is drawn passes
through `ttr_tui.text.clean` in `strip`, so that nothing from outside reaches the terminal raw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import and_, eq
from typing import Self, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.events import Blur, DescendantBlur, DescendantFocus, Focus
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from ttr_tui import text
from ttr_tui.widgets.shapes import SHAPE_STYLES

PLAIN = Style()
BOLD = Style(bold=True)
REVERSE = Style(reverse=True)
UNDERLINE = Style(underline=True)

SENTENCE_WIDTH = 78
"""Sentences are at most this wide at any size of terminal."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some text in one style (one of the four above, or a shape's colour)."""

    text: str
    style: Style = PLAIN


Line: TypeAlias = "str | Span | tuple[str | Span, ...]"


def bold(words: str) -> Span:
    """Return `words` as titles, keys and column heads stand: bold."""
    return Span(words, BOLD)


def state(words: str) -> tuple[str | Span, ...]:
    """Return a state such as `✓ healthy` with its colour on the shape alone."""
    if words[:1] in SHAPE_STYLES and words[1:2] in ("", " "):
        return (Span(words[0], SHAPE_STYLES[words[0]]), words[1:])
    return (words,)


def join(*parts: Line) -> tuple[str | Span, ...]:
    """Return the parts as one line."""
    return tuple(span for part in parts for span in spans(part))


def spans(line: Line) -> Iterator[Span]:
    """Yield the line's spans, cleaned."""
    parts: Iterable[str | Span] = line if isinstance(line, tuple) else (line,)
    for part in parts:
        if isinstance(part, str):
            yield Span(text.clean(part))
        else:
            yield Span(text.clean(part.text), part.style)


def plain(line: Line) -> str:
    """Return the line's words without styles, cleaned."""
    return "".join(span.text for span in spans(line))


def cells(line: Line) -> int:
    """Return how many cells the line takes."""
    return sum(text.cells(span.text) for span in spans(line))


def strip(line: Line, width: int) -> Strip:
    """Return the line as Textual draws it: exactly `width` cells, cleaned, cropped or filled.

    Every segment has a style, also the empty one: without, Textual crashes under `NO_COLOR`.
    """
    segments = [Segment(span.text, span.style) for span in spans(line) if span.text]
    return Strip(segments).adjust_cell_length(width, PLAIN)


def both_ends(left: Line, right: Line, width: int, *, gap: int = 2) -> tuple[str | Span, ...]:
    """Return a line with `left` at its start and `right` ending at `width`; `left` is cut."""
    room = width - cells(right) - (gap if cells(right) else 0)
    start = crop(left, max(room, 0))
    space = max(0, width - cells(start) - cells(right))
    return join(start, " " * space, right)


def crop(line: Line, width: int) -> tuple[str | Span, ...]:
    """Return the line in at most `width` cells, with `~` at its end when something was cut."""
    if cells(line) <= width:
        return tuple(spans(line))
    kept: list[str | Span] = []
    room = width
    for span in spans(line):
        shown = text.cut_right(span.text, room)
        kept.append(Span(shown, span.style))
        room -= text.cells(shown)
        if shown != span.text or room <= 0:
            break
    return tuple(kept)


_GAP = re.compile(r"(?<![0-9]) | (?!(?:s|min|h|d)\b)")
"""A space at which a line may end; not the one in `90 d`."""


def wrap(line: Line, width: int = SENTENCE_WIDTH) -> list[Line]:
    """Return the line broken at spaces into lines of at most `width` cells, styles kept.

    A word longer than a line is broken where the line ends, a number and its unit of time are one
    word. What fits stays as it is, with the spaces in it.
    """
    if cells(line) <= width:
        return [tuple(spans(line))]
    wrapped: list[Line] = []
    row: list[str | Span] = []
    room = width
    for word in _words(line):
        wide = sum(text.cells(span.text) for span in word)
        if row and wide + 1 > room:
            wrapped.append(tuple(row))
            row, room = [], width
        elif row:
            row.append(" ")
            room -= 1
        for piece in _fitting(word, width):
            if row and cells(piece) > room:
                wrapped.append(tuple(row))
                row, room = [], width
            row.extend(piece)
            room -= cells(piece)
    wrapped.append(tuple(row))
    return wrapped


def _words(line: Line) -> Iterator[tuple[Span, ...]]:
    word: list[Span] = []
    for span in spans(line):
        first, *others = _GAP.split(span.text)
        if first:
            word.append(Span(first, span.style))
        for other in others:
            if word:
                yield tuple(word)
            word = [Span(other, span.style)] if other else []
    if word:
        yield tuple(word)


def _fitting(word: tuple[Span, ...], width: int) -> Iterator[tuple[Span, ...]]:
    if sum(text.cells(span.text) for span in word) <= width:
        yield word
        return
    for span in word:
        rest = span.text
        while rest:
            taken = len(rest)
            while taken > 1 and text.cells(rest[:taken]) > width:
                taken -= 1
            yield (Span(rest[:taken], span.style),)
            rest = rest[taken:]


NEAR = 4
"""Cells that are alike between two that differ, up to which all are sent: moving costs as much."""


def differing(before: Strip, after: Strip) -> list[tuple[int, int]]:
    """Return where two rows differ: from which cell up to which, once or several times."""
    if before == after:
        return []
    if before.cell_length != after.cell_length or not (_is_plain(before) and _is_plain(after)):
        return [(0, max(before.cell_length, after.cell_length))]
    styles, others = _styles(before), _styles(after)
    cells_alike = map(eq, before.text, after.text)
    if styles != others:
        cells_alike = map(and_, cells_alike, map(eq, styles, others))
    found: list[tuple[int, int]] = []
    for at, alike in enumerate(cells_alike):
        if not alike:
            begins = found.pop()[0] if found and at - found[-1][1] <= NEAR else at
            found.append((begins, at + 1))
    return found


def _is_plain(row: Strip) -> bool:
    """Tell whether each letter of a row is one cell."""
    words = row.text
    return words.isascii() or all(one.isascii() or text.cells(one) == 1 for one in words)


def _styles(row: Strip) -> list[Style | None]:
    """Return the style of each letter."""
    return [segment.style for segment in row for _ in segment.text]


class LineWidget(Widget):
    """A widget that draws its rows from `line(y)`; the base of everything on our screens."""

    DEFAULT_CSS = "LineWidget { width: 100%; }"

    @cached_property
    def _rows_drawn(self) -> dict[int, Strip]:
        """The rows as they stand on the screen."""
        return {}

    @cached_property
    def _rows_ahead(self) -> dict[int, Strip]:
        """Rows made for comparing, to be drawn next."""
        return {}

    def line(self, y: int) -> Line:
        """Return row `y` (from 0) as it stands now."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw one row for Textual."""
        row = self._rows_ahead.pop(y, None)
        if row is None or row.cell_length != self.size.width:
            row = strip(self.line(y), self.size.width)
        self._rows_drawn[y] = row
        return row

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Have all of it, or some regions, drawn again."""
        self._rows_ahead.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_changed(self, first: int = 0, stop: int | None = None) -> None:
        """Draw rows again as far as they are not drawn so already: all, or `first` up to `stop`.

        Over a slow line every cell counts.
        """
        width = self.size.width
        regions: list[Region] = []
        ahead: dict[int, Strip] = {}
        for y in range(first, self.size.height if stop is None else stop):
            self._rows_ahead.pop(y, None)
            before, after = self._rows_drawn.get(y), strip(self.line(y), width)
            changed = [(0, width)] if before is None else differing(before, after)
            regions += [Region(start, y, end - start, 1) for start, end in changed]
            if changed:
                ahead[y] = after
        if regions:
            self.refresh(*regions)
            self._rows_ahead.update(ahead)

    def _on_focus(self, event: Focus) -> None:
        """Have the focus; Textual's own way draws all of the widget again."""
        event.prevent_default()
        self._turn_focus(DescendantFocus(self), here=True)

    def _on_blur(self, event: Blur) -> None:
        """Have the focus no longer."""
        event.prevent_default()
        self._turn_focus(DescendantBlur(self), here=False)

    def _turn_focus(self, message: DescendantFocus | DescendantBlur, *, here: bool) -> None:
        self.has_focus = here
        self.refresh_changed()
        if self.parent is not None:
            self.parent.post_message(message)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Take the focus at once; Textual's own way lets keys typed ahead go by before."""
        if self.is_attached:
            self.screen.set_focus(self, scroll_visible)
        else:
            super().focus(scroll_visible)
        return self

    def cursor_at(self) -> Offset:
        """Return where the terminal's own cursor stands while this has the focus (own cells)."""
        return Offset(0, 0)
