from __future__ import annotations

from pathlib import Path

from tests.office import Office
from tests.screens.seat import Seat
from tests.screens.test_bulk_add import at_bulk_add, connected, marks, shown
from ttr_tui.flows.polling import PollProgress, Reading
from ttr_tui.works import WorkKind


async def choose(seat: Seat, how: str) -> None:
    """Open one of the two by the palette."""
    await seat.press("ctrl+p")
    await seat.type(how)
    await seat.press("enter")
    await seat.until(f"Select users {how[7:]}")


async def test_everybody_is_read_again_when_asked_for(office: Office) -> None:
    """`r` reads what changed, the palette all."""
    company = await connected(office)
    reads: list[object] = []

    def has_read(how: Reading) -> bool:
        work = office.runtime.works.find(WorkKind.POLL, company.id)
        if work is None or work.running or work in reads:
            return False
        reads.append(work)
        return isinstance(work.result, PollProgress) and work.result.how is how

    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        await seat.when(lambda: has_read(Reading.WHOLE))
        await seat.press("r")
        await seat.when(lambda: has_read(Reading.CHANGES))
        await seat.press("ctrl+p")
        await seat.type("Read everybody\r")
        await seat.when(lambda: has_read(Reading.WHOLE))
        await seat.until("read 60 of 60", ">  ")


async def test_a_file_and_a_group_are_listed_before_they_are_selected(
    office: Office, tmp_path: Path
) -> None:
    """Who is nobody or several stands first; `esc` selects nobody; what is wrong is told."""
    company = await connected(office)
    tenant = office.sandbox.tenants[0]
    path = tmp_path / "new ones.csv"
    async with at_bulk_add(office, company) as seat:
        await seat.until("read 60 of 60", ">  ")
        first, second = (await shown(office, company))[:2]
        rows = ["Mail;Note", f"{first.user_principal_name};x", "nobody@contoso.example;"]
        rows += ["Front-Desk@contoso.example;", f"{second.user_principal_name.upper()};", "none;"]
        path.write_text("\n".join(rows), encoding="utf-16")
        await choose(seat, "Select by file")
        await seat.type(f"{tmp_path}/none.csv\r")
        await seat.until("cannot be read: No such file", "( Select nobody yet )")
        await seat.press("ctrl+u")
        await seat.type(f"{path}\r")
        await seat.until(
            "2 found, 1 not found, 1 ambiguous, 1 without an address.",
            "4 ! ambiguous  Front-Desk@contoso.example",
            "3 - not found  nobody@contoso.example",
            "✓ found      " + second.user_principal_name[:12],
            ">[ Select 2 users ]",
        )
        await seat.press("escape")
        await seat.until(" 0 selected, 0 not in view")
        await choose(seat, "Select by file")
        await seat.type(f"{path}\r")
        await seat.until(">[ Select 2 users ]")
        await seat.press("enter")
        await seat.until("✓ 2 more users selected. o shows", " 2 selected, 0 not in view")
        await choose(seat, "Select by group")
        await seat.type("Front Desk\r")
        await seat.until('2 groups of contoso.example are called "Front Desk": ', "Name one by its")
        await seat.press("ctrl+u")
        await seat.type("everything\r")
        await seat.until("Group Everything: ", "those of groups within included.", ">[ Select ")
        await seat.press("enter")
        await seat.until("more users selected.", gone=" 2 selected")
    chosen = await marks(office, company)
    assert {first.object_id, second.object_id, tenant.ordinary.id} <= chosen
    kept = {user.object_id for user in await shown(office, company)}
    assert chosen <= kept
