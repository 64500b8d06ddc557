"""Keys typed ahead of a search: kept until the rows they were meant for are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from ttr_tui.query import Sort
from ttr_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from ttr_tui.widgets.columns import Column


class Asked(NamedTuple):
    """What a list is asked to show."""

    search: str = ""
    show_hidden: bool = False
    only_selected: bool = False
    sort: Sort = Sort.NAME
    descending: bool = False

    def begins_anew(self, before: Asked) -> bool:
        """Tell whether the cursor belongs on the first row; else it stays with its user."""
        if self.only_selected != before.only_selected:
            return self.only_selected
        if (self.sort, self.descending) != (before.sort, before.descending):
            return True
        return bool(self.search) and self.search != before.search

    @property
    def by_name(self) -> bool:
        """Whether the list stands in the order in which the first screenful can be had at once."""
        return self.sort is Sort.NAME and not self.descending


NOTHING_ASKED = Asked()


class PatientRows(Rows):
    """Rows whose keys never act on a stranger.

    `asked` tells what the rows should show, `shown` what they do. While these differ (a search is
    under way), keys that act on rows are kept for what was asked when they were pressed.
    """

    def __init__(self, columns: Sequence[Column], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(columns, selects=True, id=id)
        self.asked: Callable[[], Asked] = lambda: NOTHING_ASKED
        self.shown = NOTHING_ASKED
        self._kept: list[tuple[Asked, Callable[[], None]]] = []
        self._catching_up = False

    @property
    def wanted(self) -> Asked:
        """What is to be shown next: what kept keys wait for, else what is asked now."""
        return self._kept[0][0] if self._kept else self.asked()

    def settle(self) -> None:
        """Do what was typed ahead for what is shown now."""
        self._catching_up = True
        while self._kept and self._kept[0][0] == self.shown:
            self._kept.pop(0)[1]()
        self._catching_up = False

    def give_up(self) -> None:
        """Forget what was typed ahead: there will be no list for it."""
        self._kept.clear()
        self.shown = self.asked()

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self.when_settled(super().action_move, step)

    def action_page(self, halves: int) -> None:
        """Some halves of a page up or down."""
        self.when_settled(super().action_page, halves)

    def action_edge(self, last: bool) -> None:
        """First or last row."""
        self.when_settled(super().action_edge, last)

    def action_choose(self) -> None:
        """Tell that `enter` was pressed on the row."""
        self.when_settled(super().action_choose)

    def action_mark(self) -> None:
        """Select the row and step down, or end the range."""
        self.when_settled(super().action_mark)

    def action_range(self) -> None:
        """Begin a range here, or end the one that runs."""
        self.when_settled(super().action_range)

    def action_extend(self, step: int) -> None:
        """Begin a range unless one runs, and step."""
        self.when_settled(super().action_extend, step)

    def when_settled(self, act: Callable[..., None], *given: object) -> None:
        """Act now when the rows show what is asked, else when they do."""
        asked = self.asked()
        if self._catching_up or (self.shown == asked and not self._kept):
            act(*given)
        else:
            self._kept.append((asked, partial(act, *given)))
