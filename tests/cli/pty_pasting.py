"""A program for a terminal: reads a paste while its loop beats, and tells what came of it."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import sys
import termios
import time

import click

from ttr_tui.cli.ending import run_to_end
from ttr_tui.cli.pasting import read_text
from ttr_tui.errors import PasteUnusable

BEAT = 0.005
pauses = [0.0]


async def beat() -> None:
    """Notice when nothing else gets its turn."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(BEAT)
        pauses.append(time.monotonic() - before - BEAT)


async def work() -> int:
    """Read, and print a digest of it."""
    beating = asyncio.ensure_future(beat())
    try:
        text = await read_text(sys.argv[1])
        digest = hashlib.sha256("".join(text.split()).encode()).hexdigest()[:8]
        click.echo(f"got {len(text)} {digest} pause {1000 * max(pauses):.0f}.")
    except PasteUnusable as refused:
        click.echo(refused.sentence())
        return 1
    finally:
        beating.cancel()
    return 0


def line_mode() -> bool:
    """Tell whether the terminal edits lines and echoes, as a shell finds it."""
    flags = termios.tcgetattr(0)[3]
    return bool(flags & termios.ICANON and flags & termios.ECHO)


def have_terminal() -> None:
    """Make the terminal this session's, so that ctrl+c is a signal, as for a shell's command."""
    if sys.stdin is not None and sys.stdin.isatty():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


if __name__ == "__main__":
    have_terminal()
    status = run_to_end(work)
    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(f"ended {status}, line mode {line_mode()}.")
