"""Terminals within terminals and bad lines, against the demo: `python -m tests.screens.by_line`.

Takes a minute, needs tmux (3 or newer); the quick ones are in `test_terminals.py`. Each check
prints its name when it holds.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from tests.terminal import Terminal, on_a_terminal

PATIENCE = 20.0
DELAY = 0.3
DROPPED = 10.0
DEMO = ["-m", "ttr_tui", "demo", "--users", "200"]
TMUX = shutil.which("tmux") or "tmux"


class Multiplexer:
    """A tmux server of our own with one window, in which the demo runs."""

    def __init__(self) -> None:
        # A server that was told to end may still be there.
        self.name = f"ttr-by-line-{os.getpid()}-{time.monotonic_ns()}"

    def do(self, *words: str) -> str:
        """Run a tmux command; return what it prints."""
        done = subprocess.run(  # noqa: S603 - tmux and our own words
            [TMUX, "-L", self.name, "-f", os.devnull, *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def shown(self) -> list[str]:
        """The rows of the window."""
        return self.do("capture-pane", "-p").split("\n")

    def until(self, there: Callable[[list[str]], bool]) -> list[str]:
        """Wait until the window shows it; return its rows."""
        deadline = time.monotonic() + PATIENCE
        while not there(rows := self.shown()):
            assert time.monotonic() < deadline, "\n".join(rows)
            time.sleep(0.05)
        return rows

    def until_words(self, *words: str) -> list[str]:
        """Wait until all words stand in the window."""
        return self.until(lambda rows: all(word in "\n".join(rows) for word in words))

    def size(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.do("resize-window", "-x", str(columns), "-y", str(rows))


@contextmanager
def in_tmux(term: str) -> Iterator[Multiplexer]:
    """The demo in tmux, which calls its own terminal `term`."""
    tmux = Multiplexer()
    words = " ".join([sys.executable, *DEMO])
    tmux.do("new-session", "-d", "-x", "80", "-y", "24", f"TERM={term} {words}")
    try:
        # The whole window is the program's: 80x24 is the least it needs.
        tmux.do("set-option", "-g", "status", "off")
        tmux.until_words("No company yet.")
        yield tmux
    finally:
        tmux.do("kill-server")


def connect(type_keys: Callable[[str], object]) -> None:
    """Name a company, up to the button that adds it."""
    type_keys("Contoso Ltd\r")
    type_keys("contoso.example\r")


def sizes_in(term: str) -> None:
    """Every size between 80x24 and 300x100 is filled to its last row, too small ones say so."""
    with in_tmux(term) as tmux:
        for columns, rows in ((300, 100), (120, 30), (80, 24)):
            tmux.size(columns, rows)
            tmux.until(partial(_filled, rows))
        tmux.size(60, 20)
        tmux.until(lambda seen: "80" in "\n".join(seen) and "No company yet." not in str(seen))
        tmux.size(80, 24)
        tmux.until_words("No company yet.")


def _filled(rows: int, seen: list[str]) -> bool:
    """Tell whether the last of so many rows has the keys."""
    return len(seen) >= rows and "quit" in seen[rows - 1]


def a_slow_line() -> None:
    """300 ms each way: what is typed ahead arrives in order and where it belongs."""
    with on_a_terminal(DEMO) as terminal:
        terminal.until("No company yet.", "Name")

        def slowly(keys: str) -> None:
            time.sleep(DELAY)
            terminal.type(keys)
            time.sleep(DELAY)

        connect(slowly)
        terminal.until("[ Add Contoso Ltd ]", "tenant answered")
        slowly("\r")
        terminal.until("no browser has come yet")
        assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM


def nobody_reads() -> None:
    """The line is dead for ten seconds while much is drawn: browsers are answered meanwhile."""
    with on_a_terminal(DEMO) as terminal:
        terminal.until("No company yet.", "Name")
        connect(terminal.type)
        terminal.until("[ Add Contoso Ltd ]", "tenant answered")
        terminal.type("\r")
        terminal.until("no browser has come yet")
        link = _link(terminal)
        slowest = 0.0
        ends = time.monotonic() + DROPPED
        while time.monotonic() < ends:
            os.write(terminal.line, b"0" if int(time.monotonic() * 10) % 2 else b"1")
            began = time.monotonic()
            with suppress(urllib.error.HTTPError), urllib.request.urlopen(link, timeout=5):
                # A refusal is an answer, too.
                pass
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.1)
        sys.stdout.write(f"  the slowest answer took {slowest * 1000:.0f} ms\n")
        terminal.read(0.5)
        assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM


def _link(terminal: Terminal) -> str:
    found = re.search(rb"http://localhost:\d+/[\w-]+", terminal.out)
    assert found is not None, terminal.out[-2000:]
    return found[0].decode()


def a_dropped_line_in_tmux() -> None:
    """The client is gone for ten seconds and for good: the app goes on, and is found again."""
    with in_tmux("tmux-256color") as tmux:
        attach = ["-c", _ATTACH, TMUX, "-L", tmux.name, "attach"]
        with on_a_terminal(attach) as client:
            client.until("No company yet.")
            tmux.do("send-keys", "Contoso Ltd", "Enter", "contoso.example", "Enter")
            time.sleep(DROPPED)
            tmux.until_words("[ Add Contoso Ltd ]")
            client.until("[ Add Contoso Ltd ]")
        tmux.do("send-keys", "Enter")
        tmux.until_words("no browser has come yet")
        with on_a_terminal(attach) as client:
            client.until("no browser has come yet")


_ATTACH = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"


def main() -> None:
    """Run all of them."""
    for term in ("screen", "screen-256color", "tmux-256color", "linux", "vt220"):
        sizes_in(term)
        sys.stdout.write(f"sizes, TERM={term}\n")
    for check in (a_slow_line, nobody_reads, a_dropped_line_in_tmux):
        check()
        sys.stdout.write(f"{check.__name__.replace('_', ' ')}\n")


if __name__ == "__main__":
    main()
