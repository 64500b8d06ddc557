"""Who goes by an address: of the local copy, or asked for at Microsoft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ttr_tui.errors import NotConnected, Refused
from ttr_tui.text import fold, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.model import Company, DirectoryUser
    from ttr_tui.runtime import Runtime
    from ttr_tui.store.directory_copy import DirectoryCopy

NAMED = 10
"""Names listed before a question; the rest is counted."""


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


def names_of(first: Sequence[DirectoryUser], count: int) -> str:
    """Return the first names of `count` users, and how many more there are."""
    named = first[:NAMED]
    names = ", ".join(user.name or user.address for user in named)
    more = count - len(named)
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
