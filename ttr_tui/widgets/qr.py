"""A QR code in half blocks: two modules above each other in a cell.

Dark on light is what every reader reads; an inverted code was not read by a common one. So it is
black on white by numbers of no palette, and where `NO_COLOR` takes colours away, reversed: dark on
light on a dark terminal. There, and where a palette is odd, the inverted variant mends it.
"""

from __future__ import annotations

from collections.abc import Sequence

import segno
from rich.style import Style
from textual.geometry import Size

from ttr_tui.widgets.lines import PLAIN, REVERSE, Line, LineWidget, Span, cells

QUIET, LEAST_QUIET = 4, 2
"""Light modules around the code: what ISO/IEC 18004 asks for, and what readers do with."""
ROOM = Size(41, 21)
"""Cells there are beside the link on 80x24: 33 modules, or 37 with the least quiet zone."""

_DARK_ON_LIGHT = Style(color="#000000", bgcolor="#ffffff")
_LIGHT_ON_DARK = Style(color="#ffffff", bgcolor="#000000")
_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def qr_rows(
    link: str, room: Size = ROOM, *, inverted: bool = False, no_color: bool = False
) -> list[Line] | None:
    """Return the rows of a code for `link`, as much quiet zone around it as fits.

    None when `room` is too small for it with the least quiet zone.
    """
    matrix = _modules(link)
    for quiet in range(QUIET, LEAST_QUIET - 1, -1):
        size = _size(len(matrix), quiet)
        if size.width <= room.width and size.height <= room.height:
            style = _style(inverted=inverted, no_color=no_color)
            return [Span(row, style) for row in _drawn(matrix, quiet)]
    return None


def room_needed(link: str) -> Size:
    """Return the cells a code for `link` takes with the least quiet zone."""
    return _size(len(_modules(link)), LEAST_QUIET)


class QrCode(LineWidget):
    """The code of `link` in the room there is, or nothing; it asks for no focus."""

    DEFAULT_CSS = "QrCode { width: auto; height: auto; }"

    def __init__(self, link: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._link = link
        self._rows: Sequence[Line] = ()
        self._room = ROOM
        self._inverted = False

    @property
    def fits(self) -> bool:
        """Whether the room is enough."""
        return bool(self._rows)

    def fill(self, room: Size) -> None:
        """Draw it for this room."""
        self._room = room
        wanted, plain = self._link, self.app.no_color
        rows = qr_rows(wanted, room, inverted=self._inverted, no_color=plain) if wanted else None
        self._rows = rows or ()
        self.refresh(layout=True)

    def show(self, link: str) -> None:
        """Draw the code of another link, or nothing without one."""
        if link != self._link:
            self._link = link
            self.fill(self._room)

    def invert(self) -> None:
        """Swap light and dark."""
        self._inverted = not self._inverted
        self.fill(self._room)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """As wide as the code."""
        return cells(self._rows[0]) if self._rows else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - as above
        """As high as the code."""
        return len(self._rows)

    def line(self, y: int) -> Line:
        """Return one row."""
        return self._rows[y] if y < len(self._rows) else ""


def _modules(link: str) -> Sequence[Sequence[int]]:
    return segno.make(link, error="L", micro=False).matrix


def _size(modules: int, quiet: int) -> Size:
    whole = modules + 2 * quiet
    return Size(whole, (whole + 1) // 2)


def _drawn(matrix: Sequence[Sequence[int]], quiet: int) -> list[str]:
    blank = [0] * (len(matrix) + 2 * quiet)
    side = [0] * quiet
    above_below = [blank] * quiet
    lines = [*above_below, *([*side, *row, *side] for row in matrix), *above_below, blank]
    return [
        "".join(_BLOCKS[pair] for pair in zip(lines[y], lines[y + 1], strict=True))
        for y in range(0, len(lines) - 1, 2)
    ]


def _style(*, inverted: bool, no_color: bool) -> Style:
    if no_color:
        return PLAIN if inverted else REVERSE
    return _LIGHT_ON_DARK if inverted else _DARK_ON_LIGHT
