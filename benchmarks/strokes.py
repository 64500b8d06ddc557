"""Keys pressed on a real terminal line: what each made the program write, and how soon."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.machine import cpu_seconds, resident
from benchmarks.offices import Office
from tests.terminal import SYNC_ANSWER, SYNC_ASKED, Terminal, on_a_terminal

DOWN, PAGE_DOWN, HOME, END = "\x1b[B", "\x1b[6~", "\x1b[H", "\x1b[F"

AT_ONCE, SOON, AT_REST = 0.06, 0.4, 1.5
"""Seconds of silence after which a key, a search and a whole screen are held to be drawn."""

FIRST_BYTE = 0.8
"""Seconds until a key is held to have changed nothing."""

PATIENCE = 120.0

A_LINE_OR_TWO = 140
"""Bytes; a larger frame has drawn the list, as far as its rows are others."""

FRAME_END = b"\x1b[?2026l"

TRUE_COLOUR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
SIXTEEN_COLOURS = {"TERM": "xterm-16color", "COLORTERM": ""}


@dataclass(frozen=True, slots=True)
class Stroke:
    """What one key made a program write: bytes, and milliseconds to the first and the last.

    `frame` is the size of the first frame alone, from one synchronisation mark to the next;
    `listed` is when the second one came: a letter has the first, the list that it finds the second
    (none: the last one).
    """

    size: int
    frame: int
    first: float
    listed: float
    last: float


@dataclass(frozen=True)
class Line:
    """Somebody's end of a line of 80x24, with a clock.

    `pace` shortens every silence that is waited for; figures then are worth nothing.
    """

    terminal: Terminal
    pace: float = 1.0

    @property
    def written(self) -> int:
        """How many bytes came so far."""
        return len(self.terminal.out)

    @property
    def memory(self) -> float:
        """The resident memory of the program, in MiB."""
        return resident(self.terminal.process.pid)

    @property
    def cpu(self) -> float:
        """The processor time of the program so far, in seconds."""
        return cpu_seconds(self.terminal.process.pid)

    def press(self, keys: str, quiet: float = AT_ONCE) -> Stroke:
        """Press keys at once, and read until nothing came for `quiet` seconds.

        The first byte is waited for longer: a busy machine must not put it into the next stroke.
        """
        began = time.perf_counter()
        self.send(keys)
        out, first, listed, last, wait = b"", 0.0, 0.0, 0.0, max(quiet, FIRST_BYTE)
        while piece := self._piece(wait * self.pace):
            last = (time.perf_counter() - began) * 1000
            first, wait = first or last, quiet
            out += piece
            if not listed and out.count(FRAME_END) > 1:
                listed = last
        head, mark, _ = out.partition(FRAME_END)
        return Stroke(len(out), len(head + mark), first, listed or last, last)

    def press_each(self, keys: Sequence[str], quiet: float = AT_ONCE) -> list[Stroke]:
        """Press keys one after the other, each when the last one has been drawn."""
        return [self.press(key, quiet) for key in keys]

    def send(self, keys: str) -> None:
        """Press keys and wait for nothing."""
        os.write(self.terminal.line, keys.encode())

    def read_for(self, seconds: float) -> None:
        """Read whatever comes for so long."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            self._piece(left)

    def settle(self, quiet: float = AT_REST) -> None:
        """Wait until the program has written nothing for a while."""
        deadline = time.monotonic() + PATIENCE
        while self._piece(quiet * self.pace):
            if time.monotonic() > deadline:
                raise RuntimeError("the screen never came to rest")

    def press_until(self, keys: str, mark: str) -> float:
        """Press keys; return the seconds until a mark was painted that stood nowhere in between."""
        began, before = time.perf_counter(), self.written
        self.send(keys)
        return self.painted(mark, before) - began

    def painted(self, mark: str, since: int = 0) -> float:
        """Wait until a mark is painted; return when that was, as `time.perf_counter` tells it.

        What was written before byte `since` does not count.
        """
        deadline = time.perf_counter() + PATIENCE
        while mark.encode() not in self.terminal.out[since:]:
            if not self._piece(deadline - time.perf_counter()):
                raise RuntimeError(f"nothing painted {mark!r}")
        return time.perf_counter()

    def _piece(self, wait: float) -> bytes:
        """Return what comes next, or nothing after `wait` seconds of silence."""
        if not select.select([self.terminal.line], [], [], max(wait, 0.0))[0]:
            return b""
        try:
            piece = os.read(self.terminal.line, 65_536)
        except OSError:  # the other end hung up
            return b""
        self.terminal.take(piece)
        if SYNC_ASKED in piece:
            os.write(self.terminal.line, SYNC_ANSWER)
        return piece


@contextmanager
def on_a_line(
    words: Sequence[str], environ: Mapping[str, str] | None = None, pace: float = 1.0
) -> Iterator[Line]:
    """Run `python WORDS` on a line, in true colour unless `environ` says otherwise."""
    with on_a_terminal(words, {**TRUE_COLOUR, **(environ or {})}) as terminal:
        yield Line(terminal, pace)


@contextmanager
def app_on(office: Office, colours: Mapping[str, str], pace: float) -> Iterator[Line]:
    """Run the app on an installation, with the list of companies in front."""
    with on_a_line(["-m", "ttr_tui"], {**office.environ, **colours}, pace) as line:
        line.painted("[0 Companies]")
        line.painted(office.domain)
        line.settle(SOON)
        yield line


@contextmanager
def bulk_add_on(office: Office, colours: Mapping[str, str], pace: float) -> Iterator[Line]:
    """Run the app with O365 Agent Bulk Add in front, its directory read."""
    with app_on(office, colours, pace) as line:
        line.send("2")
        line.painted("accepted")
        line.settle()
        yield line
