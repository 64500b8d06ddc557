"""The addresses in one cell, however a program wrote them there."""

from __future__ import annotations

import re

LONGEST = 320
"""Characters: 64 before the `@` and 255 behind it (RFC 5321 section 4.5.3.1)."""

_PART = r"[^\s@<>(),;:|\"\[\]\\\x00-\x1f\x7f\ufffd]+"
_EXACT = re.compile(
    rf"(?!['`‘’“”„{{]){_PART}@{_PART}(?<![.'`’”“}}])"
    r"|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
)
_NAMED = re.compile(rf"[^<>@]*<({_PART}@{_PART})>\s*")
_ANGLED = re.compile(r"<([^<>]*)>")
_REMARK = re.compile(r"\([^()]*\)")
_BETWEEN = re.compile(r"[;,]")
_APART = re.compile(r"[|\s]+")
_PREFIX = re.compile(r"(?:smtp|mailto):", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(
    (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF)
)
_EDGES = "'`‘’“”„\"{}"


def addresses_in(cell: str) -> list[str]:
    """Return the addresses and object ids in a cell; none when anything else stands there.

    Understood are `a@b`, `Name <a@b>`, `a@b (Name)`, `SMTP:a@b`, and several of these in a row.
    """
    if len(cell) <= LONGEST and _EXACT.fullmatch(cell):
        return [cell]
    if (named := _NAMED.fullmatch(cell)) and cell.isascii() and len(named[1]) <= LONGEST:
        return [named[1]]
    visible = cell if cell.isascii() else cell.translate(_INVISIBLE)
    found: list[str] = []
    for piece in _pieces(_REMARK.sub(" ", visible)):
        bare = _bare(piece)
        if bare and (len(bare) > LONGEST or not _EXACT.fullmatch(bare)):
            return []
        found += [bare] if bare else []
    return found


def _pieces(cell: str) -> list[str]:
    """Return what must be addresses: what stands in brackets, and what has no name beside it."""
    bracketed = "<" in cell
    pieces = []
    for part in _BETWEEN.split(cell):
        if inside := _ANGLED.findall(part):
            pieces += inside
        elif "@" in part or not bracketed:
            pieces += _APART.split(part)
        # Else it is the first half of `Huber, Max <a@b>`.
    return pieces


def _bare(piece: str) -> str:
    """Return a piece without quotation marks, `SMTP:` and the full stop behind it."""
    return _PREFIX.sub("", piece.strip().strip(_EDGES), count=1).rstrip(".")
