"""The six shapes that carry every state, their colours, and what stands for them in ASCII.

Texts are always composed with the UTF-8 shapes; `AsciiShapes` changes them when a line leaves for
the terminal. All of them take one cell in either form, so nothing moves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

GOOD, LOOK, STOPPED, WORKING, NOTHING, UNKNOWN = "✓", "!", "✗", "»", "-", "?"
CLOSED, OPEN = "▸", "▾"

SHAPE_STYLES: Mapping[str, Style] = {
    GOOD: Style(color="green"),
    LOOK: Style(color="yellow"),
    STOPPED: Style(color="red"),
    WORKING: Style(color="cyan"),
    NOTHING: Style(),
    UNKNOWN: Style(),
}
"""Colour stands on the shape only, never on words."""

_ASCII = str.maketrans({GOOD: "+", STOPPED: "x", WORKING: "o", CLOSED: "+", OPEN: "-"})
_PLAIN_TERMINALS = re.compile(r"linux|vt\d.*|ansi|dumb")


def wants_ascii(environ: Mapping[str, str]) -> bool:
    """Tell whether this terminal is one that may not have the shapes.

    True when the locale is not UTF-8 (the first that is set of `LC_ALL`, `LC_CTYPE`, `LANG`
    decides; none set is ASCII's `C`), and for `TERM` linux, vt*, ansi and dumb.
    """
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    if "utf8" not in locale.lower().replace("-", ""):
        return True
    return _PLAIN_TERMINALS.fullmatch(environ.get("TERM", "").lower()) is not None


class AsciiShapes(LineFilter):
    """The last step before the terminal: shapes become ASCII when `enabled`."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments with every shape in its ASCII form."""
        return [
            Segment(text if text.isascii() else text.translate(_ASCII), style, control)
            for text, style, control in segments
        ]


class Colourless(LineFilter):
    """`NO_COLOR` without a code for each word: Textual's own says the default colours every time.

    Bold, underline and reverse stay.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments without colours."""
        return [
            Segment(text, style and style.without_color, control)
            for text, style, control in segments
        ]
