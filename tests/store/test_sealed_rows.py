"""Rows that cannot be opened: moved, damaged, or under a key that is no more."""

from __future__ import annotations

import pytest

from tests.store.premises import (
    Connected,
    Premises,
    add_children,
    agent,
    connect,
    put_master,
    token,
)
from ttr_tui.errors import Gone, RowUnreadable
from ttr_tui.model import Authentication, Status
from ttr_tui.store import Store
from ttr_tui.store.database import Transaction


async def swap(tx: Transaction, table: str, column: str, one: object, other: object) -> None:
    """Swap the sealed values of two rows, as someone with the database's key could."""
    read = f"SELECT sealed FROM {table} WHERE {column} = ?"  # noqa: S608 - the test's own names
    write = f"UPDATE {table} SET sealed = ? WHERE {column} = ?"  # noqa: S608 - as above
    first, second = await tx.row(read, (one,)), await tx.row(read, (other,))
    assert first is not None
    assert second is not None
    await tx.execute(write, (second[0], one))
    await tx.execute(write, (first[0], other))


async def number(tx: Transaction, authentication: Authentication) -> int:
    row = await tx.row("SELECT number FROM authentications WHERE id = ?", (authentication.id,))
    assert row is not None
    return int(row[0])


async def test_swapped_grants_are_refused(connected: Connected) -> None:
    """Two children's grants, under the same key, open in each other's place no more."""
    store, (one, other) = connected.store, connected.children
    async with store.transaction() as tx:
        numbers = await number(tx, one), await number(tx, other)
        await swap(tx, "tokens", "authentication", *numbers)
    for child in connected.children:
        with pytest.raises(RowUnreadable):
            await store.authentications.grant(child)
    assert await store.authentications.unreadable(connected.company.id) == {one.id, other.id}
    assert await store.authentications.refresh_token(connected.master) == connected.master_token


async def test_swapped_keys_are_refused(connected: Connected) -> None:
    """The keys of two roots open in each other's place no more; what hangs below says so."""
    store = connected.store
    async with store.transaction() as tx:
        await swap(tx, "keys", "id", connected.master.key_id, connected.own.key_id)
    with pytest.raises(RowUnreadable):
        await store.authentications.refresh_token(connected.master)
    tree = await store.authentications.tree(connected.company.id)
    assert tree.master is not None
    assert tree.master.status is Status.UNREADABLE
    assert {one.status for one in (*tree.children, *tree.own)} == {Status.UNREADABLE}


async def test_a_key_hung_on_another_root_is_refused(connected: Connected) -> None:
    """A whole key row given to another authentication does not open there."""
    store, (master, own) = connected.store, (connected.master, connected.own)
    async with store.transaction() as tx:
        await tx.execute("PRAGMA defer_foreign_keys = ON")
        mine, theirs = await number(tx, master), await number(tx, own)
        await tx.execute("DELETE FROM keys WHERE authentication = ?", (theirs,))
        await tx.execute(
            "UPDATE keys SET authentication = ? WHERE authentication = ?", (theirs, mine)
        )
        await tx.execute("UPDATE tokens SET root = ? WHERE root = ?", (theirs, mine))
    with pytest.raises(RowUnreadable):
        await store.authentications.refresh_token(own)


async def test_a_grant_written_for_another_mailbox_is_refused(connected: Connected) -> None:
    """A grant counts only for the mailbox that it names, whatever agent the row points at."""
    store, child = connected.store, connected.children[0]
    async with store.transaction() as tx:
        await tx.execute(
            "UPDATE agents SET object_id = 'another mailbox' WHERE id = ?", (child.agent_id,)
        )
    moved = await store.authentications.get(child.id)
    assert moved is not None
    with pytest.raises(RowUnreadable):
        await store.authentications.grant(moved)


async def test_one_damaged_row_leaves_the_others(connected: Connected) -> None:
    """A child whose grant is gone says so in the tree; the other rows stand."""
    store, (gone, stands) = connected.store, connected.children
    async with store.transaction() as tx:
        await tx.execute("DELETE FROM tokens WHERE authentication = ?", (await number(tx, gone),))
    tree = await store.authentications.tree(connected.company.id)
    statuses = {child.id: child.status for child in tree.children}
    assert statuses == {gone.id: Status.UNREADABLE, stands.id: Status.HEALTHY}
    assert next(c for c in tree.children if c.id == gone.id).status_reason
    assert tree.master == connected.master
    assert await store.authentications.unreadable(connected.company.id) == {gone.id}
    with pytest.raises(RowUnreadable):
        await store.authentications.grant(gone)


async def test_signing_in_again_mends_an_unreadable_company_master(connected: Connected) -> None:
    """When the key does not open, a new sign-in gets a new one; what hung below the old stays
    unreadable, and a run that began under the old one adds nobody.
    """
    store, newer = connected.store, token()
    async with store.transaction() as tx:
        await tx.execute("UPDATE keys SET sealed = x'00'")
    again = await put_master(store, connected.company, newer)
    assert again.id == connected.master.id
    assert again.key_id != connected.master.key_id
    assert await store.authentications.refresh_token(again) == newer
    with pytest.raises(RowUnreadable):
        await store.authentications.grant(connected.children[0])
    with pytest.raises(Gone):
        await add_children(store, connected.master, [agent(connected.company, "Farid")])
    below = await store.authentications.unreadable(connected.company.id)
    assert below == {connected.own.id, *(child.id for child in connected.children)}


async def test_values_of_another_store_do_not_open(store: Store, premises: Premises) -> None:
    """Rows carried over from a store with another key are unreadable, key by key."""
    everything = await connect(store)
    other = Premises(premises.folder / "other")
    other.data.mkdir(parents=True)
    async with other.opened() as stranger:
        theirs = await connect(stranger)
        assert stranger.key_id != store.key_id
    async with other.database() as db:
        row = await db.row("SELECT sealed FROM keys WHERE id = ?", (theirs.master.key_id,))
    assert row is not None
    async with store.transaction() as tx:
        await tx.execute(
            "UPDATE keys SET sealed = ? WHERE id = ?", (row[0], everything.master.key_id)
        )
    with pytest.raises(RowUnreadable):
        await store.authentications.refresh_token(everything.master)
