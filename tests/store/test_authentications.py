"""Authentications: the tree, signing in again, generations, children and what they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.premises import (
    NOON,
    PROOF,
    Connected,
    add_children,
    add_company,
    agent,
    company,
    delete,
    person,
    put_master,
    put_own,
    token,
)
from ttr_tui.errors import Gone, RowUnreadable
from ttr_tui.model import COMPANY_MASTER_NAME, AuthenticationKind, Status
from ttr_tui.store import Store


async def test_the_tree_shows_who_hangs_on_whom(connected: Connected) -> None:
    """Company Master, its children, own sign-ins and agents without, each by name."""
    tree = await connected.store.authentications.tree(connected.company.id)
    assert tree.master == connected.master
    assert [child.name for child in tree.children] == ["abebe Bekele", "Bea Lindqvist"]
    assert sorted(tree.children, key=lambda c: c.id) == connected.children
    assert tree.own == [connected.own]
    assert tree.without == [connected.without]


async def test_a_company_master_is_named_so(connected: Connected) -> None:
    """Its user principal name is `Company Master`; who signed in is kept beside it."""
    master = connected.master
    assert master.user_principal_name == COMPANY_MASTER_NAME
    assert master.person is not None
    assert (master.name, master.address) == ("Anna Weber", "anna.weber@contoso.example")
    assert master.scopes == ("Mail.ReadBasic", "User.Read")
    assert master.status is Status.UNPROVEN
    assert master.expires_at == master.since + timedelta(days=90)
    assert await connected.store.authentications.company_master(connected.company.id) == master
    assert await connected.store.authentications.get(master.id) == master


async def test_a_child_shows_its_agent_and_ends_with_its_parent(connected: Connected) -> None:
    """A child is its agent's, proven when its mailbox answered, and has no person of its own."""
    child = connected.children[0]
    assert child.kind is AuthenticationKind.CHILD
    assert child.parent_id == connected.master.id
    assert child.key_id == connected.master.key_id
    assert child.expires_at == connected.master.expires_at
    assert (child.since, child.last_used, child.status) == (NOON, NOON, Status.HEALTHY)
    assert child.person is None
    assert await connected.store.authentications.of_ids([child.id, "none"]) == [child]


async def test_tokens_come_back_as_they_were_sealed(connected: Connected) -> None:
    """Each root's own refresh token, each child's own grant."""
    authentications = connected.store.authentications
    assert await authentications.refresh_token(connected.master) == connected.master_token
    assert await authentications.refresh_token(connected.own) == connected.own_token
    for child in connected.children:
        kept = await authentications.grant(child)
        assert (kept.object_id, kept.company_id) == (child.object_id, child.company_id)
        assert (kept.permission, kept.proven_at) == ("Mail.ReadBasic.All", NOON)


async def test_signing_in_again_replaces_and_keeps_the_children(connected: Connected) -> None:
    """Another administrator's sign-in keeps row, key and children; token, person, status change."""
    store, newer, bettina = connected.store, token(), person("Bettina Weber")
    again = await put_master(store, connected.company, newer, bettina)
    assert (again.id, again.key_id) == (connected.master.id, connected.master.key_id)
    assert again.generation == connected.master.generation + 1
    assert again.person == bettina
    assert again.since == connected.master.since
    assert again.signed_in_again_at is not None
    assert await store.authentications.refresh_token(again) == newer
    tree = await store.authentications.tree(connected.company.id)
    assert tree.master == again
    assert len(tree.children) == 2
    for child in tree.children:
        assert (await store.authentications.grant(child)).object_id == child.object_id


async def test_signing_in_again_mends_a_refusal(connected: Connected) -> None:
    """What was refused counts as unproven once somebody signed in again, without a reason."""
    store = connected.store
    async with store.transaction() as tx:
        await store.authentications.mark(tx, connected.master.id, Status.REFUSED, "no", NOON)
    again = await put_master(store, connected.company)
    assert (again.status, again.status_reason) == (Status.UNPROVEN, "")


async def test_each_company_has_its_own_company_master(connected: Connected) -> None:
    """Companies that share nothing share no row: one sign-in does not replace another's."""
    store = connected.store
    other = await put_master(store, await add_company(store, "Fabrikam"))
    assert other.id != connected.master.id
    assert await store.authentications.company_master(connected.company.id) == connected.master


async def test_a_refresh_is_kept_with_the_next_generation(connected: Connected) -> None:
    """A refresh that is in time stores its token, proves the row, and moves its end."""
    store, newer = connected.store, token()
    async with store.transaction() as tx:
        assert await store.authentications.rotate(tx, connected.master, newer, NOON)
    kept = await store.authentications.get(connected.master.id)
    assert kept is not None
    assert (kept.generation, kept.status, kept.last_used) == (2, Status.HEALTHY, NOON)
    assert kept.expires_at == NOON + timedelta(days=90)
    assert await store.authentications.refresh_token(kept) == newer


async def test_a_late_refresh_is_not_stored(connected: Connected) -> None:
    """What a refresh brings back after another one, or after a new sign-in, is not stored."""
    store, current = connected.store, token()
    again = await put_master(store, connected.company, current)
    async with store.transaction() as tx:
        assert not await store.authentications.rotate(tx, connected.master, token(), NOON)
    assert await store.authentications.get(again.id) == again
    assert await store.authentications.refresh_token(again) == current


