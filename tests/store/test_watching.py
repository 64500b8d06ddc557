"""Watching: every change is noticed, by whichever connection, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.store.premises import Premises, company
from ttr_tui.store import Store, watching


class Watcher:
    """Counts what a watch of the store yields."""

    def __init__(self) -> None:
        self.count = 0
        self.moved = asyncio.Event()
        self.ended = False

    async def run(self, store: Store) -> None:
        async for _ in store.watch():
            self.count += 1
            self.moved.set()
        self.ended = True

    async def next(self, within: float) -> None:
        await asyncio.wait_for(self.moved.wait(), within)
        self.moved.clear()


@asynccontextmanager
async def watching_of(store: Store) -> AsyncIterator[Watcher]:
    """A watcher that has noticed everything so far."""
    watcher = Watcher()
    task = asyncio.ensure_future(watcher.run(store))
    await note(store, "begin")
    await watcher.next(5)
    yield watcher
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def note(store: Store, value: str) -> None:
    async with store.transaction() as tx:
        await store.set_note(tx, "note", value)


async def test_own_commits_are_noticed_at_once(store: Store) -> None:
    """An own commit is noticed without waiting for the next look, once."""
    async with watching_of(store) as watcher:
        for value in range(5):
            before = watcher.count
            await note(store, str(value))
            await watcher.next(watching.LOOK_EVERY_SECONDS / 2)
            assert watcher.count == before + 1


async def test_another_connections_commit_is_noticed(premises: Premises, store: Store) -> None:
    """A commit through another connection is noticed at the next look."""
    async with premises.opened() as theirs, watching_of(store) as watcher:
        await note(theirs, "theirs")
        await watcher.next(2)
        assert await store.note("note") == "theirs"


async def test_nothing_changed_nothing_is_said(store: Store) -> None:
    """Reads, empty transactions and rolled back ones are no change."""
    async with watching_of(store) as watcher:
        before = watcher.count
        await store.companies.list()
        async with store.transaction():
            pass
        with suppress(LookupError):
            async with store.transaction() as tx:
                await store.companies.add(tx, company())
                raise LookupError
        await asyncio.sleep(watching.LOOK_EVERY_SECONDS * 1.5)
        assert watcher.count == before


async def test_nothing_falls_between_opening_and_watching(premises: Premises) -> None:
    """What was committed before the watch began, but after the opening, is noticed."""
    async with premises.opened() as store, premises.opened() as theirs:
        await note(theirs, "early")
        watcher = Watcher()
        task = asyncio.ensure_future(watcher.run(store))
        await watcher.next(2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_many_changes_may_count_as_one(store: Store) -> None:
    """A slow watcher is told once of what happened meanwhile."""
    changes = store.watch()
    for _ in range(2):
        for value in range(20):
            await note(store, str(value))
        await asyncio.wait_for(anext(changes), 2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(changes), watching.LOOK_EVERY_SECONDS * 1.5)


async def test_watching_ends_with_the_store(premises: Premises) -> None:
    """When the store is closed, its watchers end by themselves."""
    watcher = Watcher()
    async with premises.opened() as store:
        task = asyncio.ensure_future(watcher.run(store))
        await note(store, "begin")
        await watcher.next(5)
    await asyncio.wait_for(task, 2)
    assert watcher.ended
