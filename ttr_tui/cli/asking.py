"""Ask the person at the terminal, unless `--yes` answered before; refuse where nobody sits."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from ttr_tui.errors import NotConfirmed
from ttr_tui.text import clean

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output


def somebody_is_here() -> bool:
    """Tell whether a question would reach a person."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def require_somebody(question: str, cure: str, *, answered: bool) -> None:
    """Raise NotConfirmed unless a person can be asked, or an option has answered already."""
    if not answered and not somebody_is_here():
        raise NotConfirmed(f"{question} Nobody can be asked here.", cure=cure)


async def agree(out: Output, question: str, *, yes: bool) -> None:
    """Ask for a plain yes; raise NotConfirmed for anything else. `yes` answers without asking."""
    require_somebody(question, "Give --yes to go on without being asked.", answered=yes)
    if not yes and (await _answer(out, f"{question} Type yes to go on: ")).casefold() != "yes":
        raise NotConfirmed("That was not confirmed; nothing was changed.")


async def type_name(out: Output, question: str, name: str, *, yes: bool) -> str:
    """Ask for a name to be typed and return what was typed; `yes` returns the name itself."""
    require_somebody(question, "Give --yes to go on without being asked.", answered=yes)
    return name if yes else await _answer(out, f"{question} Type {name} to go on: ")


def read_line(prompt: str) -> str:
    """Read one line from the terminal, where nothing else goes on meanwhile.

    Raises NotConfirmed when there is none: the input has ended.
    """
    click.echo(clean(prompt), err=True, nl=False)
    line = sys.stdin.readline()
    if not line:
        raise NotConfirmed("Nothing was typed; nothing was changed.")
    return line.strip()


async def _answer(out: Output, prompt: str) -> str:
    """Read one line from the terminal; the event loop, and with it the callback server, goes on."""
    del out
    click.echo(clean(prompt), err=True, nl=False)
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()
    descriptor = sys.stdin.fileno()
    loop.add_reader(descriptor, _tell, arrived)
    try:
        await arrived
    finally:
        loop.remove_reader(descriptor)
    return sys.stdin.readline().strip()


def _tell(arrived: asyncio.Future[None]) -> None:
    if not arrived.done():
        arrived.set_result(None)
