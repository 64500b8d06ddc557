"""Agents: a mailbox of a tenant is an agent of at most one company."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.premises import add_agents, add_company, agent, company
from ttr_tui.errors import Gone
from ttr_tui.store import Store


async def test_agents_come_back_whole_and_by_name(store: Store) -> None:
    """Every field survives; the list is by name, whatever the case and the accents."""
    of = await add_company(store)
    agents = [agent(of, name) for name in ("beta", "Alpha", "gamma", "Ágnes")]
    await add_agents(store, agents)
    assert await store.agents.list(of.id) == [agents[3], agents[1], agents[0], agents[2]]
    assert await store.agents.get(agents[0].id) == agents[0]
    assert await store.agents.get("nobody") is None
    assert await store.agents.object_ids(of.id) == {one.object_id for one in agents}


async def test_a_mailbox_is_one_agent(store: Store) -> None:
    """A second agent for the same mailbox is left out, whichever company of the tenant asks; the
    same object id in another tenant is somebody else.
    """
    of = await add_company(store)
    first = agent(of)
    sibling = replace(company("Subsidiary"), tenant_id=of.tenant_id)
    stranger = company("Elsewhere")
    async with store.transaction() as tx:
        await store.companies.add(tx, sibling)
        await store.companies.add(tx, stranger)
        assert await store.agents.add(tx, [first]) == 1
        second = replace(agent(sibling), object_id=first.object_id)
        third = replace(agent(stranger), object_id=first.object_id)
        assert await store.agents.add(tx, [second, third]) == 1
    known = await store.agents.by_object_ids(of.tenant_id, [first.object_id, "nobody"])
    assert known == {first.object_id: first}
    assert await store.agents.list(sibling.id) == []
    assert await store.agents.list(stranger.id) == [third]


async def test_agents_of_a_removed_company_are_refused(store: Store) -> None:
    """A run whose company went meanwhile adds nobody."""
    of = await add_company(store)
    async with store.transaction() as tx:
        await store.companies.remove(tx, of.id)
    with pytest.raises(Gone):
        await add_agents(store, [agent(of)])


async def test_the_worlds_names_are_stored(store: Store) -> None:
    """Any script, quotes, SQL, markup and ESC are stored as they came; what cannot be is mended."""
    of = await add_company(store)
    names = ["李小龍", "O'Brien; DROP TABLE agents", "[b]\x1b[31m", "👩‍👩‍👧", "a\ud800b\0c"]
    await add_agents(store, [agent(of, name) for name in names])
    kept = {one.name for one in await store.agents.list(of.id)}
    assert kept == {*names[:4], "a\ufffdb\ufffdc"}
