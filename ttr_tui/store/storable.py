"""Text from outside, made fit for the database and nothing more."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Return `text` with what the database cannot carry replaced by U+FFFD.

    JSON can name lone surrogates (RFC 8259, section 8.2), which UTF-8 has no bytes for, and NUL, at
    which SQLite's text functions stop.
    """
    return text if text.isprintable() else _UNSTORABLE.sub("\ufffd", text)
