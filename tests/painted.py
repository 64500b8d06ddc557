"""What stands on a terminal after all that was written to it: enough of one to read the rows."""

from __future__ import annotations

import codecs
import re

from ttr_tui.text import cells

_PIECE = re.compile(
    r"\x1b\[([0-9;?<>=]*)(?:[ $])?([@-~])"  # a control sequence
    r"|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)"  # a string to the terminal
    r"|\x1b[^\[\]P]|(\r)|(\n)|([^\x00-\x1f\x7f])"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?<>=]*[ $]?|[\]P][^\x07\x1b]*\x1b?)?$")


class Painted:
    """The rows of a screen; `feed` is given what comes, in any pieces."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._rows: dict[int, dict[int, str]] = {}
        self._x = self._y = 0

    @property
    def rows(self) -> list[str]:
        """The rows from the first to the last that was written to."""
        count = max(self._rows, default=-1) + 1
        return ["".join(_filled(self._rows.get(y, {}))).rstrip() for y in range(count)]

    def feed(self, written: bytes) -> None:
        """Take what was written."""
        words = self._rest + self._decoder.decode(written)
        unfinished = _UNFINISHED.search(words)
        self._rest = words[unfinished.start() :] if unfinished else ""
        for piece in _PIECE.finditer(words[: len(words) - len(self._rest)]):
            parameters, command, back, down, letter = piece.groups()
            if letter:
                self._write(letter)
            elif command == "H":
                row, _, column = (parameters or "").partition(";")
                self._y, self._x = int(row or 1) - 1, int(column or 1) - 1
            elif command == "C":
                self._x += int(parameters or 1)
            elif command == "J":
                self._rows.clear()
            elif back:
                self._x = 0
            elif down:
                self._y += 1

    def _write(self, letter: str) -> None:
        row, wide = self._rows.setdefault(self._y, {}), cells(letter)
        if not wide:
            row[self._x - 1] = row.get(self._x - 1, " ") + letter
            return
        row[self._x] = letter
        if wide > 1:
            row[self._x + 1] = ""
        self._x += wide


def _filled(row: dict[int, str]) -> list[str]:
    return [row.get(x, " ") for x in range(max(row, default=-1) + 1)]
