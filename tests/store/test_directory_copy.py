"""The local copy of a directory: filled by polls, usable from the first page, whole at the end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from pyroaring import BitMap

from tests.store.marking import mark, marked
from tests.store.people import crowd, fits, matching, pages, user
from tests.store.premises import NOON
from ttr_tui.errors import Gone, StoreBroken
from ttr_tui.model import HIDDEN_KINDS, DirectoryUser, UserKind
from ttr_tui.query import Query, parse_query
from ttr_tui.store.directory_copy import CopyState, DirectoryCopy
from ttr_tui.store.directory_marks import Marks

LATER = NOON + timedelta(hours=1)
EVERYBODY = Query(show_hidden=True)


@dataclass
class Place:
    """Where a copy lies, and its key: each `open` is another process."""

    path: Path
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DirectoryCopy]:
        copy = await DirectoryCopy.open(self.path, self.key)
        try:
            yield copy
        finally:
            await copy.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "directory.db")


@pytest.fixture
async def copy(place: Place) -> AsyncIterator[DirectoryCopy]:
    async with place.open() as opened:
        yield opened


async def poll(copy: DirectoryCopy, users: Sequence[DirectoryUser], size: int = 999) -> bool:
    await copy.begin_poll(len(users))
    for page in pages(users, size):
        await copy.put_page(page, "")
    return await copy.finish_poll(NOON)


async def ordered(copy: DirectoryCopy) -> None:
    """Wait until everybody has a place."""
    async with asyncio.timeout(30):
        while (await copy.state()).unplaced:  # noqa: ASYNC110 - of another connection
            await asyncio.sleep(0.005)


async def listed(copy: DirectoryCopy, query: Query = EVERYBODY) -> list[DirectoryUser]:
    return await copy.rows((await copy.search(query)).rids)


async def names(copy: DirectoryCopy, text: str = "") -> list[str]:
    return [one.name for one in await listed(copy, parse_query(text, show_hidden=True))]


async def test_a_new_copy_is_empty_and_says_so(copy: DirectoryCopy) -> None:
    """Nothing was polled; nothing is claimed."""
    assert await copy.state() == CopyState(None, False, 0, None, "", 0)
    found = await copy.search(parse_query("anybody"))
    assert (len(found.rids), found.total) == (0, 0)
    assert found.hidden == dict.fromkeys(HIDDEN_KINDS, 0)
    assert await copy.rows([]) == []


async def test_the_list_is_usable_from_the_first_page(copy: DirectoryCopy) -> None:
    """While the poll goes on, what has come can be searched, and is not called complete."""
    users = crowd(30)
    await copy.begin_poll(30)
    await copy.put_page(users[:10], "https://graph.example/next-1")

    assert await copy.state() == CopyState(None, False, 10, 30, "https://graph.example/next-1", 10)
    assert await listed(copy) == matching(users[:10], EVERYBODY)


async def test_a_finished_poll_is_complete_as_of_its_end(copy: DirectoryCopy) -> None:
    """With its time and its count; nothing is left to go on with."""
    await copy.begin_poll(None)
    await copy.put_page(crowd(10), "https://graph.example/next-1")
    await copy.put_page([], "")

    assert await copy.finish_poll(NOON)
    assert await copy.state() == CopyState(NOON, True, 10, None, "", 10)


async def test_who_a_complete_poll_did_not_see_is_gone(copy: DirectoryCopy) -> None:
    """Those who stayed keep their rows; those who left are found no more."""
    users = crowd(40)
    await poll(copy, users[:20])
    await ordered(copy)
    await poll(copy, users[:30])
    before = {
        one.object_id: rid
        for one, rid in zip(await listed(copy), (await copy.search(EVERYBODY)).rids, strict=True)
    }

    await poll(copy, users[10:40])

    assert await listed(copy) == matching(users[10:], EVERYBODY)
    assert (await copy.state()).count == 30
    after = {
        one.object_id: rid
        for one, rid in zip(await listed(copy), (await copy.search(EVERYBODY)).rids, strict=True)
    }
    assert all(after[i] == before[i] for i in after if i in before)
    assert await copy.by_object_ids([one.object_id for one in users[:10]]) == []
    for gone in users[:10]:
        assert await names(copy, gone.address) == []


async def test_an_incomplete_poll_removes_nobody(copy: DirectoryCopy, place: Place) -> None:
    """However often it breaks and begins again; the age shown is that of the last whole one."""
    users = crowd(40)
    await poll(copy, users[:30])
    for _ in range(3):
        await copy.begin_poll(40)
        await copy.put_page(users[25:35], "https://graph.example/next-1")
    await copy.close()

    async with place.open() as again:
        assert await listed(again) == matching(users[:35], EVERYBODY)
        state = await again.state()
        assert (state.complete, state.polled_at, state.count) == (False, NOON, 35)


async def test_a_poll_that_broke_is_taken_up_by_another_process(place: Place) -> None:
    """From the stored link; whom the first process saw is not taken for gone."""
    users = crowd(40)
    async with place.open() as copy:
        await poll(copy, users[:20])
        await copy.begin_poll(40)
        await copy.put_page(users[10:20], "https://graph.example/next-1")
        await copy.put_page(users[20:30], "https://graph.example/next-2")

    async with place.open() as copy:
        state = await copy.state()
        assert (state.next_link, state.read) == ("https://graph.example/next-2", 20)
        await copy.put_page(users[30:40], "")
        assert await copy.finish_poll(LATER)

        assert await copy.state() == CopyState(LATER, True, 30, 40, "", 30)
        assert await listed(copy) == matching(users[10:], EVERYBODY)


async def test_a_page_without_a_poll_is_a_bug(copy: DirectoryCopy) -> None:
    """Nothing says who would be gone at its end."""
    with pytest.raises(RuntimeError):
        await copy.put_page(crowd(1), "")
    await poll(copy, crowd(2))
    with pytest.raises(RuntimeError):
        await copy.put_page(crowd(1), "")


async def test_of_two_polls_the_newer_one_decides(place: Place) -> None:
    """What the older still brings is kept, but it removes nobody and completes nothing."""
    users = crowd(40)
    async with place.open() as older, place.open() as newer:
        await poll(older, users[:5])
        await older.begin_poll(40)
        await older.put_page(users[:20], "older-1")
        await newer.begin_poll(40)
        await newer.put_page(users[5:30], "newer-1")

        await older.put_page(users[20:35], "older-2")
        assert not await older.finish_poll(LATER)
        state = await newer.state()
        assert (state.complete, state.next_link, state.read) == (False, "newer-1", 25)
        assert await listed(newer) == matching(users[:35], EVERYBODY)

        await newer.put_page(users[30:40], "")
        assert await newer.finish_poll(LATER)
        assert await listed(older) == matching(users[5:], EVERYBODY)


async def test_a_poll_overtaken_by_a_whole_one_finishes_nothing(place: Place) -> None:
    """Its end must not remove whom it did not live to see."""
    users = crowd(20)
    async with place.open() as older, place.open() as newer:
        await older.begin_poll(20)
        await older.put_page(users[:5], "older-1")
        assert await poll(newer, users)

        await older.put_page(users[5:6], "")
        assert not await older.finish_poll(LATER)
        assert await newer.state() == CopyState(NOON, True, 20, 20, "", 20)
        assert await listed(newer) == matching(users, EVERYBODY)


async def test_a_poll_two_processes_went_on_with_ends_once(place: Place) -> None:
    """The one thought dead was only slow: what the other saw is not taken for gone."""
    users = crowd(30)
    async with place.open() as slow, place.open() as other:
        await slow.begin_poll(30)
        await slow.put_page(users[:10], "next-1")
        await other.put_page(users[10:20], "next-2")
        await other.put_page(users[20:30], "")
        assert await other.finish_poll(LATER)

        await slow.put_page(users[10:11], "next-2")
        assert not await slow.finish_poll(NOON)
        assert await other.state() == CopyState(LATER, True, 30, 30, "", 30)
        assert await listed(other) == matching(users, EVERYBODY)


async def test_a_list_made_before_the_end_is_made_anew_after_it(copy: DirectoryCopy) -> None:
    """Who left with the poll's end leaves the order too."""
    users = crowd(10)
    await poll(copy, users)
    await copy.begin_poll(8)
    await copy.put_page(users[:8], "")
    assert len((await copy.search(EVERYBODY)).rids) == 10

    await copy.finish_poll(LATER)
    found = await copy.search(EVERYBODY)
    assert (len(found.rids), found.total) == (8, 8)


