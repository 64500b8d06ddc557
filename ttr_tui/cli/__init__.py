"""The command line: the same journeys as the full screen, headless, one small file per group.

Data goes to stdout, narration to stderr. Exit status: 0 done, 1 refused or failed, 2 wrong use
(faulty settings too), 128 and the signal's number when one ended it.
"""

from __future__ import annotations

import io
import sys
import threading
from typing import TYPE_CHECKING

from ttr_tui.crash import bare_traceback

if TYPE_CHECKING:
    from types import TracebackType

PROGRAM = "ttr-tui"


def run() -> None:
    """Run the program on this process's arguments, and exit.

    Without any, on a terminal, the full screen opens and no command line library is waited for.
    """
    report_without_values()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not sys.argv[1:]:
        from ttr_tui.cli import full_screen  # noqa: PLC0415 - commands need none of it

        if full_screen.has_terminal():
            sys.exit(full_screen.run_full_screen(None))
    from ttr_tui.cli.root import program  # noqa: PLC0415 - see above

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
        import logging  # noqa: PLC0415 - the help needs none of it

        log = logging.getLogger("ttr_tui")
        log.error("a fault of ours that nobody waited for:\n%s", bare_traceback(fault))


def _report_crash(
    kind: type[BaseException], crash: BaseException, traceback: TracebackType | None
) -> None:
    """Show a fault of ours without the values Python's own traceback would show."""
    from ttr_tui.process import crash_report  # noqa: PLC0415 - the help needs none of it

    del kind, traceback
    sys.stderr.write(crash_report(crash) + "\n")


__all__ = ["report_without_values", "run"]
