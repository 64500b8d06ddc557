"""What can be wrong with any value as it was written: quotes, placeholders, stray characters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ttr_tui.settings.fault import Closes
from ttr_tui.settings.names import DATA_DIR, KEY_FILE, OPTIONAL
from ttr_tui.settings.reading import Reading

CURLY_QUOTES = "‘’‚‛“”„‟´`«»‹›′″＇＂"
"""Quotes as documents and mail print them; no value of ours may hold one."""

NOT_PLAIN = (
    "holds a space or a character that is no plain one",
    "Copy the value again, without what stands around it.",
)
"""Problem and cure of a value with a character in it that no value has."""

_PORTAL = "portal-url"
_PLACEHOLDERS = re.compile(
    r"<[^<>]*>|\{\{.*\}\}|\$\{.*\}|azure application|…|^\.\.\.|//\.\.\."
    r"|\byour[-_ ](app|client|company|domain|host|id|portal|secret|server|tenant|url|value)"
    r"|\b(change[-_ ]?me|replace[-_ ]?me|placeholder)\b|^(todo|tbd|[x\-*.]{3,})$"
    r"|^0{8}-0{4}-0{4}-0{4}-0{12}$",
    re.IGNORECASE,
)


def read_plain(reading: Reading, name: str) -> str:
    """Return the required value of `name` when it is well written, else note why and return "".

    Names everything that is wrong with the writing at once, without repeating the value.
    """
    value = reading.required(name)
    return value if value and is_plain(reading, name, value) else ""


def check_optional(reading: Reading) -> None:
    """Note every optional value that begins or ends with a curly quote."""
    for name in OPTIONAL:
        value = reading.value(name)
        if value and (value[0] in CURLY_QUOTES or value[-1] in CURLY_QUOTES):
            closes: Closes = "store" if name in {DATA_DIR, KEY_FILE} else "microsoft"
            reading.fault(name, _IN_CURLY_QUOTES, _REMOVE, closes=closes)


def is_plain(reading: Reading, name: str, value: str) -> bool:
    """Note each fault in how `value` is written, and return whether there is none."""
    faults = list(writing_faults(value))
    for problem, cure in faults:
        reading.fault(name, problem, cure)
    return not faults


def writing_faults(value: str) -> Iterator[tuple[str, str]]:
    """Yield problem and cure of each fault in how `value` is written, without repeating it."""
    bare = value.strip(CURLY_QUOTES + " ")
    if any(quote in value for quote in CURLY_QUOTES):
        yield _IN_CURLY_QUOTES, _REMOVE
    if bare[:1] in {"'", '"'} or bare[-1:] in {"'", '"'}:
        yield "still stands in quotes", _REMOVE
    if _PORTAL in bare.lower():
        yield f'still holds "{_PORTAL}"', "Put the portal's host name there."
    elif _PLACEHOLDERS.search(bare):
        yield "still holds a placeholder", "Put the real value there."
    elif "\n" in bare or "\r" in bare:
        yield "goes on over the end of its line", "Close the quote there."
    elif not (bare.isascii() and bare.isprintable() and " " not in bare):
        yield NOT_PLAIN


_REMOVE = "Remove them."
_IN_CURLY_QUOTES = "stands in curly quotes, as documents print them"
