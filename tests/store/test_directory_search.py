"""What a search finds, held against plain Python: folded words as substrings, every one of them."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.store.people import crowd, fits, matching, pages, user
from tests.store.premises import NOON
from ttr_tui.model import HIDDEN_KINDS, DirectoryUser, UserKind
from ttr_tui.query import TEXT_FILTERS, Query, parse_query
from ttr_tui.store.directory_build import Build
from ttr_tui.store.directory_copy import DirectoryCopy

LETTERS = "aabbcAÄäßłŁøıİéñ王李小한가がｱアﬁ ２²\u0301\u200d \u00a0\t\n.@-_'\"*^()&:\0\ud800😀"

FACETS = [
    *("kind:guest", "kind:m", "kind:d", "enabled:yes", "enabled:no", "license:no", "licence:yes"),
    *("agent:yes", "agent:no", "kind:", "kind:nobody"),
]
AGENTS = {"object-1", "object-4", "object-9", "stranger"}

words = st.text(alphabet=LETTERS, max_size=10) | st.text(max_size=6)
kinds = st.sampled_from(list(UserKind))


@st.composite
def people(draw: st.DrawFn) -> list[DirectoryUser]:
    """Users of few different words, some of them there twice: the later one counts."""
    fields = st.lists(words, min_size=1, max_size=6)
    drawn = draw(fields)
    word = st.sampled_from(drawn) | words
    several = st.builds(" ".join, st.lists(word, max_size=3))
    numbers = draw(st.lists(st.integers(0, 15), max_size=18))
    return [
        DirectoryUser(
            f"object-{n}",
            *draw(st.tuples(several, word, word, word, word)),
            draw(kinds),
            office=draw(word),
            aliases=tuple(one for one in draw(st.lists(word, max_size=2)) if "\n" not in one),
            enabled=draw(st.booleans()),
            licensed=draw(st.sampled_from([None, False, True])),
        )
        for n in numbers
    ]


@st.composite
def searches(draw: st.DrawFn, users: Sequence[DirectoryUser]) -> Query:
    """Pieces of what is there, in any case, things that are not, and filters."""
    texts = [text for one in users for text in (one.name, one.address, one.title) if text] or [""]
    pieces = []
    for _ in range(draw(st.integers(0, 3))):
        text = draw(st.sampled_from(texts))
        start = draw(st.integers(0, len(text)))
        piece = text[start : start + draw(st.integers(1, 6))]
        piece = draw(st.sampled_from([piece, piece.upper(), piece.lower()]) | words)
        name = draw(st.sampled_from(["", "", "", *(f"{name}:" for name in TEXT_FILTERS)]))
        pieces.append(name + piece)
    pieces += draw(st.lists(st.sampled_from(FACETS), max_size=2))
    ids = st.sampled_from([f"object-{n}" for n in range(18)])
    only = draw(st.none() | st.lists(ids, max_size=10))
    return parse_query(" ".join(pieces), draw(st.booleans()), only=only)


async def build(copy: DirectoryCopy) -> None:
    """Have the order built anew, whoever was at it."""
    async with copy._db.transaction() as tx:
        await tx.execute("UPDATE orders SET beat_at = 0")
    assert await Build(copy._db, copy._readers, lambda: False).run()


@asynccontextmanager
async def filled(
    folder: Path, users: Sequence[DirectoryUser], settled: int
) -> AsyncIterator[DirectoryCopy]:
    """A copy of these users, of whom only the first `settled` have a place.

    For another process is seen building the order, as long as it is not built here.
    """
    copy = await DirectoryCopy.open(folder / "directory.db", secrets.token_bytes(32))
    try:
        await copy.begin_poll(None)
        await copy.put_page(users[:settled], "next")
        async with copy._db.transaction() as tx:
            await tx.execute("UPDATE orders SET builder = 'another', beat_at = 1 << 40")
        for page in pages(users[settled:], 4):
            await copy.put_page(page, "next")
        await copy.finish_poll(NOON)
        yield copy
    finally:
        await copy.close()


async def compare(users: Sequence[DirectoryUser], settled: int, queries: Sequence[Query]) -> None:
    everybody = {one.object_id: one for one in users}.values()
    with tempfile.TemporaryDirectory() as folder:
        async with filled(Path(folder), users, settled) as copy:
            await copy.set_agents(AGENTS)
            for query in queries:
                found = await look(copy, query, everybody)
                first = await copy.first(query, 3)
                assert [one.object_id for one in first.users] == found[:3]
            await build(copy)
            for query in queries:
                found = await look(copy, query, everybody)
                shown = [one for one in expected(everybody, query) if shows(query, one)]
                assert found == [one.object_id for one in shown]
                first = await copy.first(query, 3)
                assert [one.object_id for one in first.users] == found[:3]
                assert first.more == (len(found) > 3)


async def look(
    copy: DirectoryCopy, query: Query, everybody: Collection[DirectoryUser]
) -> list[str]:
    """Search; what is found is right, in whatever order."""
    found = await copy.search(query)
    wanted = expected(everybody, query)
    ids = [row.object_id for row in await copy.rows(found.rids)]
    assert sorted(ids) == sorted(one.object_id for one in wanted if shows(query, one))
    assert found.total == len(everybody)
    assert found.hidden == {kind: sum(one.kind is kind for one in wanted) for kind in HIDDEN_KINDS}
    return ids


def expected(everybody: Collection[DirectoryUser], query: Query) -> list[DirectoryUser]:
    asked = [{value == "yes" for value in f.meant} for f in query.filters if f.name == "agent"]
    rest = replace(query, filters=tuple(f for f in query.filters if f.name != "agent"))
    return [
        one
        for one in matching(everybody, rest)
        if all((one.object_id in AGENTS) in values for values in asked)
    ]


def shows(query: Query, one: DirectoryUser) -> bool:
    return not query.hides or one.kind not in HIDDEN_KINDS


# Not shrunk: an example is small as it is drawn, and shrinking opens thousands of databases.
@settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.data())
def test_a_search_finds_what_plain_python_finds(data: st.DataObject) -> None:
    """Any words of any script, in name order, hidden kinds counted, whatever is indexed so far."""
    users = data.draw(people())
    settled = data.draw(st.integers(0, len(users)))
    queries = data.draw(st.lists(searches(users), min_size=1, max_size=8))

    asyncio.run(compare(users, settled, queries))


BEA = user(1, "Bea O'Neil-Straße", title='"Head" of (R&D)', department="R*D: NOT ^AND^ OR near")


TYPED = [
    ("bea", True),
    ("BEA O'NEIL", True),
    ("o'neil bea", True),
    ("strasse", True),
    ("STRAßE", True),
    ("eil-str", True),
    ("b", True),
    ("b o", True),
    ("ea", False),
    ("ne", True),
    ("o'", True),
    ("q", False),
    ("zz", False),
    ("be st", True),
    ("beao", False),
    ("bea weber", False),
    ("user1@contoso.example", True),
    ("clerk", False),
    ('"head"', True),
    ('"head', True),
    ('ad" of', True),
    ('hea"d', False),
    ("(r&d)", True),
    ("r*d:", True),
    ("^and^", True),
    ("NOT", True),
    ("bea OR weber", False),
    ("bea*", False),
    ("folded:bea", False),
    ("-bea", False),
    ("(r", True),
    ("r&", True),
    ("ex", False),
    ('bea" OR "weber', False),
    ("near(bea)", False),
    ("%ea", False),
    ("b_a", False),
    ("   ", True),
    ("\u0301", True),
    ("bea " * 80, True),
    ("bea o'neil strasse user1 contoso exa mpl near and not " * 7, True),
]


@pytest.mark.parametrize("settled", [0, 1])
async def test_what_is_typed_is_text_and_nothing_else(tmp_path: Path, settled: int) -> None:
    """No word is an operator of SQLite's, in the index or beside it."""
    users = [BEA, user(2, "Anna Weber", title="")]
    async with filled(tmp_path, users, 2 * settled) as copy:
        for typed, is_found in TYPED:
            found = await copy.rows(await copy.rids(parse_query(typed)))
            assert (typed, BEA in found) == (typed, is_found)


