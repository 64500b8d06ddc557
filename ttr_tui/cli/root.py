"""The program's own options, its commands by name, and what it does without one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click

from ttr_tui.version import VERSION


class Listed(NamedTuple):
    """A command's module in this package, and the first sentence of its help."""

    module: str
    words: str


COMMANDS: Mapping[str, Listed] = {
    "companies": Listed("companies", "List, add, rename and remove companies."),
    "connect": Listed("connect", "Grant admin permission and sign in the Company Master."),
    "finish": Listed("finish", "Finish with the address the browser ended on."),
    "attempts": Listed("attempts", "List the open sign-ins, watch, confirm, withdraw them."),
    "serve": Listed("serve", "Answer on the redirect URLs, without a screen."),
    "users": Listed("users", "List the users of a company's tenant."),
    "agents": Listed("agents", "List agents, add users as agents, let them sign in, invite them."),
    "authentications": Listed(
        "authentications", "List what is stored, show one, sign in again, revoke."
    ),
    "check": Listed("check", "Check the set-up of a company, or of all, live."),
    "forecast": Listed("forecast", "List what ends and when, of a company or of all."),
    "journal": Listed("journal", "Show who did what, when, from where, and how it ended."),
    "backup": Listed("backup", "Back up the store, and look into a backup."),
    "restore": Listed("restore", "Put a backup in the place of the store."),
    "keys": Listed("keys", "Show which key the store has, or move it to another."),
    "settings": Listed("settings_check", "Check the settings and name every fault."),
    "setup": Listed("setup", "Walk through the set-up and write the env file."),
    "demo": Listed("demonstration", "Try everything; nothing reaches Microsoft."),
    "sandbox": Listed("stand_in", "Run a Microsoft 365 tenant in small."),
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what stands here: looking one up imports none of them."""
        del ctx
        room = formatter.width - 6 - max(map(len, COMMANDS))
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, click.Command(name, help=listed.words).get_short_help_str(room))
                    for name, listed in COMMANDS.items()
                ]
            )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        listed = COMMANDS.get(cmd_name)
        if listed is None:
            return None
        command = importlib.import_module(f"ttr_tui.cli.{listed.module}").command
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
    from ttr_tui.cli.opening import Invocation  # noqa: PLC0415 - the help needs none of it

    context.obj = Invocation(env_file)
    if context.invoked_subcommand is None:
        from ttr_tui.cli import full_screen  # noqa: PLC0415 - commands need none of it

        if not full_screen.has_terminal():
            raise click.UsageError("The full screen needs a terminal; --help lists the commands.")
        context.exit(full_screen.run_full_screen(env_file))