@pytest.mark.parametrize("settled", [False, True])
async def test_a_changed_user_is_found_as_they_are_now(copy: DirectoryCopy, settled: bool) -> None:
    """By the new name at its place, by the old one no more; kind and department follow."""
    users = [user(1, "Anna Weber"), user(2, "Bea Lind"), user(3, "Carl Brand")]
    await poll(copy, users)
    if settled:
        await ordered(copy)
    renamed = users[0]._replace(name="Zoë Winter", department="Éditions", kind=UserKind.GUEST)

    await poll(copy, [renamed, *users[1:]])

    for _ in range(2):
        assert await names(copy) == ["Bea Lind", "Carl Brand", "Zoë Winter"]
        assert await names(copy, "anna") == []
        assert await names(copy, "zoe editions") == ["Zoë Winter"]
        assert await listed(copy, parse_query("winter")) == []
        assert (await copy.search(parse_query("winter"))).hidden[UserKind.GUEST] == 1
        assert (await copy.state()).count == 3
        await ordered(copy)


async def test_a_user_on_two_pages_or_twice_on_one_is_one_user(copy: DirectoryCopy) -> None:
    """Microsoft's pages may repeat somebody; the last word counts."""
    first, last = user(1, "Anna Weber"), user(1, "Anna Winter")
    await copy.begin_poll(None)
    await copy.put_page([first, user(2), last], "next")
    await copy.put_page([last], "")
    await copy.finish_poll(NOON)

    assert (await copy.state()).count == 2
    assert await names(copy, "anna") == ["Anna Winter"]
    assert [one.name for one in await copy.by_object_ids([last.object_id])] == ["Anna Winter"]


