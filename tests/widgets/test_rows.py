from __future__ import annotations

from tests.widgets.stage import drawn, staged
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.row_messages import (
    RowMessage,
    RowsChosen,
    RowsClosed,
    RowsOpened,
    RowsRangeEnded,
    RowsRangeMoved,
    RowsToggled,
    RowsWanted,
)
from ttr_tui.widgets.row_windows import WINDOW, Row
from ttr_tui.widgets.rows import Rows

COLUMN = Column("Name", 20, Cut.NAME)


def some(count: int) -> list[Row]:
    return [Row((f"user {n}",), key=str(n)) for n in range(count)]


def listed(count: int = 0, *, selects: bool = True) -> Rows:
    rows = Rows([COLUMN], selects=selects)
    if count:
        rows.set_rows(some(count))
    return rows


async def test_the_cursor_moves_by_rows_pages_and_to_both_ends() -> None:
    """Arrows, j and k, half pages, pages, first and last."""
    rows = listed(100)
    async with staged(rows, size=(40, 11)) as (_, pilot):
        seen = []
        for key in ("down", "j", "k", "pagedown", "ctrl+d", "ctrl+u", "pageup", "G", "home", "end"):
            await pilot.press(key)
            seen.append(rows.cursor)
        assert seen == [1, 2, 1, 11, 16, 11, 1, 99, 0, 99]
        await pilot.press("g")
        assert drawn(pilot.app)[:3] == ["   Name", ">  user 0", "   user 1"]


async def test_the_view_jumps_by_half_a_page_at_its_edge() -> None:
    """One repaint for many steps: the cursor comes to the middle."""
    rows = listed(100)
    async with staged(rows, size=(40, 11)) as (_, pilot):
        await pilot.press(*["down"] * 10)
        assert (rows.cursor, rows.top) == (10, 5)
        await pilot.press(*["up"] * 6)
        assert (rows.cursor, rows.top) == (4, 0)


async def test_a_long_list_asks_for_the_rows_in_view_and_no_more() -> None:
    """100,000 rows: one window at the start, one at the end."""
    rows = Rows([COLUMN])
    async with staged(rows, size=(40, 11)) as (stage, pilot):
        rows.set_count(100_000)
        await pilot.pause()
        wanted = [m for m in stage.said(RowsWanted) if isinstance(m, RowsWanted)]
        assert [(m.start, m.end) for m in wanted] == [(0, WINDOW)]
        rows.supply(0, some(WINDOW))
        await pilot.press("end")
        wanted = [m for m in stage.said(RowsWanted) if isinstance(m, RowsWanted)]
        assert (wanted[-1].start, wanted[-1].end) == (100_000 // WINDOW * WINDOW, 100_000)
        assert len(wanted) == 2
        assert drawn(stage)[10] == ">"


async def test_rows_supplied_late_are_drawn_when_they_come() -> None:
    """The cursor's row is blank until then; its `>` stands at once."""
    rows = Rows([COLUMN])
    async with staged(rows, size=(40, 5)) as (stage, pilot):
        rows.set_count(3)
        await pilot.pause()
        assert drawn(stage)[1:3] == [">", ""]
        rows.supply(0, some(3))
        await pilot.pause()
        assert drawn(stage)[1:4] == [">  user 0", "   user 1", "   user 2"]


async def test_space_selects_and_steps_down() -> None:
    """The screen keeps what is selected; the list draws `*` for it."""
    rows = listed(3)
    marked: set[str] = set()
    rows.is_marked = lambda row: row.key in marked
    async with staged(rows, size=(40, 5)) as (stage, pilot):
        await pilot.press("space")
        (toggled,) = stage.said(RowsToggled)
        assert isinstance(toggled, RowsToggled)
        assert (toggled.index, rows.cursor) == (0, 1)
        marked.add("0")
        rows.refresh_marks()
        await pilot.pause()
        assert drawn(stage)[1:3] == [" * user 0", ">  user 1"]


async def test_a_range_runs_from_v_to_space_and_is_drawn_as_it_grows() -> None:
    """`v`, two steps, `space`: three rows."""
    rows = listed(6)
    async with staged(rows, size=(40, 8)) as (stage, pilot):
        await pilot.press("v", "down", "down")
        assert drawn(stage)[1:5] == [" * user 0", " * user 1", ">* user 2", "   user 3"]
        moved = stage.said(RowsRangeMoved)[-1]
        assert isinstance(moved, RowsRangeMoved)
        assert (moved.first, moved.last) == (0, 2)
        await pilot.press("space")
        (ended,) = stage.said(RowsRangeEnded)
        assert isinstance(ended, RowsRangeEnded)
        assert (ended.first, ended.last) == (0, 2)
        assert rows.range is None


async def test_shifted_arrows_begin_a_range_and_esc_may_cancel_it() -> None:
    """A cancelled range selects nothing."""
    rows = listed(6)
    async with staged(rows, size=(40, 8)) as (stage, pilot):
        await pilot.press("down", "shift+down")
        assert rows.range == (1, 2)
        assert rows.cancel_range()
        assert not rows.cancel_range()
        await pilot.pause()
        assert drawn(stage)[1:4] == ["   user 0", "   user 1", ">  user 2"]
        assert stage.said(RowsRangeEnded) == []


async def test_the_cursor_passes_over_headings() -> None:
    """A heading is no row to act on, in either direction."""
    rows = Rows([COLUMN])
    rows.set_rows(
        [
            Row(("Not in view (1)",), heading=True),
            *some(1),
            Row(("In view",), heading=True),
            *some(2),
        ]
    )
    async with staged(rows, size=(40, 8)) as (stage, pilot):
        assert rows.cursor == 1
        await pilot.press("down")
        assert rows.cursor == 3
        await pilot.press("up", "up")
        assert rows.cursor == 1
        assert drawn(stage)[1:3] == ["   Not in view (1)", ">  user 0"]


async def test_enter_and_the_sideways_keys_are_told() -> None:
    """What they do is the screen's business."""
    rows = listed(2)
    async with staged(rows, size=(40, 5)) as (stage, pilot):
        await pilot.press("enter", "right", "h")
        assert [type(m) for m in stage.said(RowMessage)] == [RowsChosen, RowsOpened, RowsClosed]


async def test_a_click_puts_the_cursor_where_it_points() -> None:
    """When the mouse is ours; the column heads are no row."""
    rows = listed(30)
    async with staged(rows, size=(40, 11)) as (_, pilot):
        await pilot.click(Rows, offset=(5, 4))
        assert rows.cursor == 3
        await pilot.click(Rows, offset=(5, 0))
        assert rows.cursor == 3


async def test_an_empty_list_says_what_would_be_there() -> None:
    """And no key does anything in it."""
    rows = listed()
    rows.empty = "No agent yet. 2 opens O365 Agent Bulk Add."
    async with staged(rows, size=(60, 5)) as (stage, pilot):
        await pilot.press("down", "enter", "space", "end")
        assert drawn(stage)[1] == "   No agent yet. 2 opens O365 Agent Bulk Add."
        assert stage.said(RowsChosen) == []


async def test_the_terminals_cursor_stands_on_the_current_row() -> None:
    """For braille displays and screen readers."""
    rows = listed(30)
    async with staged(rows, size=(40, 11)) as (_, pilot):
        await pilot.press("down", "down")
        assert rows.cursor_at() == (0, 3)
