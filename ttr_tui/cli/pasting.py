"""Read what somebody pastes: from a file, from a pipe, or whole from the terminal.

In line mode the kernel keeps 4,095 characters of a line (termios(3), ICANON) and an address has
more, so the terminal leaves it for as long as is read. What comes is a secret and is not echoed.
The event loop, and with it the callback server, goes on.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import click

from ttr_tui.cli.terminal_paste import TerminalPaste
from ttr_tui.errors import PasteUnusable
from ttr_tui.pasted import LONGEST
from ttr_tui.settings.opened import first_bytes
from ttr_tui.text import clean, plural

STANDARD_INPUT = "-"
PAUSE = 0.7
"""Seconds of silence that end a paste, once it may be over; a slow line takes shorter ones."""

_INPUT = 0
_PIECE = 65_536
_LOOK_EVERY = 0.1
_BRACKETS_ON, _BRACKETS_OFF = "\x1b[?2004h", "\x1b[?2004l"
_ASK = (
    "Paste the address the browser ended on, its code, or an AADSTS number. It is not shown here. "
    "It ends by itself, else with enter or ctrl+d; ctrl+c gives up."
)


_NAME_A_FILE = "Name a file instead."


async def read_text(source: str) -> str:
    """Return the text in the file `source`, or what is pasted or piped in when it is `-`.

    Raises PasteUnusable when a file cannot be read, or there is more than is ever looked at.
    """
    if source != STANDARD_INPUT:
        return _text_of(await asyncio.to_thread(_from_file, Path(source)))
    if sys.stdin is None:
        raise PasteUnusable("Nothing can be read: standard input is closed.", cure=_NAME_A_FILE)
    if os.isatty(_INPUT):
        return await _from_terminal(_INPUT)
    over = Event()
    try:
        return _text_of(await asyncio.to_thread(_to_its_end, _INPUT, over))
    except OSError as failure:
        raise PasteUnusable(
            f"Standard input cannot be read: {failure.strerror}.", cure=_NAME_A_FILE
        ) from failure
    finally:
        over.set()


def _from_file(path: Path) -> bytes:
    try:
        return first_bytes(path, LONGEST + 1)
    except IsADirectoryError as failure:
        raise PasteUnusable(
            f"{clean(path)} is a directory.", cure="Name the file inside it."
        ) from failure
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", "") or "its name cannot be used"
        raise PasteUnusable(
            f"{clean(path)} cannot be read: {reason}.", cure="Name another file, or - to paste."
        ) from failure


def _to_its_end(descriptor: int, over: Event) -> bytes:
    """Read a pipe or a file; look now and then whether the program ends meanwhile."""
    read = bytearray()
    while len(read) <= LONGEST and not over.is_set():
        if select.select([descriptor], [], [], _LOOK_EVERY)[0]:
            piece = os.read(descriptor, _PIECE)
            if not piece:
                break
            read += piece
    return bytes(read)


def _text_of(read: bytes, *, too_much: bool = False) -> str:
    """Decode; a byte that is no UTF-8 becomes a lone surrogate, which whoever reads on refuses."""
    if too_much or len(read) > LONGEST:
        raise PasteUnusable(
            f"There is more than {plural(LONGEST, 'character')}, far more than Microsoft's "
            "answers have.",
            cure="Give the address the browser ended on, and nothing else.",
        )
    if read.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return read.decode("utf-16", "replace")
    return read.decode("utf-8-sig", "surrogateescape")


async def _from_terminal(descriptor: int) -> str:
    paste = TerminalPaste(2 * LONGEST)
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take() -> None:
        # Here and not where it is waited for: by then it may be read already, and reading waits.
        paste.take(_read(descriptor))
        arrived.set()

    with _raw(descriptor):
        loop.add_reader(descriptor, take)
        try:
            with suppress(TimeoutError):
                while not paste.ended:
                    async with asyncio.timeout(PAUSE if paste.may_be_over else None):
                        await arrived.wait()
                    arrived.clear()
        finally:
            loop.remove_reader(descriptor)
    text = _text_of(paste.typed(), too_much=paste.too_much)
    click.echo(f"Read {plural(len(text.strip()), 'character')}.", err=True)
    return text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _PIECE)
    except OSError:  # the terminal hung up
        return b""


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Take single characters, unseen; give the terminal back as it was, however this is left.

    Signals stay the terminal's: ctrl+c ends the command. What is not read by then is thrown away:
    a shell would take it for commands.
    """
    before = termios.tcgetattr(descriptor)
    raw = termios.tcgetattr(descriptor)
    raw[0] &= ~(termios.IXON | termios.IXOFF)
    raw[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    brackets = sys.stderr.isatty()
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, raw)
        click.echo(_ASK, err=True)
        click.echo(_BRACKETS_ON if brackets else "", err=True, nl=False)
        yield
    finally:
        with suppress(OSError):
            click.echo(_BRACKETS_OFF if brackets else "", err=True, nl=False)
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
