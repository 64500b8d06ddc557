"""What the program says of itself, quickly, and the same in the documentation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ttr_tui.cli.root import COMMANDS as LISTED
from ttr_tui.cli.root import program
from ttr_tui.version import VERSION

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "command-line.md"
WITHOUT_DATA = {("demo",), ("serve",)}
"""Commands that print no data, and so have no --json."""


def every_command(
    command: click.Command = program, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The program, its groups and commands, with the words that call them."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from every_command(found, (*words, name))


COMMANDS = list(every_command())


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS], ids=" ".join)
def test_every_help_text_stands_in_the_documentation(words: tuple[str, ...]) -> None:
    """`--help` and docs/command-line.md are one text, whatever the terminal's width."""
    shown = CliRunner().invoke(program, [*words, "--help"], prog_name="ttr-tui").output
    marker = f"<!-- help: {' '.join(words)} -->" if words else "<!-- help: -->"
    documented = DOCUMENT.read_text(encoding="utf-8")
    assert f"{marker}\n```text\n{shown.rstrip()}\n```" in documented


def test_the_list_of_commands_is_what_each_says_of_itself() -> None:
    """`--help` imports no command, so the list stands apart from them."""
    said = {words[0]: c.get_short_help_str(100) for words, c in COMMANDS if len(words) == 1}
    assert said == {name: listed.words for name, listed in LISTED.items()}


@pytest.mark.parametrize(
    ("words", "command"), [(w, c) for w, c in COMMANDS if not isinstance(c, click.Group)]
)
def test_every_command_that_prints_data_prints_json(
    words: tuple[str, ...], command: click.Command
) -> None:
    """Scripts need one option for all of them."""
    options = {option for parameter in command.params for option in parameter.opts}
    assert ("--json" in options) == (words not in WITHOUT_DATA)


@pytest.mark.parametrize("command", [command for _, command in COMMANDS])
def test_no_secret_is_ever_an_argument(command: click.Command) -> None:
    """What stands on a command line is read by every user of the server."""
    names = " ".join(parameter.name or "" for parameter in command.params)
    assert not re.search(r"secret|password|token|code", names)


def test_the_version_comes_without_anything_heavy() -> None:
    """Neither the screen nor the network nor the command line's library is loaded for it."""
    code = (
        "import sys; sys.argv = ['ttr-tui', '--version']\n"
        "from ttr_tui.__main__ import main; main()\n"
        "print([m for m in ('click', 'textual', 'aiohttp', 'msal', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"ttr-tui {VERSION}\n[]\n"


def test_help_loads_no_screen_and_no_network() -> None:
    """Completing and looking up stay quick."""
    code = (
        "import sys; from ttr_tui.cli.root import program\n"
        "try: program.main(['--help'], prog_name='ttr-tui')\n"
        "except SystemExit: pass\n"
        "print([m for m in ('textual', 'aiohttp', 'msal', 'sqlcipher3') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\n[]\n")


@pytest.mark.parametrize(
    "words",
    [
        ["companies", "add", "name-alone"],
        ["agents", "add", "Contoso"],
        ["agents", "add", "Contoso", "--search", "x"],
        ["agents", "add", "Contoso", "--user", "a@b", "--all-matching"],
        ["agents", "add", "Contoso", "--user", "a@b", "--search", "x"],
        ["agents", "authenticate", "Contoso"],
        ["agents", "invite", "Contoso"],
        ["agents", "invite", "Contoso", "--missing", "--user", "a@b"],
        ["agents", "invite", "Contoso", "--user", "a@b", "--days", "91"],
        ["agents", "pin", "Contoso", "--agent", "a@b"],
        ["authentications", "reauth"],
        ["authentications", "reauth", "id", "--company-master", "Contoso"],
        ["attempts", "withdraw"],
        ["attempts", "confirm"],
        ["authentications", "revoke"],
        ["authentications", "revoke", "id", "--company-master", "Contoso"],
        ["journal", "--since", "yesterday-ish"],
    ],
)
def test_wrong_use_is_exit_status_2(words: list[str]) -> None:
    """A sentence on stderr, nothing on stdout."""
    done = CliRunner().invoke(program, words, env={"TTR_ENV_FILE": os.devnull})
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Error: " in done.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["demo"], []])
def test_wrong_use_of_the_program_itself_is_exit_status_2(words: list[str]) -> None:
    """In a process of its own; the full screen and the demo need a terminal."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "ttr_tui", *words],
        env=os.environ | {"TTR_ENV_FILE": os.devnull},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error: " in done.stderr
