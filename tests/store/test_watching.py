"""Watching: every change is noticed, by whichever connection, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import pytest

from tests.store.premises import Premises, company
from ttr_tui.store import Store
from ttr_tui.store.database import Database
from ttr_tui.store.watching import LOOK_EVERY_SECONDS, watch


async def note(store: Store, value: str) -> None:
    async with store.transaction() as tx:
        await store.set_note(tx, "note", value)


async def put(db: Database, value: str) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT OR REPLACE INTO notes VALUES ('note', ?)", (value,))


async def next_change(changes: AsyncIterator[None], within: float = 5) -> None:
    async with asyncio.timeout(within):
        await anext(changes)


async def nothing_changes(changes: AsyncIterator[None]) -> None:
    with pytest.raises(TimeoutError):
        await next_change(changes, LOOK_EVERY_SECONDS * 1.5)


async def test_own_commits_are_noticed_at_once(premises: Premises) -> None:
    """An own commit is noticed without waiting for the next look, which is an hour away here."""
    async with premises.opened():
        pass
    async with premises.database() as db, aclosing(watch(db, 3600)) as changes:
        for value in range(5):
            await put(db, str(value))
            await next_change(changes)


async def test_a_commit_while_waiting_wakes_the_watcher(premises: Premises) -> None:
    """A watcher that already waits is woken by an own commit, and by the end of the store."""
    async with premises.opened():
        pass
    woken = 0

    async def run(db: Database) -> None:
        nonlocal woken
        async for _ in watch(db, 3600):
            woken += 1

    async with premises.database() as db:
        task = asyncio.ensure_future(run(db))
        await asyncio.wait({task}, timeout=0.1)
        assert woken == 0
        await put(db, "own")
        await asyncio.wait({task}, timeout=0.1)
    await asyncio.wait_for(task, 5)
    assert woken == 1


async def test_another_connections_commit_is_noticed(premises: Premises, store: Store) -> None:
    """A commit through another connection is noticed at the next look."""
    async with premises.opened() as theirs:
        changes = store.watch()
        for value in ("first", "second"):
            await note(theirs, value)
            await next_change(changes, within=2)
            assert await store.note("note") == value


async def test_of_several_watchers_none_misses_a_change(premises: Premises, store: Store) -> None:
    """One looks for all: also when the one who did is busy, or has ended, or is cancelled."""
    async with premises.opened() as theirs:
        watchers = [store.watch() for _ in range(4)]
        await note(theirs, "first")
        await asyncio.gather(*(next_change(one, within=2) for one in watchers))
        rest = [asyncio.ensure_future(next_change(one, within=2)) for one in watchers[1:]]
        await asyncio.sleep(0.1)
        rest[0].cancel()
        await note(theirs, "second")
        await asyncio.gather(*rest[1:])
        await next_change(watchers[0], within=2)


async def test_nothing_changed_nothing_is_said(store: Store) -> None:
    """Reads, empty transactions and rolled back ones are no change."""
    changes = store.watch()
    await note(store, "begin")
    await next_change(changes)
    await store.companies.list()
    async with store.transaction():
        pass
    with suppress(LookupError):
        async with store.transaction() as tx:
            await store.companies.add(tx, company())
            raise LookupError
    await nothing_changes(changes)


async def test_nothing_falls_between_opening_and_watching(premises: Premises) -> None:
    """What was committed before the watch began, but after the opening, is noticed."""
    async with premises.opened() as store, premises.opened() as theirs:
        await note(theirs, "early")
        await next_change(store.watch())


async def test_many_changes_may_count_as_one(store: Store) -> None:
    """A slow watcher is told once of what happened meanwhile."""
    changes = store.watch()
    for _ in range(2):
        for value in range(20):
            await note(store, str(value))
        await next_change(changes)
    await nothing_changes(changes)
