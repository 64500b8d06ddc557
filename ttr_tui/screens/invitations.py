"""Invitations of one company: who was invited, how each stands, and links made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.flows import invitations
from ttr_tui.model import now
from ttr_tui.screens import invitations_deeds as deeds
from ttr_tui.screens import invitations_words as words
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.sign_in_deeds import show_attempt
from ttr_tui.widgets.lines import state
from ttr_tui.widgets.paragraphs import Page
from ttr_tui.widgets.rows import Rows
from ttr_tui.widgets.terminal import print_and_wait

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ttr_tui.flows.invitations import Invited
    from ttr_tui.model import Attempt, Company
    from ttr_tui.widgets.row_messages import (
        RowsChosen,
        RowsClosed,
        RowsCursorMoved,
        RowsOpened,
        RowsRangeEnded,
        RowsToggled,
    )

EACH_MINUTE = 60.0
NONE = "Nobody is invited. + on View Microsoft Authentications invites one, 2 many."


class InvitationsScreen(FrameScreen[None]):
    """The list; `invited` is what was done just before it was opened."""

    DEFAULT_CSS = "InvitationsScreen #facts { min-height: 6; padding: 1 0 0 0; }"
    help_here = (
        "enter shows one invitation: its link, where it stands, who came.",
        "r makes a new link for the selected, else for the row under >; n for all who are missing.",
        "d withdraws the selected, else the row under >: the link leads nowhere any more.",
        "e writes messages for your own mailer (.eml), or a CSV; u prints the open links.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "renew", show=False),
        Binding("n", "missing", show=False),
        Binding("d,delete", "withdraw", show=False),
        Binding("e", "export", show=False),
        Binding("u", "plain", show=False),
        Binding("a", "select_all", show=False),
        Binding("i", "invert", show=False),
    ]

    def __init__(self, company: Company, invited: Invited | None = None) -> None:
        super().__init__(company)
        self.place_of = company
        self.title_text = f"Invitations of {text.cut_middle(text.clean(company.name), 36)}"
        self._invited = invited
        self._shown: list[Attempt] = []
        self._selected: set[str] = set()
        self._rows = Rows(words.COLUMNS, selects=True, id="invitations")
        self._rows.is_marked = lambda row: row.key in self._selected
        self._rows.empty = "The invitations are being read."
        self._facts = Page(id="facts")

    def compose_body(self) -> ComposeResult:
        """A blank row, the list, the facts of the row at the cursor."""
        yield Page([""])
        yield self._rows
        yield self._facts

    def on_mount(self) -> None:
        """Say what was done, and keep the ages true."""
        self.set_interval(EACH_MINUTE, self._each_minute)
        made = len(self._invited.invitations) if self._invited is not None else 0
        if made:
            owners = text.plural(made, "owner")
            is_ = "is" if made == 1 else "are"
            how = "e writes the messages to send; we send nothing."
            self.say(state(f"✓ {owners} {is_} invited. {how}"))

    async def load(self) -> None:
        """Read how each invitation stands; cursor and selection stay with their people."""
        here = self.here
        every = await invitations.latest(self.runtime.access, self.place_of)
        self._shown = words.in_order(every)
        self._selected &= {one.id for one in every}
        places = [place for place, one in enumerate(self._shown) if here and one.id == here.id]
        self._rows.empty = NONE
        self._rows.set_rows(
            [words.row_of(one) for one in self._shown], cursor=places[0] if places else None
        )
        self._stand()

    @property
    def here(self) -> Attempt | None:
        """The invitation at the cursor."""
        return self._shown[self._rows.cursor] if self._rows.cursor < len(self._shown) else None

    def forget_selection(self) -> None:
        """Select nobody: what was chosen is done."""
        self._selected.clear()
        self._rows.refresh_marks()

    def undo_layer(self) -> bool:
        """Range, selection."""
        if self._rows.cancel_range():
            return True
        if self._selected:
            self.forget_selection()
            self._stand()
            return True
        return False

    # The list

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:
        """Show the facts of the row."""
        event.stop()
        self._stand()

    def on_rows_chosen(self, event: RowsChosen) -> None:
        """Show the invitation."""
        event.stop()
        self._open()

    def on_rows_opened(self, event: RowsOpened) -> None:
        """Show the invitation."""
        event.stop()
        self._open()

    def on_rows_closed(self, event: RowsClosed) -> None:
        """Go back to the tree."""
        event.stop()
        self.action_back()

    def on_rows_toggled(self, event: RowsToggled) -> None:
        """Select it, or no longer."""
        event.stop()
        self._selected ^= {self._shown[event.index].id}
        self._rows.refresh_gutter(event.index)
        self._stand()

    def on_rows_range_ended(self, event: RowsRangeEnded) -> None:
        """Select every invitation in the range."""
        event.stop()
        self._select({one.id for one in self._shown[event.first : event.last + 1]})

    # Keys

    def action_select_all(self) -> None:
        """Select all."""
        self._select({one.id for one in self._shown})

    def action_invert(self) -> None:
        """Swap selected and not selected."""
        every = {one.id for one in self._shown}
        self._selected = every - self._selected
        self._select(set())

    def action_renew(self) -> None:
        """Make new links for the selected, else for the row at the cursor."""
        chosen = [one for one in self._chosen() if invitations.state_of(one) in words.RENEWABLE]
        if chosen:
            self._work(deeds.reissue(self, self.place_of, chosen))
        elif self._shown:
            self.say("No new link is needed: the owner has signed in, or waits for your word.")

    def action_missing(self) -> None:
        """Make new links for all who have not signed in."""
        missing = [one for one in self._shown if invitations.state_of(one) in invitations.MISSING]
        if missing:
            self._work(deeds.reissue(self, self.place_of, missing))
        elif self._shown:
            self.say("Nobody is missing: everybody who is wanted has signed in.")

    def action_withdraw(self) -> None:
        """Withdraw the selected, else the row at the cursor; asks first."""
        chosen = [one for one in self._chosen() if one.ended is None]
        if chosen:
            self._work(deeds.withdraw(self, self.place_of, chosen))
        elif self._shown:
            self.say("Its link leads nowhere any more: there is nothing to withdraw.")

    def action_export(self) -> None:
        """Write the selected, else all."""
        if self._shown:
            self._work(deeds.write(self, self.place_of, self._chosen_or_all()))

    def action_plain(self) -> None:
        """Print the open links of the selected, else of all, outside of the full screen."""
        links = words.plain_links(self._chosen_or_all())
        if links:
            self.run_worker(print_and_wait(self.app, links), group="plain", exclusive=True)
        else:
            self.say("No link is open. n makes new ones for all who are missing.")

    def _work(self, work: Coroutine[Any, Any, None]) -> None:
        self.run_worker(work, group="work", exclusive=True)

    def _open(self) -> None:
        if self.here is not None:
            show_attempt(self, self.place_of, self.here)

    def _chosen(self) -> list[Attempt]:
        selected = [one for one in self._shown if one.id in self._selected]
        return selected or ([self.here] if self.here is not None else [])

    def _chosen_or_all(self) -> list[Attempt]:
        return [one for one in self._shown if one.id in self._selected] or self._shown

    def _select(self, ids: set[str]) -> None:
        self._rows.cancel_range()
        self._selected |= ids
        self._rows.refresh_marks()
        self._stand()

    def _stand(self) -> None:
        left_out = self._invited.left_out if self._invited is not None else ()
        self.fact = words.fact(self._shown)
        self.status_left = f"{text.number(len(self._selected))} selected"
        self._facts.lines = words.facts(self.here, left_out, now())
        self.keys = words.hints(self._shown, self._selected, self.here)

    def _each_minute(self) -> None:
        if self.is_current:
            self.reload()
