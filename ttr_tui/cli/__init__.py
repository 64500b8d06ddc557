"""The command line: the same journeys as the full screen, headless, one small file per group.

Data goes to stdout, narration to stderr. Exit status: 0 done, 1 refused or failed, 2 wrong use
(faulty settings too), 128 and the signal's number when one ended it.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
from typing import TYPE_CHECKING

from ttr_tui.cli.root import program
from ttr_tui.crash import bare_traceback
from ttr_tui.process import crash_report

if TYPE_CHECKING:
    from types import TracebackType

PROGRAM = "ttr-tui"
LOG = logging.getLogger("ttr_tui")


def run() -> None:
    """Run the program on this process's arguments, and exit."""
    report_without_values()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    program.main(prog_name=PROGRAM)


def report_without_values() -> None:
    """Let no fault of ours, wherever it happens, be shown the way Python shows it: with values.

    One that nobody waits for (in a thread, or as something is thrown away) goes to the log.
    """
    sys.excepthook = _report_crash
    threading.excepthook = lambda fault: _report_unseen(fault.exc_value)
    sys.unraisablehook = lambda fault: _report_unseen(fault.exc_value)


def _report_unseen(fault: BaseException | None) -> None:
    if fault is not None and not isinstance(fault, SystemExit):
        LOG.error("a fault of ours that nobody waited for:\n%s", bare_traceback(fault))


def _report_crash(
    kind: type[BaseException], crash: BaseException, traceback: TracebackType | None
) -> None:
    """Show a fault of ours without the values Python's own traceback would show."""
    del kind, traceback
    sys.stderr.write(crash_report(crash) + "\n")


__all__ = ["program", "report_without_values", "run"]
