"""Agents sign in from the tree: again in any state, for the first time, by invitation."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.flows.test_agents_sign_in import granted, members, user
from tests.office import Office
from tests.screens.seat import Seat, seated
from tests.screens.shelf import stocked, tree
from ttr_tui.flows import invitations
from ttr_tui.model import Company, Purpose, Status, now
from ttr_tui.sandbox.people import Kind


async def opened(office: Office, company: Company) -> list[Purpose]:
    """What the open attempts of a company are for."""
    return [one.purpose for one in await office.runtime.store.attempts.open_of(company.id)]


async def to_the_tree(seat: Seat, company: Company) -> None:
    await seat.until(f">  {company.name}")
    await seat.press("3")
    await seat.until("[3 Authentications]")


async def test_every_row_signs_in_again_whatever_its_state(office: Office) -> None:
    """Company Master, child, own and agent without: r shows a link; again, the same one."""
    company = await stocked(office)
    async with office.runtime.store.transaction() as tx:
        for row in (await tree(office, company)).own:
            await office.runtime.store.authentications.mark(
                tx, row.id, Status.REFUSED, "A new password.", now()
            )
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.until(">  ▾ Company Master", " r sign in ")
        for who, down in (("Anna Weber", 0), ("Abebe", 1), ("Benedikt", 5), ("Norbert", 3)):
            await seat.press(*["down"] * down, "r")
            await seat.until(who, "http", gone="View Microsoft Authentications")
            await seat.press("escape")
            await seat.until("View Microsoft Authentications")
        assert len(await opened(office, company)) == 4
        await seat.press("r")
        await seat.until("Norbert", "http", gone="View Microsoft Authentications")
        assert (await opened(office, company)).count(Purpose.AGENT) == 1
        assert (await opened(office, company)).count(Purpose.REAUTHENTICATION) == 3


async def test_the_page_of_a_child_says_that_it_leaves_its_parent(office: Office) -> None:
    """And r there signs its owner in."""
    company = await stocked(office)
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.until("Abebe Bekele")
        await seat.press("down", "enter")
        await seat.until("Signing in", "leaves its parent", "r sign in again")
        await seat.press("r")
        await seat.until("Abebe Bekele", "http")
        assert await opened(office, company) == [Purpose.REAUTHENTICATION]


async def test_one_agent_is_added_and_its_owner_signs_in_now(office: Office) -> None:
    """+, the address, who was found, the button, the link."""
    company = await granted(office)
    (person,) = members(office, 1)
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.press("plus")
        await seat.until(f"Add one agent to {company.name}", "( Sign in the owner now )")
        await seat.type("nobody@nowhere.example\r")
        await seat.until("✗ Nobody in", "( Sign in the owner now )")
        shared = office.sandbox.tenants[0].directory.people
        whose = next(one for one in shared if one.kind is Kind.SHARED).user_principal_name
        await seat.type("\x15" + whose + "\r")
        await seat.until("! ", "it becomes a child of", "( Sign in the owner now )")
        await seat.type("\x15" + person.user_principal_name + "\r")
        await seat.until(f"object {person.id}", ">[ Sign in the owner now ]")
        await seat.press("enter")
        await seat.until("http", gone="Add one agent")
        assert await opened(office, company) == [Purpose.AGENT]
        await seat.press("escape")
        await seat.until("[3 Authentications]", "Not authenticated")


async def test_before_any_permission_the_operator_will_confirm(office: Office) -> None:
    """Nobody can be asked: the link can be made all the same, an invitation cannot."""
    company = await office.add_company()
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.press("plus")
        await seat.until("Add one agent to")
        await seat.type("a.bekele@contoso.com\r")
        await seat.until("? Microsoft cannot be asked", "( Invite the owner )")
        await seat.press("enter")
        await seat.until("http", gone="Add one agent")
        assert await opened(office, company) == [Purpose.AGENT]


async def test_invitations_stand_in_the_tree_and_have_a_list(
    office: Office, tmp_path: Path
) -> None:
    """Invited from +; opened, re-issued, withdrawn and exported from the list."""
    company = await granted(office)
    first, second, third = members(office, 3)
    users = [await user(office, company, one) for one in (second, third)]
    await invitations.invite(office.runtime.access, company, users)
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.until("▸ Invitations           2 open")
        await seat.press("plus")
        await seat.until("Add one agent to")
        await seat.type(first.user_principal_name + "\r")
        await seat.until(">[ Sign in the owner now ]")
        await seat.press("tab", "enter")
        await seat.until("✓ 1 owner is invited.", "3 open", "n re-issue 3 missing")
        await seat.press("r")
        await seat.until("✓ 1 invitation is new; the former link leads nowhere any more.")
        await seat.press("space", "space", "d")
        await seat.until("Withdraw 2 invitations", ">[ Cancel ]")
        await seat.press("tab", "enter")
        await seat.until("✓ 2 invitations withdrawn.", "1 open", "- withdrawn")
        await seat.press("e")
        await seat.until(">[ Write 1 message ]", "[ Write 3 rows as CSV ]")
        await seat.press("enter")
        await seat.until("Write 1 message to a folder?")
        await seat.type("\x15" + str(tmp_path / "mails") + "\r")
        await seat.until("✓ 1 message written to")
        await seat.press("escape")
        await seat.until("▸ Invitations           1 open", gone="Invitations of")
        await seat.press("G", "enter")
        await seat.until("Invitations of")
        await seat.press("g", "enter")
        await seat.until("http", "Invitation", gone="Invitations of")
    (written,) = (tmp_path / "mails").iterdir()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700
    assert b"X-Unsent: 1" in written.read_bytes()


async def test_an_agent_is_pinned_to_another_person(office: Office) -> None:
    """p; both are named, the company's name is typed, the journal has it."""
    company = await granted(office)
    before, after = members(office, 2)
    await office.runtime.begin_agent(company, await user(office, company, before))
    async with seated(office) as seat:
        await to_the_tree(seat, company)
        await seat.until("▾ Not authenticated")
        await seat.press("down", "p")
        await seat.until("to another person?", before.id)
        await seat.type(after.user_principal_name + "\r")
        await seat.until(">[ Go on to the question ]")
        await seat.press("enter")
        await seat.until("So far", "From now on", before.id, after.id, "( Pin it to")
        await seat.press("shift+tab")
        await seat.type(company.name + "\r\r")
        await seat.until("✓ The agent is", "the journal has it.")
    (agent,) = await office.runtime.store.agents.list(company.id)
    assert agent.object_id == after.id
