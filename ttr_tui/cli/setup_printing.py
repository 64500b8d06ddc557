"""The set-up guide as it is printed: for a person step by step, for a script as one document."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.cli.asking import read_line, somebody_is_here
from ttr_tui.model import PERMISSIONS
from ttr_tui.settings.env_text import written
from ttr_tui.setup_guide import (
    Section,
    Wanted,
    app_manifest,
    az_lines,
    powershell_lines,
    sections,
)
from ttr_tui.setup_guide.steps import ROLES

if TYPE_CHECKING:
    from pathlib import Path

    from ttr_tui.cli.output import Output
    from ttr_tui.cli.records import Record
    from ttr_tui.cli.setup_writing import Answers

WIDTH = 79
"""Columns sentences are wrapped at; what is to be copied is never wrapped."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide for one set of choices, and the env file it speaks of."""

    wanted: Wanted
    sections: tuple[Section, ...]
    env_file: Path
    env_lines: tuple[str, ...]

    def record(self) -> Record:
        """Return it as a document."""
        return {
            "hosting": self.wanted.hosting.value,
            "cloud": self.wanted.cloud,
            "redirects": dict(self.wanted.redirects),
            "permissions": [
                {
                    "name": one.name,
                    "type": one.type.value,
                    "id": one.id,
                    "used_for": one.used_for,
                    "excludes": one.excludes,
                }
                for one in PERMISSIONS
            ],
            "manifest": app_manifest(self.wanted),
            "az": list(az_lines(self.wanted)),
            "powershell": list(powershell_lines(self.wanted)),
            "roles": list(ROLES),
            "steps": [
                {
                    "step": one.step,
                    "title": one.title,
                    "parts": [{"words": p.words, "lines": list(p.lines)} for p in one.parts],
                }
                for one in self.sections
            ],
            "env_file": str(self.env_file),
            "env_lines": list(self.env_lines),
        }


def document(answers: Answers, path: Path) -> Guide:
    """Return the guide for what was chosen; the secret's value is not known here."""
    shown = answers.values(secret="") | {"MS_GRAPH_CLIENT_SECRET": ""}
    lines = tuple(
        f"{name}={written(value) if value else _BLANKS.get(name, '')}"
        for name, value in shown.items()
        if value or name in _BLANKS
    )
    guide = sections(answers.wanted, str(path), lines)
    return Guide(answers.wanted, guide, path, lines)


_BLANKS = {
    "MS_GRAPH_CLIENT_ID": "(the Application (client) ID)",
    "MS_GRAPH_CLIENT_SECRET": "(the secret's Value)",
}


def print_sections(out: Output, guide: Guide, *, walks: bool) -> None:
    """Print every section; with `walks` wait for `enter` behind each but the last."""
    if out.as_json:
        return
    pauses = walks and somebody_is_here() and out.reaches_a_person()
    for section in guide.sections:
        _print(out, section)
        out.line("")
        if pauses and section is not guide.sections[-1]:
            read_line("enter goes on, ctrl+c stops; nothing is written before the end. ")
            out.line("")


def _print(out: Output, section: Section) -> None:
    out.line(f"{section.step} of 7: {section.title}" if section.step else section.title)
    for part in section.parts:
        out.line("")
        for row in textwrap.wrap(part.words, WIDTH, break_long_words=False, break_on_hyphens=False):
            out.line(row)
        if part.lines and part.words:
            out.line("")
        for line in part.lines:
            out.line(line)
