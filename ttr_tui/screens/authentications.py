"""View Microsoft Authentications: all that is stored for a company, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.screens.authentications_catalogue import Branch
from ttr_tui.screens.authentications_deeds import SELECTION, ToDelete, delete
from ttr_tui.screens.authentications_finder import TreeFinder, TreeFound
from ttr_tui.screens.authentications_keys import HELP, keys_here, nothing_to_delete
from ttr_tui.screens.authentications_words import status_counts
from ttr_tui.screens.bulk_add_words import selected_of
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.places import AUTHENTICATIONS, CONNECT, open_place

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from ttr_tui.model import Company
    from ttr_tui.widgets.row_messages import RowsChosen, RowsClosed, RowsOpened

TITLE = "View Microsoft Authentications"
WHERE_IN_THE_GUIDE = "Settings > Email Service Authentication"
EACH_MINUTE = 60.0


class AuthenticationsScreen(FrameScreen[None]):
    """The tree of one company; it needs no network."""

    place_number = AUTHENTICATIONS
    help_here = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", show=False),
        Binding("o", "selected", show=False),
        Binding("d,delete", "delete", show=False),
        Binding("r", "sign_in", show=False),
        Binding("plus", "add", show=False),
        Binding("p", "pin", show=False),
        Binding("down,up,pagedown,pageup", "to_list", show=False),
    ]

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        self.place_of = company
        self._asking = False
        self.title_text, self.fact = TITLE, WHERE_IN_THE_GUIDE

    def compose_body(self) -> ComposeResult:
        """Search, a blank row, the tree."""
        self.finder = TreeFinder(self.runtime.access, self.place_of)
        yield self.finder

    def on_mount(self) -> None:
        """Keep the ages true."""
        self.set_interval(EACH_MINUTE, self._each_minute)

    def on_screen_resume(self) -> None:
        """See anew which rows can be opened; the tree stands before that is known."""
        self.finder.source.open_anew()

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

    async def on_rows_chosen(self, event: RowsChosen) -> None:
        """Show all about the row, or open and close a branch."""
        event.stop()
        here = self.finder.rows.here
        if here is Branch.INVITED:
            self._open_invitations()
        elif isinstance(here, Branch) and here is not Branch.MASTER:
            await self.finder.toggle(here)
        else:
            await self._open_page()

    async def on_rows_opened(self, event: RowsOpened) -> None:
        """Open the branch, or show all about the row."""
        event.stop()
        here = self.finder.rows.here
        if here is Branch.INVITED:
            self._open_invitations()
        elif isinstance(here, Branch):
            await self.finder.open(here)
        else:
            await self._open_page()

    async def on_rows_closed(self, event: RowsClosed) -> None:
        """Close the branch; from one of its rows, go to its head first."""
        event.stop()
        rows = self.finder.rows
        if isinstance(rows.here, Branch):
            await self.finder.shut(rows.here)
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

    async def action_delete(self) -> None:
        """Delete the selected, else the row at the cursor; asks first, and once at a time.

        An agent without an authentication is removed itself.
        """
        if self._asking:
            return
        await self.finder.rows.read_here()
        source, row = self.finder.source, self.finder.rows.row_here
        selection = source.selection
        if selection.count:
            unseen = await source.ids(selection.not_in_view_of(source.everyone()))
            to_delete = ToDelete(unseen, await source.ids(selection.in_view_of()))
        elif row is not None:
            to_delete = ToDelete((), (row.id,), selected=False)
        elif self.finder.rows.agent_here is not None:
            from ttr_tui.screens.remove_agent import ask_remove_agent  # noqa: PLC0415 - seldom needed

            removing = ask_remove_agent(self, self.place_of, self.finder.rows.agent_here)
            self.run_worker(removing, group="ask", exclusive=True)
            return
        else:
            self.say(nothing_to_delete(self.finder))
            return
        self._asking = True
        # In the app's hands: going elsewhere must not break a deletion off half-way.
        self.app.run_worker(self._delete(to_delete), group="delete")

    async def action_sign_in(self) -> None:
        """Sign in again, or for the first time; without a Company Master, on Connect."""
        from ttr_tui.screens.sign_in_deeds import sign_in  # noqa: PLC0415 - seldom needed

        rows = self.finder.rows
        await rows.read_here()
        who = rows.row_here or rows.agent_here
        if who is not None:
            signing_in = sign_in(self, self.place_of, who)
            self.run_worker(signing_in, group="sign in", exclusive=True)
        elif rows.here is Branch.INVITED:
            self.say("enter opens the invitations; there r makes new links.")
        elif self.finder.source.catalogue.master is None:
            open_place(self.app, CONNECT, self.place_of)

    def action_add(self) -> None:
        """Add one agent."""
        from ttr_tui.screens.add_agent import AddAgentScreen  # noqa: PLC0415 - seldom needed

        self.app.push_screen(AddAgentScreen(self.place_of))

    async def action_pin(self) -> None:
        """Pin the agent at the cursor to another person."""
        from ttr_tui.screens.pin_agent import PinAgentScreen  # noqa: PLC0415 - seldom needed

        await self.finder.rows.read_here()
        agent = self.finder.rows.agent_here
        if agent is not None:
            self.app.push_screen(PinAgentScreen(self.place_of, agent))
        elif self.finder.rows.row_here is not None:
            self.say("It has an authentication. Delete that first; p then pins its agent.")

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
        own, without = catalogue.members[Branch.OWN], catalogue.members[Branch.WITHOUT]
        children = catalogue.members[Branch.MASTER]
        self.status_right = status_counts(len(children), len(own), len(without))
        self.keys = keys_here(finder)

    async def _open_page(self) -> None:
        from ttr_tui.screens.authentications_page import AuthenticationPage  # noqa: PLC0415 - as above

        await self.finder.rows.read_here()
        row = self.finder.rows.row_here
        if row is not None:
            self.app.push_screen(AuthenticationPage(self.finder.source, row))
        elif self.finder.rows.count:
            self.say("It has no authentication. r signs its owner in; 2 opens O365 Agent Bulk Add.")

    def _open_invitations(self) -> None:
        from ttr_tui.screens.invitations import InvitationsScreen  # noqa: PLC0415 - seldom needed

        self.app.push_screen(InvitationsScreen(self.place_of))

    async def _each_minute(self) -> None:
        if self.is_current:
            await self.finder.rows.renew()
