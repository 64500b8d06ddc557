"""Leases: one process at a time refreshes an authentication."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.store.premises import NOON, Connected, Premises, connect, delete, put_master
from ttr_tui.errors import Gone
from ttr_tui.store.database import Database
from ttr_tui.store.leases import Leases
from ttr_tui.store.owners import Owners


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def move(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


async def of_master(premises: Premises) -> str:
    async with premises.opened() as store:
        return (await connect(store)).master.id


def everybody_lives(_owner: str) -> bool:
    return True


async def test_one_owner_at_a_time(premises: Premises) -> None:
    """While one owner holds it nobody else gets it; given back or run out, the next one does."""
    master, clock = await of_master(premises), Clock()
    async with premises.database() as db:
        leases = Leases(db, clock, everybody_lives)
        assert await leases.take(master, "a", 30)
        assert not await leases.take(master, "b", 30)
        clock.move(29)
        assert not await leases.take(master, "b", 30)
        await leases.drop(master, "a")
        assert await leases.take(master, "b", 30)
        clock.move(30)
        assert await leases.take(master, "a", 30)


async def test_the_holder_prolongs(premises: Premises) -> None:
    """Who holds the lease may take it again, and then has it for longer."""
    master, clock = await of_master(premises), Clock()
    async with premises.database() as db:
        leases = Leases(db, clock, everybody_lives)
        assert await leases.take(master, "a", 30)
        clock.move(20)
        assert await leases.take(master, "a", 30)
        clock.move(20)
        assert not await leases.take(master, "b", 30)


async def test_another_owners_lease_is_not_given_back(premises: Premises) -> None:
    """Who lost a lease by its running out cannot give back the next one's."""
    master, clock = await of_master(premises), Clock()
    async with premises.database() as db:
        leases = Leases(db, clock, everybody_lives)
        assert await leases.take(master, "a", 1)
        clock.move(2)
        assert await leases.take(master, "b", 30)
        await leases.drop(master, "a")
        assert not await leases.take(master, "a", 30)


async def test_a_clock_set_back_blocks_nobody(premises: Premises) -> None:
    """A lease from what is now the far future does not count."""
    master, clock = await of_master(premises), Clock()
    async with premises.database() as db:
        leases = Leases(db, clock, everybody_lives)
        assert await leases.take(master, "a", 60)
        clock.move(-7200)
        assert await leases.take(master, "b", 60)


async def test_many_at_once_only_one_gets_it(premises: Premises) -> None:
    """Of many that ask at the same moment, through two connections, one gets it."""
    master, clock = await of_master(premises), Clock()
    async with premises.database() as one, premises.database() as other:
        databases: list[Database] = [one, other] * 10
        taken = await asyncio.gather(
            *(
                Leases(db, clock, everybody_lives).take(master, f"o{n}", 30)
                for n, db in enumerate(databases)
            )
        )
    assert taken.count(True) == 1


@pytest.mark.parametrize("seconds", [0.0, -1.0, 601.0])
async def test_an_absurd_length_is_refused(connected: Connected, seconds: float) -> None:
    """A lease that ends before it begins, or would not count, is a bug."""
    with pytest.raises(ValueError, match="a lease of"):
        await connected.store.authentications.take_lease(connected.master.id, "a", seconds)


async def test_a_deleted_authentication_has_no_lease(connected: Connected) -> None:
    """Nobody refreshes what was deleted, and its lease does not outlive it."""
    authentications = connected.store.authentications
    assert await authentications.take_lease(connected.master.id, "a", 30)
    await delete(connected.store, connected.master.id)
    with pytest.raises(Gone):
        await authentications.take_lease(connected.master.id, "a", 30)
    fresh = await put_master(connected.store, connected.company)
    assert await authentications.take_lease(fresh.id, "b", 30)
    await authentications.drop_lease(fresh.id, "b")
    rows = await connected.store.authentications._db.rows("SELECT * FROM leases")
    assert rows == []


async def test_the_lease_of_a_process_that_is_gone_is_free_at_once(premises: Premises) -> None:
    """Nobody waits for the clock when the kernel knows that the holder is gone."""
    async with premises.opened() as store:
        master = (await connect(store)).master.id
        other = Owners(premises.data)
        assert await store.authentications.take_lease(master, other.name, 60)
        assert not await store.authentications.take_lease(master, store.owner, 60)
        other.leave()
        assert await store.authentications.take_lease(master, store.owner, 60)
