from __future__ import annotations

from tests.widgets.stage import drawn, staged
from ttr_tui.widgets.lines import plain, state
from ttr_tui.widgets.paragraphs import Page, paragraph, sentences
from ttr_tui.widgets.progress import bar, percent


def test_labels_stand_in_column_2_and_values_in_column_18() -> None:
    """A long label is wrapped beside its value; each value begins on a row of its own."""
    words = (
        "The consent of contoso.com: with the client secret the app may still read every header."
    )
    rows = paragraph("What this cannot end", words, state("! more"))
    assert [plain(row).rstrip() for row in rows] == [
        " What this       The consent of contoso.com: with the client secret the app may",
        " cannot end      still read every header.",
        "                 ! more",
    ]


def test_no_sentence_passes_column_79() -> None:
    """At any size of terminal."""
    rows = sentences("word " * 40)
    assert max(len(plain(row)) for row in rows) <= 79


async def test_a_page_longer_than_its_room_is_scrolled() -> None:
    """To its last line and no further."""
    page = Page([f"line {n}" for n in range(30)])
    page.styles.height = 5
    async with staged(page) as (stage, pilot):
        page.scroll_lines(3)
        await pilot.pause()
        assert drawn(stage)[0] == "line 3"
        page.scroll_lines(100)
        await pilot.pause()
        assert drawn(stage)[:5][-1] == "line 29"


def test_the_bar_is_full_only_when_all_is_done() -> None:
    """1,999 of 2,000 is 99 %; nothing to do is done."""
    assert (percent(1999, 2000), percent(2000, 2000), percent(0, 0)) == (99, 100, 100)
    assert bar(1, 2, 10) == " [|||||     ]  50 %"
