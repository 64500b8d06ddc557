"""Directories to poll: names made for a test, and what a poll asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.office import Office, open_office
from ttr_tui.flows.polling.walking import AT_ONCE
from ttr_tui.microsoft.partition import STARTS, balanced
from ttr_tui.model import Company
from ttr_tui.query import Query
from ttr_tui.sandbox import Sandbox

WINDOW = 500
SPLIT = 1
"""Users from which these tests have a directory read in parts."""


@asynccontextmanager
async def polling_office(
    folder: Path, names: Sequence[str]
) -> AsyncIterator[tuple[Office, Company]]:
    """Open an office whose tenant has a user for each name, besides the known people."""
    async with Sandbox(users=4 + len(names), tenants=1) as sandbox:
        directory = sandbox.tenants[0].directory
        for person, name in zip(directory.people[4:], names, strict=True):
            directory.rename(person, f"{name}@{directory.domain}")
        async with open_office(sandbox, folder) as office:
            yield office, await office.connected()


def asked(office: Office) -> Counter[str]:
    """Return how often a poll asked for each kind of thing, and forget it."""
    paths = [place.removeprefix("graph GET /v1.0") for place in office.sandbox.world.seen]
    office.sandbox.world.seen.clear()
    return Counter(path for path in paths if path.startswith("/users"))


def parts_of(office: Office) -> int:
    """Return in how many parts its directory is first cut."""
    counts = Counter(map(_start, there(office).values()))
    return len(balanced({start: counts[start] for start in STARTS}, AT_ONCE))


def _start(name: str) -> str:
    return next((one for one in STARTS if name[0].lower() in one.split(",")), STARTS[-1])


async def copied(office: Office, company: Company) -> dict[str, str]:
    """Return who is in the copy: object ids and user principal names."""
    copy = await office.runtime.store.directory(company)
    matches = await copy.search(Query(show_hidden=True))
    assert len(matches.rids) == (await copy.state()).count
    users = []
    # Row ids may move under a long list; by window they are followed.
    for start in range(0, len(matches.rids), WINDOW):
        users += await copy.rows(matches.rids[start : start + WINDOW])
    return {u.object_id: u.user_principal_name for u in users}


def there(office: Office) -> dict[str, str]:
    """Return who is in the tenant."""
    people = office.sandbox.tenants[0].directory.people
    return {person.id: person.user_principal_name for person in people}
