"""One thing that is wrong with the settings: where, what, and how it is mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "warning"]
Closes = Literal["microsoft", "store", "nothing"]

ENVIRONMENT = "environment"
"""`Fault.where` of a value that came from the process environment."""
MISSING = "missing"
"""`Fault.where` of a value that stands nowhere."""
FILE = "file"
"""`Fault.where` of what is wrong with a file as a whole."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault or warning; no part of it ever repeats a configured value.

    `where` is `line N`, `file`, `environment` or `missing`; `file` the file concerned ("" for the
    environment); `name` the setting ("" for a file as a whole); `problem` goes on after the name;
    `cure` is a sentence; `command` a line for the shell, to be shown alone. `closes` says what
    stays shut until it is mended.
    """

    severity: Severity
    where: str
    name: str
    problem: str
    cure: str
    file: str = ""
    command: str = ""
    closes: Closes = "microsoft"

    def sentence(self) -> str:
        """Return all of it in one line: place, name, problem and cure."""
        tail = f" {self.command}" if self.command else ""
        return f"{self.place()}: {self._said()}. {self.cure}{tail}"

    def place(self) -> str:
        """Return where to look, in words: `/etc/ttr-tui/env, line 5`."""
        if self.where == ENVIRONMENT:
            return "process environment"
        if self.where.startswith("line ") and self.file:
            return f"{self.file}, {self.where}"
        return self.file or self.where

    def _said(self) -> str:
        return f"{self.name} {self.problem}" if self.name else self.problem

    @property
    def line(self) -> int:
        """The line in `file`; 0 when it is no matter of one line."""
        return int(self.where.removeprefix("line ")) if self.where.startswith("line ") else 0
