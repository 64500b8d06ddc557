"""What the bodies with a search above a list share: leaving by layers, the selection alone."""

from __future__ import annotations

from textual.containers import Container

from ttr_tui.widgets.prompt import Prompt, PromptSubmitted
from ttr_tui.widgets.rows import Rows


class Finder(Container):
    """A search above a list; `only_selected` shows the selection alone.

    A subclass makes `search` and `rows`, and says how it searches, lists and catches up.
    """

    search: Prompt
    rows: Rows
    only_selected = False

    def search_again(self) -> None:
        """Search for what stands in the field now."""
        raise NotImplementedError

    def list_again(self) -> None:
        """List what `only_selected` asks for now."""
        raise NotImplementedError

    def catch_up(self) -> None:
        """Do what a range put off."""
        raise NotImplementedError

    def toggle_selected(self) -> None:
        """Show the selection alone, or all again."""
        self.rows.cancel_range()
        self.only_selected = not self.only_selected
        self.list_again()

    def undo_layer(self) -> bool:
        """Undo the last of range, field, search, selection view; tell whether there was one."""
        if self.rows.cancel_range():
            self.catch_up()
        elif self.search.is_focused:
            self.rows.focus()
        elif self.search.value:
            self.search.value = ""
            self.search_again()
        elif self.only_selected:
            self.toggle_selected()
        else:
            return False
        return True

    def on_prompt_submitted(self, event: PromptSubmitted) -> None:
        """Go to the list."""
        event.stop()
        self.rows.focus()
