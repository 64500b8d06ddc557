"""A program for a terminal: the whole app, on a screen with a list and a paste box.

`ctrl+t` writes down in row 4 what was heard. `pause` is the longest time since the last one, in
milliseconds, in which the loop did nothing else, such as answering a browser.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Paste

from tests.office import open_office
from ttr_tui.app import TtrApp
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.frame import FrameScreen
from ttr_tui.widgets.columns import Column
from ttr_tui.widgets.paste_box import PasteBox, PasteSubmitted
from ttr_tui.widgets.rows import Row, Rows

BEAT = 0.005


class PasteScreen(FrameScreen[None]):
    """Letters are commands outside of the box."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,c,d,e,o,x,delete,minus", "fire", show=False),
        Binding("ctrl+t", "tell", show=False),
    ]

    def compose_body(self) -> ComposeResult:
        """A list, and the box below it."""
        self.fired = 0
        self.pauses = [0.0]
        self.submitted: list[str] = []
        self.box = PasteBox()
        rows = Rows([Column("Name", 30)])
        rows.set_rows([Row((f"user {n}",)) for n in range(3)])
        rows.styles.height = 4
        yield rows
        yield self.box

    def on_mount(self) -> None:
        """Watch the loop; the base class does the rest."""
        self.run_worker(self._beat())

    async def _beat(self) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(BEAT)
            self.pauses.append(time.monotonic() - before - BEAT)

    def action_fire(self) -> None:
        """Count a command."""
        self.fired += 1

    def action_tell(self) -> None:
        """Write down what was heard."""
        text = self.submitted[-1] if self.submitted else self.box.text
        digest = hashlib.sha256("".join(text.split()).encode()).hexdigest()[:8]
        told = (
            f"{self.fired} fired, {len(self.submitted)} submitted, {len(text)} characters "
            f"{digest}, pause {1000 * max(self.pauses):.0f}."
        )
        self.pauses = [0.0]
        # Only cells that differ are sent: after these no letter of what is told is spared.
        self.title_text = "|" * 78
        self.call_after_refresh(self._tell, told)

    def _tell(self, told: str) -> None:
        self.title_text = told

    def on_paste(self, event: Paste) -> None:
        """A paste from anywhere lands in the box."""
        self.box.take_paste(event.text)

    def on_paste_submitted(self, event: PasteSubmitted) -> None:
        """Take it."""
        self.submitted.append(event.text)
        self.box.clear()


async def main() -> None:
    """Run it until it is killed."""
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(users=2) as sandbox, open_office(sandbox, Path(folder)) as office:
            app = TtrApp(office.runtime)
            app.call_later(app.push_screen, PasteScreen())
            await app.run_async(mouse=False)


if __name__ == "__main__":
    asyncio.run(main())
