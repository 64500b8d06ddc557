"""The order of a local copy: places with gaps, built anew behind the list, whatever happens."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.marking import mark, marked
from tests.store.people import crowd, in_order, matching, user
from tests.store.premises import NOON
from tests.store.test_directory_copy import EVERYBODY, Place, listed, ordered, poll
from tests.store.test_directory_search import build
from ttr_tui.model import DirectoryUser, UserKind
from ttr_tui.query import Sort, parse_query
from ttr_tui.store.directory_copy import BitMap, DirectoryCopy, Marks, Part, Unfinished
from ttr_tui.store.directory_places import GAP, gap_for

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "directory.db")


async def arrived(copy: DirectoryCopy, users: Sequence[DirectoryUser]) -> None:
    """Have users arrive while another process is seen building the order."""
    async with copy._db.transaction() as tx:
        await tx.execute("UPDATE orders SET builder = 'another', beat_at = 1 << 40")
    await copy.begin_poll(None)
    await copy.put_page(users, "next")


async def begun(copy: DirectoryCopy) -> None:
    """Wait until a build has made its tables."""
    async with asyncio.timeout(20):
        while not await copy._db.rows("SELECT 1 FROM sqlite_master WHERE name = 'new_users'"):  # noqa: ASYNC110 - another process acts
            await asyncio.sleep(0.001)


async def test_who_comes_later_stands_between_their_neighbours(place: Place) -> None:
    """However many come to the same place: a gap that is full has the order built anew."""
    users = [user(n, f"Anna {n:04}") for n in range(40)]
    async with place.open() as copy:
        await poll(copy, [user(9_998, "A"), user(9_999, "Z")])
        before = len(await copy.rids(EVERYBODY))
        assert before == 2
        rounds = [user(n, f"M {n:05}") for n in range(10_000, 10_040)]
        # Each between the last one and Z: the gap halves, and is full after some.
        for one in [*users, *rounds]:
            await copy.put_changes([one], [], "link")
        await ordered(copy)
        everybody = [user(9_998, "A"), user(9_999, "Z"), *users, *rounds]
        assert await listed(copy) == in_order(everybody)
        row = await copy._db.row("SELECT epoch FROM orders")
        assert row is not None
        assert row[0] > 1


def test_gaps_fit_into_what_a_row_id_has_room_for() -> None:
    """Few users have wide gaps, a million enough, and eight million still some."""
    assert (gap_for(60), gap_for(1_000_000), gap_for(8_000_000)) == (GAP, 67, 8)


async def test_a_list_and_a_selection_outlive_two_new_orders(place: Place) -> None:
    """Row ids change; whoever holds old ones sees the same users, or a hole for who left."""
    users = crowd(60)
    async with place.open() as copy:
        await poll(copy, users)
        held = await copy.rids(EVERYBODY)
        await mark(copy, [one.object_id for one in users[:30]])
        marks = await copy.marks()
        await copy.put_changes([], [users[0].object_id], "link")
        await build(copy)

        in_list = [one if one != users[0] else None for one in in_order(users)]
        rows = await copy.rows(held)
        assert [one if one.object_id else None for one in rows] == in_list
        assert set(await copy.rids(EVERYBODY)).isdisjoint(held)
        await build(copy)
        now = await copy.followed(marks)
        assert now.left == 1
        assert set(await copy.rows(now.rids)) == set(users[1:30])
        assert await marked(copy) == {one.object_id for one in users[1:30]}
        # Two orders later than that, only what is written down has followed.
        await build(copy)
        await build(copy)
        kept = await copy.marks()
        assert (len(kept.rids), kept.left) == (29, 1)
        await copy.keep_marks(Marks(BitMap(kept.rids[:5]), kept.since))
        assert len((await copy.marks()).rids) == 5


async def test_what_changes_during_a_build_counts_after_it(place: Place) -> None:
    """Who left, was renamed or came while the new order was being made of the old one."""
    users = crowd(300)
    async with place.open() as copy, place.open() as other:
        await arrived(copy, users)
        building = asyncio.create_task(build(copy))
        await begun(copy)
        renamed = users[1]._replace(name="Zz Top")
        new = user(900, "Aa First")
        await other.put_changes([renamed, new], [users[0].object_id], "link")
        query = parse_query("user1", show_hidden=True)
        assert set(await listed(other, query)) == set(matching(users[1:], query)) - (
            {users[1]} if users[1] in matching([users[1]], query) else set()
        ) | set(matching([renamed], query))
        await building
        copy._tending.wake()
        await ordered(copy)
        everybody = [renamed, new, *users[2:]]
        assert await listed(copy) == await listed(other) == in_order(everybody)
        assert (await copy.state()).count == len(everybody)


async def test_a_build_that_was_killed_is_begun_again(place: Place) -> None:
    """SIGKILL in the midst of it: what it left is swept away, and nobody is missing."""
    users = crowd(4_000)
    async with place.open() as copy:
        await arrived(copy, users)
        async with copy._db.transaction() as tx:
            await tx.execute("UPDATE orders SET builder = '', beat_at = 0")
            await tx.execute("INSERT INTO arrivals SELECT * FROM later")
            await tx.execute("DELETE FROM later")
        other = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program, and it is brief
            [sys.executable, "-m", "tests.store.directory_process", str(place.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert other.stdin is not None
        other.stdin.write(place.key.hex().encode() + b"\n")
        other.stdin.flush()
        await begun(copy)
        other.kill()
        await asyncio.to_thread(other.communicate)
        new = user(9_999, "Aa First")
        await copy.put_changes([new], [users[0].object_id], "link")
        assert len(await copy.rids(EVERYBODY)) == len(users)

        await build(copy)
        await ordered(copy)
        assert await listed(copy) == in_order([new, *users[1:]])
        left = await copy._db.rows(
            "SELECT name FROM sqlite_master WHERE name LIKE 'old%' OR name LIKE 'new%'"
        )
        assert left == []


async def test_changes_may_come_twice_and_out_of_order(place: Place) -> None:
    """What is brought again changes nothing; who was removed and comes again is there."""
    users = crowd(20)
    async with place.open() as copy:
        await poll(copy, users)
        assert await copy.delta() is None
        renamed, back = users[3]._replace(name="Renamed"), users[4]
        await copy.put_changes([renamed], [back.object_id, "stranger"], "next-link")
        assert await copy.delta() is None
        for _ in range(2):
            await copy.put_changes([renamed], [back.object_id], "delta-link", LATER)
            assert (await copy.state()).count == 19
        assert await copy.delta() == ("delta-link", LATER)
        assert (await copy.state()).polled_at == LATER
        await copy.put_changes([back, renamed, user(77, "New")], [], "delta-2", LATER)
        assert await listed(copy) == in_order([*users[:3], renamed, *users[4:], user(77, "New")])
        await copy.forget_delta()
        assert await copy.delta() is None


async def test_a_poll_in_parts_is_taken_up_where_each_part_stood(place: Place) -> None:
    """Another process knows which parts are done, and where the others go on.

    A part is replaced by smaller ones, or begins anew; what still comes of it is only stored.
    """
    users = crowd(30)
    async with place.open() as copy:
        await copy.begin_poll(30, [Part("a"), Part("b"), Part("c")], ("since", NOON))
        await copy.put_page(users[:10], "a-2", "a")
        await copy.put_page(users[10:20], "", "b")
        await copy.put_page(users[:3], "c-2", "c")
        await copy.replace_part("c", ("c1", "c2"))
        await copy.put_page(users[3:6], "c-3", "c")
    async with place.open() as copy:
        unfinished = await copy.take_up_poll()
        a, b = Part("a", "a-2", 10), Part("b", "", 10, done=True)
        assert unfinished == Unfinished(30, 20, (a, b, Part("c1"), Part("c2")))
        assert (await copy.seen(), await copy.delta()) == (20, ("since", NOON))
        await copy.put_page(users[20:25], "", "a")
        await copy.put_page(users[25:], "", "c1")
        assert await copy.finish_poll(NOON, "delta-link")
        assert await copy.delta() == ("delta-link", NOON)
        assert await listed(copy) == in_order(users)


async def test_changes_within_a_poll_are_a_part_of_it(place: Place) -> None:
    """Who is told was seen, who left was not; the copy is true as of the poll's end."""
    users = crowd(6)
    async with place.open() as copy:
        await copy.begin_poll(4)
        await copy.put_page(users[:4], "")
        await copy.put_changes(users[4:5], [users[0].object_id], "link", NOON)
        assert await copy.seen() == 4
        assert (await copy.state()).polled_at is None
        later = NOON + timedelta(seconds=1)
        assert await copy.finish_poll(later)
        assert await listed(copy) == in_order(users[1:5])
        assert ((await copy.state()).polled_at, await copy.delta()) == (later, ("link", NOON))


