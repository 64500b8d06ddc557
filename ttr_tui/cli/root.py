"""The program's own options, its commands by name, and what it does without one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ttr_tui.cli.opening import Invocation
from ttr_tui.version import VERSION

COMMANDS: Mapping[str, str] = {
    "companies": "ttr_tui.cli.companies",
    "connect": "ttr_tui.cli.connect",
    "finish": "ttr_tui.cli.finish",
    "attempts": "ttr_tui.cli.attempts",
    "serve": "ttr_tui.cli.serve",
    "users": "ttr_tui.cli.users",
    "agents": "ttr_tui.cli.agents",
    "authentications": "ttr_tui.cli.authentications",
    "check": "ttr_tui.cli.check",
    "forecast": "ttr_tui.cli.forecast",
    "journal": "ttr_tui.cli.journal",
    "backup": "ttr_tui.cli.backup",
    "restore": "ttr_tui.cli.restore",
    "keys": "ttr_tui.cli.keys",
    "settings": "ttr_tui.cli.settings_check",
    "setup": "ttr_tui.cli.setup",
    "demo": "ttr_tui.cli.demonstration",
    "sandbox": "ttr_tui.cli.stand_in",
}
"""Each command's module, imported when it is asked for; its `command` is the command."""


_WORDS = "ttr_tui.words"
"""Where a context keeps the whole command line."""

WIDTH = 80
"""Columns of the help, whatever the terminal's: the documentation holds the same text."""


@contextmanager
def _told_as_json(words: Sequence[str]) -> Iterator[None]:
    """Print wrong use as a document too when `words`, the command line, ask for JSON."""
    try:
        yield
    except click.UsageError as wrong:
        if "--json" in words:
            from ttr_tui.cli.output import Output  # noqa: PLC0415 - a good command line needs none
            from ttr_tui.cli.records import error_record  # noqa: PLC0415 - as above
            from ttr_tui.errors import WrongUse  # noqa: PLC0415 - as above

            problem = WrongUse(wrong.format_message(), cure="--help after a command shows its use.")
            Output(as_json=True).record({"error": error_record(problem)})
        raise


class _Program(click.Group):
    """A group that imports a command only when it runs or is listed."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        words = list(args)
        with _told_as_json(words):
            context = super().make_context(info_name, args, parent, **extra)
        context.meta[_WORDS] = words
        return context

    def invoke(self, ctx: click.Context) -> Any:
        with _told_as_json(ctx.meta[_WORDS]):
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = importlib.import_module(module).command
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Program, invoke_without_command=True, context_settings={"terminal_width": WIDTH})
@click.version_option(VERSION, prog_name="ttr-tui", message="%(prog)s %(version)s")
@click.option(
    "--env-file",
    type=click.Path(path_type=Path),
    help="Read the settings from this file, not from TTR_ENV_FILE or the config directory.",
)
@click.pass_context
def program(context: click.Context, env_file: Path | None) -> None:
    """Connect companies' Microsoft 365 tenants to timetoreply.

    Without a command, the full screen opens. COMPANY is always a company's name, its domain or its
    id.

    Data goes to stdout, everything else to stderr. Exit status: 0 done, 1 refused or failed, 2
    wrong use or faulty settings; check and forecast have those of a monitoring system.
    """
    context.obj = Invocation(env_file)
    if context.invoked_subcommand is None:
        from ttr_tui.cli.full_screen import open_full_screen  # noqa: PLC0415 - Textual takes 200 ms

        open_full_screen(context)
