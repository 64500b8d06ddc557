"""View Microsoft Authentications: all that is stored for a company, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.model import AuthenticationKind
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.authentications_deeds import SELECTION, ToDelete, delete
from ttr_tui.screens.authentications_finder import TreeFinder, TreeFound
from ttr_tui.screens.authentications_page import AuthenticationPage
from ttr_tui.screens.authentications_words import status_counts
from ttr_tui.screens.bulk_add_words import selected_of
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.screens.places import AUTHENTICATIONS, CONNECT, open_place

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ttr_tui.model import Company
    from ttr_tui.widgets.row_messages import RowsChosen, RowsClosed, RowsOpened

TITLE = "View Microsoft Authentications"
WHERE_IN_THE_GUIDE = "Settings > Email Service Authentication"
EACH_MINUTE = 60.0

SEARCH_KEYS = (
    KeyHint("enter", "to the list"),
    KeyHint("down", "to the list", rank=1),
    KeyHint("ctrl+u", "empty the search"),
    KeyHint("esc", "leave the field"),
)


class AuthenticationsScreen(FrameScreen[None]):
    """The tree of one company; it needs no network."""

    place_number = AUTHENTICATIONS
    help_here = (
        "left closes a branch, right opens it; on a row, right and enter show all about it.",
        "Search takes words; all must stand in name or address. state:blocked finds by state.",
        "d deletes the selected; with none selected, the row under >. It always asks first.",
        "The Company Master cannot be selected: it is deleted alone, with all its children.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", show=False),
        Binding("o", "selected", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("r", "sign_in", show=False),
        Binding("down,up,pagedown,pageup", "to_list", show=False),
    ]

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.place_of = company
        self._asking = False
        self.title_text, self.fact = TITLE, WHERE_IN_THE_GUIDE

    def compose_body(self) -> ComposeResult:
        """Search, a blank row, the tree."""
        self.finder = TreeFinder(self.runtime.store, self.place_of)
        yield self.finder

    def on_mount(self) -> None:
        """Keep the ages true."""
        self.set_interval(EACH_MINUTE, self._each_minute)

    def on_screen_resume(self) -> None:
        """See which rows can be opened; the tree stands before that is known."""
        self.finder.look_for_closed()

    async def load(self) -> None:
        """Read the tree again; the cursor, the search and the selection stay."""
        self.finder.look()

    def undo_layer(self) -> bool:
        """Range, field, search, selection view."""
        return self.finder.undo_layer()

    def on_tree_found(self, event: TreeFound) -> None:
        """Show the counts."""
        if event.problem is not None:
            self.report(event.problem)
        if event.gone:
            were = "was" if event.gone == 1 else "were"
            what = text.plural(event.gone, "selected authentication")
            self.say(f"{what} {were} deleted meanwhile.")
        self.stand()

    def on_selection_changed(self) -> None:
        """Show the counts."""
        self.stand()

    def on_rows_cursor_moved(self) -> None:
        """Row 24 has the keys that work on this row."""
        self.stand()

    def on_descendant_focus(self) -> None:
        """Row 24 has the keys that work here."""
        self.stand()

    def on_descendant_blur(self) -> None:
        """Row 24 has the keys that work here."""
        self.stand()

    # Keys of the rows

    def on_rows_chosen(self, event: RowsChosen) -> None:
        """Show all about the row, or open and close a branch."""
        event.stop()
        here = self.finder.rows.here
        if isinstance(here, Branch) and here is not Branch.MASTER:
            self.finder.toggle(here)
        else:
            self._open_page()

    def on_rows_opened(self, event: RowsOpened) -> None:
        """Open the branch, or show all about the row."""
        event.stop()
        here = self.finder.rows.here
        if isinstance(here, Branch):
            self.finder.open(here)
        else:
            self._open_page()

    def on_rows_closed(self, event: RowsClosed) -> None:
        """Close the branch; from one of its rows, go to its head first."""
        event.stop()
        rows = self.finder.rows
        if isinstance(rows.here, Branch):
            self.finder.shut(rows.here)
        elif rows.branch_here is not None:
            rows.go_to_head(rows.branch_here)

    # Keys of the screen

    def action_search(self) -> None:
        """Go to the search."""
        self.finder.rows.cancel_range()
        self.finder.search.focus()

    def action_to_list(self) -> None:
        """Go from the search to the tree."""
        self.finder.rows.focus()

    def action_selected(self) -> None:
        """Show the selection alone, or the tree again."""
        if not self.finder.only_selected and not self.finder.source.selection.count:
            self.say("Nothing is selected. space selects; a selects all that match.")
            return
        self.finder.toggle_selected()

    def action_delete(self) -> None:
        """Delete the selected, else the row at the cursor; asks first, and once at a time."""
        if self._asking:
            return
        source, row = self.finder.source, self.finder.rows.row_here
        selection = source.selection
        if selection.count:
            unseen = source.ids(selection.not_in_view_of(source.everyone()))
            to_delete = ToDelete(unseen, source.ids(selection.in_view_of()))
        elif row is not None:
            to_delete = ToDelete((), (row.id,), selected=False)
        else:
            self.say(self._nothing_here())
            return
        self._asking = True
        # In the app's hands: going elsewhere must not break a deletion off half-way.
        self.app.run_worker(self._delete(to_delete), group="delete")

    def action_sign_in(self) -> None:
        """Sign in again: on Connect."""
        row = self.finder.rows.row_here
        if row is None or row.kind is AuthenticationKind.COMPANY_MASTER:
            open_place(self.app, CONNECT, self.place_of)
        elif row.kind is AuthenticationKind.CHILD:
            self.say("A child needs no sign-in: it works through the app's permission.")
        else:
            self.say("An own sign-in is renewed by its mailbox's owner, not from here.")

    async def _delete(self, to_delete: ToDelete) -> None:
        try:
            ended = await delete(self, self.finder.source, to_delete)
        finally:
            self._asking = False
        if ended == SELECTION and not self.finder.only_selected:
            self.finder.toggle_selected()

    def stand(self) -> None:
        """Put what is true now into rows 4, 23 and 24; only what changed is drawn."""
        finder = self.finder
        selection, catalogue = finder.source.selection, finder.source.catalogue
        self.title_text = f"{TITLE}, only selected" if finder.only_selected else TITLE
        self.fact = "" if finder.only_selected else WHERE_IN_THE_GUIDE
        self.status_left = selected_of(selection.count, selection.not_in_view)
        counts = (len(catalogue.members[branch]) for branch in Branch)
        self.status_right = status_counts(*counts)
        self.keys = SEARCH_KEYS if finder.search.is_focused else self._list_keys()

    def _list_keys(self) -> tuple[KeyHint, ...]:
        finder = self.finder
        catalogue, selection = finder.source.catalogue, finder.source.selection
        row = finder.rows.row_here
        master_here = row is not None and row.kind is AuthenticationKind.COMPANY_MASTER
        if selection.count:
            goes = selection.count
        else:
            children = len(catalogue.members[Branch.MASTER]) if master_here else 0
            goes = children + (row is not None)
        signs_in = master_here or (catalogue.master is None and finder.source.known)
        hints = (
            (KeyHint("enter", self._entered()), self._entered()),
            (KeyHint("space", "deselect" if finder.only_selected else "select"), selection.matched),
            (KeyHint("v", "range", rank=3), selection.matched),
            (KeyHint("a", f"all {text.number(len(selection.matched))}", rank=2), selection.matched),
            (KeyHint("n", "none", rank=4), selection.count),
            (KeyHint("o", "all again" if finder.only_selected else "selection"), selection.count),
            (KeyHint("r", "sign in"), signs_in),
            (KeyHint("d", f"delete {text.number(goes)}"), goes),
            (KeyHint("/", "search"), catalogue.total),
            (KeyHint("esc", "back", rank=5), True),
        )
        return tuple(hint for hint, works in hints if works)

    def _entered(self) -> str:
        here = self.finder.rows.here
        if self.finder.rows.row_here is not None:
            return "open"
        if isinstance(here, Branch):
            return "open the branch" if here in self.finder.rows.shut else "close the branch"
        return ""

    def _nothing_here(self) -> str:
        if isinstance(self.finder.rows.here, Branch):
            return "Nothing is selected, and a heading is not deleted. space selects a row."
        return "There is no authentication on this row: nothing to delete."

    def _open_page(self) -> None:
        row = self.finder.rows.row_here
        if row is not None:
            self.app.push_screen(AuthenticationPage(self.finder.source, row))
        elif self.finder.rows.count:
            self.say("It has no authentication. 2 opens O365 Agent Bulk Add, which gives it one.")

    def _each_minute(self) -> None:
        if self.is_current:
            self.finder.rows.renew()
