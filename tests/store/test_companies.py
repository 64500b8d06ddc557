"""Companies: found by the names people use, named once, removed only when nothing lives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.premises import NOON, Connected, add_company, company, connect, delete
from ttr_tui.errors import CompanyExists, CompanyInUse, CompanyUnknown, Gone
from ttr_tui.model import Company
from ttr_tui.store import Store


async def add(store: Store, new: Company) -> Company:
    async with store.transaction() as tx:
        await store.companies.add(tx, new)
    return new


async def test_a_company_comes_back_whole(store: Store) -> None:
    """Every field survives, times to the microsecond, also what proves the consent."""
    new = await add(store, replace(company(), consent_proven_at=NOON))
    assert await store.companies.get(new.id) == new
    assert await store.companies.list() == [new]


async def test_companies_are_listed_by_name(store: Store) -> None:
    """The list is by name, whatever the case and the accents."""
    for name in ("beta", "Alpha", "Gamma", "Économie"):
        await add_company(store, name)
    names = [one.name for one in await store.companies.list()]
    assert names == ["Alpha", "beta", "Économie", "Gamma"]


async def test_a_company_is_found_by_what_people_type(store: Store) -> None:
    """Name, id, domain and tenant id find it, whatever the case and the spaces around."""
    new = await add_company(store, "Müller Söhne")
    for wanted in (
        "müller söhne",
        " MÜLLER SÖHNE ",
        "Mu\u0308ller So\u0308hne",
        new.id,
        "CONTOSO.example",
        new.tenant_id.upper(),
    ):
        assert await store.companies.find(wanted) == new


async def test_a_shared_tenant_is_no_name(store: Store) -> None:
    """Where several companies share a domain, it names none of them; a name goes before it."""
    one = await add_company(store, "One")
    await add_company(store, "Two")
    with pytest.raises(CompanyUnknown, match="One, Two"):
        await store.companies.find("contoso.example")
    named = await add_company(store, "Contoso.Example")
    assert await store.companies.find("contoso.example") == named
    assert await store.companies.find("one") == one


async def test_an_unknown_company_is_a_sentence(store: Store) -> None:
    """What is not there is said, by id and by name."""
    with pytest.raises(CompanyUnknown, match="nobody"):
        await store.companies.find("nobody")
    with pytest.raises(CompanyUnknown):
        await store.companies.get("nobody")


async def test_a_name_is_given_once(store: Store) -> None:
    """Neither a new company nor a new name may be one that is there, in any case or form."""
    one, two = await add_company(store, "Café"), await add_company(store, "Two")
    with pytest.raises(CompanyExists):
        await add_company(store, "CAFE\u0301")
    with pytest.raises(CompanyExists):
        async with store.transaction() as tx:
            await store.companies.rename(tx, two.id, "café")
    async with store.transaction() as tx:
        await store.companies.rename(tx, one.id, "CAFÉ")
    assert (await store.companies.get(one.id)).name == "CAFÉ"


async def test_a_living_company_is_not_removed(connected: Connected) -> None:
    """While one authentication lives, of whatever kind, the company stays with all it has."""
    store = connected.store
    with pytest.raises(CompanyInUse, match="4"):
        async with store.transaction() as tx:
            await store.companies.remove(tx, connected.company.id)
    await delete(store, connected.master.id)
    with pytest.raises(CompanyInUse, match="1"):
        async with store.transaction() as tx:
            await store.companies.remove(tx, connected.company.id)
    await delete(store, connected.own.id)
    async with store.transaction() as tx:
        await store.companies.remove(tx, connected.company.id)
    assert await store.companies.list() == []
    assert await store.agents.list(connected.company.id) == []


async def test_consent_is_kept_and_forgotten(store: Store) -> None:
    """When the admin permission was proven is kept until it is known to be gone."""
    new = await add_company(store)
    async with store.transaction() as tx:
        await store.companies.consent_proven(tx, new.id, NOON)
    assert (await store.companies.get(new.id)).consent_proven_at == NOON
    async with store.transaction() as tx:
        await store.companies.consent_gone(tx, new.id)
    assert (await store.companies.get(new.id)).consent_proven_at is None


async def test_late_writes_to_a_removed_company_are_refused(store: Store) -> None:
    """What concerns a company that went meanwhile is Gone, not silently nothing."""
    new = await add_company(store)
    async with store.transaction() as tx:
        await store.companies.remove(tx, new.id)
    async with store.transaction() as tx:
        with pytest.raises(Gone):
            await store.companies.consent_proven(tx, new.id, NOON)
        with pytest.raises(Gone):
            await store.companies.consent_gone(tx, new.id)
        with pytest.raises(Gone):
            await store.companies.rename(tx, new.id, "Other")
        with pytest.raises(Gone):
            await store.companies.remove(tx, new.id)


async def test_summaries_count_and_name(connected: Connected) -> None:
    """Each company comes with its number of agents, connected or not, and its Company Master."""
    store = connected.store
    empty = await add_company(store, "Empty")
    other = await connect(store, "Other")
    contoso, nothing, third = await store.companies.summaries()
    assert (contoso.company, contoso.agents) == (connected.company, 4)
    assert contoso.master == connected.master
    assert (nothing.company, nothing.agents, nothing.master) == (empty, 0, None)
    assert third.master == other.master


async def test_names_no_database_can_hold_are_mended(store: Store) -> None:
    """A lone surrogate or NUL in a name is stored as U+FFFD, not refused with a crash."""
    new = await add_company(store, "A\ud800\0B")
    assert (await store.companies.get(new.id)).name == "A\ufffd\ufffdB"
