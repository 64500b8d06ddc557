"""The env file: its lines as entries, and what is wrong with it as a file."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from ttr_tui.settings.fault import FILE, Fault
from ttr_tui.settings.names import KNOWN, PREFIXES
from ttr_tui.settings.opened import first_bytes

LARGEST = 1 << 16
"""Bytes read of an env file; more is no env file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value and where it stands; its `repr` does not show the value."""

    name: str
    value: str = field(repr=False)
    where: str
    file: str


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What an env file says: the last entry of each name, and the faults of its lines."""

    entries: dict[str, Entry]
    faults: tuple[Fault, ...]


def read_env_file(path: Path, *, asked_for: bool) -> EnvFile:
    """Read `path`; `asked_for` says that somebody named it, so that its absence is a fault.

    Never raises for what the file is or holds.
    """
    try:
        written = first_bytes(path, LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        problem = "there is no such file" if asked_for else ""
        return _nothing(path, problem, "Name the file that holds the settings, or write it.")
    except IsADirectoryError:
        return _nothing(path, "is a directory, not a file", "Name the file inside it.")
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", "") or "its name cannot be used"
        return _nothing(path, f"cannot be read: {reason}", "Let this user read it.")
    if len(written) > LARGEST or b"\x00" in written:
        return _nothing(path, "is not an env file", "Save it as UTF-8 text, a NAME=value a line.")
    try:
        lines = written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _nothing(path, "is not UTF-8 text", "Save it again as UTF-8.")
    return _parse(lines, path)


def _nothing(path: Path, problem: str, cure: str) -> EnvFile:
    fault = Fault("fault", FILE, "", problem, cure, file=str(path))
    return EnvFile({}, (fault,) if problem else ())


def _parse(lines: str, path: Path) -> EnvFile:
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    for binding in parse_stream(io.StringIO(lines)):
        where = f"line {_line_of(binding)}"
        if binding.error:
            faults.append(_unparsed(binding, where, str(path)))
        elif binding.key in KNOWN:
            entry = Entry(binding.key, binding.value or "", where, str(path))
            faults.extend(_doubled(entries.get(entry.name), entry))
            entries[entry.name] = entry
        elif binding.key:
            faults.extend(_misspelled(binding.key, where, str(path)))
    return EnvFile(entries, tuple(faults))


def _line_of(binding: Binding) -> int:
    """Return the line the binding begins on: the parser counts blank lines before it as its own."""
    written = binding.original.string
    blank = written[: len(written) - len(written.lstrip())]
    return binding.original.line + len(re.findall(r"\r\n|\n|\r", blank))


def _unparsed(binding: Binding, where: str, file: str) -> Fault:
    written = binding.original.string.strip().removeprefix("export ").lstrip()
    name, equals, rest = written.partition("=")
    if equals and name.strip() in KNOWN and rest.strip()[:1] in {"'", '"'}:
        problem = "has a quote that is not closed, or something behind the closing one"
        return Fault("fault", where, name.strip(), problem, "Close it.", file=file)
    cure = "Write NAME=value, one a line, or begin the line with #."
    return Fault("fault", where, "", "this line cannot be understood", cure, file=file)


def _doubled(earlier: Entry | None, entry: Entry) -> Iterator[Fault]:
    if earlier is not None:
        problem = f"stands a second time, after {earlier.where}; this one counts"
        cure = "Remove one of the two."
        yield Fault("warning", entry.where, entry.name, problem, cure, entry.file, closes="nothing")


def _misspelled(key: str, where: str, file: str) -> Iterator[Fault]:
    """Warn of a name that is nearly ours, without repeating it: a value may hang on to it."""
    if not any(prefix in key.upper() for prefix in PREFIXES):
        return
    near = difflib.get_close_matches(re.split(r"[^A-Z_]", key.upper())[0], KNOWN, n=1)
    cure = f"Is {near[0]} meant?" if near else "The documentation lists the names."
    problem = "this line's name is none of ours, so it has no effect"
    yield Fault("warning", where, "", problem, cure, file, closes="nothing")
