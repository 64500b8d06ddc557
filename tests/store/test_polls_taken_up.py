"""A poll that broke is taken up by another process, while the first may still be at it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.people import crowd
from tests.store.premises import NOON
from tests.store.test_directory_copy import EVERYBODY, Place
from ttr_tui.store.directory_copy import CopyState, DirectoryCopy, Part, Unfinished

LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[DirectoryCopy, DirectoryCopy]]:
    """One copy, opened as two processes would."""
    place = Place(tmp_path / "directory.db")
    async with place.open() as first, place.open() as second:
        yield first, second


async def test_a_poll_that_ended_after_it_was_taken_up_takes_late_pages(
    two: tuple[DirectoryCopy, DirectoryCopy],
) -> None:
    """They are stored; they end nothing, and nobody is missing."""
    first, second = two
    users = crowd(30)
    await first.begin_poll(30)
    await first.put_page(users[:10], "next-1")

    assert await second.take_up_poll() == Unfinished(30, 10, (Part("", "next-1", 10),))
    await first.put_page(users[10:], "")
    assert await first.finish_poll(LATER)

    await second.put_page(users[10:], "")
    assert not await second.finish_poll(NOON)
    assert await second.state() == CopyState(LATER, True, 30, 30, "", 30)
    assert len((await second.search(EVERYBODY)).rids) == 30


async def test_the_newest_poll_is_taken_up_also_after_one_of_our_own(
    two: tuple[DirectoryCopy, DirectoryCopy],
) -> None:
    """A poll of ours that broke and was superseded is not gone on with: its end would be none."""
    ours, theirs = two
    users = crowd(30)
    await ours.begin_poll(30)
    await ours.put_page(users[:5], "ours-1")
    await theirs.begin_poll(30)
    await theirs.put_page(users[:20], "theirs-1")

    taken_up = await ours.take_up_poll()
    assert taken_up is not None
    assert taken_up.next_link == "theirs-1"
    await ours.put_page(users[20:], "")
    assert await ours.finish_poll(LATER)
    assert await theirs.state() == CopyState(LATER, True, 30, 30, "", 30)


async def test_nothing_is_taken_up_where_no_poll_got_beyond_its_beginning(
    two: tuple[DirectoryCopy, DirectoryCopy],
) -> None:
    """Neither in a new copy, nor before the first page, nor after a whole poll."""
    ours, theirs = two
    assert await ours.take_up_poll() is None
    await theirs.begin_poll(1)
    assert await ours.take_up_poll() is None
    await theirs.put_page(crowd(1), "")
    await theirs.finish_poll(NOON)
    assert await ours.take_up_poll() is None
