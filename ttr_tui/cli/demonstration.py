"""`ttr-tui demo`: the full screen on a Microsoft 365 tenant in small."""

from __future__ import annotations

import sys

import click

from ttr_tui.cli.ending import run_to_end
from ttr_tui.cli.options import hosting_option, users_option


@click.command(name="demo")
@users_option
@hosting_option
@click.pass_context
def command(context: click.Context, users: int, hosting: str) -> None:
    """Try everything; nothing reaches Microsoft.

    Starts a Microsoft 365 tenant in small on free ports of this machine, and the full screen on a
    throw-away data directory. Settings and proxies of the environment are ignored, and nothing is
    left behind.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("The demo needs a terminal; ttr-tui sandbox does not.")
    from ttr_tui.demo import run_demo  # noqa: PLC0415 - Textual and the sandbox take 500 ms
    from ttr_tui.process import harden_process  # noqa: PLC0415 - as above

    harden_process()
    context.exit(run_to_end(lambda: run_demo(users, hosting)))
