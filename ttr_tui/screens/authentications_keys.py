"""The keys that work in the tree of authentications, as row 24 and the help show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import AuthenticationKind
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.keys import KeyHint

if TYPE_CHECKING:
    from ttr_tui.screens.authentications_finder import TreeFinder

SEARCH_KEYS = (
    KeyHint("enter", "to the list"),
    KeyHint("down", "to the list", rank=1),
    KeyHint("ctrl+u", "empty the search"),
    KeyHint("esc", "leave the field"),
)
HELP = (
    "left closes a branch, right opens it; on a row, right and enter show all about it.",
    "r signs the row under > in again, in any state; a child then leaves its parent.",
    (
        "+ adds one agent: its owner signs in now, or is invited. p, on an agent that is not "
        "authenticated, pins it to another person."
    ),
    "Search takes words; all must stand in name or address. state:blocked finds by state.",
    (
        "d deletes the selected; with none selected, the row under >: an agent that is not "
        "authenticated is removed itself. It always asks first."
    ),
    "The Company Master cannot be selected: it is deleted alone, with all its children.",
)


def keys_here(finder: TreeFinder) -> tuple[KeyHint, ...]:
    """Return the hints for the search, or for the row at the cursor."""
    if finder.search.is_focused:
        return SEARCH_KEYS
    catalogue, selection, rows = finder.source.catalogue, finder.source.selection, finder.rows
    row, agent = rows.row_here, rows.agent_here
    if selection.count:
        goes = selection.count
    else:
        master_here = row is not None and row.kind is AuthenticationKind.COMPANY_MASTER
        children = len(catalogue.members[Branch.MASTER]) if master_here else 0
        goes = children + (row is not None)
    opens = entered(finder)
    hints = (
        (KeyHint("enter", opens), opens),
        (KeyHint("space", "deselect" if finder.only_selected else "select"), selection.matched),
        (KeyHint("v", "range", rank=4), selection.matched),
        (KeyHint("a", f"all {text.number(len(selection.matched))}", rank=3), selection.matched),
        (KeyHint("n", "none", rank=5), selection.count),
        (KeyHint("o", "all again" if finder.only_selected else "selection"), selection.count),
        (KeyHint("r", "sign in"), row is not None or agent is not None),
        (KeyHint("p", "pin", rank=1), agent is not None),
        (KeyHint("d", f"delete {text.number(goes)}"), goes),
        (KeyHint("d", "remove"), agent is not None and not selection.count),
        (KeyHint("+", "agent", rank=2), not finder.only_selected),
        (KeyHint("/", "search"), catalogue.total),
        (KeyHint("esc", "back", rank=6), True),
    )
    return tuple(hint for hint, works in hints if works)


def entered(finder: TreeFinder) -> str:
    """Return what `enter` does on the row at the cursor; empty for nothing."""
    here = finder.rows.here
    if finder.rows.row_here is not None or here is Branch.INVITED:
        return "open"
    if isinstance(here, Branch):
        return "open the branch" if here in finder.rows.shut else "close the branch"
    return ""


def nothing_to_delete(finder: TreeFinder) -> str:
    """Return why `d` deletes nothing here."""
    if finder.rows.here is Branch.INVITED:
        return "Nothing is selected. enter opens the invitations, where d withdraws them."
    if isinstance(finder.rows.here, Branch):
        return "Nothing is selected, and a heading is not deleted. space selects a row."
    return "There is no authentication on this row: nothing to delete."
