"""Who is named in a file: addresses, one a line or in a column of a table. Pure: reads bytes.

Programs write such files in several encodings, with several separators and under many headings.
What they mean is found out here; what could not be read is listed with its line, never left out
in silence.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ttr_tui.address_file.decoding import decoded
from ttr_tui.address_file.layout import Layout, Record, layout_of, records
from ttr_tui.errors import AddressFileUnusable
from ttr_tui.text import number, plural

__all__ = ["LARGEST", "AddressFile", "Entry", "Unusable", "read_addresses", "too_large"]

LARGEST = 64 << 20
"""Bytes that are read: 200,000 lines of forty columns, or of two in UTF-16, take less."""

MOST_LINES = 2_000_000

_LONGEST_SHOWN = 80


class Entry(NamedTuple):
    """An address, or an object id, and the line it stands in, counted from 1."""

    line: int
    address: str


class Unusable(NamedTuple):
    """A line that names nobody, and what stands in it, cut."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class AddressFile:
    """What a file holds: `entries` has each address once, `twice` where it stands again.

    `encoding` is what the file was read as; `guessed` when it says so nowhere, and letters beyond
    ASCII may be wrong. `column` says where in a line the addresses stand, empty: all over it.
    """

    entries: tuple[Entry, ...]
    twice: tuple[Entry, ...]
    unusable: tuple[Unusable, ...]
    encoding: str
    guessed: bool
    column: str


def read_addresses(contents: bytes, name: str = "The file") -> AddressFile:
    """Return who is named in a file; `name` is what its errors call it.

    UTF-8, UTF-16 and UTF-32 are told by their marks, UTF-16 also without; what is none of them is
    read as Windows-1252. Cells are apart by semicolon, tab or comma and may be quoted. In a table
    the column is found by its heading, else by what stands in it. 200,000 lines take less than a
    second.

    Raises AddressFileUnusable for what is too large, no text, or names nobody.
    """
    if len(contents) > LARGEST:
        raise too_large(name)
    text, encoding = decoded(contents, name)
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise AddressFileUnusable(
            f"{name} has more than {number(MOST_LINES)} lines.",
            means="Nobody was chosen.",
            cure="Cut the file in two.",
        )
    layout = layout_of(text)
    entries: dict[str, Entry] = {}
    twice: list[Entry] = []
    unusable: list[Unusable] = []
    for record in _data(text, layout, name):
        found = layout.addresses(record)
        for address in found:
            entry = Entry(record.line, address)
            if entries.setdefault(address.casefold(), entry) is not entry:
                twice.append(entry)
        if not found or (record.line != record.last and layout.passes_over(record)):
            unusable.append(Unusable(record.line, _shown(record)))
    if not entries:
        raise _nobody(name, len(unusable))
    return AddressFile(
        entries=tuple(entries.values()),
        twice=tuple(twice),
        unusable=tuple(unusable),
        encoding=encoding.name,
        guessed=encoding.guessed,
        column=layout.column,
    )


def too_large(name: str) -> AddressFileUnusable:
    """Return the refusal of a file of more than LARGEST bytes."""
    return AddressFileUnusable(
        f"{name} is larger than {LARGEST >> 20} MB.",
        means="Nothing of it was read.",
        cure="Keep only the column of addresses, or cut the file in two.",
    )


def _data(text: str, layout: Layout, name: str) -> Iterator[Record]:
    """Yield the records that are neither blank nor above the data."""
    line = 0
    try:
        for record in records(text, layout.separator):
            line = record.last
            if record.line > layout.above and any(map(str.strip, record.cells)):
                yield record
    except csv.Error:
        raise AddressFileUnusable(
            f'{name} cannot be read from line {number(line + 1)} on: a cell of it has no end. A " '
            "that is never closed does that.",
            means="Nobody was chosen.",
            cure="Mend that line.",
        ) from None


def _shown(record: Record) -> str:
    text = " ".join(" ".join(filter(None, record.cells)).split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "~"


def _nobody(name: str, lines: int) -> AddressFileUnusable:
    what = f"there is no address in {plural(lines, 'line')}" if lines else "it is empty"
    return AddressFileUnusable(
        f"{name} names nobody: {what}.",
        means="Nobody was chosen.",
        cure="Write one address a line, or a table with a column of addresses.",
    )
