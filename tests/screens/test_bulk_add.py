from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.office import Office, until
from tests.screens.seat import Seat, seated
from tests.store.marking import marked
from ttr_tui.flows import bulk_add, revocation
from ttr_tui.model import Company, DirectoryUser, Outcome, Purpose
from ttr_tui.query import Sort, parse_query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def at_bulk_add(
    office: Office, company: Company, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Seat]:
    """Somebody who has gone to Bulk Add."""
    async with seated(office, size=size) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("2")
        await seat.until("O365 Agent Bulk Add")
        yield seat


async def shown(office: Office, company: Company, search: str = "") -> list[DirectoryUser]:
    """The users a search shows, in the order of the list."""
    copy = await office.runtime.store.directory(company)
    return await copy.rows((await copy.search(parse_query(search))).rids)


async def alone(office: Office, company: Company) -> list[DirectoryUser]:
    """Users whose whole name finds nobody else."""
    users = await shown(office, company)
    plain = [user for user in users if user.name.replace(" ", "").isalpha()]
    return [u for u in plain if len(await shown(office, company, u.name)) == 1]


async def connected(office: Office) -> Company:
    company = await office.connected()
    assert company.name == "Contoso Ltd"
    return company


async def find_and_select(seat: Seat, user: DirectoryUser) -> None:
    """Search for a user's name and select the one who is found."""
    await seat.press("slash", "ctrl+u")
    await seat.type(f"{user.name}\r ")


async def marks(office: Office, company: Company) -> set[str]:
    return await marked(await office.runtime.store.directory(company))


async def test_the_list_is_found_in_searched_and_selected_from(office: Office) -> None:
    """Opened, accepted, read; every row of the screen in its place; a search keeps the selected."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("Company Master accepted", "read 60 of 60")
        users = await shown(office, company)
        rows = seat.rows
        assert rows[3].startswith(" O365 Agent Bulk Add  ")
        assert rows[4].startswith(" Search  name, address, department or title  ")
        assert rows[4].endswith(f"{len(users)} of 60 match")
        assert rows[5].startswith(" Hidden  ")
        assert rows[5].endswith(". shows them")
        assert rows[6].split() == ["Name", "Address", "Department", "Kind", "Agent"]
        assert rows[7].startswith(">  ")
        assert rows[22].startswith(" 0 selected, 0 not in view  ")
        assert rows[23].startswith(" space select  v range  a all ")
        assert "enter add 1 " in rows[23]
        await seat.press("space", "j", "v", "j", "space")
        await seat.until(" 3 selected, 0 not in view", "enter add 3")
        found = (await alone(office, company))[-1]
        await seat.press("slash")
        await seat.type(found.name)
        await seat.until("1 of 60 match", " 3 selected, 3 not in view")
        assert seat.rows[4].startswith("> Search ")
        await seat.press("enter", "o")
        await seat.until(
            "Bulk Add, only selected", "Not in view: the search does not match them (3)"
        )
        await seat.press("space")
        await seat.until("match them (2)", " 2 selected, 2 not in view")
        await seat.press("escape", "escape")
        await seat.until(f"{len(users)} of 60 match", gone="only selected")


async def test_keys_typed_ahead_act_on_the_list_they_were_meant_for(office: Office) -> None:
    """Search, enter, space, twice in one burst, select who is found, not who stood there before."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        one, other = (await alone(office, company))[-2:]
        await seat.type(f"/{one.name}\r /\x15{other.name}\r ")
        await seat.until("1 of 60 match", " 2 selected, 1 not in view")
        await until(lambda: saved(office, company, {one.object_id, other.object_id}))


async def saved(office: Office, company: Company, ids: set[str]) -> bool:
    return await marks(office, company) == ids


async def test_the_cursor_stays_with_its_user_once_it_was_moved(office: Office) -> None:
    """Until then it stands at the first row, whoever comes to stand there."""
    company = await connected(office)
    directory = office.sandbox.tenants[0].directory
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        ids = [user.object_id for user in (await shown(office, company))[20:22]]
        one, other = (person for person in directory.people if person.id in ids)
        one.display_name, other.display_name = "! Second", "! First"
        directory.changed(one, "displayName")
        await seat.press("3", "2")
        await seat.until(">  ! Second")
        await seat.press("down", "up")
        directory.changed(other, "displayName")
        await seat.press("3", "2")
        await seat.until(">  ! Second")
        # Above the rows in view, so that none of them moves.
        await until(lambda: up_to(seat, "! First"))
        await seat.until(">  ! First", "   ! Second")


async def up_to(seat: Seat, name: str) -> bool:
    await seat.press("up")
    return f">  {name}" in (seat.text or "")


