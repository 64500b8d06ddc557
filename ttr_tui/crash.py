"""A traceback without anything in it that could be a secret: no values, no messages, no source."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import PurePath

FRAMES = 30
"""Calls shown of one exception, counted from where it was raised."""
LONGEST_CHAIN = 8
"""Exceptions shown that caused one another."""


def bare_traceback(exception: BaseException) -> str:
    """Return type, files, line numbers and function names of `exception` and of what caused it.

    Messages are left out even of our own kinds: what a foreign library puts into them is not known.
    """
    lines: list[str] = []
    for link in _chain(exception):
        lines.extend(_frames(link))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        if isinstance(link, BaseExceptionGroup):
            names = sorted({type(inner).__qualname__ for inner in link.exceptions})
            lines.append(f"  a group of: {', '.join(names)}")
    return "\n".join(lines)


def _chain(exception: BaseException) -> list[BaseException]:
    """The causes first, as Python prints them."""
    links: list[BaseException] = []
    current: BaseException | None = exception
    while current is not None and current not in links and len(links) < LONGEST_CHAIN:
        links.append(current)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return links[::-1]


def _frames(exception: BaseException) -> Iterator[str]:
    calls = [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(exception.__traceback__)
    ]
    if len(calls) > FRAMES:
        yield f"  ... {len(calls) - FRAMES} calls above"
    for file, line, function in calls[-FRAMES:]:
        yield f"  {'/'.join(PurePath(file).parts[-3:])}:{line} in {function}"