async def test_a_poll_in_which_nothing_changed_rewrites_nothing(copy: DirectoryCopy) -> None:
    """Rows, order and index stay as they are; only the age moves."""
    users = crowd(50)
    await poll(copy, users)
    before = await copy._db.row("SELECT edition, fresh FROM poll")

    await poll(copy, users)

    assert tuple(await copy._db.row("SELECT edition, fresh FROM poll") or ()) == tuple(before or ())


async def test_names_stand_in_folded_order_then_by_id(copy: DirectoryCopy) -> None:
    """As a person reads them: case and accents do not count; same names stay in one order."""
    users = [
        user(1, "zoë Adler"),
        user(2, "Łukasz Nowak"),
        user(3, "lukas Zander"),
        user(4, "Émile Zola"),
        user(6, "Same Name"),
        user(5, "same  NAME"),
        user(7, " "),
    ]
    await poll(copy, users[:3])
    await ordered(copy)
    await poll(copy, users)

    assert [one.object_id[:8] for one in await listed(copy)] == [
        f"{number:08x}" for number in (7, 4, 3, 2, 5, 6, 1)
    ]


async def test_hidden_kinds_are_counted_within_what_matches(copy: DirectoryCopy) -> None:
    """Each hidden user under one kind; asked for, they stand in the list and are counted still."""
    users = [user(n, f"Ana {n}", kind=kind) for n, kind in enumerate([*UserKind, *HIDDEN_KINDS])]
    users += [user(90 + n, f"Bea {n}", kind=kind) for n, kind in enumerate(UserKind)]
    await poll(copy, users)

    hidden = await copy.search(parse_query("ana"))
    shown = await copy.search(parse_query("ana", show_hidden=True))

    assert {one.kind for one in await copy.rows(hidden.rids)} == {UserKind.MEMBER, UserKind.SHARED}
    assert hidden.hidden == shown.hidden == dict.fromkeys(HIDDEN_KINDS, 2)
    assert (len(hidden.rids), len(shown.rids)) == (2, 8)
    assert hidden.total == shown.total == len(users)
    assert (await copy.search(Query())).hidden == dict.fromkeys(HIDDEN_KINDS, 3)


async def test_the_selection_can_be_listed_and_searched(copy: DirectoryCopy) -> None:
    """Only those of it who are in the directory, in name order; hidden kinds as anywhere."""
    users = crowd(30)
    await poll(copy, users[:15])
    await ordered(copy)
    await poll(copy, users)
    chosen = [one.object_id for one in users[5:25]]

    for query in (
        Query(only=[*chosen, "stranger"], show_hidden=True),
        parse_query("weber", show_hidden=True, only=chosen),
        Query(only=[], show_hidden=True),
    ):
        assert await listed(copy, query) == matching(users, query)
    kinds = {one.kind for one in await listed(copy, Query(only=chosen))}
    assert kinds.isdisjoint(HIDDEN_KINDS)


