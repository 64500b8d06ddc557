"""A real terminal for a program: a pseudo-terminal of 80x24, and every byte that came out of it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.painted import Painted

PATIENCE = 15.0
QUIET = 0.15
SYNC_ASKED, SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"


@dataclass
class Terminal:
    """Somebody's end of the line. `out` is all that came so far."""

    process: subprocess.Popen[bytes]
    line: int
    out: bytes = b""
    _painted: Painted = field(default_factory=Painted)
    _unseen: bytes = b""

    @property
    def rows(self) -> list[str]:
        """The rows as all that came has left them, without the blanks at their ends."""
        self._painted.feed(self._unseen)
        self._unseen = b""
        return self._painted.rows

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.rows)

    def read(self, wait: float) -> bytes:
        """Return what comes within `wait` seconds of silence."""
        fresh = b""
        while select.select([self.line], [], [], wait)[0]:
            try:
                piece = os.read(self.line, 65_536)
            except OSError:  # the other end hung up
                break
            if SYNC_ASKED in piece:
                os.write(self.line, SYNC_ANSWER)
            fresh += piece
        self.take(fresh)
        return fresh

    def take(self, fresh: bytes) -> None:
        """Take note of what came."""
        self.out += fresh
        self._unseen += fresh

    def until(self, *words: str) -> None:
        """Wait until all of these came out, or stand on the screen: only what changes is sent."""
        deadline = time.monotonic() + PATIENCE
        while not all(word.encode() in self.out or word in self.text for word in words):
            assert time.monotonic() < deadline, self.text
            self.read(0.05)

    def resize(self, columns: int, rows: int) -> bytes:
        """Give the terminal another size; return what that made the program write."""
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)
        return self.read(2 * QUIET)

    def type(self, keys: str) -> bytes:
        """Press keys; return what they made the program write."""
        os.write(self.line, keys.encode())
        return self.read(QUIET)

    def pour(self, keys: str) -> None:
        """Write all of it as fast as the line takes it, and read what comes meanwhile."""
        rest = keys.encode()
        os.set_blocking(self.line, False)
        while rest:
            ready, free, _ = select.select([self.line], [self.line], [], PATIENCE)
            assert ready or free, "the program takes nothing"
            if ready:
                self.take(os.read(self.line, 65_536))
            if free:
                rest = rest[os.write(self.line, rest[:1_024]) :]
        os.set_blocking(self.line, True)

    def end(self, number: signal.Signals) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(number)
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it does not end"
            self.read(0.05)
        self.read(0.05)
        return self.process.returncode


@contextmanager
def on_a_terminal(
    arguments: Sequence[str], environ: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """Run `python ARGUMENTS` on a terminal of its own."""
    line, far = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, *arguments],
        stdin=far,
        stdout=far,
        stderr=far,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environ or {})},
    )
    os.close(far)
    try:
        yield Terminal(process, line)
    finally:
        process.kill()
        process.wait()
        os.close(line)