async def test_other_columns_sort_as_well(place: Place) -> None:
    """Without case and accents; where they are the same, by name."""
    kinds = [UserKind.MEMBER, UserKind.SHARED]
    users = [
        user(n, department=department, title=f"T{n % 3}", kind=kinds[n % 2])
        for n, department in enumerate(["sales", "Éditions", "Sales", "", "zoo", "exports"] * 3)
    ]
    async with place.open() as copy:
        await poll(copy, users)
        by_name = in_order(users)
        for sort, key in (
            (Sort.TITLE, lambda one: one.title),
            (Sort.KIND, lambda one: one.kind.value),
            (Sort.ADDRESS, lambda one: one.address),
        ):
            query = replace(EVERYBODY, sort=sort)
            assert await listed(copy, query) == sorted(by_name, key=key)
        rows = await listed(copy, replace(EVERYBODY, sort=Sort.DEPARTMENT))
        heads = list(dict.fromkeys(one.department for one in rows))
        assert heads == ["", "Éditions", "exports", "Sales", "sales", "zoo"]
        backwards = replace(parse_query("sales"), sort=Sort.DEPARTMENT, descending=True)
        assert [one.department for one in await listed(copy, backwards)] == [
            *["sales"] * 3,
            *["Sales"] * 3,
        ]


