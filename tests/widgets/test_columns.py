from __future__ import annotations

from ttr_tui.widgets.columns import Column, Cut, Grid
from ttr_tui.widgets.lines import plain, state

COLUMNS = (
    Column("Name", 21, Cut.NAME, grow=2),
    Column("Address", 27, Cut.ADDRESS, grow=1),
    Column("Agents", 7, Cut.NEVER, gap=2, right=True),
    Column("State", 18, Cut.NEVER),
)


def test_columns_stand_where_they_are_drawn_at_80() -> None:
    """Names are cut in the middle, addresses at the domain's right, numbers align right."""
    grid = Grid(COLUMNS, 80)
    row = ("Norbert Alexandrowitsch Lindenbaum", "n.alexandrowitsch@contoso.example", "1,204")
    assert plain(grid.row((*row, state("✓ healthy")))).rstrip() == (
        "Norbert Al~Lindenbaum n.alexandrowitsch@contoso.~   1,204  ✓ healthy"
    )
    assert plain(grid.heads()).rstrip() == (
        "   Name                  Address                      Agents  State"
    )


def test_a_wider_terminal_gives_its_cells_to_the_columns_that_grow() -> None:
    """Two thirds to the names, one third to the addresses, none to numbers."""
    assert Grid(COLUMNS, 83).widths == [23, 28, 7, 18]
    assert Grid(COLUMNS, 80).widths == [21, 27, 7, 18]


def test_wide_letters_keep_the_next_column_in_its_place() -> None:
    """Width is counted in cells, whatever the script."""
    grid = Grid(COLUMNS, 80)
    assert plain(grid.row(("山田太郎", "x@y"))).index("x@y") == 4 + (21 - 8) + 1
