"""Words for people: what came from outside made harmless, and cut, counted and dated as drawn.

Widths are terminal cells, whatever the script. `clean` belongs to the moment at which something
is shown or written; what is stored and compared stays as it came.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, tzinfo

CUT = "~"
"""The mark of everything that was cut; one cell in every locale."""

_JOINERS = "\u200c\u200d"  # needed to write Persian, Hindi and emoji
_NUMBER_SIGNS = (
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_SHOWN_FORMATS = frozenset(_JOINERS + _NUMBER_SIGNS)
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")

_FOLDED = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ŋ": "n",
        "ı": "i",
        "ə": "e",
        "ɛ": "e",
        "ɔ": "o",
        "ɓ": "b",
        "ɗ": "d",
        "ɖ": "d",
        "ƙ": "k",
        "ƴ": "y",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "ʻ": "'",
        "‐": "-",
        "–": "-",
    }
)
_KEPT_MARKS = (8, 9)  # combining classes: the voicing of kana and the virama are letters' halves
_MOST_BARE = 20_000  # characters; a directory cannot fill the memory with ever new ones

_POWERSHELL_QUOTES = re.compile("['\u2018-\u201b]")
_FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_IRREGULAR = {"child": "children", "person": "people"}
_LONGEST_AGO = 99
_DAY = 86_400


def clean(value: object, limit: int = 0) -> str:
    """Return `value` as text that cannot steer a terminal, a page, a log or the reader's eye.

    Control characters become `<1b>`, invisible and bidi controls `<U+202E>`, lone surrogates
    `<U+D800>`; letters of every script stay. With `limit`, at most that many characters, the last
    one then `~`. `None` is empty.
    """
    shown = "" if value is None else str(value)
    if not shown.isprintable():
        shown = "".join(_visible(character) for character in shown)
    if limit and len(shown) > limit:
        shown = shown[: limit - 1] + CUT
    return shown


def _visible(character: str) -> str:
    if character.isprintable() or character in _SHOWN_FORMATS:
        return character
    if unicodedata.category(character) not in _UNSEEN:
        return " " if character.isspace() else character
    code = ord(character)
    return f"<{code:02x}>" if code < 0xA0 else f"<U+{code:04X}>"


def cells(shown: str) -> int:
    """Return how many terminal cells `shown` takes."""
    if shown.isascii():
        return len(shown)
    from rich.cells import cell_len  # noqa: PLC0415 - 12 ms, and most text is ASCII

    return cell_len(shown)


def cut_right(shown: str, width: int) -> str:
    """Return `shown` in at most `width` cells, cut at its right end."""
    if cells(shown) <= width:
        return shown
    return _head(shown, width - 1) + CUT if width > 0 else ""


def cut_middle(shown: str, width: int) -> str:
    """Return `shown` in at most `width` cells, cut in its middle (names)."""
    if cells(shown) <= width:
        return shown
    if width <= 0:
        return ""
    tail = (width - 1) // 2
    return _head(shown, width - 1 - tail) + CUT + _tail(shown, tail)


def cut_address(address: str, width: int) -> str:
    """Return a mail address in at most `width` cells, its local part whole where that fits."""
    if cells(address) <= width:
        return address
    local, at, _ = address.rpartition("@")
    if at and cells(local) + 2 <= width:
        return cut_right(address, width)
    return cut_middle(address, width)


def _graphemes(shown: str) -> list[tuple[str, int]]:
    if shown.isascii():
        return [(character, 1) for character in shown]
    from rich.cells import split_graphemes  # noqa: PLC0415 - as in `cells`

    spans, _ = split_graphemes(shown)
    # Rich gives a lone joiner's cluster no width, and counts it when it measures.
    return [(shown[start:end], cells(shown[start:end])) for start, end, _ in spans]


def _head(shown: str, width: int) -> str:
    taken: list[str] = []
    for grapheme, wide in _graphemes(shown):
        width -= wide
        if width < 0:
            break
        taken.append(grapheme)
    return "".join(taken)


def _tail(shown: str, width: int) -> str:
    taken: list[str] = []
    for grapheme, wide in reversed(_graphemes(shown)):
        width -= wide
        if width < 0:
            break
        taken.append(grapheme)
    return "".join(reversed(taken))


def fold(written: str) -> str:
    """Return the form in which texts are searched and sorted: lower case, without accents."""
    if written.isascii():
        return written.lower()
    bare = unicodedata.normalize("NFKD", written).translate(_bare)
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare)


class _Bare(dict[int, str]):
    """What becomes of each character, found out when it is first met: most texts share few."""

    def __missing__(self, code: int) -> str:
        spelled = chr(code).casefold().translate(_FOLDED)
        bare = "".join(
            character
            for character in unicodedata.normalize("NFKD", spelled)
            if unicodedata.combining(character) in (0, *_KEPT_MARKS)
        )
        if len(self) < _MOST_BARE:
            self[code] = bare
        return bare


_bare = _Bare()


def number(count: int) -> str:
    """Return an exact count, grouped: `12,987`."""
    return f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `no agents`, `1 agent`, `1,204 agents`."""
    if count == 1:
        return f"1 {one}"
    return f"{number(count) if count else 'no'} {many or _plural_of(one)}"


