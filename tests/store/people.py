"""Directory users for tests, and what a search of them must give, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.store.directory_copy import Query
from ttr_tui.text import fold

FIRST = ["Ana", "Łukasz", "Jürgen", "Søren", "Zoë", "Mei", "Ömer", "Chidi", "Björn", "Inés"]
LAST = ["Weber", "Müller", "Okafor", "Straße", "Ðorđević", "Tanaka", "Yılmaz", "O'Neil", "Lind"]
DEPARTMENTS = ["Sales", "Sales EMEA", "Support", "Finance", "Éditions"]
TITLES = ["Manager", "Engineer", "Clerk"]
KINDS = [*[UserKind.MEMBER] * 6, *UserKind]


def user(
    number: int,
    name: str = "",
    *,
    kind: UserKind = UserKind.MEMBER,
    department: str = "Sales",
    title: str = "Clerk",
    address: str = "",
) -> DirectoryUser:
    name = name or f"{FIRST[number % 10]} {LAST[number // 10 % 9]} {number}"
    address = address or f"user{number}@contoso.example"
    return DirectoryUser(
        object_id=f"{number:08x}-0000-4000-8000-{number:012x}",
        name=name,
        user_principal_name=address,
        address=address,
        department=department,
        title=title,
        kind=kind,
    )


def crowd(count: int) -> list[DirectoryUser]:
    """Users in an order that is neither of their names nor of their ids."""
    return [
        user(
            number,
            kind=KINDS[number % len(KINDS)],
            department=DEPARTMENTS[number % 5],
            title=TITLES[number % 3],
        )
        for number in sorted(range(count), key=lambda n: n * 7919 % 10007)
    ]


def pages(users: Sequence[DirectoryUser], size: int = 999) -> list[Sequence[DirectoryUser]]:
    return [users[start : start + size] for start in range(0, len(users), size)]


@lru_cache(maxsize=100_000)
def lines(of: DirectoryUser) -> list[str]:
    words = (of.name, of.user_principal_name, of.address, of.department, of.title)
    return [" ".join(fold(stored(word)).split()) for word in words]


def stored(word: str) -> str:
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in word)


def matching(users: Iterable[DirectoryUser], query: Query) -> list[DirectoryUser]:
    """Who matches, hidden kinds included, in the order of the list."""
    words = fold(stored(query.text)).split()
    return sorted(
        (
            one
            for one in users
            if all(any(word in line for line in lines(one)) for word in words)
            and (query.only is None or one.object_id in query.only)
        ),
        key=lambda one: (lines(one)[0], one.object_id),
    )
