"""A Textual app that shows one line of text, another one after each key."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

MARK = "one line"


class OneLine(App[None]):
    """The least there is to draw."""

    keys = 0

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static(MARK)

    def on_key(self) -> None:
        """Change it."""
        self.keys += 1
        self.query_one(Static).update(f"{MARK}, {self.keys} keys")


if __name__ == "__main__":
    OneLine().run()
