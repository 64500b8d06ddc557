"""The journal: who did what, when, from where, and how it ended; newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ttr_tui import text
from ttr_tui.errors import TtrError
from ttr_tui.screens.authentications_history import who
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, both_ends, state
from ttr_tui.widgets.paragraphs import Page, paragraph
from ttr_tui.widgets.prompt import Prompt, PromptChanged, PromptSubmitted
from ttr_tui.widgets.row_messages import RowsCursorMoved, RowsWanted
from ttr_tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Resize

    from ttr_tui.model import JournalEntry

MOST_ENTRIES = 20_000
SEARCH_AT, SEARCH_WIDTH = 9, 44

_COLUMNS = (
    Column("When", 16, Cut.NEVER, gap=2),
    Column("What", 29, grow=3),
    Column("Company", 16, Cut.NAME, grow=1),
    Column("Who", 11, grow=1),
)
_LIST_KEYS = (KeyHint("/", "search"), KeyHint("up down", "one row"), KeyHint("esc", "back"))
_SEARCH_KEYS = (KeyHint("enter", "to the list"), KeyHint("esc", "leave the field"))


class JournalScreen(FrameScreen[None]):
    """The latest entries, searched as it is typed; below them the one at the cursor, whole."""

    DEFAULT_CSS = """
    JournalScreen #gap { height: 1; }
    JournalScreen #facts { height: 6; padding: 1 0 0 0; }
    """
    help_here = (
        "Every entry also went to this server's system log. Nothing is ever taken out of it.",
        "Search takes words; all of them must stand in what, company, who or detail.",
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", show=False),
        Binding("down,up,pagedown,pageup", "to_list", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.title_text = "Journal"
        self.keys = _LIST_KEYS
        self._search = Prompt("Search", width=SEARCH_WIDTH, at=SEARCH_AT, id="search")
        self._rows = Rows(_COLUMNS, id="entries")
        self._rows.empty = "The journal is being read."
        self._facts = Page(id="facts")
        self._entries: Sequence[JournalEntry] = ()
        self._folded: Sequence[str] = ()
        self._shown: Sequence[JournalEntry] = ()

    def compose_body(self) -> ComposeResult:
        """Search, list, the entry at the cursor."""
        yield self._search
        yield Page([""], id="gap")
        yield self._rows
        yield self._facts

    async def load(self) -> None:
        """Read the journal again; the cursor stays on its entry."""
        try:
            entries = await self.runtime.store.journal.since(limit=MOST_ENTRIES)
        except TtrError as problem:
            self.report(problem)
            return
        if self._entries and entries[-1:] == list(self._entries[:1]):
            return
        here = self._here()
        self._entries = entries[::-1]
        self._folded = [text.fold(" ".join(_told(entry))) for entry in self._entries]
        self._narrow(here)

    def undo_layer(self) -> bool:
        """Leave the field, or the search."""
        if self._search.is_focused:
            self._rows.focus()
        elif self._search.value:
            self._search.value = ""
            self._narrow(self._here())
        else:
            return False
        return True

    def on_rows_wanted(self, event: RowsWanted) -> None:
        """Hand in rows; all entries are at hand."""
        rows = [_row(entry) for entry in self._shown[event.start : event.end]]
        self._rows.supply(event.start, rows)

    def on_rows_cursor_moved(self, event: RowsCursorMoved) -> None:  # noqa: ARG002 - only that it came
        """Show the entry."""
        self._show()

    def on_prompt_changed(self, event: PromptChanged) -> None:  # noqa: ARG002 - only that it came
        """Search as it is typed."""
        self._narrow(None)

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:  # noqa: ARG002 - only that it came
        """Go to the list."""
        self._rows.focus()

    def on_descendant_focus(self) -> None:
        """Row 24 has the keys that work here."""
        self.keys = _SEARCH_KEYS if self._search.is_focused else _LIST_KEYS

    def on_resize(self, event: Resize) -> None:
        """Put the count at the right end."""
        super().on_resize(event)
        event.prevent_default()
        self._count()

    def action_search(self) -> None:
        """Go to the search."""
        self._search.focus()

    def action_to_list(self) -> None:
        """Go from the search to the list."""
        self._rows.focus()

    def _here(self) -> JournalEntry | None:
        return self._shown[self._rows.cursor] if self._rows.cursor < len(self._shown) else None

    def _narrow(self, here: JournalEntry | None) -> None:
        words = text.fold(self._search.value).split()
        self._shown = [
            entry
            for entry, folded in zip(self._entries, self._folded, strict=True)
            if all(word in folded for word in words)
        ]
        searched = text.clean(self._search.value, 40)
        self._rows.empty = (
            f'No entry matches "{searched}".' if words else "Nothing was done yet: no entry."
        )
        cursor = self._shown.index(here) if here is not None and here in self._shown else 0
        self._rows.set_count(len(self._shown), cursor=cursor)
        self._count()
        self._show()

    def _count(self) -> None:
        total = text.plural(len(self._entries), "entry")
        self.fact = total if len(self._entries) < MOST_ENTRIES else f"the latest {total}"
        note = ""
        if self._search.value.strip():
            note = f"{text.number(len(self._shown))} of {text.number(len(self._entries))} match "
        self._search.note = both_ends("", note, self.size.width - SEARCH_AT - SEARCH_WIDTH - 1)

    def _show(self) -> None:
        entry = self._here()
        self._facts.lines = _facts(entry) if entry is not None else []
        place = f"{text.number(self._rows.cursor + 1)} of {text.number(len(self._shown))}"
        self.status_right = place if entry is not None else ""
        self.status_left = "Newest first; nothing is taken out of it"


def _told(entry: JournalEntry) -> tuple[str, ...]:
    return (entry.what, entry.subject, entry.company_name, who(entry), entry.outcome, entry.detail)


def _row(entry: JournalEntry) -> Row:
    what: Line = f"{entry.what}, {entry.subject}" if entry.subject else entry.what
    if entry.outcome != "done":
        what = state(f"✗ {text.clean(what)}")
    return Row((text.stamp(entry.at), what, entry.company_name, entry.who), key=str(entry.id))


def _facts(entry: JournalEntry) -> list[Line]:
    what = f"{entry.what}: {entry.subject}" if entry.subject else entry.what
    rows = [
        *paragraph(f"Entry {entry.id}", f"{text.stamp(entry.at, seconds=True)} by {who(entry)}"),
        *paragraph("What", f"{what} ({entry.outcome})"),
    ]
    return rows + (paragraph("Detail", entry.detail) if entry.detail else [])
