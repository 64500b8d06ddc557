from __future__ import annotations

import os
import re
import signal
import urllib.request

from tests.terminal import on_a_terminal

DOMAIN = "contoso.example"


def test_the_link_is_printed_plain_and_the_terminal_given_back() -> None:
    """`u` leaves the full screen, the callback server answers meanwhile, a key comes back.

    The terminal's own cursor is shown again after it. SIGTERM ends the program in order.
    """
    with on_a_terminal(["-m", "ttr_tui", "demo", "--users", "20"]) as terminal:
        terminal.until("No company yet.", "\x1b[1m>\x1b[0m Name")
        terminal.type(f"Contoso Ltd\r{DOMAIN}\r")
        terminal.until("[ Add Contoso Ltd ]", "tenant answered")
        terminal.type("\r")
        terminal.until("no browser has come yet")
        before = len(terminal.out)
        terminal.type("u")
        terminal.until("Press a key to go back")
        left = terminal.out[before:].decode()
        assert left.index("\x1b[?1049l") < left.index("Press a key")
        link = re.search(r"\n(http://localhost:\d+/\S+)\r?\n", left)
        assert link is not None
        with urllib.request.urlopen(link[1], timeout=5) as page:
            assert page.status == 200
        again = terminal.type(" ")
        while b"\x1b[?25h" not in again:
            again += terminal.read(0.2)
        assert again.index(b"\x1b[?1049h") < again.index(b"\x1b[?25h")
        ended = len(terminal.out)
        assert terminal.end(signal.SIGTERM) == 128 + signal.SIGTERM
        given_back = terminal.out[ended:]
        assert b"\x1b[?1049l" in given_back
        assert given_back.rindex(b"\x1b[?25h") > given_back.rindex(b"\x1b[?1049l")
        assert b"Traceback" not in given_back


def test_the_program_ends_also_while_the_link_stands_plain() -> None:
    """SIGHUP (a dropped SSH line) does not wait for the key."""
    with on_a_terminal(["-m", "ttr_tui", "demo", "--users", "20"]) as terminal:
        terminal.until("No company yet.", "\x1b[1m>\x1b[0m Name")
        terminal.type(f"Contoso Ltd\r{DOMAIN}\r")
        terminal.until("tenant answered")
        terminal.type("\r")
        terminal.until("no browser has come yet")
        terminal.type("u")
        terminal.until("Press a key to go back")
        assert terminal.end(signal.SIGHUP) == 128 + signal.SIGHUP
        assert b"Traceback" not in terminal.out


def test_it_ends_when_the_terminal_is_gone_and_no_signal_says_so() -> None:
    """In a session of its own nothing sends SIGHUP; it would read an empty line for ever."""
    with on_a_terminal(["-m", "ttr_tui", "demo", "--users", "20"]) as terminal:
        terminal.until("No company yet.", "\x1b[1m>\x1b[0m Name")
        os.close(terminal.line)
        terminal.line = os.open(os.devnull, os.O_RDWR)
        # 120: Python's own word where the last flush of a dead stream fails (sys.exit).
        assert terminal.process.wait(15) in {128 + signal.SIGHUP, 120}
