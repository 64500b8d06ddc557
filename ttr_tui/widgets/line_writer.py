"""Writing to a line that may be slow, or dead for minutes: nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Full
from typing import IO

from textual.drivers._writer_thread import WriterThread

END_SECONDS = 2.0
"""So long the line has to take the last words; then the program ends without."""


class LineWriter(WriterThread):
    """Textual's writer, but what the line does not take is dropped instead of waited for.

    Textual's own would hold up the event loop, and with it browsers that come back, until a dead
    connection is given up. `on_caught_up` is called in this thread when the line takes something
    again after that: what stands on the screen is to be drawn anew.
    """

    def __init__(self, file: IO[str], on_caught_up: Callable[[], None]) -> None:
        super().__init__(file)
        self._on_caught_up = on_caught_up
        self._behind = False

    def write(self, text: str) -> None:
        """Have it written, if the line takes anything."""
        try:
            if not self._behind:
                self._queue.put_nowait(text)
        except Full:
            self._behind = True

    def run(self) -> None:
        """Write what comes; flush when nothing more does."""
        while (text := self._queue.get()) is not None:
            self._file.write(text)
            if self._queue.empty():
                self._file.flush()
                if self._behind:
                    self._behind = False
                    self._on_caught_up()
        self._file.flush()

    def stop(self) -> None:
        """Write the rest and end; of a line that takes nothing the rest is dropped."""
        while True:
            try:
                self._queue.put_nowait(None)
                break
            except Full:
                self._drop_one()
        self.join(END_SECONDS)

    def _drop_one(self) -> None:
        try:
            self._queue.get_nowait()
        except Empty:
            return
