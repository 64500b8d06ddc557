"""Choosing by addresses, group and filter: who is meant is found, who is in doubt is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import Office
from ttr_tui.address_file import LARGEST, Entry
from ttr_tui.errors import AddressFileUnusable, GroupUnknown, MembersHidden, PermissionMissing
from ttr_tui.flows import choosing, polling
from ttr_tui.flows.choosing import Choice
from ttr_tui.model import Company, UserKind
from ttr_tui.query import Query, parse_query
from ttr_tui.sandbox.people import Kind, Person
from ttr_tui.store.directory_copy import Marks

MEMBERS = "transitiveMembers"


async def polled(office: Office) -> Company:
    company = await office.connected()
    assert (await polling.open_bulk_add(office.runtime.access, company)).accepted_at
    await polling.poll(office.runtime.access, company)
    return company


async def ids_of(office: Office, company: Company, marks: Marks) -> set[str]:
    copy = await office.runtime.store.directory(company)
    return set(await copy.object_ids_of(marks.rids.to_array()))


def people(office: Office, kind: Kind) -> list[Person]:
    return [one for one in office.sandbox.tenants[0].directory.people if one.kind is kind]


async def test_who_stands_in_a_file_is_found_by_any_of_their_names(
    office: Office, tmp_path: Path
) -> None:
    """By name, address, alias and id in any case; nobody's and several people's are told."""
    company = await polled(office)
    access, tenant = office.runtime.access, office.sandbox.tenants[0]
    renamed, ordinary = tenant.application_administrator, tenant.ordinary
    member, guest = people(office, Kind.MEMBER)[5], people(office, Kind.GUEST)[0]
    assert renamed.mail
    lines = [
        "Mail",
        renamed.mail.upper(),
        renamed.user_principal_name,
        ordinary.aliases[0],
        member.id.upper(),
        guest.user_principal_name,
        "nobody@contoso.example",
        "Front-Desk@contoso.example",
        "nothing",
        ordinary.aliases[0].title(),
    ]
    path = tmp_path / "new.csv"
    path.write_bytes("\r\n".join(lines).encode("utf-16"))
    file = await choosing.read_file(path)
    assert [file.unusable[0].line, file.twice[0].line] == [9, 10]
    found = await choosing.by_addresses(access, company, file.entries)
    expected = {renamed.id, ordinary.id, member.id, guest.id}
    assert await ids_of(office, company, found.marks) == expected
    assert found.unmatched == (Entry(7, "nobody@contoso.example"),)
    assert found.again == (Entry(3, renamed.user_principal_name),)
    (ambiguous,) = found.ambiguous
    both = {tenant.other_administrator.id, ordinary.id}
    assert (ambiguous.entry.line, {one.object_id for one in ambiguous.users}) == (8, both)

    choice = await choosing.all_together(access, company, [found.marks])
    assert await ids_of(office, company, choice.marks) == expected - {guest.id}
    assert choice.hidden[UserKind.GUEST] == 1
    named = await choosing.by_addresses(access, company, [Entry(0, guest.id)])
    choice = await choosing.all_together(access, company, [found.marks], named=named.marks)
    assert await ids_of(office, company, choice.marks) == expected
    assert set(choice.hidden.values()) == {0}


async def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """One that is not there, a directory, and one that is too large, of which no more is read."""
    with pytest.raises(AddressFileUnusable, match="No such file"):
        await choosing.read_file(tmp_path / "none.csv")
    with pytest.raises(AddressFileUnusable, match="directory"):
        await choosing.read_file(tmp_path)
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(AddressFileUnusable, match=r"huge\.csv is larger than 64 MB"):
        await choosing.read_file(huge)


async def test_a_group_is_everybody_in_it_and_in_the_groups_within(office: Office) -> None:
    """Found by a name that one group has; a token that is over meanwhile is renewed."""
    company = await polled(office)
    access, tenant = office.runtime.access, office.sandbox.tenants[0]
    inner = {"Sales", "Customer Service", "Support"}
    expected = {
        one.id
        for one in tenant.directory.people
        if one.department in inner or one is tenant.ordinary
    }
    everything = await choosing.find_group(access, company, "everything")
    told: list[int] = []
    tenant.advance(5401)
    grouped = await choosing.by_group(access, company, everything, told.append)
    assert await ids_of(office, company, grouped.marks) == expected
    assert (grouped.elsewhere, told) == (0, [len(expected)])

    copy = await office.runtime.store.directory(company)
    await copy.put_changes([], [tenant.ordinary.id], "")
    grouped = await choosing.by_group(access, company, everything)
    assert await ids_of(office, company, grouped.marks) == expected - {tenant.ordinary.id}
    assert grouped.elsewhere == 1

    with pytest.raises(GroupUnknown, match=r'2 groups .* are called "Front Desk"') as both:
        await choosing.find_group(access, company, "Front Desk")
    address = f"front-desk-team@{tenant.domain}"
    assert address in both.value.happened
    assert (await choosing.find_group(access, company, address)).mail == address
    with pytest.raises(GroupUnknown) as none:
        await choosing.find_group(access, company, "Customer")
    assert "Customer Facing" in none.value.cure

    council = await choosing.find_group(access, company, "Works Council")
    with pytest.raises(MembersHidden):
        await choosing.by_group(access, company, council)
    office.sandbox.dials.denied_at = {MEMBERS}
    with pytest.raises(MembersHidden):
        await choosing.by_group(access, company, council)
    with pytest.raises(PermissionMissing):
        await choosing.by_group(access, company, everything)


async def test_files_groups_and_filters_add_up(office: Office) -> None:
    """Each user once; hidden kinds only where they were asked for, and counted where not."""
    company = await polled(office)
    access = office.runtime.access
    copy = await office.runtime.store.directory(company)

    async def found(query: Query | None, *, show_hidden: bool = False) -> Choice:
        group = await choosing.find_group(access, company, "Team Sales")
        sales = await choosing.by_group(access, company, group)
        several = [sales.marks]
        return await choosing.all_together(access, company, several, query, show_hidden=show_hidden)

    everybody = await copy.rows((await copy.search(Query(show_hidden=True))).rids)
    hidden = {UserKind.GUEST, UserKind.DISABLED, UserKind.NO_LICENCE}
    sales = {one.object_id for one in everybody if one.department == "Sales"}
    it = {one.object_id for one in everybody if one.department == "IT"}
    seen = {one.object_id for one in everybody if one.kind not in hidden}
    disabled = {one.object_id for one in everybody if not one.enabled}

    choice = await found(parse_query("department:IT"))
    assert await ids_of(office, company, choice.marks) == (sales | it) & seen
    assert sum(choice.hidden.values()) == len((sales | it) - seen)
    choice = await found(parse_query("department:it"), show_hidden=True)
    assert sales <= await ids_of(office, company, choice.marks)
    choice = await found(parse_query("enabled:no"))
    assert await ids_of(office, company, choice.marks) == (sales & seen) | disabled
    assert (await found(None)).marks.rids == (
        await found(parse_query("department:sales"))
    ).marks.rids