async def test_rows_come_as_they_were_asked_for(copy: DirectoryCopy) -> None:
    """One for each number, in its order, whatever window the list shows."""
    users = crowd(30)
    await poll(copy, users)
    rids = list((await copy.search(EVERYBODY)).rids)
    window = [rids[7], rids[3], rids[7], rids[29]]

    by_name = matching(users, EVERYBODY)
    assert await copy.rows(window) == [by_name[7], by_name[3], by_name[7], by_name[29]]
    ids = await copy.object_ids_of(window)
    assert ids == [by_name[n].object_id for n in (7, 3, 7, 29)]
    assert list(await copy.rids_of(ids)) == [rids[3], rids[7], rids[29]]
    assert await copy.by_object_ids([*ids, "stranger"]) == [
        by_name[7],
        by_name[3],
        by_name[29],
    ]


async def test_a_row_that_left_is_never_somebody_else(copy: DirectoryCopy) -> None:
    """A list made before a poll ended shows a hole there, which can be neither marked nor added."""
    users = crowd(5)
    await poll(copy, users)
    before = (await copy.search(EVERYBODY)).rids
    last = (await copy.rows([max(before)]))[0]
    stayed = [one for one in users if one != last]

    await poll(copy, stayed)
    await poll(copy, [*stayed, user(99, "Somebody New")])

    hole = (await copy.rows([max(before)]))[0]
    assert (hole.object_id, hole.name) == ("", "(no longer in the directory)")
    assert await copy.object_ids_of([max(before)]) == []
    assert await names(copy, "somebody") == ["Somebody New"]


async def test_marks_survive_search_poll_and_restart(place: Place) -> None:
    """The selection follows its users; how many of it left the tenant is told."""
    users = crowd(10)
    async with place.open() as copy:
        assert await marked(copy) == set()
        await poll(copy, users)
        await mark(copy, [one.object_id for one in users])
        await mark(copy, {one.object_id for one in users[:3]} | {"", "stranger"})
        await poll(copy, [users[1]._replace(name="Zz"), *users[2:]])

    async with place.open() as copy:
        marks = await copy.marks()
        assert (len(marks.rids), marks.left) == (2, 1)
        assert [one.name for one in await copy.rows(marks.rids)] == [users[2].name, "Zz"]
        await copy.keep_marks(marks)
        assert (await copy.marks()).left == 0
        assert await marked(copy) == {one.object_id for one in users[1:3]}
        await mark(copy, [])
        assert await marked(copy) == set()


async def test_another_process_sees_each_page_as_it_is_stored(place: Place) -> None:
    """Reading neither waits for the poll nor keeps an old list."""
    users = crowd(30)
    async with place.open() as writer, place.open() as reader:
        await writer.begin_poll(30)
        for end in (10, 20, 30):
            await writer.put_page(users[end - 10 : end], "next")
            assert await listed(reader) == matching(users[:end], EVERYBODY)
        await writer.finish_poll(NOON)
        assert (await reader.state()).complete


async def test_reading_goes_on_while_a_page_is_being_stored(copy: DirectoryCopy) -> None:
    """A search begun within somebody's write transaction is answered before it ends."""
    await poll(copy, crowd(10))
    async with copy._db.transaction() as tx:
        await tx.execute("DELETE FROM users")
        assert len(await asyncio.wait_for(listed(copy), 5)) == 10
        await tx.execute("UPDATE poll SET expected = 1")


async def test_a_copy_that_was_closed_refuses_what_comes_late(place: Place) -> None:
    """Its Company Master was deleted under a poll: nothing more is stored, and it is said."""
    copy = await DirectoryCopy.open(place.path, place.key)
    await copy.begin_poll(3)
    await copy.close()
    await copy.close()

    for late in (
        copy.put_page(crowd(3), ""),
        copy.finish_poll(NOON),
        copy.search(Query()),
        copy.rows([1]),
        copy.keep_marks(Marks(BitMap([1]), 0)),
    ):
        with pytest.raises(Gone):
            await late


async def test_a_copy_opens_with_its_own_key_only(place: Place) -> None:
    """And nothing of a user can be read off the disk."""
    async with place.open() as copy:
        await poll(copy, [user(1, "Wilhelmina Unverkennbar")])
        await copy.put_changes([], [], "https://graph.example/a-delta-link", NOON)
        await copy.begin_poll(1)
        await copy.put_page([], "https://graph.example/a-next-link")
        written = b"".join(file.read_bytes() for file in place.path.parent.iterdir())
    for plain in (b"Wilhelmina", b"wilhelmina", b"a-delta-link", b"a-next-link"):
        assert plain not in written

    with pytest.raises(StoreBroken):
        await DirectoryCopy.open(place.path, secrets.token_bytes(32))