PASTED = [
    "x" * 100_000,
    "abc " * 40_000 + "x",
    '"' * 5001,
    " ".join(f"a{number}" for number in range(20_000)),
    " ".join(map(chr, range(0x4E00, 0x6000))),
]


async def test_a_search_of_any_length_is_answered(tmp_path: Path) -> None:
    """Something pasted by mistake is no error."""
    async with filled(tmp_path, [BEA], 1) as copy:
        for typed in PASTED:
            assert await copy.count(parse_query(typed)) == 0


async def test_a_word_does_not_match_across_two_fields(tmp_path: Path) -> None:
    """The end of a name and the beginning of an address are not one word."""
    async with filled(tmp_path, [user(1, "Bea", address="lind@contoso.example")], 1) as copy:
        assert len((await copy.search(parse_query("bealind"))).rids) == 0
        assert len((await copy.search(parse_query("bea lind"))).rids) == 1


async def test_what_is_searched_of_arrivals_is_written_while_a_poll_rests(tmp_path: Path) -> None:
    """A page at a time, and found as before: by words, in columns, by kind, without who left."""
    users = crowd(3_000)
    copy = await DirectoryCopy.open(tmp_path / "directory.db", secrets.token_bytes(32))
    try:
        await copy.begin_poll(None)
        for page in pages(users):
            await copy.put_page(page, "next")
        async with asyncio.timeout(10):
            while await unwritten(copy):  # noqa: ASYNC110 - the copy tells nobody
                await asyncio.sleep(0.01)
        await copy.put_changes([], [users[7].object_id], "link")
        for typed in ("müller", "an", "sales emea", "department:sales title:clerk kind:guest", "7"):
            query = parse_query(typed, show_hidden=True)
            found = await copy.rows((await copy.search(query)).rids)
            wanted = {one for one in users if one != users[7] and fits(one, query)}
            assert set(found) == wanted
            assert (await copy.first(query, 20)).users == found[:20]
    finally:
        await copy.close()


async def unwritten(copy: DirectoryCopy) -> bool:
    row = await copy._db.row(
        "SELECT (SELECT count(*) FROM arrival_lines), (SELECT count(*) FROM arrivals)"
    )
    return row is None or not 0 < row[0] == row[1]
