"""A paste of any length arrives whole, unseen, and the terminal is given back as it was."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terminal import Terminal, on_a_terminal
from ttr_tui.cli import pasting
from ttr_tui.cli.terminal_paste import TerminalPaste
from ttr_tui.errors import PasteUnusable
from ttr_tui.pasted import LONGEST

TEXT = ("https://portal.contoso.com/x?code=" + "aB3_-dqe1" * 2_000)[:16_384]
BRACKETED = f"\x1b[200~{TEXT}\x1b[201~"


def told(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


@contextmanager
def reading() -> Iterator[Terminal]:
    with on_a_terminal(["-m", "tests.cli.pty_pasting", "-"]) as terminal:
        terminal.until("ctrl+c gives up.", "\x1b[?2004h")
        terminal.out = b""
        yield terminal


def end_of(terminal: Terminal) -> str:
    """Return all that came after it was asked for, up to its end."""
    terminal.until("ended ", "line mode")
    shown = terminal.out.decode()
    assert "\x1b[?2004l" in shown
    assert "line mode True." in shown
    return shown


@pytest.mark.parametrize(
    "keys", [BRACKETED, f"{TEXT}\n", f"{TEXT}\r", f"{TEXT}\x04", f"{TEXT}\n\n"]
)
def test_sixteen_kilobytes_in_one_line_arrive_whole(keys: str) -> None:
    """Bracketed, or as keys ended by enter or ctrl+d; none of it is shown, the loop goes on."""
    with reading() as terminal:
        terminal.pour(keys)
        shown = end_of(terminal)
        assert f"{told(TEXT)} pause" in shown
        assert "Read 16,384 characters." in shown
        assert "aB3_" not in shown
        pause = re.search(r"pause (\d+)\.", shown)
        assert pause is not None
        assert int(pause[1]) < 500


def test_line_breaks_within_a_paste_do_not_end_it() -> None:
    """Neither in brackets, whatever the pause, nor as keys on a slow line."""
    half = f"{TEXT[:8_000]}\n"
    with reading() as terminal:
        terminal.pour(f"\x1b[200~{half}")
        terminal.read(pasting.PAUSE + 0.3)
        terminal.pour(f"{TEXT[8_000:]}\x1b[20")
        terminal.pour("1~")
        assert told(TEXT) in end_of(terminal)
    with reading() as terminal:
        terminal.pour(half)
        terminal.read(pasting.PAUSE / 3)
        terminal.pour(f"{TEXT[8_000:]}\n")
        assert told(TEXT) in end_of(terminal)


def test_a_megabyte_is_taken_and_more_refused() -> None:
    """What is too much is read to its end: a shell would take the rest for commands."""
    with reading() as terminal:
        terminal.pour(f"\x1b[200~{'a' * 1_000_000}\x1b[201~")
        assert f"Read 1,000,000 characters.\r\ngot 1000000 {told('a' * 1_000_000)}" in end_of(
            terminal
        )
    for length in (LONGEST + 1, 2 * LONGEST):
        with reading() as terminal:
            terminal.pour(f"\x1b[200~{'a' * length}\x1b[201~")
            assert "There is more than 1,048,576 characters" in end_of(terminal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_giving_up_gives_the_terminal_back(number: signal.Signals) -> None:
    """By ctrl+c, in the middle of a paste too, or from outside."""
    with reading() as terminal:
        terminal.type("\x1b[200~half of it")
        if number is signal.SIGINT:
            terminal.type("\x03")
        else:
            terminal.process.send_signal(number)
        assert f"ended {128 + number}," in end_of(terminal)


def test_what_is_typed_can_be_corrected() -> None:
    """Backspace and ctrl+u, though nothing is shown."""
    with reading() as terminal:
        terminal.type("wrong\x15AADSTS5001q\x7f1\r")
        assert told("AADSTS50011") in end_of(terminal)


@given(st.binary(max_size=60), st.lists(st.integers(0, 80), max_size=8))
def test_pieces_make_no_difference(inside: bytes, cuts: list[int]) -> None:
    """Marks and text may be cut anywhere on their way."""
    inside = re.sub(rb"[\x04\x15\x1b\x7f]", b"", inside)
    whole = b"x\x1b[200~" + inside + b"\x1b[201~"
    paste = TerminalPaste(LONGEST)
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(whole)], strict=True):
        if whole[begin:end]:
            assert not paste.may_be_over or inside == b""
            paste.take(whole[begin:end])
    assert paste.may_be_over
    assert not paste.ended
    assert paste.typed() == b"x" + inside


async def test_files_are_read_whatever_wrote_them(tmp_path: Path) -> None:
    """Of one long line; with a byte order mark; in UTF-16, as Windows may save it."""
    path = tmp_path / "answer.txt"
    path.write_text(TEXT)
    assert await pasting.read_text(str(path)) == TEXT
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert await pasting.read_text(str(path)) == TEXT
    path.write_bytes(TEXT.encode("utf-16"))
    assert await pasting.read_text(str(path)) == TEXT
    path.write_bytes(b"a\xff")
    assert await pasting.read_text(str(path)) == "a\udcff"


async def test_what_cannot_be_read_has_a_sentence(tmp_path: Path) -> None:
    """Absent, a directory, too large, a pipe that stays silent."""
    pipe, large = tmp_path / "pipe", tmp_path / "large"
    os.mkfifo(pipe)
    large.write_bytes(b"a" * (LONGEST + 1))
    for path, sentence in (
        (tmp_path / "absent", "No such file"),
        (tmp_path, "is a directory"),
        (large, "more than 1,048,576"),
        (Path("/dev/zero"), "more than 1,048,576"),
        (tmp_path / "nul\0", "its name cannot be used"),
        (tmp_path / "esc\x1b[2J", "<1b>[2J cannot be read"),
    ):
        with pytest.raises(PasteUnusable, match=re.escape(sentence)):
            await pasting.read_text(str(path))
    beats = asyncio.ensure_future(_beats())
    with pytest.raises(PasteUnusable, match="nothing was written"):
        await pasting.read_text(str(pipe))
    assert beats.cancel(), "the loop went on meanwhile"


async def _beats() -> None:
    while True:
        before = time.monotonic()
        await asyncio.sleep(0.01)
        assert time.monotonic() - before < 0.2


def test_a_pipe_is_read_to_its_end() -> None:
    """Also when it is slow; a closed one has a sentence."""
    program = [sys.executable, "-m", "tests.cli.pty_pasting", "-"]
    with subprocess.Popen(  # noqa: S603 - our own program
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(TEXT[:5_000])
        process.stdin.flush()
        time.sleep(0.4)
        out, _ = process.communicate(TEXT[5_000:])
    assert f"got 16384 {told(TEXT)}" in out
    closed = f"{sys.executable} -m tests.cli.pty_pasting - <&-"
    done = subprocess.run(  # noqa: S602 - a shell, to close it
        closed, check=False, shell=True, capture_output=True, text=True
    )
    assert "standard input is closed" in done.stdout
