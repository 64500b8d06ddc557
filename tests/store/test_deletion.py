"""Deleting: what goes, what stays, and that an older copy does not bring it back."""

from __future__ import annotations

import shutil

from tests.store.premises import (
    Connected,
    Premises,
    add_children,
    agent,
    connect,
    delete,
    put_master,
)
from tests.store.test_backups import restore, verify
from ttr_tui.store import Store
from ttr_tui.store.key_file import append_destroyed

TABLES = ("authentications", "keys", "tokens", "leases", "directory_keys")


async def counts(premises: Premises) -> dict[str, int]:
    async with premises.database() as db:
        found = {}
        for table in TABLES:
            row = await db.row(f"SELECT count(*) FROM {table}")  # noqa: S608 - names above
            found[table] = int(row[0]) if row else -1
        return found


async def test_a_company_master_takes_its_children(
    connected: Connected, premises: Premises
) -> None:
    """Rows, tokens, key, lease and directory key of a Company Master and its children go; agents
    and own sign-ins stay.
    """
    store = connected.store
    await store.authentications.take_lease(connected.master.id, "a", 30)
    await store.directory(connected.company)
    assert await delete(store, connected.master.id) == [connected.master.key_id]
    tree = await store.authentications.tree(connected.company.id)
    assert (tree.master, tree.children, tree.own) == (None, [], [connected.own])
    assert len(tree.without) == 3
    left = await counts(premises)
    assert left == {
        "authentications": 1, "keys": 1, "tokens": 1, "leases": 0, "directory_keys": 0
    }  # fmt: skip
    assert await store.authentications.refresh_token(connected.own) == connected.own_token


async def test_a_child_goes_alone(connected: Connected, premises: Premises) -> None:
    """A child goes with its grant; its parent and siblings, and their key, stay."""
    store, (gone, stays) = connected.store, connected.children
    assert await delete(store, gone.id) == [gone.id]
    assert (await store.authentications.grant(stays)).object_id == stays.object_id
    assert await store.authentications.refresh_token(connected.master) == connected.master_token
    assert await counts(premises) == {
        "authentications": 3, "keys": 2, "tokens": 3, "leases": 0, "directory_keys": 0
    }  # fmt: skip


async def test_an_own_sign_in_goes_alone(connected: Connected, premises: Premises) -> None:
    """An own sign-in goes with its key; the Company Master and its children stay."""
    assert await delete(connected.store, connected.own.id) == [connected.own.key_id]
    assert await counts(premises) == {
        "authentications": 3, "keys": 1, "tokens": 3, "leases": 0, "directory_keys": 0
    }  # fmt: skip


async def test_everything_chosen_at_once_goes(connected: Connected, premises: Premises) -> None:
    """A master, one of its children and an own sign-in chosen together; no id is named twice."""
    chosen = [connected.master.id, connected.children[0].id, connected.own.id, "no such id"]
    planned = await connected.store.authentications.destroyed_ids(chosen)
    destroyed = await delete(connected.store, *chosen)
    assert sorted(destroyed) == sorted([connected.master.key_id, connected.own.key_id])
    assert planned == destroyed
    assert set((await counts(premises)).values()) == {0}


async def test_another_company_is_not_touched(store: Store) -> None:
    """Two companies' rows lie side by side; deleting one's leaves the other's whole."""
    one, other = await connect(store, "One"), await connect(store, "Other")
    await delete(store, one.master.id)
    tree = await store.authentications.tree(other.company.id)
    assert (tree.master, len(tree.children), tree.own) == (other.master, 2, [other.own])
    for child in other.children:
        assert (await store.authentications.grant(child)).object_id == child.object_id


async def test_a_new_company_master_inherits_nothing(connected: Connected) -> None:
    """What comes after the deletion gets a new row and a new key; old agents can be added again."""
    store = connected.store
    await delete(store, connected.master.id)
    fresh = await put_master(store, connected.company)
    assert (fresh.id, fresh.key_id) != (connected.master.id, connected.master.key_id)
    assert fresh.generation == 1
    agents = await store.agents.list(connected.company.id)
    new = await add_children(store, fresh, agents)
    assert {child.name for child in new} == {"abebe Bekele", "Bea Lindqvist", "Chidi Okafor"}


