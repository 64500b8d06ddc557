"""Choose users by addresses, by group, by filter: who is meant, and who cannot be found.

Nothing is changed here, and nobody is guessed: an address that several users have is told with
all of them, and a group whose members are not told is an error. Who was found is `Marks` of the
local copy: row ids, which it follows when they change (`DirectoryCopy.followed`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ttr_tui.address_file import LARGEST, AddressFile, Entry, read_addresses, too_large
from ttr_tui.errors import (
    AddressFileUnusable,
    GraphRefused,
    GroupUnknown,
    MembersHidden,
    PermissionMissing,
    TokenStale,
)
from ttr_tui.microsoft import groups
from ttr_tui.store.directory_copy import BitMap, Marks, Query
from ttr_tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ttr_tui.access import Access
    from ttr_tui.microsoft.groups import DirectoryGroup
    from ttr_tui.model import Company, DirectoryUser, UserKind
    from ttr_tui.store import DirectoryCopy

_LISTED = 10
_TRIES = 5
_WINDOW = 1_000
_BROKEN_OFF = frozenset({400, 410})
"""What Graph says of a page token that is over (facts section 6.1)."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An address that several users have."""

    entry: Entry
    users: tuple[DirectoryUser, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """Whom addresses name.

    `unmatched` are nobody's; `again` name somebody whom another address before them named.
    """

    marks: Marks
    unmatched: tuple[Entry, ...]
    ambiguous: tuple[Ambiguous, ...]
    again: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """Who is in a group; `elsewhere` counts the members who are not in the local copy."""

    group: DirectoryGroup
    marks: Marks
    elsewhere: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Everybody who was chosen, each once.

    `hidden` counts, by kind, who was left out because nobody sees them unless they ask.
    """

    marks: Marks
    hidden: Mapping[UserKind, int]


async def read_file(path: Path) -> AddressFile:
    """Return who is named in a file; raises AddressFileUnusable, also where it cannot be read."""

    def read() -> AddressFile:
        with path.open("rb") as file:
            return read_contents(file.read(LARGEST + 1), path.name)

    try:
        return await asyncio.to_thread(read)
    except OSError as problem:
        raise AddressFileUnusable(
            f"{path} cannot be read: {problem.strerror}.", cure="Name another file."
        ) from None


def read_contents(contents: bytes, name: str) -> AddressFile:
    """Return who is named in `contents`; more than LARGEST bytes are refused."""
    if len(contents) > LARGEST:
        raise too_large(name)
    return read_addresses(contents, name)


async def by_addresses(access: Access, company: Company, entries: Sequence[Entry]) -> Addressed:
    """Return whom addresses name in the local copy.

    An address is somebody's object id, user principal name, address or alias, in any case. Raises
    NotConnected without a Company Master.
    """
    copy = await access.store.directory(company)
    owners = await copy.addresses.owners_of([entry.address for entry in entries])
    found = BitMap()
    unmatched, again, several = [], [], []
    for entry in entries:
        who = owners.rids.get(entry.address.casefold(), ())
        if not who:
            unmatched.append(entry)
        elif len(who) > 1:
            several.append((entry, who))
        elif who[0] in found:
            again.append(entry)
        else:
            found.add(who[0])
    marks = Marks(found, owners.since)
    return Addressed(marks, tuple(unmatched), await _told_apart(copy, several), tuple(again))


async def _told_apart(
    copy: DirectoryCopy, several: Sequence[tuple[Entry, Sequence[int]]]
) -> tuple[Ambiguous, ...]:
    rids = sorted({rid for _, who in several for rid in who})
    users: dict[int, DirectoryUser] = {}
    for start in range(0, len(rids), _WINDOW):
        some = rids[start : start + _WINDOW]
        users.update(zip(some, await copy.rows(some), strict=True))
    return tuple(Ambiguous(entry, tuple(users[rid] for rid in who)) for entry, who in several)


async def find_group(access: Access, company: Company, called: str) -> DirectoryGroup:
    """Return the one group of that name, address or object id, as Microsoft knows it now.

    Raises GroupUnknown when there is none, or several: with what tells them apart, or with what is
    called like it. Raises what Microsoft refuses.
    """
    ms = access.microsoft
    found = await access.with_app_token(
        company, lambda token: groups.find_groups(ms, token, called)
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise GroupUnknown(
            f'{plural(len(found), "group")} of {company.domain} are called "{called.strip()}": '
            f"{_listed(f'{one.mail or _without_address(one)} ({one.id})' for one in found)}.",
            means="Nobody was chosen.",
            cure="Name one by its id, or by its address.",
        )
    like = await access.with_app_token(company, lambda token: groups.groups_like(ms, token, called))
    raise GroupUnknown(
        f'No group of {company.domain} is called "{called.strip()}".',
        means="Nobody was chosen.",
        cure=f"Called like it: {_listed(one.name for one in like)}."
        if like
        else "Name it as Microsoft 365 does, or by its address or id.",
    )


async def by_group(
    access: Access,
    company: Company,
    group: DirectoryGroup,
    on_page: Callable[[int], None] = lambda _read: None,
) -> Grouped:
    """Return who is in a group and in the groups within it; `on_page` is told how many were read.

    Raises MembersHidden where Microsoft does not tell, and what else it refuses: never some of the
    members as all of them.
    """
    try:
        ids = await _member_ids(access, company, group, on_page)
    except PermissionMissing:
        if not group.hidden:
            raise
        ids = []
    if group.hidden and not ids:
        raise MembersHidden(
            f"Microsoft does not tell who is in {group.name}: its membership is hidden.",
            means="Nobody was chosen.",
            cure="Choose these users by a file of their addresses.",
        )
    copy = await access.store.directory(company)
    here = await copy.addresses.marks_of(ids)
    return Grouped(group, here, len(ids) - len(here.rids))


async def _member_ids(
    access: Access, company: Company, group: DirectoryGroup, on_page: Callable[[int], None]
) -> list[str]:
    """Read a group's members to the last page; once more from the first where that broke off."""
    token = await access.app_token(company)
    for last in (False, True):
        found: dict[str, None] = {}
        try:
            async with aclosing(groups.member_ids(access.microsoft, token, group.id)) as pages:
                async for page in pages:
                    found.update(dict.fromkeys(page))
                    on_page(len(found))
        except TokenStale:
            if last:
                raise
            token = await access.app_token(company, fresh=True)
        except GraphRefused as refusal:
            if last or not found or refusal.status not in _BROKEN_OFF:
                raise
        else:
            return list(found)
    raise RuntimeError("a second reading neither ended nor was refused")


async def all_together(
    access: Access,
    company: Company,
    several: Sequence[Marks],
    query: Query | None = None,
    *,
    named: Marks | None = None,
    show_hidden: bool = False,
) -> Choice:
    """Return everybody in `several`, whoever `query` finds, and those `named` one by one.

    Hidden kinds are left out and counted, unless they were named, `show_hidden` is set or the
    query's own filters ask for them.
    """
    copy = await access.store.directory(company)
    choice, since = Choice(Marks(BitMap(), 0), {}), -1
    for _ in range(_TRIES):
        if choice.marks.since == since:
            break
        # Who moved between two searches would be missing in one of them.
        since = await _last_move(copy)
        meant: Any = BitMap().union(*[(await copy.followed(marks)).rids for marks in several])
        chosen = await _found(copy, Query(show_hidden=show_hidden, among=meant))
        if query is not None:
            chosen |= await _found(copy, query)
            meant |= await _found(copy, replace(query, show_hidden=True))
        if named is not None:
            chosen |= (await copy.followed(named)).rids
        left_out = await copy.search(Query(show_hidden=True, among=meant - chosen))
        choice = Choice(Marks(chosen, await _last_move(copy)), left_out.hidden)
    return choice


async def _found(copy: DirectoryCopy, query: Query) -> Any:
    return BitMap((await copy.search(query)).rids)


async def _last_move(copy: DirectoryCopy) -> int:
    return (await copy.followed(Marks(BitMap(), 0))).since


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _LISTED
    return ", ".join(listed[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _without_address(group: DirectoryGroup) -> str:
    return "a dynamic one without an address" if group.dynamic else "one without an address"
