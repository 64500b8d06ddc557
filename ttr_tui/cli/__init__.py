"""The command line: the same journeys as the full screen, headless, one small file per group.

Data goes to stdout, narration to stderr. Exit status: 0 done, 1 refused or failed, 2 wrong use
(faulty settings too), 128 and the signal's number when one ended it.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from ttr_tui.cli.root import program
from ttr_tui.process import crash_report

if TYPE_CHECKING:
    from types import TracebackType

PROGRAM = "ttr-tui"


def run() -> None:
    """Run the program on this process's arguments, and exit."""
    sys.excepthook = _report_crash
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    program.main(prog_name=PROGRAM)


def _report_crash(
    kind: type[BaseException], crash: BaseException, traceback: TracebackType | None
) -> None:
    """Show a fault of ours without the values Python's own traceback would show."""
    del kind, traceback
    sys.stderr.write(crash_report(crash) + "\n")


__all__ = ["program", "run"]
