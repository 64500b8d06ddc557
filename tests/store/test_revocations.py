"""Revocations: whatever moment the process dies at, the deletion is resumed and seen through."""

from __future__ import annotations

import pytest

from tests.store.premises import Connected, Premises, connect
from ttr_tui.errors import Gone
from ttr_tui.store import Store
from ttr_tui.store.key_file import read_destroyed


async def plan(store: Store, of: Connected, *ids: str) -> int:
    async with store.transaction() as tx:
        return await store.revocations.plan(tx, of.company, ids)


async def go_on(store: Store, revocation_id: int, *, die_before: str = "") -> None:
    """Carry a revocation on from where it stands, as the journey does; die at a given moment."""
    revocation = await store.revocations.get(revocation_id)
    if revocation.stage == "planned":
        if die_before == "note":
            return
        await store.revocations.note_destroyed(revocation)
        if die_before == "delete":
            return
        async with store.transaction() as tx:
            await store.authentications.delete(tx, revocation.authentication_ids)
            await store.revocations.step(tx, revocation_id, "deleted")
    if die_before == "erase" or not await store.erase_traces():
        return
    async with store.transaction() as tx:
        await store.revocations.step(tx, revocation_id, "erased")


async def test_a_plan_says_what_goes(connected: Connected) -> None:
    """The intent counts the children that go along, and is open until it is erased."""
    store, own = connected.store, connected.own
    first = await plan(store, connected, connected.master.id, connected.children[0].id, "nobody")
    second = await plan(store, connected, own.id)
    one, other = await store.revocations.open()
    assert (one.id, one.stage, one.with_master, one.count) == (first, "planned", True, 4)
    assert set(one.authentication_ids) == {connected.master.id, connected.children[0].id}
    assert (one.company_id, one.company_name) == (connected.company.id, "Contoso Ltd")
    assert (other.id, other.with_master, other.count) == (second, False, 1)
    assert other.authentication_ids == (own.id,)


async def test_a_plan_for_nothing_is_refused(connected: Connected) -> None:
    """What is not there, or another company's, cannot be planned to be deleted."""
    store = connected.store
    other = await connect(store, "Other")
    for ids in ((), ("nobody",), (other.master.id,)):
        with pytest.raises(Gone):
            await plan(store, connected, *ids)
    assert await store.revocations.open() == []


@pytest.mark.parametrize("moment", ["note", "delete", "erase", "never"])
async def test_resumed_after_a_death_at_any_moment(premises: Premises, moment: str) -> None:
    """Dead before the ids are noted, before the rows go, before the log is truncated: the next
    process finds the intent, carries it on, and the end is the same.
    """
    async with premises.opened() as store:
        everything = await connect(store)
        revocation_id = await plan(store, everything, everything.master.id)
        await go_on(store, revocation_id, die_before=moment)
    async with premises.opened() as store:
        if moment != "never":
            (left,) = await store.revocations.open()
            assert left.id == revocation_id
            await go_on(store, left.id)
        assert await store.revocations.open() == []
        assert (await store.revocations.get(revocation_id)).stage == "erased"
        tree = await store.authentications.tree(everything.company.id)
        assert (tree.master, tree.children, tree.own) == (None, [], [everything.own])
    assert read_destroyed(premises.destroyed) == {everything.master.key_id}


async def test_ids_are_noted_before_the_rows_go(connected: Connected, premises: Premises) -> None:
    """The list beside the key names a root's key and a child that goes by itself, not the children
    that go with their key.
    """
    store, (child, _) = connected.store, connected.children
    await go_on(store, await plan(store, connected, child.id, connected.own.id))
    assert read_destroyed(premises.destroyed) == {child.id, connected.own.key_id}
    await go_on(store, await plan(store, connected, connected.master.id))
    assert connected.master.key_id in read_destroyed(premises.destroyed)


async def test_stages_only_go_forwards(connected: Connected) -> None:
    """Of two processes at the same step one makes it; no stage is left out or taken back."""
    store = connected.store
    revocation_id = await plan(store, connected, connected.own.id)
    async with store.transaction() as tx:
        step = store.revocations.step
        assert not await step(tx, revocation_id, "erased")
        assert await step(tx, revocation_id, "deleted")
        assert not await step(tx, revocation_id, "deleted")
        assert await step(tx, revocation_id, "erased")
        assert not await step(tx, revocation_id, "deleted")
    assert (await store.revocations.get(revocation_id)).stage == "erased"


async def test_an_unknown_revocation_is_gone(store: Store) -> None:
    """Asking for what was never planned is a sentence."""
    with pytest.raises(Gone):
        await store.revocations.get(7)


async def test_erased_is_not_said_while_someone_reads(
    connected: Connected, premises: Premises
) -> None:
    """While another process reads an older state, the traces are not erased, and it is said."""
    store = connected.store
    async with premises.database() as db, db.transaction() as tx:
        await tx.rows("SELECT * FROM tokens")
        assert not await store.erase_traces()
    assert await store.erase_traces()