async def test_the_selection_survives_leaving_the_program(office: Office) -> None:
    """Written down on the way out, read with the first list; `n` ends it."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        await seat.press("a")
        await seat.until(" selected, 0 not in view", gone=" 0 selected")
    count = len(await shown(office, company))
    assert len(await marks(office, company)) == count
    async with at_bulk_add(office, company) as seat:
        await seat.until(f" {count} selected, 0 not in view")
        await seat.press("i")
        await seat.until(" 0 selected, 0 not in view")


async def test_hidden_kinds_are_one_key_away(office: Office) -> None:
    """Counted while hidden, listed when shown, and part of `a` only then."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", " Hidden  ")
        await seat.press("full_stop")
        await seat.until("60 of 60 match", " Shown  ", ". hides them")
        await seat.press("a", "full_stop")
        await seat.until(" 60 selected, ", gone=" 0 not in view")


async def test_filters_and_the_order_are_kept(office: Office) -> None:
    """Chips, a sentence for what cannot be; `s` and a letter, remembered by the next program."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        some = next(user for user in await shown(office, company) if user.department == "Legal")
        await seat.type(f"/department:{some.department[:3].lower()}")
        await seat.until(f"{some.department[:3].lower()}[")
        await seat.press("right")
        count = len(await shown(office, company, f"department:{some.department}"))
        await seat.until(f"[department:{some.department}]", f"{count} of 60 match")
        await seat.type("kind:robot")
        await seat.until("kind:robot fits nobody: kind is member, guest,", " 0 of 60 match")
        await seat.press("enter", "escape", "s")
        await seat.until("Sorted by which column?", "d department")
        await seat.press("d")
        await seat.until("^Department", gone="Sorted by")
        await seat.press("s", "d")
        await seat.until("▾Department")
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "▾Department")
        query = replace(parse_query(""), sort=Sort.DEPARTMENT, descending=True)
        copy = await office.runtime.store.directory(company)
        first = (await copy.rows((await copy.search(query)).rids))[0]
        assert first.department
        assert first.name in seat.rows[7]


async def test_chosen_users_become_agents_and_the_rest_say_why(office: Office) -> None:
    """Question, run, outcome; the customer mends its policy; the selected are tried again."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        first, second, third = (await shown(office, company))[:3]
        office.sandbox.dials.blocked = {second.user_principal_name}
        await seat.press("v", "j", "j", "space", "enter")
        await seat.until("Add 3 agents to Contoso Ltd?", "In view         3: ")
        assert ">[ Add 3 agents ]" in seat.text
        assert "[ Cancel ]" in seat.text
        await seat.press("enter")
        await seat.until("Added 2 of 3 agents to Contoso Ltd", "✗ 1 blocked", ">  ✗ blocked")
        assert "the Exchange administrator of contoso.example" in seat.text
        assert "1 not added: 1 with a reason" in seat.rows[22]
        office.sandbox.dials.blocked = set()
        await seat.press("space")
        await seat.until("r retry 1 selected")
        await seat.press("r")
        await seat.until("Added 3 of 3 agents", "All 3 users became agents.")
        await seat.press("escape")
        await seat.until(" 0 selected, 0 not in view", "member   yes")
        await seat.press("g", "enter")
        await seat.until("is an agent already. Nothing was changed.")
    agents = await office.runtime.store.agents.object_ids(company.id)
    assert agents == {first.object_id, second.object_id, third.object_id}


async def test_those_not_in_view_stand_first_in_the_question(office: Office) -> None:
    """With their names; the button counts only who really becomes an agent; `o` lists them."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        unseen, agent, seen = (await alone(office, company))[:3]
        for user in (unseen, agent):
            await find_and_select(seat, user)
            await seat.until(user.name, "1 of 60 match")
        access = office.runtime.access
        run = await bulk_add.start(access, company, await office.marks(company, [agent]))
        await bulk_add.carry_on(access, run.id)
        await find_and_select(seat, seen)
        await seat.until(" 3 selected, 2 not in view")
        await seat.press("enter")
        await seat.until("Add 2 agents to Contoso Ltd?", ">[ Add 2 agents ]")
        text = " ".join(seat.text.split())
        names = sorted((unseen.name, agent.name), key=text.index)
        assert f"2 of the 3 selected do not match the present search: {names[0]} and" in text
        assert f"Left as it is 1 is an agent already: {agent.name}" in text
        await seat.press("o")
        await seat.until("only selected", "Not in view: the search does not match them (2)")


async def test_what_arrives_meanwhile_changes_the_question(office: Office) -> None:
    """Another program adds one of them: other counts, and the focus is back on Cancel."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        first = (await shown(office, company))[0]
        await seat.press("space", "space", "enter")
        await seat.until(">[ Add 2 agents ]")
        access = office.runtime.access
        run = await bulk_add.start(access, company, await office.marks(company, [first]))
        await bulk_add.carry_on(access, run.id)
        await seat.until(">[ Cancel ]   [ Add 1 agent ]", "Left as it is   1 is an agent already")
        await seat.press("escape")
        await seat.until(" 2 selected, 0 not in view")


