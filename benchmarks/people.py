"""Users as a tenant has them, any number, the same every time."""

from __future__ import annotations

from collections.abc import Iterator

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.sandbox.people import Directory, Kind, Person

PAGE = 999
BLOCK = 100_000
"""Users of one made-up directory; more are made of several, with a domain each."""

_KINDS = {
    Kind.GUEST: UserKind.GUEST,
    Kind.SHARED: UserKind.SHARED,
    Kind.DISABLED: UserKind.DISABLED,
    Kind.UNLICENSED: UserKind.NO_LICENCE,
}


def users(count: int) -> Iterator[DirectoryUser]:
    """Yield that many users; only one block of them is held at a time."""
    for number, start in enumerate(range(0, count, BLOCK)):
        size = min(BLOCK, count - start)
        directory = Directory(f"contoso{number}.example", 365 + number, size)
        yield from map(user_of, directory.people)


def user_of(person: Person) -> DirectoryUser:
    """Return somebody as a poll would store them."""
    return DirectoryUser(
        object_id=person.id,
        name=person.display_name,
        user_principal_name=person.user_principal_name,
        address=person.mail or person.user_principal_name,
        department=person.department or "",
        title=person.job_title or "",
        kind=_KINDS.get(person.kind, UserKind.MEMBER),
        office=person.office or "",
        enabled=person.account_enabled,
        licensed=person.licensed,
    )


def pages(count: int) -> Iterator[list[DirectoryUser]]:
    """Yield users in pages as Graph gives them."""
    page: list[DirectoryUser] = []
    for user in users(count):
        page.append(user)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page
