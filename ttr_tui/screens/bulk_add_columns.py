"""The columns of O365 Agent Bulk Add at each width of terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.row_windows import Row

if TYPE_CHECKING:
    from ttr_tui.model import DirectoryUser

TITLE_FROM = 100
"""Columns of terminal from which titles are shown."""

PANEL_FROM = 120
"""Columns from which the selection and the facts stand beside the list, in place of titles."""

BOTH_FROM = 150
"""Columns from which there is room for both."""


def has_panel(width: int) -> bool:
    """Tell whether the selection stands beside the list."""
    return width >= PANEL_FROM


def has_titles(width: int) -> bool:
    """Tell whether titles have a column."""
    return TITLE_FROM <= width < PANEL_FROM or width >= BOTH_FROM


def columns(width: int) -> list[Column]:
    """Return the columns for a terminal of `width`.

    A kind is never cut: `no licence` takes two cells of the column behind it.
    """
    titles = [Column("Title", 19, grow=2)] if has_titles(width) else []
    return [
        Column("Name", 21, Cut.NAME, grow=4),
        Column("Address", 27, Cut.ADDRESS, grow=3),
        Column("Department", 12, grow=2),
        *titles,
        Column("Kind", 8, Cut.NEVER),
        Column("Agent", 5, gap=0),
    ]


def user_row(user: DirectoryUser, rid: int, *, titles: bool) -> Row:
    """Return the row of one user; one who left meanwhile cannot be selected."""
    cells = [user.name, user.address or user.user_principal_name, user.department]
    if titles:
        cells.append(user.title)
    here = bool(user.object_id)
    return Row(
        (*cells, user.kind.value if here else "", "yes" if user.is_agent else ""),
        key=str(rid),
        selectable=here,
    )
