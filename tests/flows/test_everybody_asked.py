"""Asking for every authentication now; and users who left, seen at the next poll."""

from __future__ import annotations

import pytest

from tests.flows.test_agents_sign_in import members as people
from tests.flows.test_bulk_add import add, members, polled
from tests.flows.test_keep_alive import sign_in
from tests.office import Office
from ttr_tui.errors import PermissionMissing
from ttr_tui.flows import keep_alive, polling
from ttr_tui.flows.keep_alive.asking import BATCH
from ttr_tui.model import Authentication, Company, Status


async def children(office: Office, company: Company) -> dict[str, Authentication]:
    tree = await office.runtime.store.authentications.tree(company.id)
    return {child.object_id or "": child for child in tree.children}


async def test_every_authentication_is_asked_and_marked(office: Office) -> None:
    """Roots at Microsoft, children at their mailboxes; one cause for all is told once."""
    nobodys = await office.add_company(office.sandbox.tenants[1], "Fabrikam GmbH")
    none = await keep_alive.ask_all(office.runtime.access, nobodys)
    assert (none.healthy, none.troubled, none.silent) == (0, (), ())
    company = await polled(office)
    person = people(office, 50)[-1]
    users = [one for one in await members(office, company, 60) if one.object_id != person.id]
    assert len(users) > 2 * BATCH
    await add(office, company, users)
    own = await sign_in(office, company, person)
    access, store, dials = office.runtime.access, office.runtime.store, office.sandbox.dials
    total, told = len(await children(office, company)) + 2, []
    asked = await keep_alive.ask_all(access, company, lambda *progress: told.append(progress))
    assert (asked.healthy, asked.troubled, asked.silent) == (total, (), ())
    assert told[0] == (1, total)
    assert told[-1] == (total, total)

    blocked, empty, unknown = (one.object_id for one in users[:3])
    dials.blocked, dials.no_mailbox = {blocked}, {empty}
    assert own.person is not None
    office.sandbox.tenants[0].revoke_sessions(
        office.sandbox.tenants[0].person(own.person.user_principal_name)
    )
    broken = (await children(office, company))[unknown]
    async with store.transaction() as tx:
        await tx.execute(
            "UPDATE tokens SET sealed = x'00' WHERE authentication ="
            " (SELECT number FROM authentications WHERE id = ?)",
            (broken.id,),
        )
    asked = await keep_alive.ask_all(access, company)
    assert asked.healthy == total - 4
    stands = {row.object_id: row for row in asked.troubled}
    assert stands[blocked].status is Status.BLOCKED
    assert "Exchange policy" in stands[blocked].status_reason
    assert stands[empty].status is Status.NO_MAILBOX
    assert stands[own.object_id].status is Status.REFUSED
    assert unknown in stands, "its grant does not open, so its mailbox was not asked"

    dials.reset()
    office.sandbox.tenants[0].revoke_role("Mail.ReadBasic.All")
    for _ in range(2):
        with pytest.raises(PermissionMissing):
            await keep_alive.ask_all(access, company)
    (alarm,) = await store.alarms.list()
    assert (alarm.cause, alarm.times) == ("Mail.ReadBasic.All", 2)
    after = await children(office, company)
    assert after[blocked].status is Status.BLOCKED, "nobody is marked for what concerns all"
    office.sandbox.tenants[0].grant_all()
    asked = await keep_alive.ask_all(access, company)
    assert await store.alarms.list() == []
    assert {row.object_id for row in asked.troubled} == {unknown, own.object_id}


async def test_users_who_left_show_at_the_next_poll(office: Office) -> None:
    """Disabled and deleted, children and own sign-ins; they come back to what they were."""
    company = await polled(office)
    access, store, tenant = office.runtime.access, office.runtime.store, office.sandbox.tenants[0]
    *them, last = people(office, 9)
    ids = {one.id for one in them}
    users = [one for one in await members(office, company, 60) if one.object_id in ids]
    await add(office, company, users)
    mine = await sign_in(office, company, last)
    off, gone, both, blocked = (one.object_id for one in users[:4])
    assert mine.object_id is not None
    office.sandbox.dials.blocked = {blocked}
    await keep_alive.ask_all(access, company)
    for one in (off, both, mine.object_id, blocked, tenant.administrator.id):
        tenant.disable(one)
    tenant.remove_user(gone)

    await polling.poll(access, company)
    after = await children(office, company)
    assert (after[off].status, after[off].status_reason) == (
        Status.REFUSED,
        "The user was disabled in Microsoft 365.",
    )
    assert (after[gone].status, after[gone].status_reason) == (
        Status.NO_MAILBOX,
        "The user was deleted in Microsoft 365.",
    )
    assert after[blocked].status is Status.BLOCKED, "what a mailbox said stands"
    rest = [row.status for key, row in after.items() if key not in (off, gone, both, blocked)]
    assert rest == [Status.HEALTHY] * 4
    own, master = await access.authentication(mine.id), await access.company_master(company)
    assert own.status is Status.REFUSED
    assert master.status is Status.HEALTHY, "no agent; asked at Microsoft next"
    assert {one.id for one in await keep_alive.due(access, company)} == {own.id, master.id}
    entries = [one for one in await store.journal.since() if one.what.startswith("users ")]
    assert [(one.what, one.subject) for one in entries] == [
        ("users disabled in Microsoft 365", "5 authentications"),
        ("users deleted in Microsoft 365", "1 authentication"),
    ]
    assert after[gone].address in entries[1].detail

    tenant.enable(tenant.administrator.id)
    office.sandbox.dials.reset()
    asked = await keep_alive.ask_all(access, company)
    stands = {row.object_id: row.status for row in asked.troubled}
    assert stands[off] is Status.REFUSED, "its mailbox answers, and its user is gone all the same"
    assert stands[gone] is Status.NO_MAILBOX
    assert blocked not in stands
    refused = await access.authentication(mine.id)
    assert refused.refusal is not None
    assert refused.refusal.code == "AADSTS50057"
    await polling.poll(access, company)
    assert (await children(office, company))[blocked].status is Status.HEALTHY, "known before"

    for one in (off, mine.object_id):
        tenant.enable(one)
    tenant.remove_user(both)
    await polling.poll(access, company)
    back = await children(office, company)
    assert (back[off].status, back[off].status_reason) == (Status.HEALTHY, "")
    assert back[both].status is Status.NO_MAILBOX
    assert back[both].status_reason == "The user was deleted in Microsoft 365."
    assert mine.id in {one.id for one in await keep_alive.due(access, company)}
    await access.fresh_token(company, mine.id)
    assert (await access.authentication(mine.id)).status is Status.HEALTHY