async def test_a_restored_older_copy_loses_what_was_deleted(premises: Premises) -> None:
    """A backup made before the deletion, put back, opens without the rows of destroyed keys and of
    deleted children; everything else is there, and the journal says so.
    """
    async with premises.opened() as store:
        gone, stays = await connect(store, "Gone"), await connect(store, "Stays")
    backup = premises.folder / "backup"
    shutil.copytree(premises.data, backup)
    async with premises.opened() as store:
        for ids in ([gone.master.id], [stays.children[0].id]):
            destroyed = await store.authentications.destroyed_ids(ids)
            append_destroyed(premises.destroyed, destroyed)
            await delete(store, *ids)
    shutil.rmtree(premises.data)
    backup.rename(premises.data)
    async with premises.opened() as store:
        tree = await store.authentications.tree(gone.company.id)
        assert (tree.master, tree.children, tree.own) == (None, [], [gone.own])
        tree = await store.authentications.tree(stays.company.id)
        assert (tree.master, tree.children) == (stays.master, [stays.children[1]])
        last = (await store.journal.since())[-1]
        assert last.what == "deleted again"
        assert "2 rows" in last.detail
        before = len(await store.journal.since())
    async with premises.opened() as store:
        assert len(await store.journal.since()) == before


async def test_nothing_destroyed_stays_in_a_restored_copys_files(premises: Premises) -> None:
    """After such an opening the sealed material is out of the database and its log as well."""
    async with premises.opened() as store:
        gone = await connect(store)
    async with premises.database() as db:
        row = await db.row("SELECT sealed FROM keys WHERE id = ?", (gone.master.key_id,))
    assert row is not None
    append_destroyed(premises.destroyed, [gone.master.key_id, gone.own.key_id])
    async with premises.opened():
        assert (premises.data / "store.db-wal").stat().st_size == 0
    assert (await counts(premises))["tokens"] == 0


async def test_an_agent_without_is_listed(connected: Connected) -> None:
    """Agents that lost their authentication are listed by name, as every list is; those of other
    companies not.
    """
    store = connected.store
    await connect(store, "Other")
    await delete(store, connected.master.id)
    new = [agent(connected.company, name) for name in ("Åse Kjær", "Aaron")]
    async with store.transaction() as tx:
        await store.agents.add(tx, new)
    tree = await store.authentications.tree(connected.company.id)
    names = [one.name for one in tree.without]
    assert names == ["Aaron", "abebe Bekele", "Åse Kjær", "Bea Lindqvist", "Chidi Okafor"]


async def test_removed_agents_and_companies_stay_removed(premises: Premises) -> None:
    """An older copy brings their names and addresses back; opening it takes them away again. One
    that was added anew has another id, and one that has an authentication is not touched.
    """
    async with premises.opened() as store:
        gone, stays = await connect(store, "Gone"), await connect(store, "Stays")
        backup = await store.back_up(premises.folder / "then.backup")
        everything = [gone.master.id, gone.own.id]
        append_destroyed(premises.destroyed, await store.authentications.destroyed_ids(everything))
        await delete(store, *everything)
        async with store.transaction() as tx:
            await store.companies.remove(tx, gone.company.id)
            await store.revocations.note_removed(gone.company.id)
            assert await store.agents.remove(tx, stays.without.id)
            await store.revocations.note_removed(stays.without.id)
            await store.revocations.note_removed(stays.company.id)
    assert verify(premises, backup).deleted_since == 5
    restore(premises, backup, replace=True)
    async with premises.opened() as store:
        assert await store.companies.list() == [stays.company]
        assert await store.agents.get(stays.without.id) is None
        assert await store.authentications.refresh_token(stays.master) == stays.master_token
        assert "deleted again" in [entry.what for entry in await store.journal.since()]
