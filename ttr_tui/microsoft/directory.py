"""What is read of a tenant's directory: its name, and of its users only the fields shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ttr_tui.errors import AnswerBroken, GraphRefused, MicrosoftError
from ttr_tui.microsoft import partition
from ttr_tui.microsoft.batch import MOST_ITEMS, BatchItem
from ttr_tui.microsoft.directory_user import FIELDS, kind_of, users_in
from ttr_tui.microsoft.partition import FIRST_PAGE
from ttr_tui.microsoft.shapes import records, text
from ttr_tui.model import DirectoryUser, Secret

if TYPE_CHECKING:
    from ttr_tui.microsoft import Microsoft
    from ttr_tui.microsoft.pages import PageText, Trail

__all__ = [
    "FIRST_PAGE",
    "Organization",
    "UserPage",
    "count_users",
    "find_users",
    "first_user",
    "kind_of",
    "organization",
    "part_counts",
    "told_count",
    "user_pages",
    "users_of",
]

_OBJECT_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_ADDRESS = 320
"""Characters: 64 before the `@` and 255 behind it (RFC 5321 section 4.5.3.1)."""

_NOBODY_BY_THAT_KEY = frozenset({400, 404})
"""What Graph says of a key nobody has, and of one it cannot read."""


@dataclass(frozen=True, slots=True)
class Organization:
    """A tenant as it names itself; `domains` are its verified ones."""

    id: str
    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users; `next_link` is where a poll that broke goes on, empty on the last."""

    users: list[DirectoryUser]
    next_link: str


async def organization(ms: Microsoft, token: Secret) -> Organization:
    """Return the tenant the token belongs to; raises what `Graph.get` raises."""
    body = await ms.graph.get("/organization?$select=id,displayName,verifiedDomains", token)
    found = records(body.get("value"))
    if len(found) != 1 or not text(found[0], "id"):
        raise AnswerBroken(
            "Microsoft Graph does not say which tenant it answers for.",
            means="Nothing is proven by that.",
            cure="Try again.",
        )
    domains = tuple(text(d, "name") for d in records(found[0].get("verifiedDomains")))
    return Organization(text(found[0], "id").lower(), text(found[0], "displayName"), domains)


async def count_users(ms: Microsoft, token: Secret) -> int | None:
    """Return how many users the tenant has, or None: not knowing it is no failure."""
    try:
        return await told_count(ms, token, patient=False)
    except MicrosoftError:
        return None


async def told_count(ms: Microsoft, token: Secret, *, patient: bool = True) -> int | None:
    """Return how many users Graph counts, None when it sends no number.

    Unless `patient`, a busy Graph is asked once. Raises what `Graph.get` raises.
    """
    answer = await ms.graph.get_text("/users/$count", token, advanced=True, patient=patient)
    digits = answer.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


async def part_counts(ms: Microsoft, token: Secret, parts: Sequence[str]) -> dict[str, int]:
    """Return how many users each part of `partition` holds; those Graph does not count are missing.

    Raises what `Graph.batch` raises.
    """
    batches = [parts[start : start + MOST_ITEMS] for start in range(0, len(parts), MOST_ITEMS)]
    answers = await asyncio.gather(*(_counted(ms, token, some) for some in batches))
    return {part: count for some in answers for part, count in some.items()}


async def _counted(ms: Microsoft, token: Secret, parts: Sequence[str]) -> dict[str, int]:
    items = [
        BatchItem(str(n), partition.count_path(part), advanced=True) for n, part in enumerate(parts)
    ]
    answers = await ms.graph.batch(items, token)
    told = {parts[int(n)]: answer.body.get("@odata.count") for n, answer in answers.items()}
    return {part: count for part, count in told.items() if isinstance(count, int)}


async def first_user(ms: Microsoft, token: Secret) -> None:
    """Prove that `/users` answers; raises PermissionMissing and what else `Graph.get` raises."""
    body = await ms.graph.get("/users?$top=1&$select=id", token)
    if not isinstance(body.get("value"), list):
        raise AnswerBroken("Microsoft Graph sent no list of users.", cure="Try again.")


async def find_users(ms: Microsoft, token: Secret, address: str) -> list[DirectoryUser]:
    """Return who in the token's tenant goes by a typed address; nobody is an empty list.

    A user principal name or object id names one user. Any other address is looked for among the
    users' addresses and aliases (facts section 6.1), which several may share. What can be neither
    is asked of nobody. Raises what `Graph.get` raises, but for a refused key.
    """
    typed = address.strip()
    if _OBJECT_ID.fullmatch(typed):
        return await _by_key(ms, token, typed)
    if len(typed) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(typed):
        return []
    return await _by_key(ms, token, typed) or await _by_address(ms, token, typed)


async def _by_key(ms: Microsoft, token: Secret, key: str) -> list[DirectoryUser]:
    try:
        found = await ms.graph.get(f"/users/{quote(key, safe='')}?$select={FIELDS}", token)
    except GraphRefused as refusal:
        if refusal.status not in _NOBODY_BY_THAT_KEY:
            raise
        return []
    return users_in([found])


async def _by_address(ms: Microsoft, token: Secret, address: str) -> list[DirectoryUser]:
    text_of = address.replace("'", "''")
    # A primary address is written SMTP:, an alias smtp:, and nobody promises that case is ignored.
    terms = (
        f"userPrincipalName eq '{text_of}'",
        f"mail eq '{text_of}'",
        f"proxyAddresses/any(p:p eq 'SMTP:{text_of}')",
        f"proxyAddresses/any(p:p eq 'smtp:{text_of}')",
    )
    path = f"/users?$filter={quote(' or '.join(terms), safe='')}&$select={FIELDS}"
    found: dict[str, DirectoryUser] = {}
    async with aclosing(ms.graph.pages(path, token)) as pages:
        async for page in pages:
            found.update((user.object_id, user) for user in users_in(page.records))
    return list(found.values())


async def user_pages(
    ms: Microsoft, token: Secret, start: str = ""
) -> AsyncGenerator[UserPage, None]:
    """Yield the tenant's users page by page, from the beginning or from a former `next_link`.

    A user may come twice, and a page may be empty. Raises what `Graph.pages` raises; GraphRefused
    with `Directory_ExpiredPageToken` means that `start` is too old, and reading begins anew.
    """
    async with aclosing(ms.graph.pages(start or FIRST_PAGE, token)) as pages:
        async for page in pages:
            # A thousand users at a time would hold up the screen.
            users = await asyncio.to_thread(users_in, page.records)
            yield UserPage(users, page.next_link)


async def users_of(came: PageText, trail: Trail) -> UserPage:
    """Return the users of a page as it came, read in a thread.

    Raises AnswerBroken for a page that is none, and for one too many in a row without anybody.
    """
    users, found = await asyncio.to_thread(_parsed, came)
    fault = trail.emptiness(found, came.next_link)
    if fault is not None:
        raise fault
    return UserPage(users, came.next_link)


def _parsed(came: PageText) -> tuple[list[DirectoryUser], int]:
    """Return the users of a page, and how many entries it has."""
    from ttr_tui.microsoft.user_page import read_users  # noqa: PLC0415 - msgspec, see there

    read = read_users(came.answer.body)
    if read is not None and read[1] == came.next_link:
        return read[0], len(read[0])
    page = came.parsed()
    return users_in(page.records), len(page.records)
