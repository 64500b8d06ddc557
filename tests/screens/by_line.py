"""Terminals within terminals and bad lines, against the demo: `python -m tests.screens.by_line`.

Takes a minute and a half, needs tmux (3 or newer); where GNU screen is, it is looked at through
that as well. The quick ones are in `test_terminals.py`. Each check prints its name when it holds;
with names of checks as arguments only those are made.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from tests.terminal import Terminal, on_a_terminal

PATIENCE = 30.0
DELAY = 0.3
DROPPED = 10.0
USERS = 200
MANY = 20_000
LINES = 200_000
TMUX = shutil.which("tmux") or "tmux"
SCREEN = shutil.which("screen")
SIZES = ((300, 100), (120, 30), (80, 24))

Keys = Callable[[str], object]
Until = Callable[..., object]


def demo(users: int = USERS) -> list[str]:
    """The arguments of an interpreter that runs the demo."""
    return ["-m", "ttr_tui", "demo", "--users", str(users)]


def connect(keys: Keys, until: Until) -> None:
    """Go from the first screen to a link that no browser has opened."""
    until("No company yet.", "Name")
    keys("Contoso Ltd\r")
    keys("contoso.example\r")
    until("[ Add Contoso Ltd ]", "tenant answered")
    keys("\r")
    until("no browser has come yet")


def to_the_list(keys: Keys, until: Until) -> None:
    """Go from the first screen to the list of users, as it is being read."""
    connect(keys, until)
    keys("x")
    until("proven by use", "no browser has come yet")
    keys("x")
    until("Is this the administrator", "[ Store Anna Weber's sign-in ]")
    keys("\t\r")
    until("Contoso Ltd is connected.")
    keys("2")
    until("O365 Agent Bulk Add", "Agent\n", "@contoso")


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

    def keys(self, keys: str) -> None:
        """Press keys."""
        self.do("send-keys", "-l", keys)

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
def in_tmux(term: str, users: int = USERS, within: Sequence[str] = ()) -> Iterator[Multiplexer]:
    """The demo in tmux, which calls its own terminal `term`; `within` another program there."""
    tmux = Multiplexer()
    words = " ".join([*within, "env", f"TERM={term}", sys.executable, *demo(users)])
    tmux.do("new-session", "-d", "-x", "80", "-y", "24", words)
    try:
        # The whole window is the program's: 80x24 is the least it needs.
        tmux.do("set-option", "-g", "status", "off")
        yield tmux
    finally:
        tmux.do("kill-server")


def sizes_in(term: str, within: Sequence[str] = ()) -> None:
    """Under the list, every size between 80x24 and 300x100 is filled to its last row; too small
    ones say so, and the search and the selection are as they were.
    """
    with in_tmux(term, within=within) as tmux:
        to_the_list(tmux.keys, tmux.until_words)
        tmux.until_words(f"read {USERS} of {USERS}")
        tmux.keys("jj /a")
        tmux.until_words("Search a", "1 selected")
        for columns, rows in SIZES:
            tmux.size(columns, rows)
            tmux.until(partial(_filled, columns, rows))
        tmux.size(60, 20)
        tmux.until(lambda seen: "80" in "\n".join(seen) and "Search a" not in "\n".join(seen))
        tmux.size(80, 24)
        tmux.until(partial(_filled, 80, 24))
        tmux.keys("\x15\r")
        tmux.until(lambda seen: "*" in [row[1:2] for row in seen])


def _filled(columns: int, rows: int, seen: list[str]) -> bool:
    """Tell whether the list, its counts and its keys lie where so large a terminal has them."""
    return (
        len(seen) >= rows
        and seen[rows - 1].endswith("? help")
        and len(seen[rows - 1]) == columns - 1
        and seen[rows - 2].startswith(" 1 selected")
        and seen[0].endswith("demo: nothing reaches Microsoft")
        and any("@" in row for row in seen[7 : rows - 2])
    )


def in_screen() -> None:
    """The same through GNU screen, which says itself what it is."""
    if SCREEN is None:
        sys.stdout.write("  there is no screen here\n")
        return
    with tempfile.NamedTemporaryFile("w", suffix=".screenrc") as settings:
        settings.write("startup_message off\n")
        settings.flush()
        name = f"ttr-by-line-{os.getpid()}"
        try:
            sizes_in("screen", [SCREEN, "-U", "-c", settings.name, "-S", name])
        finally:
            subprocess.run([SCREEN, "-S", name, "-X", "quit"], check=False, capture_output=True)  # noqa: S603 - screen and our own words


def a_large_file() -> None:
    """200,000 lines of a spreadsheet in UTF-16, with semicolons: all of them are accounted for."""
    strangers = (f"Nobody {n};nobody{n}@elsewhere.example" for n in range(LINES - 4))
    known = ("Weber;a.weber@contoso.example", "Weber;A.Weber@Contoso.Example", "Desk;none")
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, in_tmux("tmux-256color") as tmux:
        file.write("\r\n".join(("Name;E-Mail", *strangers, *known)).encode("utf-16"))
        file.flush()
        to_the_list(tmux.keys, tmux.until_words)
        tmux.until_words(f"read {USERS} of {USERS}")
        tmux.keys("\x10")
        tmux.until_words("Search for a command")
        tmux.keys("by file")
        tmux.until_words("Addresses, one a line")
        tmux.keys("\r")
        tmux.until_words("Select users by file")
        tmux.keys(f"{file.name}\r")
        tmux.until_words(
            f"{LINES - 3:,} addresses in E-Mail, read as UTF-16.",
            f"1 found, {LINES - 4:,} not found, 1 of somebody named before, 1 without an",
            "nobody0@elsewhere.example",
            "[ Select 1 user ]",
        )


class FarAway:
    """Somebody to whom each byte takes DELAY seconds, either way."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._sent: deque[tuple[float, bytes]] = deque()
        self._coming: deque[tuple[float, bytes]] = deque()

    def keys(self, keys: str) -> None:
        """Press keys, as fast as somebody does who types ahead of what is shown."""
        for letter in keys:
            self._sent.append((time.monotonic() + DELAY, letter.encode()))
            self.listen(0.08)

    def listen(self, seconds: float) -> None:
        """Let the line do what it does for so long."""
        ends = time.monotonic() + seconds
        while (now := time.monotonic()) < ends:
            while self._sent and self._sent[0][0] <= now:
                os.write(self.terminal.line, self._sent.popleft()[1])
            while self._coming and self._coming[0][0] <= now:
                self.terminal.take(self._coming.popleft()[1])
            if select.select([self.terminal.line], [], [], 0.01)[0]:
                self._coming.append((now + DELAY, os.read(self.terminal.line, 65_536)))

    def until(self, *words: str) -> None:
        """Wait until all words stand on the screen that is seen here."""
        deadline = time.monotonic() + PATIENCE
        while not all(word in self.terminal.text for word in words):
            assert time.monotonic() < deadline, self.terminal.text
            self.listen(0.05)


