"""What many share is one code in the index; every search means what it means in plain Python."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from tests.store.people import KINDS, matching, user
from tests.store.test_directory_copy import Place, listed, names, ordered, poll
from tests.store.test_directory_search import build
from ttr_tui.model import DirectoryUser
from ttr_tui.query import TEXT_FILTERS, parse_query
from ttr_tui.store.directory_common import Common
from ttr_tui.store.directory_copy import DirectoryCopy
from ttr_tui.store.directory_rows import BEGINNING, FACET

DOMAINS = ["contoso.com", "contoso.onmicrosoft.com", "tocontoso.example", "com", "zürich.example"]
LOCALS = [
    "anna.smith",
    "o'neil",
    "a",
    "smith@con",
    "",
    "s_gmail.com#EXT#",
    "a_b_gmail.com#EXT#",
    "_gmail.com#EXT#",
    "_",
    "o_x#EXT#",
    "李小龍",
    "contoso",
    "ab",
]
NAMES = [
    "Anna Smith (Contoso)",
    "contoso.com",
    "Smith@Contoso.com",
    "Headquarters",
    "",
    "李小龍 Lee",
]
OFFICES = ["Headquarters", "Head quarters", "Hauptquartier Zürich", "@contoso.com", "HQ", ""]
FACETS = ["kind:guest", "enabled:yes license:no", "license:yes contoso", "kind:m,g", "s", "title:m"]


def drawn(number: int, draw: random.Random) -> DirectoryUser:
    def address() -> str:
        return f"{draw.choice(LOCALS)}@{draw.choice(DOMAINS)}"

    return user(number, f"{draw.choice(NAMES)} {number % 7}", address=address())._replace(
        user_principal_name=draw.choice(
            [address(), draw.choice(LOCALS), f"user{number}@rare.test"]
        ),
        office=draw.choice(OFFICES),
        title=draw.choice(["Manager", "Management", "Man"]),
        aliases=tuple(address() for _ in range(draw.randrange(3))),
        kind=draw.choice(KINDS),
        enabled=draw.random() < 0.8,
        licensed=draw.choice([None, True, True, False]),
    )


def searches(users: Sequence[DirectoryUser], draw: random.Random) -> list[str]:
    """Pieces of what is there, whole words, pieces around an `@`, and some that are nowhere."""
    typed = [
        "@",
        "@c",
        "h@",
        "h@c",
        "@con",
        "smith@con",
        "smith@con@contoso.c",
        "a@com",
        "s_gmail",
        "_gm",
        "b_gmail.com#ext#@con",
        "gmail.com#ext#@",
        "com#ext#@contoso.on",
        "_g",
        "b_",
        *FACETS,
    ]
    for one in draw.choices(users, k=45):
        text = draw.choice([one.name, one.address, one.user_principal_name, one.office, one.title])
        at = draw.randrange(len(text) + 1)
        piece = "".join(text[at : at + draw.randrange(1, 12)].split()).replace(":", "")
        name = draw.choice(["", "", *(f"{name}:" for name in TEXT_FILTERS)])
        typed.append(f"{name}{piece} {draw.choice(['', '', 'contoso', 'smith'])}")
    return typed


def test_each_piece_of_an_address_is_found_where_it_stands_and_nowhere_else() -> None:
    """Whatever ending has a code, one within another's reach, or one that nobody has."""
    endings = ["@contoso.com", "@com", "_gmail.com#ext#@contoso.com", "_b#ext#@com", "@x_y.com"]
    common = Common(endings={one: f"{one[0]}{FACET}{n}" for n, one in enumerate(endings)})
    addresses = [
        "a@contoso.com",
        "a_b_gmail.com#ext#@contoso.com",
        "contoso_b#ext#@com",
        "x@x_y.com",
    ]
    addresses += ["_gmail.com#ext#@contoso.com", "@contoso.com", "a@b@com", "a_b@rare.com"]
    texts = {one: common.coded(("", BEGINNING + one))[0][1] for one in addresses}
    assert sum(FACET in text for text in texts.values()) == 6
    for searched in addresses:
        for start in range(len(searched)):
            for stop in range(start + 3, len(searched) + 1):
                word = searched[start:stop]
                wanted = [word, *common.meant(word)[0]]
                found = {one for one, text in texts.items() if any(w in text for w in wanted)}
                assert (word, found) == (word, {one for one in addresses if word in one})


async def compare(copy: DirectoryCopy, users: Sequence[DirectoryUser], typed: list[str]) -> None:
    for one in typed:
        query = parse_query(one, show_hidden=True)
        wanted = matching(users, query)
        assert (one, await listed(copy, query)) == (one, wanted)
        assert (one, (await copy.first(query, 5)).users) == (one, wanted[:5])


async def test_codes_find_what_plain_python_finds(tmp_path: Path) -> None:
    """Of those in the order, those who came or changed later, and all in the next order."""
    draw = random.Random(19)  # noqa: S311 - the same at each run
    users = {n: drawn(n, draw) for n in range(150)}
    async with Place(tmp_path / "directory.db").open() as copy:
        await poll(copy, list(users.values()))
        await ordered(copy)
        await build(copy)
        coded = {row["word"] for row in await copy._db.rows("SELECT word FROM common")}
        assert {"@contoso.com", "@com", "headquarters", "management"} <= coded
        changed = {n: drawn(n, draw) for n in range(140, 165)}
        users |= changed
        await copy.put_changes(list(changed.values()), [users.pop(3).object_id], "link")
        await ordered(copy)
        await compare(copy, list(users.values()), searches(list(users.values()), draw))
        await build(copy)
        await compare(copy, list(users.values()), searches(list(users.values()), draw)[:30])


async def test_who_changes_has_the_codes_of_the_order_of_today(tmp_path: Path) -> None:
    """A word that is common since the new order is found in those who come after it as well."""
    async with Place(tmp_path / "directory.db").open() as copy:
        await poll(copy, [user(n, f"Anna {n}", address=f"a{n}@first.example") for n in range(3)])
        await ordered(copy)
        later = [user(n, f"Bea {n}", address=f"b{n}@second.example") for n in range(3, 9)]
        await copy.put_changes(later[:5], [], "link")
        assert await names(copy, "second.ex") == [f"Bea {n}" for n in range(3, 8)]
        await build(copy)
        rows = await copy._db.rows("SELECT word FROM common WHERE length(word) > 1")
        words = [row["word"] for row in rows]
        assert sorted(words) == ["@first.example", "@second.example", "clerk", "sales"]
        await copy.put_changes(later[5:], [], "link")
        assert await names(copy, "second.ex") == [f"Bea {n}" for n in range(3, 9)]
        assert await names(copy, "8@sec") == ["Bea 8"]
        assert await names(copy, "first") == [f"Anna {n}" for n in range(3)]
