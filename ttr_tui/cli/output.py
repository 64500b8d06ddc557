"""What a command prints: data on stdout, as text or as JSON; narration on stderr; all clean."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ttr_tui.cli.records import error_record
from ttr_tui.errors import SettingsFaulty
from ttr_tui.text import cells, clean

if TYPE_CHECKING:
    from ttr_tui.errors import TtrError

MEASURED_ROWS = 500
"""So many rows of a long list decide how wide its columns are."""

PACE = 1.0
"""Seconds between two lines that tell of the same progress."""


TOGETHER = 500
"""Records of a long list that are written at once."""


class Output:
    """Prints for one command; with `as_json` stdout holds JSON and nothing else."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._paced_at = 0.0

    def reaches_a_person(self) -> bool:
        """Tell whether what is printed as data is read on a terminal."""
        return not self.as_json and sys.stdout.isatty()

    def say(self, sentence: str, *, whole: bool = False) -> None:
        """Tell a person what goes on, on stderr; a terminal gets it broken at words.

        `whole` is for a line that is to be copied.
        """
        said = clean(sentence)
        for row in [said] if whole else _broken_at_words(said):
            click.echo(row, err=True)

    def pace(self, sentence: str) -> None:
        """Tell of progress, at most once a second."""
        moment = time.monotonic()
        if moment - self._paced_at >= PACE:
            self._paced_at = moment
            self.say(sentence)

    def record(self, document: Mapping[str, Any]) -> None:
        """Print one JSON document, on a line of its own."""
        click.echo(json.dumps(cleaned(document)))

    async def stream(
        self, head: Mapping[str, Any], name: str, records: AsyncIterator[Mapping[str, Any]]
    ) -> None:
        """Print one JSON document that ends with a list of any length, never held whole."""
        click.echo(f"{json.dumps(cleaned(head))[:-1]}, {json.dumps(name)}: [", nl=False)
        waiting, begun = [], False
        async for record in records:
            waiting.append(json.dumps(cleaned(record)))
            if len(waiting) == TOGETHER:
                click.echo((", " if begun else "") + ", ".join(waiting), nl=False)
                waiting, begun = [], True
        click.echo((", " if begun and waiting else "") + ", ".join(waiting) + "]}")

    def line(self, written: str) -> None:
        """Print one line of text as data."""
        click.echo(clean(written))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under their heads, in columns as wide as their widest cell."""
        self._head(heads, rows)

    def columns(self, row: Sequence[str], widths: Sequence[int]) -> None:
        """Print one row of a long list, in columns of at least these widths; nothing is cut."""
        shown = [clean(cell) for cell in row]
        padded = [
            cell + " " * (width - cells(cell)) for cell, width in zip(shown, widths, strict=True)
        ]
        click.echo("  ".join(padded).rstrip())

    async def long_table(self, heads: Sequence[str], rows: AsyncIterator[Sequence[str]]) -> int:
        """Print rows as they come, in columns as wide as the first of them need; return how many.

        What is as short as most lists are looks as `table` prints it.
        """
        first: list[Sequence[str]] = []
        widths: list[int] | None = None
        count = 0
        async for row in rows:
            count += 1
            if widths is not None:
                self.columns(row, widths)
                continue
            first.append(row)
            if len(first) == MEASURED_ROWS:
                widths = self._head(heads, first)
        if widths is None and first:
            self._head(heads, first)
        return count

    def _head(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
        shown = [[clean(cell) for cell in row] for row in (heads, *rows)]
        widths = [max(cells(row[column]) for row in shown) for column in range(len(heads))]
        for row in shown:
            self.columns(row, widths)
        return widths

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Print labels with their values, leaving out what has none."""
        width = max((len(label) for label, value in pairs if value), default=0)
        for label, value in pairs:
            if value:
                click.echo(f"{label:<{width}}  {clean(value)}")

    def refuse(self, problem: TtrError) -> int:
        """Say what went wrong and what to do; return the exit status that says so."""
        self.tell(problem)
        if self.as_json:
            self.record({"error": error_record(problem)})
        return 2 if isinstance(problem, SettingsFaulty) else 1

    def tell(self, problem: TtrError) -> None:
        """Say what went wrong and what to do, with Microsoft's identifiers, on stderr."""
        self.say(problem.sentence())
        for sentence in problem.faults if isinstance(problem, SettingsFaulty) else ():
            # It may end with a command.
            self.say(f"  {sentence}", whole=True)
        evidence = problem.evidence
        for label, value in (
            ("code", evidence.code),
            ("correlation id", evidence.correlation_id),
            ("trace id", evidence.trace_id),
            ("time", evidence.timestamp),
        ):
            if value:
                self.say(f"  {label} {value}")


def _broken_at_words(sentence: str) -> list[str]:
    """Return the rows of a sentence on stderr's terminal, which would break it anywhere."""
    wide = 0
    # Without a terminal there is no width, and of a closed one none can be told.
    with suppress(OSError, ValueError):
        wide = os.get_terminal_size(sys.stderr.fileno()).columns
    if not wide or cells(sentence) <= wide:
        return [sentence]
    indent = " " * (len(sentence) - len(sentence.lstrip(" ")))
    return textwrap.wrap(
        sentence, wide, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def cleaned(value: Any) -> Any:
    """Return a JSON value with every string in it cleaned, as shown text is."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(inner) for inner in value]
    return value