async def test_agents_are_found_wherever_their_rows_go(place: Place) -> None:
    """Who comes, leaves, comes back, is renamed or arrives during a build, in old order and new."""
    users = dict(enumerate(crowd(40)))
    wanted = [1, 5, 12, 18, 19, 33]

    async def agents_are_right(copy: DirectoryCopy, present: Collection[int]) -> None:
        mine = [users[n] for n in wanted if n in present]
        found = await listed(copy, parse_query("agent:yes", show_hidden=True))
        assert sorted(found, key=id_of_user) == sorted(mine, key=id_of_user)
        others = await copy.count(parse_query("agent:no", show_hidden=True))
        assert others == len(present) - len(mine)

    async with place.open() as copy:
        await copy.set_agents([users[n].object_id for n in wanted])
        await poll(copy, [users[n] for n in range(15)])
        await ordered(copy)
        await agents_are_right(copy, range(15))
        users[5] = users[5]._replace(name="Zz Top")
        await copy.put_changes([users[5], users[18]], [users[1].object_id], "link")
        present = {*range(15), 18} - {1}
        await agents_are_right(copy, present)
        await arrived(copy, [users[19], users[20], users[1]])
        await agents_are_right(copy, present | {1, 19, 20})
        wanted = [1, 2, 19, 20, 33]
        await copy.set_agents([users[n].object_id for n in wanted])
        await agents_are_right(copy, present | {1, 19, 20})
        await build(copy)
        await ordered(copy)
        await agents_are_right(copy, present | {1, 19, 20})
        await build(copy)
        await copy.put_changes([users[33]], [users[2].object_id], "link")
        for _ in range(3):
            await build(copy)
        await agents_are_right(copy, (present | {1, 19, 20, 33}) - {2})


def id_of_user(one: DirectoryUser) -> str:
    return one.object_id


async def test_what_a_former_order_took_is_given_back(place: Place) -> None:
    """Also when the process that built the new one ended before it could; not during a poll."""
    users = crowd(20)
    async with place.open() as copy:
        await poll(copy, users)
        await ordered(copy)
    async with place.open() as copy:
        async with copy._db.transaction() as tx:
            await tx.execute("CREATE TABLE old_1_users (rid INTEGER PRIMARY KEY, filled BLOB)")
            await tx.execute("INSERT INTO old_1_users (filled) VALUES (zeroblob(6000000))")
            await tx.execute("UPDATE poll SET unfinished = 1")
        copy._tending.wake()
        await rested(copy)
        assert (await pages_of(copy)) > 300
    async with place.open() as copy:
        async with copy._db.transaction() as tx:
            await tx.execute("UPDATE poll SET unfinished = 0")
        assert (await copy.first(EVERYBODY, 1)).more
        await rested(copy)
        assert await pages_of(copy) < 200
        assert not await copy._db.rows("SELECT 1 FROM sqlite_master WHERE name GLOB 'old_*'")
        assert [row[0] for row in await copy._db.rows("PRAGMA integrity_check")] == ["ok"]
        assert await listed(copy) == in_order(users)
    assert place.path.stat().st_size < 200 * 16_384


async def rested(copy: DirectoryCopy) -> None:
    """Wait until nothing goes on behind the list."""
    if copy._tending._task is not None:
        await copy._tending._task


async def pages_of(copy: DirectoryCopy) -> int:
    return int((await copy._db.rows("PRAGMA page_count"))[0][0])
