"""The base of widgets in which keys are text.

The app hands the focused one each key before any binding is looked at (`keys_in_turn`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.widgets.lines import LineWidget

if TYPE_CHECKING:
    from textual.events import Key


class TakesKeys(LineWidget, can_focus=True):
    """A widget that may use a key itself; what it does not take goes on to the screen."""

    def take_key(self, event: Key) -> bool:
        """Take a key that is text or edits text; tell whether it was one."""
        raise NotImplementedError

    def on_key(self, event: Key) -> None:
        """Take what is text or edits text; let the rest go on to the screen."""
        if self.take_key(event):
            event.stop()
            event.prevent_default()
