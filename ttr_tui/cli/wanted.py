"""Whom the command line means: addresses, files of addresses, groups, and filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from ttr_tui.query import FILTERS, LONGEST_TEXT, Query, Sort, filter_name, parse_query
from ttr_tui.text import fold

if TYPE_CHECKING:
    from ttr_tui.query import WrongWord

Command = TypeVar("Command", bound=Callable[..., Any])

STDIN = "-"
_QUOTED = re.compile(r'"[^"]*"?')


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a command line means; all of them together. Every one of `addresses` must be found.

    `show_hidden` counts for files and groups too; `query` is None where nobody is searched for.
    """

    addresses: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    query: Query | None = None
    show_hidden: bool = False


class Given(TypedDict):
    """Whom a command line names, as `choice_options` reads it."""

    addresses: tuple[str, ...]
    users: tuple[str, ...]
    files: tuple[str, ...]
    groups: tuple[str, ...]
    filters: str | None
    search: str | None
    all_matching: bool
    show_hidden: bool


def choice_options(command: Command) -> Command:
    """Give a command everything that says who is meant."""
    for option in reversed(
        (
            click.argument("addresses", nargs=-1, metavar="[ADDRESS]..."),
            click.option("--user", "users", multiple=True, metavar="ADDRESS", help="As ADDRESS."),
            click.option(
                "--from",
                "files",
                multiple=True,
                metavar="FILE",
                help="Users named in a CSV or list; - is stdin. May be repeated.",
            ),
            click.option(
                "--group",
                "groups",
                multiple=True,
                metavar="NAME",
                help="Users in this group and in those within it; may be repeated.",
            ),
            filter_option,
            click.option("--search", metavar="TEXT", help="Words only, in any field."),
            click.option(
                "--all-matching", is_flag=True, help="All whom --filter and --search find."
            ),
            click.option(
                "--show-hidden", is_flag=True, help="Guests, disabled and unlicensed users too."
            ),
        )
    ):
        command = option(command)
    return command


def names_somebody(given: Given) -> bool:
    """Tell whether anybody is meant at all."""
    searches = (given["filters"], given["search"])
    named = (given["addresses"], given["users"], given["files"], given["groups"])
    return any(named) or any(one is not None for one in searches)


def wanted_of(given: Given) -> Wanted:
    """Return whom a command line means; raise UsageError for nobody and for what cannot be."""
    searches = (given["filters"], given["search"])
    addresses = (*given["addresses"], *given["users"])
    named = (*addresses, *given["files"], *given["groups"])
    require_choice(named, searches, all_matching=given["all_matching"])
    hidden = given["show_hidden"]
    query = query_of(*searches, show_hidden=hidden) if given["all_matching"] else None
    return Wanted(addresses, given["files"], given["groups"], query, hidden)


def filter_option(command: Command) -> Command:
    """Give a command `--filter`: words and filters as in the search box."""
    return click.option(
        "--filter",
        "filters",
        metavar="TEXT",
        help='Words and filters, such as "berlin department:sales enabled:yes".',
    )(command)


def query_of(
    filters: str | None, search: str | None, *, show_hidden: bool, sort: str = Sort.NAME.value
) -> Query:
    """Return what --filter and --search ask for; raise UsageError for a filter that cannot be."""
    typed = filters or ""
    if len(typed) > LONGEST_TEXT:
        raise click.UsageError(f"--filter takes at most {LONGEST_TEXT} characters.")
    _refuse_what_is_none(typed)
    query = parse_query(typed, show_hidden)
    if query.wrong:
        raise click.UsageError(" ".join(map(_cannot_be, query.wrong)))
    words = dict.fromkeys((*query.words, *fold(search or "").split()))
    return replace(query, words=tuple(words), sort=Sort(sort))


def require_choice(
    wanted: Sequence[object], searches: Sequence[str | None], *, all_matching: bool
) -> None:
    """Raise UsageError unless somebody is meant, and all who match only where that is said."""
    searched = any(one is not None for one in searches)
    if not searched and not any(wanted):
        raise click.UsageError(
            "Nobody is named: give addresses, --from, --group, or --filter with --all-matching."
        )
    if searched and not all_matching:
        raise click.UsageError("--filter and --search mean all who match: say so, --all-matching.")
    if all_matching and not any((one or "").strip() for one in searches):
        raise click.UsageError("--all-matching belongs to --filter or --search, with words in it.")


def _cannot_be(wrong: WrongWord) -> str:
    name = wrong.typed.partition(":")[0]
    return f"{wrong.typed} is no filter: {', '.join(f'{name}:{one}' for one in wrong.possible)}."


def _shortly(quoted: re.Match[str]) -> str:
    return "quoted" if fold(quoted[0]).strip('" ') else ""


def _refuse_what_is_none(typed: str) -> None:
    """Raise UsageError for a filter there is not, and for one without a value.

    In the box one sees what such a word finds; in a script nobody does, and it may be everybody.
    """
    for word in _QUOTED.sub(_shortly, typed).split():
        written, colon, value = word.partition(":")
        if not colon or not written.isalpha():
            continue
        name = filter_name(written)
        if not name:
            known = ", ".join(f"{one}:" for one in FILTERS)
            raise click.UsageError(f"There is no filter {written}:. Filters are {known}.")
        if not value:
            possible = ", ".join(f"{name}:{one}" for one in FILTERS[name]) or f"{name}:sales"
            raise click.UsageError(f"{written}: has no value. Possible is {possible}.")
