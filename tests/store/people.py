"""Directory users for tests, and what a search of them must give, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.query import Query
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
def fields(of: DirectoryUser) -> dict[str, list[str]]:
    """The folded words of each field."""
    return {
        "name": folded(of.name),
        "address": [
            word
            for text in (of.user_principal_name, of.address, *of.aliases)
            for word in folded(text)
        ],
        "department": folded(of.department),
        "title": folded(of.title),
        "office": folded(of.office),
    }


def folded(text: str) -> list[str]:
    return fold(stored(text)).split()


def stored(word: str) -> str:
    return "".join("\ufffd" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in word)


def stands_in(word: str, words: list[str]) -> bool:
    """Anywhere within a word; one or two letters at a beginning."""
    if len(word) > 2:
        return any(word in one for one in words)
    return any(one.startswith(word, at) for one in words for at in beginnings(one))


def beginnings(word: str) -> list[int]:
    """Where a word begins, within itself too; not in a domain."""
    local = word.split("@", maxsplit=1)[0] or word
    inner = [
        at
        for at in range(1, len(local))
        if (local[at].isalnum() and not local[at - 1].isalnum()) or unparted(local[at])
    ]
    return [0, *inner]


def unparted(letter: str) -> bool:
    """Of a script that leaves no gaps between words."""
    return (
        "\u0e00" <= letter <= "\u0eff"
        or "\u1000" <= letter <= "\u109f"
        or "\u1780" <= letter <= "\u17ff"
        or "\u2e80" <= letter <= "\u9fff"
        or "\uac00" <= letter <= "\ud7af"
        or "\uf900" <= letter <= "\ufaff"
        or "\U00020000" <= letter <= "\U0003ffff"
    )


def fits(one: DirectoryUser, query: Query) -> bool:
    """What a search means, in plain Python; agents and hidden kinds aside."""
    if query.wrong or (query.only is not None and one.object_id not in query.only):
        return False
    for word in query.words:
        if not any(stands_in(stored(word), words) for words in fields(one).values()):
            return False
    yes_no = {"enabled": one.enabled, "license": one.licensed}
    for asked in query.filters:
        if asked.name == "kind":
            if CALLED[one.kind] not in asked.meant:
                return False
        elif asked.name in yes_no:
            if {True: "yes", False: "no", None: ""}[yes_no[asked.name]] not in asked.meant:
                return False
        elif not all(stands_in(stored(word), fields(one)[asked.name]) for word in asked.meant):
            return False
    return True


CALLED = {
    UserKind.MEMBER: "member",
    UserKind.GUEST: "guest",
    UserKind.SHARED: "shared",
    UserKind.DISABLED: "disabled",
    UserKind.NO_LICENCE: "unlicensed",
}


def matching(users: Iterable[DirectoryUser], query: Query) -> list[DirectoryUser]:
    """Who matches, hidden kinds included, in the order of the list."""
    return in_order(one for one in users if fits(one, query))


def in_order(users: Iterable[DirectoryUser]) -> list[DirectoryUser]:
    return sorted(users, key=lambda one: (" ".join(fields(one)["name"]), one.object_id))
