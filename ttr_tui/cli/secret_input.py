"""Take a client secret: typed unseen, from a file, or from a pipe; never from the command line."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import click

from ttr_tui.cli.asking import read_line, require_somebody
from ttr_tui.errors import SecretUnusable
from ttr_tui.model import Secret, now
from ttr_tui.settings.opened import first_bytes
from ttr_tui.settings.registration import LONGEST_SECRET
from ttr_tui.text import clean

STANDARD_INPUT = "-"
SECRET_FILE = "Read the secret from this file; - is standard input. Else it is typed, unseen."  # noqa: S105 - a help text
_ECHO = 3
"""Where termios keeps the local modes."""


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{clean(value)} is no day as YYYY-MM-DD.", param, ctx)


def take_secret(source: str, prompt: str) -> Secret:
    """Return the secret in the file `source`, from standard input (`-`), or what is typed.

    Raises SecretUnusable when it cannot be read, NotConfirmed where nobody can be asked.
    """
    if source and source != STANDARD_INPUT:
        return _text_of(lambda: first_bytes(Path(source), LONGEST_SECRET + 1), clean(source))
    if source and not sys.stdin.isatty():
        return _text_of(lambda: sys.stdin.buffer.read(LONGEST_SECRET + 1), "Standard input")
    require_somebody(prompt.strip(), "Give --secret-file.", answered=False)
    with _unseen(sys.stdin.fileno()):
        return Secret(read_line(prompt))


def take_day(prompt: str) -> date | None:
    """Ask for a day until there is one that is not over; nothing typed is none."""
    while True:
        typed = read_line(prompt)
        if not typed:
            return None
        said = "Write it as YYYY-MM-DD, or press enter alone."
        with suppress(ValueError):
            day = date.fromisoformat(typed)
            if day >= now().date():
                return day
            said = "That day is over. " + said
        click.echo(said, err=True)


def _text_of(read: Callable[[], bytes], called: str) -> Secret:
    try:
        return Secret(read().decode("utf-8-sig").strip())
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", "") or "it is no text"
        raise SecretUnusable(
            f"{called} cannot be read: {reason}.",
            means="Nothing was changed.",
            cure="Name a file with the secret alone in it.",
        ) from failure


@contextmanager
def _unseen(descriptor: int) -> Iterator[None]:
    """Echo nothing of what is typed; give the terminal back as it was, however this is left."""
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[_ECHO] &= ~termios.ECHO
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        click.echo(err=True)