def a_slow_line() -> None:
    """300 ms each way: what is typed ahead, a search and moves in its list as well, arrives in
    order and where it belongs, and what is seen in the end is what there is.
    """
    with on_a_terminal(demo()) as terminal:
        far = FarAway(terminal)
        to_the_list(far.keys, far.until)
        far.until(f"read {USERS} of {USERS}")
        far.keys("/contoso kind:member \rjjj ")
        far.until("1 selected, 0 not in view")
        rows = terminal.rows
        assert [row[:2] for row in rows[7:12]] == ["  ", "  ", "  ", " *", "> "], terminal.text
        assert "contoso" in rows[4], terminal.text
        assert "[kind:member]" in rows[4], terminal.text
        assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM


def nobody_reads() -> None:
    """The line is dead for ten seconds while much is drawn: browsers are answered meanwhile."""
    with on_a_terminal(demo()) as terminal:
        connect(terminal.type, terminal.until)
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
    """The client is dead for ten seconds and then gone, while a large directory is read: the app
    goes on, and whoever comes back finds all of it.
    """
    with in_tmux("tmux-256color", MANY) as tmux:
        attach = ["-c", _ATTACH, TMUX, "-L", tmux.name, "attach"]
        with on_a_terminal(attach) as client:
            client.until("No company yet.")
            to_the_list(tmux.keys, tmux.until_words)
            time.sleep(DROPPED)
            tmux.until_words(f"read {MANY:,} of {MANY:,}")
            client.until(f"{MANY:,}")
        tmux.keys("/kind:guest \rj ")
        tmux.until_words("1 selected, 0 not in view")
        with on_a_terminal(attach) as client:
            client.until("1 selected, 0 not in view")


_ATTACH = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
_TERMS = ("screen", "screen-256color", "tmux-256color", "linux", "vt220")

CHECKS: dict[str, Callable[[], None]] = {
    **{f"sizes, TERM={term}": partial(sizes_in, term) for term in _TERMS},
    "sizes in screen": in_screen,
    "a large file": a_large_file,
    "a slow line": a_slow_line,
    "nobody reads": nobody_reads,
    "a dropped line in tmux": a_dropped_line_in_tmux,
}


def main(names: Sequence[str]) -> None:
    """Make the checks of these names, or all."""
    for name in names or CHECKS:
        CHECKS[name]()
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