async def test_a_refresh_of_a_deleted_row_is_not_stored(connected: Connected) -> None:
    """Deleting wins over a refresh under way, also when a new sign-in came meanwhile."""
    store = connected.store
    await delete(store, connected.master.id)
    fresh_token = token()
    fresh = await put_master(store, connected.company, fresh_token)
    async with store.transaction() as tx:
        assert not await store.authentications.rotate(tx, connected.master, token(), NOON)
    assert fresh.id != connected.master.id
    assert await store.authentications.refresh_token(fresh) == fresh_token
    with pytest.raises(RowUnreadable):
        await store.authentications.refresh_token(connected.master)


async def test_a_run_goes_on_over_a_new_sign_in(connected: Connected) -> None:
    """Children are added under a Company Master that signed in again since the run began."""
    store = connected.store
    again = await put_master(store, connected.company)
    new = await add_children(store, connected.master, [agent(connected.company, "Farid")])
    assert (await store.authentications.grant(new[0])).object_id == new[0].object_id
    assert new[0].parent_id == again.id


@pytest.mark.parametrize("signed_in_again", [False, True])
async def test_a_run_dies_with_its_company_master(
    connected: Connected, *, signed_in_again: bool
) -> None:
    """After the deletion nobody is added, not even under a Company Master that came later."""
    store = connected.store
    await delete(store, connected.master.id)
    if signed_in_again:
        await put_master(store, connected.company)
    farid = agent(connected.company, "Farid")
    with pytest.raises(Gone, match="Company Master was deleted"):
        await add_children(store, connected.master, [farid])
    tree = await store.authentications.tree(connected.company.id)
    assert tree.children == []
    assert farid.id not in {one.id for one in tree.without}


async def test_a_removed_agent_gets_no_child(connected: Connected) -> None:
    """An agent that is not there (any more) gets no authentication."""
    store, nobody = connected.store, agent(connected.company, "Nobody")
    with pytest.raises(Gone, match="agent was removed"):
        async with store.transaction() as tx:
            await store.authentications.add_children(
                tx, connected.master, [nobody.object_id], PROOF
            )


async def test_an_agent_of_another_company_gets_no_child(connected: Connected) -> None:
    """Whoever cannot be added is named with the company whose agent it is; the others are added."""
    store, mine = connected.store, connected.company
    other = replace(company("Fabrikam"), tenant_id=mine.tenant_id)
    theirs, child, new = agent(other, "Theirs"), connected.children[0], agent(mine, "New")
    async with store.transaction() as tx:
        await store.companies.add(tx, other)
        await store.agents.add(tx, [theirs, new])
    everybody = [theirs.object_id, child.object_id or "", new.object_id, new.object_id]
    async with store.transaction() as tx:
        taken = await store.authentications.add_children(tx, connected.master, everybody, PROOF)
    assert taken == {theirs.object_id: other.id, child.object_id: mine.id}
    assert await store.agents.taken(mine, everybody) == {**taken, new.object_id: mine.id}
    assert len((await store.authentications.tree(mine.id)).children) == 3


async def test_nobody_is_added_twice(connected: Connected) -> None:
    """An agent with an authentication, child or own sign-in, is left out; one without gets one."""
    store = connected.store
    agents = {one.name: one for one in await store.agents.list(connected.company.id)}
    new = await add_children(store, connected.master, list(agents.values()))
    assert [child.name for child in new] == ["Chidi Okafor"]
    tree = await store.authentications.tree(connected.company.id)
    assert (len(tree.children), tree.own, tree.without) == (3, [connected.own], [])


async def test_a_child_that_signs_in_itself_leaves_its_parent(connected: Connected) -> None:
    """An own sign-in takes the child's place: own key, no grant, and it outlives the parent."""
    store, child = connected.store, connected.children[0]
    its_agent = await store.agents.get(child.agent_id or "")
    assert its_agent is not None
    mine = token()
    own = await put_own(store, its_agent, mine)
    assert (own.id, own.kind, own.parent_id) == (child.id, AuthenticationKind.OWN, None)
    assert own.key_id != connected.master.key_id
    await delete(store, connected.master.id)
    assert await store.authentications.refresh_token(own) == mine
    with pytest.raises(RowUnreadable):
        await store.authentications.grant(child)


async def test_a_sign_in_for_what_was_removed_is_not_stored(store: Store) -> None:
    """A sign-in whose company or agent went meanwhile is refused."""
    of = await add_company(store)
    nobody = agent(of)
    with pytest.raises(Gone):
        await put_own(store, nobody)
    async with store.transaction() as tx:
        await store.companies.remove(tx, of.id)
    with pytest.raises(Gone):
        await put_master(store, of)


async def test_marks_and_uses_are_kept(connected: Connected) -> None:
    """A status keeps its reason and since when; the last use only moves forwards."""
    store, later = connected.store, NOON + timedelta(hours=1)
    first, second = connected.children
    async with store.transaction() as tx:
        mark = store.authentications.mark
        assert await mark(tx, first.id, Status.BLOCKED, "policy", later)
        assert await mark(tx, first.id, Status.BLOCKED, "still \ud800", later + timedelta(hours=1))
        assert not await mark(tx, "nobody", Status.BLOCKED, "", later)
        await store.authentications.used(tx, [second.id], later)
        await store.authentications.used(tx, [second.id], NOON)
    marked, used = await store.authentications.of_ids([first.id, second.id])
    assert (marked.status, marked.status_reason) == (Status.BLOCKED, "still \ufffd")
    assert marked.status_since == later
    assert used.last_used == later


async def test_who_has_an_authentication_is_known_by_object_id(connected: Connected) -> None:
    """Of the users asked about, those with an authentication in this company are returned."""
    store = connected.store
    ids = [child.object_id or "" for child in connected.children]
    asked = [*ids, connected.without.object_id, "stranger"]
    known = store.authentications.with_object_ids
    assert await known(connected.company.id, asked) == set(ids)
    assert await known("other company", asked) == set()
