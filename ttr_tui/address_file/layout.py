"""How a file is laid out: what is between its cells, what is above them, where addresses stand.

Found out from its first rows: for each separator, how many of them then have an address in a cell
of its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from ttr_tui.address_file.cells import addresses_in

_SEPARATORS = (";", "\t", ",")
NO_SEPARATOR = "\x1f"
"""What the reader is told where a line is one cell: it stands in no text."""

_SAMPLE = 200
"""Rows that are looked at before a layout is believed."""

_SAYS_SEPARATOR = re.compile(r"\"?sep=(.)\"?\s*", re.IGNORECASE)
"""The first line with which a spreadsheet program is told what stands between cells."""

_HEADINGS = (
    ("userprincipalname", "upn", "benutzerprinzipalname", "nomdutilisateurprincipal"),
    (
        *("primarysmtpaddress", "windowsemailaddress", "mail", "email", "emailaddress"),
        *("mailaddress", "smtpaddress", "emails", "emailid", "emailadresse", "mailadresse"),
        *("workemail", "adresseemail", "adressedemessagerie", "courriel", "correo"),
        *("correoelectronico", "eposta", "epost", "emailaddresses", "proxyaddresses"),
    ),
    ("objectid", "userobjectid", "externaldirectoryobjectid", "userid", "id"),
    ("address", "adresse", "user", "username", "benutzer", "member", "mailbox", "postfach"),
    ("login", "loginname", "account", "identity", "windowsliveid"),
)
"""What a column of addresses is called, as letters alone; the surer names first."""

_RANKS = {name: rank for rank, names in enumerate(_HEADINGS) for name in names}
_NO_LETTERS = re.compile(r"[\W_]+")


class Record(NamedTuple):
    """One record: the lines it begins and ends on, and its cells."""

    line: int
    last: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """`above` lines stand before the data; `columns` are read in that order, none: all cells.

    `column` is the first one's heading, or its place in words.
    """

    separator: str
    above: int = 0
    columns: tuple[int, ...] = ()
    column: str = ""

    def passes_over(self, record: Record) -> bool:
        """Tell whether lines with addresses stand in a quoted cell that is not looked at.

        That is what a quotation mark makes of the lines below it when it is never closed.
        """
        read = self.cells(record)
        return any("@" in cell and "\n" in cell and cell not in read for cell in record.cells)

    def cells(self, record: Record) -> list[str]:
        """Return the cells of a record in which an address may stand."""
        if not self.columns:
            return record.cells
        return [record.cells[i] for i in self.columns if i < len(record.cells)]

    def addresses(self, record: Record) -> list[str]:
        """Return the addresses of a record.

        Of several columns the first one with an address counts: they are names of one user.
        """
        for i in self.columns:
            if i < len(record.cells) and (found := addresses_in(record.cells[i])):
                return found
        if self.columns:
            return []
        if len(record.cells) == 1:
            return addresses_in(record.cells[0])
        each = [addresses_in(cell) for cell in record.cells if cell.strip()]
        return [address for found in each for address in found] if all(each) else []


def records(text: str, separator: str) -> Iterator[Record]:
    """Yield the records of a text; raises csv.Error for a cell without end."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    begins = 1
    for cells in reader:
        ends = reader.line_num
        yield Record(begins, ends, cells)
        begins = ends + 1


def layout_of(text: str) -> Layout:
    """Return how a text is laid out."""
    if said := _SAYS_SEPARATOR.fullmatch(text[: text.find("\n") + 1]):
        return _layout(said[1], _sample(text, said[1])[1:])
    candidates = [_layout(each, _sample(text, each)) for each in (*_SEPARATORS, NO_SEPARATOR)]
    # Of equals the first: where no line has a separator in it, they all say the same.
    best = max(candidates, key=lambda one: _worth(one, _sample(text, one.separator)))
    headed, _ = _worth(best, _sample(text, best.separator))
    lines, whole = _sample(text, NO_SEPARATOR), Layout(NO_SEPARATOR)
    # A line of recipients, as mail programs write them, is no row of a table.
    recipients = sum(bool(whole.addresses(line)) for line in lines)
    return whole if not headed and 2 * recipients >= len(lines) else best


def _sample(text: str, separator: str) -> list[Record]:
    try:
        read = list(islice(records(text, separator), _SAMPLE))
    except csv.Error:
        return []
    return [record for record in read if any(map(str.strip, record.cells))]


def _worth(layout: Layout, sample: Sequence[Record]) -> tuple[bool, int]:
    """Return how well a layout explains a sample: a heading it knows, then single addresses."""
    data = [record for record in sample if record.line > layout.above]
    clean = sum(any(len(addresses_in(cell)) == 1 for cell in layout.cells(one)) for one in data)
    return bool(layout.above and len(layout.columns) and clean), clean


def _layout(separator: str, sample: Sequence[Record]) -> Layout:
    if not sample:
        return Layout(separator)
    head, data = sample[0], sample[1:]
    ranked = sorted((_RANKS.get(_letters(cell), 99), i) for i, cell in enumerate(head.cells))
    named = tuple(i for rank, i in ranked if rank < 99)
    if named and any(Layout(separator, 0, named).addresses(record) for record in data):
        return Layout(separator, head.last, named, head.cells[named[0]].strip())
    return _by_contents(separator, sample)


def _by_contents(separator: str, sample: Sequence[Record]) -> Layout:
    """Return the layout of a table whose headings say nothing, or which has none."""
    first = sample[0]
    headed = len(first.cells) > 1 and not any(map(addresses_in, first.cells))
    above = first.last if headed else first.line - 1
    data = [record for record in sample if record.line > above]
    width = max((len(record.cells) for record in data), default=0)
    everywhere = all(Layout(separator).addresses(record) for record in data)
    if width < 2 or everywhere:
        return Layout(separator, above)
    best = _fullest(data, width)
    heading = first.cells[best].strip() if headed and best < len(first.cells) else ""
    return Layout(separator, above, (best,), heading or f"column {best + 1}")


def _fullest(data: Sequence[Record], width: int) -> int:
    """Return the first column in which at least half of what stands there are addresses.

    Where there is none, that with the most.
    """
    hits, filled = [0] * width, [0] * width
    for record in data:
        for i, cell in enumerate(record.cells):
            filled[i] += bool(cell.strip())
            hits[i] += bool(cell.strip() and addresses_in(cell))
    fitting = (i for i in range(width) if hits[i] and 2 * hits[i] >= filled[i])
    return next(fitting, hits.index(max(hits)))


def _letters(heading: str) -> str:
    return _NO_LETTERS.sub("", heading.casefold())
