"""From bytes to text: which encoding it is, by its mark, by its NULs, or by trying."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from ttr_tui.errors import AddressFileUnusable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    # Before UTF-16, whose mark this one begins with.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a zip begins, and so an .xlsx; and how an .xls does."""

_SAMPLE = 4_096


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes were read; `guessed`: nothing in them says so."""

    name: str
    guessed: bool = False


def decoded(contents: bytes, name: str) -> tuple[str, Encoding]:
    """Return the text of `contents` and its encoding; raises AddressFileUnusable for what is none.

    Windows-1252 is the last resort: it reads anything, and only addresses matter here, whose
    letters it shares with the others.
    """
    if contents.startswith(_WORKBOOKS):
        raise AddressFileUnusable(
            f"{name} is a workbook or an archive, not a text.",
            means="Nobody was chosen.",
            cure='Save it as "CSV UTF-8" first.',
        )
    for mark, codec, shown in _MARKS:
        if contents.startswith(mark):
            return _strictly(contents[len(mark) :], codec, name), Encoding(shown)
    if b"\0" in contents:
        return _strictly(contents, _wide(contents[:_SAMPLE], name), name), Encoding("UTF-16")
    try:
        return contents.decode(), Encoding("UTF-8")
    except UnicodeDecodeError:
        return contents.decode("cp1252", "replace"), Encoding("Windows-1252", guessed=True)


def _wide(sample: bytes, name: str) -> str:
    """Return which UTF-16 it is: separators and addresses are ASCII, one half of them NUL."""
    at_even, at_odd = sample[::2].count(0), sample[1::2].count(0)
    if at_odd > 3 * at_even:
        return "utf-16-le"
    if at_even > 3 * at_odd:
        return "utf-16-be"
    raise _no_text(name)


def _strictly(contents: bytes, codec: str, name: str) -> str:
    try:
        text = contents.decode(codec)
    except UnicodeDecodeError:
        raise _no_text(name) from None
    if "\0" in text:
        raise _no_text(name)
    return text


def _no_text(name: str) -> AddressFileUnusable:
    return AddressFileUnusable(
        f"{name} is no text, or was damaged or cut off.",
        means="Nobody was chosen.",
        cure='Save it as "CSV UTF-8", or write one address a line.',
    )
