from __future__ import annotations

import hashlib
import re
import time

from tests.terminal import PATIENCE, Terminal, on_a_terminal

TEXT = ("https://portal.contoso.com/x?code=" + "aB3_-dqe1" * 2_000)[:16_384]
DIGEST = hashlib.sha256(TEXT.encode()).hexdigest()[:8]


def heard(terminal: Terminal) -> tuple[str, int]:
    """Return what the program heard, and its longest pause in milliseconds."""
    terminal.out = b""
    terminal.type("\x14")
    deadline = time.monotonic() + PATIENCE
    while not (told := re.search(r"(\d+ fired, .*), pause (\d+)\.", terminal.out.decode())):
        assert time.monotonic() < deadline, terminal.text
        terminal.read(0.05)
    return told[1], int(told[2])


def test_sixteen_kilobytes_arrive_whole_bracketed_or_as_keys() -> None:
    """From a list as well, for a bracketed one; no key is fired, and the loop goes on."""
    with on_a_terminal(["-m", "tests.screens.pty_paste"]) as terminal:
        terminal.until("user 2", "the address the browser ended on")
        heard(terminal)
        terminal.pour(f"\x1b[200~{TEXT}\x1b[201~")
        terminal.until("16,384 characters, enter reads them", "portal.contoso.com")
        told, pause = heard(terminal)
        assert told == f"0 fired, 0 submitted, 16384 characters {DIGEST}"
        assert pause < 1_000
        terminal.type("\x15")
        letters = [len(terminal.type(letter)) for letter in "AADSTS50011"]
        assert max(letters) <= 64
        terminal.type("\x15")
        lines = "\r".join(TEXT[i : i + 76] for i in range(0, len(TEXT), 76)) + "\r"
        terminal.out = b""
        began = time.monotonic()
        terminal.pour(lines)
        terminal.until(f"{len(lines):,} characters, enter reads them")
        assert time.monotonic() - began < PATIENCE
        assert len(terminal.out) < 20_000
        terminal.read(0.4)
        told, pause = heard(terminal)
        assert told == f"0 fired, 0 submitted, {len(lines)} characters {DIGEST}"
        assert pause < 1_000
        terminal.type("\r")
        told, _ = heard(terminal)
        assert told == f"0 fired, 1 submitted, {len(lines)} characters {DIGEST}"
