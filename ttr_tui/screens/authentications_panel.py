"""Beside a wide tree: what is selected, and the facts of the row at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import Agent, Authentication
from ttr_tui.screens.authentications_refusal import next_try
from ttr_tui.screens.authentications_words import state_of
from ttr_tui.widgets.lines import Line, LineWidget, bold, join, state, wrap

if TYPE_CHECKING:
    from datetime import datetime

PANEL_FROM = 120
"""Columns of terminal from which the panel stands beside the tree."""

PANEL_WIDTH = 34
_GAP = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """All the panel shows: names of the selected, those not in view first, and one row."""

    not_in_view: Sequence[str] = ()
    in_view: Sequence[str] = ()
    counts: tuple[int, int] = (0, 0)
    here: Authentication | Agent | None = None


class TreePanel(LineWidget):
    """The panel; `show` redraws what changed."""

    DEFAULT_CSS = f"TreePanel {{ width: {PANEL_WIDTH}; height: 1fr; }}"

    def __init__(self) -> None:
        super().__init__(id="beside")
        self._shown: Shown | None = None
        self._lines: list[Line] = []

    @property
    def room(self) -> int:
        """At most this many names of either kind can be shown."""
        return max(0, self.size.height)

    def show(self, shown: Shown, now: datetime) -> None:
        """Show this."""
        lines = panel_lines(shown, self.size.height, now)
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def line(self, y: int) -> Line:
        """Return one row."""
        return join(" " * _GAP, self._lines[y]) if y < len(self._lines) else ""


def panel_lines(shown: Shown, height: int, now: datetime) -> list[Line]:
    """Return the panel's rows: the selection from the top, the facts at the bottom."""
    facts = _facts(shown.here, now)
    room = max(height - len(facts) - 1, 0)
    unseen, seen = shown.counts
    rows: list[Line] = [bold(f"Selected ({text.number(unseen + seen)})")]
    if unseen:
        rows += [f"Not in view ({text.number(unseen)})"]
        rows += _names(shown.not_in_view, unseen, max(room // 2 - 2, 0))
    if seen:
        rows += [f"In view ({text.number(seen)})"]
        rows += _names(shown.in_view, seen, max(room - len(rows), 0))
    rows = rows[:room]
    return [*rows, *([""] * (height - len(facts) - len(rows))), *facts]


def _names(names: Sequence[str], count: int, room: int) -> list[Line]:
    shown = names[: room if count <= room else max(room - 1, 0)]
    rows: list[Line] = [f"  {text.cut_middle(text.clean(name), _width() - 2)}" for name in shown]
    if count > len(shown):
        rows.append(f"  and {text.number(count - len(shown))} more: o shows all")
    return rows


def _facts(here: Authentication | Agent | None, now: datetime) -> list[Line]:
    if here is None:
        return []
    rows: list[Line] = [bold("At the cursor"), text.cut_middle(text.clean(here.name), _width())]
    rows.append(text.cut_address(text.clean(here.address), _width()))
    if isinstance(here, Agent):
        return [*rows, state("- none: r signs it in")]
    rows.append(state(state_of(here, now)))
    reason = text.clean(here.status_reason, 4 * _width())
    rows += wrap(reason, _width()) if reason else []
    if here.next_try_at is not None:
        rows += wrap(f"tried again {next_try(here.next_try_at, now)}", _width())
    rows.append(f"since {text.stamp(here.since)}")
    if here.last_used is not None:
        rows.append(f"used  {text.stamp(here.last_used)}")
    return rows


def _width() -> int:
    return PANEL_WIDTH - _GAP - 1