async def test_words_the_database_cannot_carry_are_replaced(copy: DirectoryCopy) -> None:
    """A lone surrogate or NUL in a name does not stop a poll; the user is found by the rest."""
    await poll(copy, [user(1, "Ana\ud800 Web\0er"), user(2, "Bea")])

    assert await names(copy, "ana") == ["Ana\ufffd Web\ufffder"]
    assert await names(copy, "ana\ud800") == ["Ana\ufffd Web\ufffder"]


async def test_the_order_is_built_behind_the_list(copy: DirectoryCopy) -> None:
    """Eight thousand users: found before, while and after they are put in order."""
    users = crowd(8_000)
    began = time.perf_counter()
    await copy.begin_poll(len(users))
    for page in pages(users):
        await copy.put_page(page, "")
    stored = time.perf_counter()
    queries = [parse_query(text) for text in ("", "mül weber", "ö", "17", "user1234", "contoso")]
    expected = [_expected(users, query) for query in queries]
    marked = await copy.rids(queries[1])
    await mark(copy, await copy.object_ids_of(marked))
    window = marked[:50]
    shown = await copy.rows(window)
    await copy.finish_poll(NOON)

    rounds = 0
    async with asyncio.timeout(60):
        while True:
            unplaced = (await copy.state()).unplaced
            found = [await copy.search(query) for query in queries]
            first = [await copy.first(query, 50) for query in queries]
            rounds += 1
            for matches, (count, hidden, _) in zip(found, expected, strict=True):
                assert (len(matches.rids), matches.hidden) == (count, hidden)
            assert await copy.rows(window) == shown
            if not unplaced:
                break
            await asyncio.sleep(0.05)
    for screenful, (count, _, in_order) in zip(first, expected, strict=True):
        assert (screenful.users, screenful.more) == (in_order, count > 50)
    marks = await copy.marks()
    assert await copy.rows(marks.rids) == matching_shown(users, queries[1])
    await few_of_many(copy, users)
    print(  # noqa: T201 - a figure to look at (-s), never an assertion
        f"\n8,000 users: a page {1000 * (stored - began) / 9:.0f} ms,"
        f" {rounds} rounds until they are in order"
    )


async def few_of_many(copy: DirectoryCopy, users: Sequence[DirectoryUser]) -> None:
    """The first agents among many who match, and the first who are none, wherever they stand."""
    by_name = matching_shown(users, Query())
    for some in ([*by_name[:700], *by_name[2_000::9]], by_name[-600:], by_name[-1_500::30]):
        agents = {one.object_id for one in some}
        await copy.set_agents(agents)
        for typed in ("contoso", "user", "user1", "user123", "zzz", "kind:member", ""):
            query = parse_query(typed)
            shown = [one for one in by_name if fits(one, query)]
            mine = [one for one in shown if one.object_id in agents]
            others = [one for one in shown if one.object_id not in agents]
            assert (await copy.first(parse_query(f"{typed} agent:yes"), 400)).users == mine[:400]
            assert (await copy.first(parse_query(f"{typed} agent:no"), 100)).users == others[:100]
        assert await copy.window(parse_query("agent:no"), 20, 40) == others[20:40]
        assert await copy.count(parse_query("agent:yes")) == len(agents)


def matching_shown(users: Sequence[DirectoryUser], query: Query) -> list[DirectoryUser]:
    return [one for one in matching(users, query) if one.kind not in HIDDEN_KINDS]


def _expected(
    users: Sequence[DirectoryUser], query: Query
) -> tuple[int, dict[UserKind, int], list[DirectoryUser]]:
    found = matching(users, query)
    hidden = {kind: sum(one.kind is kind for one in found) for kind in HIDDEN_KINDS}
    shown = [one for one in found if one.kind not in HIDDEN_KINDS]
    return len(shown), hidden, shown[:50]


async def test_a_killed_process_leaves_rows_that_the_next_one_puts_in_order(place: Place) -> None:
    """Whatever had no place yet is found all the same, and gets one."""
    users = crowd(600)
    async with place.open() as copy:
        await copy.begin_poll(600)
        await copy.put_page(users[:400], "next")
    async with place.open() as copy:
        query = parse_query("user1", show_hidden=True)
        assert set(await listed(copy, query)) == set(matching(users[:400], query))
        await copy.put_page(users[400:], "")
        await copy.finish_poll(NOON)
        await ordered(copy)
        assert await listed(copy, query) == matching(users, query)
