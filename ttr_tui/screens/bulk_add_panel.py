"""Beside a wide list: who is selected, and the facts of the user at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.widgets.lines import Line, LineWidget, bold, join, wrap

if TYPE_CHECKING:
    from ttr_tui.screens.bulk_add_source import Source

PANEL_WIDTH = 31
"""Cells of the panel, three of them the gap to the list."""

_GAP = 3
_KINDS = {
    UserKind.MEMBER: "member: enabled, licence with a mailbox",
    UserKind.GUEST: "guest: an account of another organization",
    UserKind.SHARED: "shared?: disabled, no licence, with an address",
    UserKind.DISABLED: "disabled: cannot sign in",
    UserKind.NO_LICENCE: "no licence with a mailbox",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some of the selected by name, and how many there are of them."""

    count: int
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Beside:
    """All the panel shows."""

    not_in_view: Chosen = Chosen(0)
    in_view: Chosen = Chosen(0)
    here: DirectoryUser | None = None


async def read_beside(source: Source, room: int, here: DirectoryUser | None) -> Beside:
    """Return what the panel shows, at most `room` names of either kind."""
    selection = source.selection
    unseen, seen = selection.not_in_view_of(limit=room), selection.in_view_of(room)
    users = await source.users([*unseen, *seen])
    names = [user.name or user.address for user in users]
    not_in_view = selection.not_in_view
    return Beside(
        Chosen(not_in_view, names[: len(unseen)]),
        Chosen(selection.count - not_in_view, names[len(unseen) :]),
        here,
    )


class SelectionPanel(LineWidget):
    """The panel; setting `beside` redraws what changed."""

    DEFAULT_CSS = f"SelectionPanel {{ width: {PANEL_WIDTH}; height: 1fr; }}"

    def __init__(self) -> None:
        super().__init__(id="beside")
        self._beside = Beside()
        self._lines: list[Line] = []

    @property
    def beside(self) -> Beside:
        """What is shown."""
        return self._beside

    @beside.setter
    def beside(self, beside: Beside) -> None:
        if beside == self._beside:
            return
        self._beside = beside
        self._lines = []
        self.refresh_changed()

    def line(self, y: int) -> Line:
        """Return one row."""
        if not self._lines:
            self._lines = panel_lines(self._beside, self.size.height)
        return join(" " * _GAP, self._lines[y]) if y < len(self._lines) else ""

    def on_resize(self) -> None:
        """Share the rows out anew."""
        self._lines = []


def panel_lines(beside: Beside, height: int) -> list[Line]:
    """Return the panel's rows: the selection from the top, the facts at the bottom."""
    facts = _facts(beside.here)
    room = height - len(facts) - 1
    unseen, seen = beside.not_in_view, beside.in_view
    rows: list[Line] = [bold(f"Selected ({text.number(unseen.count + seen.count)})")]
    for_names = room - 1 - 2 * bool(unseen.count) - bool(seen.count)
    for_unseen = min(unseen.count, max(for_names - seen.count, for_names // 2))
    if unseen.count:
        rows.append(f"Not in view ({text.number(unseen.count)})")
        rows += _names(unseen, for_unseen)
        rows.append("")
    if seen.count:
        rows.append(f"In view ({text.number(seen.count)})")
        rows += _names(seen, for_names - for_unseen)
    rows = rows[: max(room, 0)]
    return [*rows, *([""] * (height - len(facts) - len(rows))), *facts]


def _names(chosen: Chosen, room: int) -> list[Line]:
    shown = chosen.names[: room if chosen.count <= room else max(room - 1, 0)]
    width = PANEL_WIDTH - _GAP - 2
    rows: list[Line] = [f"  {text.cut_middle(text.clean(name), width)}" for name in shown]
    if chosen.count > len(shown):
        rows.append(f"  and {text.number(chosen.count - len(shown))} more: o shows all")
    return rows


def _facts(user: DirectoryUser | None) -> list[Line]:
    if user is None:
        return []
    width = PANEL_WIDTH - _GAP - 1
    rows: list[Line] = [bold("At the cursor"), text.cut_middle(text.clean(user.name), width)]
    rows += [row for row in (_right(user.title, width), _right(user.department, width)) if row]
    if user.user_principal_name and user.user_principal_name != user.address:
        rows.append(text.cut_address(f"also {text.clean(user.user_principal_name)}", width))
    rows += wrap(_KINDS[user.kind], width)
    if user.is_agent:
        rows.append("an agent already")
    return rows


def _right(words: str, width: int) -> str:
    return text.cut_right(text.clean(words), width)
