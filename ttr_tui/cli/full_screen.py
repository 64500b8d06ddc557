"""`ttr-tui` alone: the full screen."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.opening import DONE, run_logged, settings_of
from ttr_tui.cli.output import Output
from ttr_tui.process import crash_report, harden_process, who_is_here

if TYPE_CHECKING:
    from ttr_tui.settings import Settings


def open_full_screen(context: click.Context) -> None:
    """Open the store and the full screen, and exit with its status."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("The full screen needs a terminal; --help lists the commands.")
    harden_process()
    settings = settings_of(context)
    context.exit(run_logged(settings, Output(as_json=False), lambda: _shown(settings)))


async def _shown(settings: Settings) -> int:
    from ttr_tui.app import TtrApp  # noqa: PLC0415 - Textual takes 200 ms
    from ttr_tui.runtime import open_runtime  # noqa: PLC0415 - as above

    async with open_runtime(settings, who_is_here(os.environ)) as runtime:
        await runtime.resume()
        app = TtrApp(runtime)
        await app.run_async(mouse=False)
    if app.locked_out is not None:
        raise app.locked_out
    if app.crash is not None:
        click.echo(crash_report(app.crash), err=True)
    return app.return_code or DONE
