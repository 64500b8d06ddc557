"""The code is the library's, module by module, black on white with light around it."""

from __future__ import annotations

import pytest
import segno
from rich.style import Style
from textual.geometry import Size

from tests.widgets.stage import drawn, staged
from ttr_tui.widgets.lines import Line, Span
from ttr_tui.widgets.qr import ROOM, QrCode, qr_rows, room_needed

HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def link(length: int) -> str:
    begin, code = "https://portal.contoso.com/", "/7K2MQX4P9D"
    return begin + "x" * (length - len(begin) - len(code)) + code


def modules(rows: list[Line] | None) -> list[list[int]]:
    """Return the dark modules that stand in the rows, as ones."""
    assert rows is not None
    found: list[list[int]] = []
    for row in rows:
        assert isinstance(row, Span)
        pairs = [HALVES[cell] for cell in row.text]
        found += [[upper for upper, _ in pairs], [lower for _, lower in pairs]]
    return found


@pytest.mark.parametrize(
    ("length", "size", "quiet"), [(40, 29, 4), (65, 33, 4), (78, 33, 4), (79, 37, 2), (106, 37, 2)]
)
def test_every_module_stands_where_the_library_has_it(length: int, size: int, quiet: int) -> None:
    """With the whole quiet zone where it fits 41x21, else with two modules of it."""
    rows = qr_rows(link(length))
    found = modules(rows)
    assert len(found[0]) == size + 2 * quiet <= ROOM.width
    assert len(found) // 2 <= ROOM.height
    inside = [row[quiet : quiet + size] for row in found[quiet : quiet + size]]
    made = segno.make(link(length), error="L", micro=False)
    assert inside == [list(row) for row in made.matrix]
    dark = sum(map(sum, found))
    assert dark == sum(map(sum, inside)), "nothing is dark outside of it"


def test_a_longer_link_says_what_it_needs() -> None:
    """It is drawn where there is that much room."""
    assert qr_rows(link(107)) is None
    assert room_needed(link(107)) == Size(45, 23)
    assert qr_rows(link(107), Size(45, 23)) is not None
    assert qr_rows(link(107), Size(45, 22)) is None
    assert room_needed(link(78)) == Size(37, 19)


@pytest.mark.parametrize(
    ("inverted", "no_color", "style"),
    [
        (False, False, Style(color="#000000", bgcolor="#ffffff")),
        (True, False, Style(color="#ffffff", bgcolor="#000000")),
        (False, True, Style(reverse=True)),
        (True, True, Style()),
    ],
)
def test_black_on_white_or_what_comes_nearest(inverted: bool, no_color: bool, style: Style) -> None:
    """By no palette; without colours reversed, which is that on a dark terminal."""
    rows = qr_rows(link(65), inverted=inverted, no_color=no_color)
    assert rows is not None
    assert {row.style for row in rows if isinstance(row, Span)} == {style}


@pytest.mark.parametrize("no_color", [False, True])
async def test_the_widget_draws_it_whole(no_color: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Styled over all of its cells, also where NO_COLOR is set."""
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    code = QrCode(link(65))
    async with staged(code) as (stage, pilot):
        code.fill(ROOM)
        await pilot.pause()
        rows = qr_rows(link(65), no_color=no_color)
        assert rows is not None
        texts = [row.text for row in rows if isinstance(row, Span)]
        assert [row.ljust(41) for row in drawn(stage)[: len(texts)]] == texts
        first = stage.screen._compositor.render_strips()[0]
        segment = next(iter(first))
        assert segment.style is not None
        assert bool(segment.style.reverse) is no_color
        assert len(segment.text) == 41
        code.fill(Size(36, 21))
        await pilot.pause()
        assert not code.fits
        assert "".join(drawn(stage)) == ""
