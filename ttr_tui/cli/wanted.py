"""Whom the command line means: addresses, files of addresses, groups, and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ttr_tui.query import FILTERS, Query, Sort, parse_query
from ttr_tui.text import fold

if TYPE_CHECKING:
    from ttr_tui.query import WrongWord

Command = TypeVar("Command", bound=Callable[..., Any])

STDIN = "-"


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
    query = parse_query(filters or "", show_hidden)
    if query.wrong:
        raise click.UsageError(" ".join(map(_cannot_be, query.wrong)))
    _refuse_unknown(filters or "")
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
        raise click.UsageError("--filter and --search add all who match: say so, --all-matching.")
    if all_matching and not searched:
        raise click.UsageError("--all-matching belongs to --filter or --search.")


def _cannot_be(wrong: WrongWord) -> str:
    name = wrong.typed.partition(":")[0]
    return f"{wrong.typed} is no filter: {', '.join(f'{name}:{one}' for one in wrong.possible)}."


def _refuse_unknown(typed: str) -> None:
    """Raise UsageError for `nme:x`: in a box one sees what it finds, in a script nobody does."""
    for word in typed.split():
        name, colon, value = word.partition(":")
        if colon and value and name.isalpha() and not parse_query(word).filters:
            known = ", ".join(f"{one}:" for one in FILTERS)
            raise click.UsageError(f"There is no filter {name}:. Filters are {known}.")
