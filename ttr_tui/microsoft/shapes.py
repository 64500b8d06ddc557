"""Reading fields of an answer whose types nobody promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(record: Mapping[str, Any], name: str) -> str:
    """Return a field as text that can be stored: empty unless it is a string.

    NUL ends a text in SQLite and half a surrogate pair cannot be written at all; the rest stays as
    it came, and is made harmless where it is shown.
    """
    value = record.get(name)
    return storable(value) if isinstance(value, str) else ""


def storable(value: str) -> str:
    """Return a text without what cannot be stored; nearly all have nothing of it, and are quick."""
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value.replace("\0", "") if "\0" in value else value


def records(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; anything else is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a list, as `text` does; anything else is none."""
    found = value if isinstance(value, list) else []
    return tuple(storable(item) for item in found if isinstance(item, str))
