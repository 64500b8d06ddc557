"""Who was chosen: named users, or all who match a search; of the local copy, or asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ttr_tui.errors import NotConnected, Refused
from ttr_tui.text import fold, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import DirectoryCopy

NAMED = 10
"""Names listed before a question; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is meant: named users, or all who match a search."""

    users: tuple[str, ...]
    search: str
    show_hidden: bool


def require_choice(users: Sequence[str], search: str | None, *, all_matching: bool) -> None:
    """Raise UsageError unless users are named, or all who match a search are meant."""
    if bool(users) == (search is not None):
        raise click.UsageError("Choose with --user, or with --search and --all-matching.")
    if all_matching == bool(users):
        raise click.UsageError("--all-matching belongs to --search, and --search to it.")


async def object_ids(copy: DirectoryCopy, company: Company, chosen: Chosen) -> list[str]:
    """Return whom of the local copy was chosen; raise Refused for a name that nobody goes by."""
    from ttr_tui.query import parse_query  # noqa: PLC0415 - help needs no query

    if not chosen.users:
        matches = await copy.search(parse_query(chosen.search, chosen.show_hidden))
        if not matches.rids:
            raise Refused(f'No user matches "{chosen.search}".', cure="Search for less.")
        return await copy.object_ids_of(matches.rids)
    named = []
    for wanted in chosen.users:
        users = await _going_by(copy, wanted)
        if len(users) != 1:
            raise _nobody(company, wanted, len(users))
        named.append(users[0].object_id)
    return named


async def users_named(
    runtime: Runtime, company: Company, wanted: Sequence[str]
) -> list[DirectoryUser]:
    """Return these users, of the local copy where they are in it, else as Microsoft names them.

    Raises NobodyFound, and Refused while nobody can be asked for.
    """
    from ttr_tui import pinning  # noqa: PLC0415 - help needs no network

    copy = await _copy(runtime, company)
    found = []
    for address in wanted:
        users = await _going_by(copy, address) if copy is not None else []
        user = users[0] if len(users) == 1 else None
        user = user or await pinning.find(runtime.access, company, address)
        if user is None:
            raise Refused(
                f"Microsoft cannot be asked yet who goes by {address}.",
                means=f"{company.name} has not granted admin permission.",
                cure="ttr-tui connect COMPANY asks for it; agents authenticate needs none.",
            )
        found.append(user)
    return found


def names_of(users: Sequence[DirectoryUser]) -> str:
    """Return the first names, and how many more there are."""
    names = ", ".join(user.name or user.address for user in users[:NAMED])
    more = len(users) - NAMED
    return f"{names} and {number(more)} more" if more > 0 else names


async def _copy(runtime: Runtime, company: Company) -> DirectoryCopy | None:
    """Return the company's local copy, or None where it was never read to its end."""
    try:
        copy = await runtime.store.directory(company)
    except NotConnected:
        return None
    return copy if (await copy.state()).polled_at is not None else None


async def _going_by(copy: DirectoryCopy, wanted: str) -> list[DirectoryUser]:
    from ttr_tui.query import Query  # noqa: PLC0415 - as above

    matches = await copy.search(Query(tuple(fold(wanted).split()), show_hidden=True))
    return [user for user in await copy.rows(matches.rids) if _is(wanted, user)]


def _is(wanted: str, user: DirectoryUser) -> bool:
    names = {user.user_principal_name.casefold(), user.address.casefold(), user.object_id}
    return wanted.strip().casefold() in names


def _nobody(company: Company, wanted: str, found: int) -> Refused:
    how_many = "No user" if not found else number(found) + " users"
    goes = "go" if found else "goes"
    return Refused(
        f"{how_many} of {company.domain} {goes} by {wanted}.",
        means="Nobody was added.",
        cure="ttr-tui users COMPANY --search finds the user principal name.",
    )
