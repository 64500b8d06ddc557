"""The options several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Group(click.Group):
    """A group that lists its commands in the order in which they are read."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        del ctx
        return list(self.commands)


_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_YES = click.option("--yes", is_flag=True, help="Go on without asking.")
_COMPANY = click.argument("company")
_EXPECT = click.option(
    "--expect", metavar="UPN", default="", help="Store the sign-in only of this person."
)
_TAKE_OVER = click.option(
    "--take-over",
    metavar="NAME",
    default="",
    help="Let another administrator replace the present one; NAME is the company's.",
)


def json_option(command: Command) -> Command:
    """Give a command `--json`."""
    return _JSON(command)


def yes_option(command: Command) -> Command:
    """Give a command `--yes`."""
    return _YES(command)


def company_argument(command: Command) -> Command:
    """Give a command the argument COMPANY: a name, a domain or an id."""
    return _COMPANY(command)


def expect_option(command: Command) -> Command:
    """Give a command `--expect`: whose sign-in is stored, and nobody else's."""
    return _EXPECT(command)


def take_over_option(command: Command) -> Command:
    """Give a command `--take-over`: the company's name, where a Company Master is replaced."""
    return _TAKE_OVER(command)


users_option = click.option(
    "--users",
    type=click.IntRange(4, 1_000_000),
    default=2500,
    show_default=True,
    help="The size of the tenant's directory.",
)
hosting_option = click.option(
    "--hosting",
    type=click.Choice(["saas", "self"]),
    default="saas",
    show_default=True,
    help="Our multi-tenant registration with three tenants, or a customer's own with one.",
)
