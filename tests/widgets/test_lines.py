from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from ttr_tui.widgets.lines import (
    BOLD,
    PLAIN,
    Span,
    both_ends,
    cells,
    crop,
    join,
    plain,
    spans,
    state,
    strip,
    wrap,
)

WORDS = st.text(alphabet="abcdefghij 漢字é~", max_size=200)


def test_colour_stands_on_the_shape_alone() -> None:
    """`✓ healthy` has a green shape and words without any style."""
    shape, words = state("✓ healthy")
    assert shape == Span("✓", Style(color="green"))
    assert words == " healthy"


def test_a_word_that_begins_like_a_shape_is_no_shape() -> None:
    """A minus before a figure is text."""
    assert state("-3 left") == ("-3 left",)


def test_a_line_is_drawn_at_exactly_its_width() -> None:
    """Short lines are filled and long ones cropped, wide letters counted as two cells."""
    for width in (1, 5, 12):
        assert strip(("ab", Span("漢字漢字", BOLD), "cd"), width).cell_length == width


def test_every_segment_has_a_style() -> None:
    """Without one Textual crashes under NO_COLOR; an empty line is no exception."""
    for line in ("", "abc", ("a", Span("b"))):
        assert all(segment.style is not None for segment in strip(line, 8))


def test_what_came_from_outside_is_drawn_visibly() -> None:
    """Escape sequences and bidi overrides become text, markup stays text."""
    shown = strip("\x1b[31mred\u202e [bold]x[/]", 60).text.rstrip()
    assert shown == "<1b>[31mred<U+202E> [bold]x[/]"


def test_the_right_end_wins_over_the_left() -> None:
    """A title too long for its row is cut with `~`; the fact at the right stays whole."""
    line = plain(both_ends("a title that is much too long", "the fact", 20))
    assert line == "a title t~  the fact"


def test_wrapping_breaks_at_words_and_keeps_styles() -> None:
    """The green shape stays green on the first row."""
    assert [plain(row) for row in wrap("ends 2027-02-23, in 90 d", 22)] == [
        "ends 2027-02-23, in",
        "90 d",
    ]
    rows = wrap(join(state("✓ good"), " and more words than fit"), 12)
    assert [plain(row) for row in rows] == ["✓ good and", "more words", "than fit"]
    assert next(spans(rows[0])) == Span("✓", Style(color="green"))


def test_what_fits_keeps_its_spaces() -> None:
    """Columns inside a value are not pulled together."""
    assert [plain(row) for row in wrap("Anna Weber   a.weber@contoso.com", 63)] == [
        "Anna Weber   a.weber@contoso.com"
    ]


@given(WORDS, st.integers(min_value=2, max_value=40))
def test_no_wrapped_row_is_wider_than_asked_and_no_letter_is_lost(words: str, width: int) -> None:
    """Whatever the script; only spaces may go, where a line is broken."""
    rows = wrap(words, width)
    assert all(cells(row) <= width for row in rows)
    assert "".join(plain(row) for row in rows).replace(" ", "") == words.replace(" ", "")


@given(WORDS, st.integers(min_value=0, max_value=40))
def test_a_cropped_line_is_never_wider(words: str, width: int) -> None:
    """Also with letters of two cells at the edge."""
    assert cells(crop((words, Span(words, PLAIN)), width)) <= width