async def test_refused_shows_the_copy_and_adds_nothing(office: Office) -> None:
    """The sentence names the key that signs in again; selecting and inviting go on."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        office.sandbox.dials.refresh_revoked = True
        await seat.press("0")
        await seat.until(">  Contoso Ltd")
        await seat.press("2")
        await seat.until("! copy of ", "✗ Microsoft refuses the Company Master. 1 signs in again")
        assert "enter add" not in seat.text
        await seat.press("space")
        await seat.until(" 1 selected, 0 not in view")
        await seat.press("enter")
        await seat.until(
            "Invite 1 owner of", "Adding waits", "( Add 1 agent )", ">[ Invite 1 owner ]"
        )
        await seat.press("escape")
        await seat.press("1")
        await seat.until("Connect Contoso Ltd")
    assert await office.runtime.store.runs.latest(company.id) is None


async def test_no_answer_is_no_refusal(office: Office) -> None:
    """The copy stays usable, the next try has a time, `r` tries now."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        office.sandbox.dials.at = "login POST"
        office.sandbox.dials.fail_status, office.sandbox.dials.fail_next = 500, 50
        await seat.press("r")
        await seat.until("You can select, not add.", "tries again at ", "r try now")
        office.sandbox.dials.fail_next = 0
        await seat.press("r")
        await seat.until("accepted", "enter add 1", gone="not add")


async def test_a_wide_terminal_shows_the_selection_beside_the_list(office: Office) -> None:
    """From 120 columns, with the facts of the user at the cursor."""
    company = await connected(office)
    async with at_bulk_add(office, company, (120, 36)) as seat:
        await seat.until("read 60 of 60", "Selected (0)", "At the cursor")
        user = (await shown(office, company))[0]
        await seat.press("space")
        await seat.until("Selected (1)", "In view (1)")
        line = next(row for row in seat.rows if "In view (1)" in row)
        below = seat.rows[seat.rows.index(line) + 1]
        assert below[94:].strip() == user.name or "~" in below[94:]
        await seat.press("slash")
        await seat.type("nobodyatall")
        for columns in (80, 120):
            await seat.pilot.resize_terminal(columns, 36)
            await seat.until("1 selected, 1 not in view", "No user matches")
        await seat.until("Not in view (1)", gone="and 1 more")


async def test_a_company_master_deleted_elsewhere_leaves_a_sentence(office: Office) -> None:
    """Another program deletes it while the list is open: no list, no crash, the way on."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        access = office.runtime.access
        master = await access.company_master(company)
        plan = await revocation.plan(access, company, [master.id])
        await revocation.carry_out(access, plan, company.name)
        await seat.until("1 connects it.", gone="accepted")
        await seat.press("j", "space", "enter", "o", "slash")


async def test_the_outcomes_are_written_to_a_file(office: Office, tmp_path: Path) -> None:
    """The path is asked; the file is its owner's alone, and never written over."""
    company = await connected(office)
    target = tmp_path / "outcomes.csv"
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        await seat.press("enter")
        await seat.until(">[ Add 1 agent ]", "0 selected; this is the row under the cursor")
        await seat.press("enter")
        await seat.until("Added 1 of 1 agent")
        for said in ("1 row written to", "Name another file."):
            await seat.press("e")
            await seat.until("Write 1 outcome to a file?")
            await seat.press("ctrl+u")
            await seat.type(f"{target}\r")
            await seat.until(said)
    assert target.stat().st_mode & 0o777 == 0o600
    assert Outcome.ADDED.value in target.read_text(encoding="utf-8")


async def test_the_same_question_invites(office: Office) -> None:
    """The owners sign in themselves; for one of them a link can be shown at once."""
    company = await connected(office)
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", "accepted")
        await seat.press("space", "space", "enter")
        await seat.until(">[ Add 2 agents ]   [ Invite 2 owners ]", "Inviting        Each owner")
        await seat.press("tab", "enter")
        await seat.until("✓ 2 owners are invited.", "Invitations of", "- not opened")
        await seat.press("escape")
        await seat.until(" 0 selected, 0 not in view")
        await seat.press("G", "enter")
        await seat.until("[ Add 1 agent ]", "[ Invite 1 owner ]", "[ Sign in the owner now ]")
        await seat.press("tab", "tab", "enter")
        await seat.until("http", gone="O365 Agent Bulk Add")
    opened = await office.runtime.store.attempts.open_of(company.id)
    assert [one.purpose for one in opened] == [
        Purpose.INVITATION,
        Purpose.INVITATION,
        Purpose.AGENT,
    ]
