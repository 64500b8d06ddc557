"""An env file's text with some values changed, and every other byte as it was.

A value keeps its quotes, its place and what stands behind it; lines keep their ends. The last line
of a name counts (`env_file`), so it is the last one that is changed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

from dotenv.parser import Binding, parse_stream

_HEAD = r"(?P<head>\s*(?:export[^\S\r\n]+)?(?:'[^']+'|[^=\#\s]+)[^\S\r\n]*=[^\S\r\n]*)"
_END = r"(?:\r\n|\n|\r)?\Z"
_VALUES = (
    re.compile(
        _HEAD + r"""(?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
        r"(?P<tail>[^\S\r\n]*(?:\#[^\r\n]*)?" + _END + ")",
        re.DOTALL,
    ),
    re.compile(
        _HEAD + r"(?P<value>(?:(?!(?<=\s)\#)[^'\"\r\n](?:(?!\s+\#)[^\r\n])*?)?)"
        r"(?P<tail>(?:(?:[^\S\r\n]+|(?<=\s))\#[^\r\n]*|[^\S\r\n]*)" + _END + ")"
    ),
)
"""An entry with a quoted value, and one without quotes, where a comment needs a space before it."""
_BARE = re.compile(r"[\w.~:/@%+=,?&-]*", re.ASCII)
_LINE_END = re.compile(r"\r\n|\n|\r")


class CannotEdit(ValueError):
    """The text is written in a way that cannot be changed with certainty."""


def changed(text: str, changes: Mapping[str, str | None]) -> str:
    """Return `text` with each name's value set, or with its lines gone where the value is None.

    A name that is not there yet gets a line behind the last of the other names, written alike.
    Raises CannotEdit rather than return a text that would be read as anything else.
    """
    bindings = _bindings(text)
    parts = [binding.original.string for binding in bindings]
    for name, value in changes.items():
        places = [index for index, binding in enumerate(bindings) if binding.key == name]
        if value is None:
            for index in places:
                parts[index] = _blank_lines_of(parts[index])
        elif places:
            parts[places[-1]] = _with_value(parts[places[-1]], value)
        else:
            _append(parts, _last_of(bindings, changes), f"{name}={written(value)}")
    result = "".join(parts)
    _check(text, result, changes)
    return result


def values(text: str) -> dict[str, str | None]:
    """Return the value that counts of each name."""
    return {binding.key: binding.value for binding in _bindings(text) if binding.key}


def new_text(chosen: Mapping[str, str]) -> str:
    """Return a whole env file with these values, those that are empty left out."""
    lines = [f"{name}={written(value)}" for name, value in chosen.items() if value]
    return "\n".join(["# Settings of ttr-tui; ttr-tui settings checks them.", *lines, ""])


def written(value: str) -> str:
    """Return a value as an env file takes it: bare where that is certain, else in single quotes."""
    return value if _BARE.fullmatch(value) else _quoted(value, "'")


def _bindings(text: str) -> list[Binding]:
    return list(parse_stream(io.StringIO(text, newline="")))


def _with_value(line: str, value: str) -> str:
    found = next(filter(None, (form.match(line) for form in _VALUES)), None)
    if found is None:
        raise CannotEdit
    quote = found["value"][:1]
    if quote in {"'", '"'}:
        fresh = _quoted(value, quote)
    else:
        fresh = value if found["value"] else written(value)
    return f"{found['head']}{fresh}{found['tail']}"


def _quoted(value: str, quote: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{escaped}{quote}"


def _blank_lines_of(line: str) -> str:
    """Return the empty lines before an entry, which the parser counts to it."""
    blank = line[: len(line) - len(line.lstrip())]
    ends = list(_LINE_END.finditer(blank))
    return blank[: ends[-1].end()] if ends else ""


def _last_of(bindings: list[Binding], changes: Mapping[str, str | None]) -> int:
    """Return where the last of the changed names stands, else the last line."""
    named = [index for index, binding in enumerate(bindings) if binding.key in changes]
    return named[-1] if named else len(bindings) - 1


def _append(parts: list[str], index: int, line: str) -> None:
    end = _LINE_END.search("".join(parts))
    line_end = end[0] if end else "\n"
    if not parts:
        parts.append(f"{line}{line_end}")
    elif parts[index].endswith(("\n", "\r")):
        parts[index] += f"{line}{line_end}"
    else:
        parts[index] += f"{line_end}{line}"


def _check(before: str, after: str, changes: Mapping[str, str | None]) -> None:
    """Read the new text: the changed names must have their values, and all others theirs."""
    wanted = {**values(before), **changes}
    gone = {name for name, value in changes.items() if value is None}
    if values(after) != {name: value for name, value in wanted.items() if name not in gone}:
        raise CannotEdit
