"""The tree of authentications by windows: who stands where, in which order, in which state."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.store.premises import NOON, Connected, add_agents, add_children, agent, connect
from ttr_tui.model import Agent, Status
from ttr_tui.store import Store
from ttr_tui.store.branches import Sought
from ttr_tui.store.chosen import Chosen
from ttr_tui.store.database import Database
from ttr_tui.store.migrations import store_migrations


async def names(of: Connected, numbers: list[int]) -> list[str]:
    return [entry.name async for entry in of.store.branches.each(numbers)]


async def found(of: Connected, sought: Sought) -> tuple[list[str], list[str], list[str]]:
    """The names of who matches: children, own sign-ins, agents without."""
    members = await of.store.branches.members(of.company.id, sought)
    children, own, without = members.children, members.own, members.without
    return await names(of, [*children]), await names(of, [*own]), await names(of, [*without])


async def test_everybody_stands_in_a_branch_by_name(store: Store) -> None:
    """In the order of folded names, whatever their case, and each company for itself."""
    of = await connect(store)
    await connect(store, "Fabrikam")
    await add_children(store, of.master, [agent(of.company, "Ähn Zu"), agent(of.company, "zoe Ä")])
    assert await found(of, Sought(NOON)) == (
        ["abebe Bekele", "Ähn Zu", "Bea Lindqvist", "zoe Ä"],
        ["Dana Petrova"],
        ["Chidi Okafor"],
    )
    assert await store.branches.held(of.company.id) == (4, 1, 1)


async def test_every_word_is_found_without_its_accents(store: Store) -> None:
    """In name or address; a name that is changed is found by the new one alone."""
    of = await connect(store)
    lukasz = agent(of.company, "Łukasz Ås")
    await add_agents(store, [lukasz])
    assert await found(of, Sought(NOON, ("as", "lukasz"))) == ([], [], ["Łukasz Ås"])
    assert await found(of, Sought(NOON, ("contoso.ex", "bea"))) == (["Bea Lindqvist"], [], [])
    pinned = replace(lukasz, object_id="another", name="Ola Nordmann")
    async with store.transaction() as tx:
        assert await store.agents.pin(tx, lukasz, pinned)
    assert await found(of, Sought(NOON, ("ola",))) == ([], [], ["Ola Nordmann"])


async def test_rows_are_found_and_counted_by_their_state(store: Store) -> None:
    """A child never ends soon by itself; `closed` rows are unreadable."""
    of = await connect(store)
    async with store.transaction() as tx:
        await store.authentications.mark(tx, of.children[0].id, Status.BLOCKED, "a policy", NOON)
    closed = await store.branches.numbers_of([of.children[1].id])
    for moment, own in ((0, "unproven"), (80, "ends soon"), (91, "expired")):
        at = of.own.since + timedelta(days=moment)
        assert await store.branches.states(of.company.id, Sought(at), own=True) == {own: 1}
        assert await found(of, Sought(at, states=(own,))) == ([], ["Dana Petrova"], [])
    sought = Sought(NOON, states=("unreadable", "none"), closed=closed)
    assert await found(of, sought) == (["abebe Bekele"], [], ["Chidi Okafor"])
    counted = await store.branches.states(of.company.id, sought, own=False)
    assert counted == {"blocked": 1, "unreadable": 1}


async def test_who_is_chosen_is_told_apart_in_the_order_asked_for(store: Store) -> None:
    """By kind, with the names of who signed in; another company's and strangers are left out."""
    of, others = await connect(store), await connect(store, "Fabrikam")
    ids = [of.own.id, of.children[1].id, others.own.id, "none", of.children[0].id, of.master.id]
    chosen = await store.branches.chosen(of.company.id, ids)
    assert chosen.ids == (of.own.id, of.children[1].id, of.children[0].id, of.master.id)
    assert chosen.children == (of.children[1].id, of.children[0].id)
    assert (chosen.master, chosen.own) == (of.master.id, (of.own.id,))
    assert chosen.people == ("Dana Petrova", "Anna Weber")
    assert await store.branches.chosen(others.company.id, ids[:2]) == Chosen()


async def test_rows_are_opened_as_they_are_read(store: Store) -> None:
    """What is damaged, and what has no sealed material, is unreadable; the others stand."""
    of = await connect(store)
    everybody = await store.branches.members(of.company.id, Sought(NOON))
    numbers = [*everybody.children, *everybody.own, *everybody.without]
    assert await store.branches.closed(numbers) == set()
    async with store.transaction() as tx:
        await tx.execute(
            "UPDATE tokens SET sealed = randomblob(60)"
            " WHERE authentication = (SELECT number FROM authentications WHERE id = ?)",
            (of.own.id,),
        )
        await tx.execute(
            "DELETE FROM tokens"
            " WHERE authentication = (SELECT number FROM authentications WHERE id = ?)",
            (of.children[1].id,),
        )
    closed = await store.branches.numbers_of([of.own.id, of.children[1].id])
    assert await store.branches.closed(numbers) == set(closed)
    entries = await store.branches.entries(numbers)
    for number, entry in entries.items():
        opens = isinstance(entry, Agent) or entry.status is not Status.UNREADABLE
        assert opens == (number not in closed), entry
    assert len(entries) == len(numbers)
    async with store.transaction() as tx:
        await tx.execute("DELETE FROM keys")
    assert await store.branches.closed(numbers) == {*everybody.children, *everybody.own}


async def test_an_older_store_is_put_in_order(tmp_path: Path) -> None:
    """Agents stored before names were kept folded are found and sorted like the others."""
    path, key = tmp_path / "store.db", secrets.token_bytes(32)
    scripts = store_migrations()
    older = await Database.open(path, key, scripts[:3])
    async with older.transaction() as tx:
        await tx.execute(
            "INSERT INTO companies VALUES ('c', 'Contoso', 'contoso.example', 't', '', '', 0, 0)"
        )
        await tx.executemany(
            "INSERT INTO agents (id, company_id, tenant_id, object_id, name, address, created_at)"
            " VALUES (?1, 'c', 't', ?1, ?1, 'a@contoso.example', 0)",
            [("zoë",), ("Łucja",)],
        )
    await older.close()
    newer = await Database.open(path, key, scripts)
    rows = await newer.rows("SELECT folded FROM agents WHERE company_id = 'c' ORDER BY folded")
    assert [row["folded"] for row in rows] == [
        "lucja\na@contoso.example",
        "zoe\na@contoso.example",
    ]
    await newer.close()
