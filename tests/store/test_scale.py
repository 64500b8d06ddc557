"""A hundred thousand children: nothing is looked for row by row, and the screen is not held up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.store.premises import Premises, add_agents, add_children, add_company, agent, put_master
from ttr_tui.model import Status
from ttr_tui.store import Store, branches, chosen, deletion, revocations, tokens, tree
from ttr_tui.store.agents import KNOWN
from ttr_tui.store.authentication_rows import SELECT_AUTHENTICATION, SELECT_CHILDREN
from ttr_tui.store.authentications import OF_AGENTS, WITH_OBJECT_IDS
from ttr_tui.store.database import Database, Params
from ttr_tui.store.ids import new_id

MANY = 3000
LARGE_TABLES = ("authentications", "agents", "tokens")


@pytest.fixture
async def db(premises: Premises) -> AsyncIterator[Database]:
    async with premises.opened():
        pass
    async with premises.database() as database:
        yield database


@pytest.mark.parametrize(
    "sql",
    [
        SELECT_CHILDREN,
        SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.parent IS NULL",
        SELECT_AUTHENTICATION + " WHERE a.company_id = ? AND a.kind = 'company_master'",
        SELECT_AUTHENTICATION + " JOIN json_each(?) AS wanted ON wanted.value = a.id",
        OF_AGENTS,
        WITH_OBJECT_IDS,
        KNOWN,
        tree.SELECT_WITHOUT,
        branches.ROWS,
        branches.AGENTS,
        *branches.STATEMENTS,
        tokens.SEALED_OF_AGENTS,
        *deletion.STATEMENTS,
        chosen.CHOSEN,
        chosen.PEOPLE,
        revocations.COUNTED,
    ],
)
async def test_no_large_table_is_read_through(db: Database, sql: str) -> None:
    """Every statement that concerns one company or some rows finds them by an index."""
    marks = "?1" if "?1" in sql else "?"
    params: Params = ("[]",) * (1 if marks == "?1" else sql.count("?"))
    if ":company" in sql:
        params = {"company": ""}
    plan = [row["detail"] for row in await db.rows("EXPLAIN QUERY PLAN " + sql, params)]
    aliases = {"a", "c", "g", "p", "t", *LARGE_TABLES}
    scans = [step for step in plan if step.startswith("SCAN") and step.split()[1] in aliases]
    assert scans == [], plan


async def test_many_are_added_read_and_deleted_whole(store: Store) -> None:
    """Thousands at once are added, read back in order, opened, and deleted with nothing left."""
    of = await add_company(store)
    master = await put_master(store, of)
    agents = [agent(of, f"Name {number:05}") for number in range(MANY)]
    new = await add_children(store, master, agents)
    read = await store.authentications.tree(of.id)
    assert read.children == new
    assert {child.status for child in read.children} == {Status.HEALTHY}
    assert (await store.authentications.grant(new[-1])).object_id == agents[-1].object_id
    assert await store.authentications.unreadable(of.id) == set()
    chosen = [child.id for child in new[: MANY // 2]]
    async with store.transaction() as tx:
        assert await store.authentications.delete(tx, chosen) == chosen
    async with store.transaction() as tx:
        await store.authentications.delete(tx, [master.id])
    read = await store.authentications.tree(of.id)
    assert (read.master, read.children) == (None, [])
    assert [one.name for one in read.without] == [one.name for one in agents]


async def test_the_screen_is_not_held_up(store: Store) -> None:
    """While thousands are added and read, the event loop goes on: other tasks get their turn many
    times.
    """
    of = await add_company(store)
    master = await put_master(store, of)
    agents = [agent(of, f"Name {number:05}") for number in range(MANY)]
    await add_agents(store, agents)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    counting = asyncio.ensure_future(count())
    await add_children(store, master, agents)
    after_adding = turns
    await store.authentications.tree(of.id)
    after_reading = turns
    await store.authentications.unreadable(of.id)
    counting.cancel()
    assert after_adding > 20
    assert after_reading > after_adding
    assert turns > after_reading


async def test_ids_are_made_in_order() -> None:
    """Names of rows sort as they were made, so that a run's rows lie side by side."""
    ids = []
    for _ in range(5):
        ids.append(new_id())
        await asyncio.sleep(0.0005)
    assert ids == sorted(ids)
    assert {len(one) for one in ids} == {32}
