from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from ttr_tui.widgets.shapes import AsciiShapes, Colourless, wants_ascii


@pytest.mark.parametrize(
    ("environ", "ascii_wanted"),
    [
        ({"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}, False),
        ({"LC_ALL": "de_DE.utf8", "LANG": "C", "TERM": "screen"}, False),
        ({"LANG": "de_DE.ISO-8859-1", "TERM": "xterm"}, True),
        ({"TERM": "xterm"}, True),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, True),
        ({"LANG": "C.UTF-8", "TERM": "vt220"}, True),
        ({"LANG": "C.UTF-8", "TERM": "dumb"}, True),
    ],
)
def test_ascii_is_for_terminals_that_may_lack_the_shapes(
    environ: dict[str, str], ascii_wanted: bool
) -> None:
    """The locale decides, and four kinds of TERM."""
    assert wants_ascii(environ) is ascii_wanted


def test_shapes_become_ascii_and_nothing_moves() -> None:
    """Every shape is one cell in both forms; styles stay."""
    green = Style(color="green")
    drawn = AsciiShapes().apply([Segment("✓", green), Segment(" ✗ » ▸ ▾ é", green)], Color(0, 0, 0))
    assert drawn == [Segment("+", green), Segment(" x o + - é", green)]


def test_no_colour_costs_no_codes() -> None:
    """Plain words stay without any; what is bold stays so."""
    drawn = Colourless().apply(
        [Segment("a", Style()), Segment("✓", Style(color="green")), Segment("b", Style(bold=True))],
        Color(0, 0, 0),
    )
    assert [segment.style for segment in drawn] == [Style(), Style(), Style(bold=True)]