def _plural_of(one: str) -> str:
    if one in _IRREGULAR:
        return _IRREGULAR[one]
    if re.search(r"[^aeiou]y$", one):
        return one[:-1] + "ies"
    return one + ("es" if re.search(r"(s|x|z|ch|sh)$", one) else "s")


def span(seconds: float) -> str:
    """Return a length of time in one unit: `45 s`, `12 min`, `3 h`, `5 d`."""
    whole = max(0, int(seconds))
    for size, unit in ((_DAY, "d"), (3_600, "h"), (60, "min")):
        if whole >= size:
            return f"{number(whole // size)} {unit}"
    return f"{whole} s"


def ago(then: datetime, now: datetime) -> str:
    """Return how long before `now` that was, in one unit; over 99 days its date instead."""
    return _relative((now - then).total_seconds(), then)


def until(then: datetime, now: datetime) -> str:
    """Return how long after `now` that will be, in one unit; over 99 days its date instead.

    Days are the nearest: what ends in 89 days and 23 hours was begun a moment ago.
    """
    seconds = (then - now).total_seconds()
    days = round(seconds / _DAY)
    return _relative(days * _DAY if days > 1 else seconds, then)


def _relative(seconds: float, then: datetime) -> str:
    if seconds >= (_LONGEST_AGO + 1) * _DAY:
        return stamp(then)[:10]
    return span(seconds)


def stamp(moment: datetime, *, seconds: bool = False) -> str:
    """Return a moment in this machine's local time: `2026-11-23 15:41`."""
    return _at(moment, None).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def stamp_z(moment: datetime) -> str:
    """Return a moment in UTC, as what is sent to others has it: `2026-11-23 14:41:07Z`."""
    return _at(moment, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _at(moment: datetime, zone: tzinfo | None) -> datetime:
    """Return a moment in that time zone, the first and last days of all years as they are.

    A certificate without an end says 9999-12-31 23:59:59 (RFC 5280, section 4.1.2.5).
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def powershell_word(value: object) -> str:
    """Return `value` cleaned, as one word for PowerShell, in which nothing means anything.

    PowerShell takes the quotes of documents for its own (about_Quoting_Rules); each is doubled.
    """
    return "'" + _POWERSHELL_QUOTES.sub(r"\g<0>\g<0>", clean(value)) + "'"


def csv_cell(value: object) -> str:
    """Return `value` cleaned, and so that no spreadsheet takes it for a formula (CWE-1236)."""
    raw = "" if value is None else str(value)
    first = raw.lstrip(" \u00a0")[:1]
    return ("'" if first and first in _FORMULA_STARTS else "") + clean(raw)
