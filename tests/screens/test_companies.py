from __future__ import annotations

from tests.office import Office, open_office
from tests.screens.seat import UTF8, Seat, key_of, seated
from ttr_tui.advice import refusal_on_page
from ttr_tui.app import TtrApp
from ttr_tui.flows import companies
from ttr_tui.model import AuthenticationKind, Status, now
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.session import Demo


async def three(office: Office) -> None:
    """Three companies; the second one's Company Master is refused."""
    tenants = office.sandbox.tenants
    for tenant, name in zip(
        tenants, ("Adventure Works", "Fabrikam GmbH", "Northwind"), strict=True
    ):
        await office.add_company(tenant, name)
    fabrikam = await office.runtime.store.companies.find("Fabrikam GmbH")
    await office.grant(fabrikam)
    master = await office.sign_in(fabrikam)
    assert master.kind is AuthenticationKind.COMPANY_MASTER
    async with office.runtime.store.transaction() as tx:
        reason = "Anna Weber has a new password. Sign in again."
        await office.runtime.store.authentications.mark(
            tx, master.id, Status.REFUSED, reason, now()
        )


async def test_the_list_begins_with_whom_somebody_must_help(office: Office) -> None:
    """Then by name; the lower half explains the row at the cursor, row 1 names the company."""
    await three(office)
    tenant = office.sandbox.tenants[1]
    async with seated(office) as seat:
        await seat.until(">  Fabrikam GmbH", "Next step")
        rows = seat.rows
        assert rows[3] == " Companies" + "3 companies, 1 in trouble".rjust(69)
        assert rows[5] == "   Company                 Domain                   Agents  State"
        assert rows[6].startswith(f">  Fabrikam GmbH           {tenant.domain:<26}")
        assert "✗ refused since" in rows[6]
        assert [row[3:18].strip() for row in rows[7:9]] == ["Adventure Works", "Northwind"]
        assert rows[11] == f" Fabrikam GmbH   tenant {tenant.id}"
        assert rows[13].startswith(
            " State           ✗ Microsoft has refused the Company Master since"
        )
        assert " Next step       Sign in the Company Master again" in rows
        assert rows[22].startswith(" Listening on 127.0.0.1:")
        assert rows[23] == (
            " enter next step  1-4 go there  + company  d remove  / search  q quit    ? help"
        )
        await seat.press("down")
        await seat.until(" Next step       Connect: an administrator grants permission")


async def test_keys_typed_before_the_first_screen_stands_act_on_it(office: Office) -> None:
    """Also where the store was open before the app was: on a slow line nobody waits for it."""
    app = TtrApp(office.runtime, environ=UTF8)
    for letter in "Fabrikam":
        app.post_message(key_of(letter))
    async with app.run_test(size=(80, 24)) as pilot:
        await Seat(app, pilot).until("Fabrikam", "( Add Fabrikam )")


async def test_the_first_run_leads_from_a_name_to_the_start_link(office: Office) -> None:
    """Typed without waiting; nothing is saved before the button with its name is pressed."""
    domain = office.sandbox.tenants[0].domain

    async def nobody(_link: str, _account: str) -> str:
        return ""

    async with seated(office, demo=Demo(nobody, [domain])) as seat:
        await seat.until("No company yet. Three things", f"In this demo the tenant is {domain}.")
        assert seat.rows[1] == "[0 Companies]"
        await seat.type(f"Contoso Ltd\r{domain}\r")
        await seat.until(f"✓ tenant {office.sandbox.tenants[0].id}", ">[ Add Contoso Ltd ]")
        assert await office.runtime.store.companies.list() == []
        await seat.press("enter")
        await seat.until("Connect Contoso Ltd", "» waiting for the browser")
        assert [company.name for company in await office.runtime.store.companies.list()] == [
            "Contoso Ltd"
        ]


async def test_an_unknown_domain_is_a_sentence_and_frees_no_button(office: Office) -> None:
    """The tenant's id stands nowhere until Microsoft named it."""
    async with seated(office) as seat:
        await seat.until("No company yet.")
        await seat.type("Nobody\rno-such-tenant.example\r")
        await seat.until("✗ ", "( Add Nobody )")
        assert await office.runtime.store.companies.list() == []


async def test_a_company_is_added_from_the_list(office: Office) -> None:
    """`+`; a name that is taken is refused with a sentence."""
    await office.add_company(name="Contoso Ltd")
    domain = office.sandbox.tenants[1].domain
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("plus")
        await seat.until("Add a company", "> Name")
        await seat.type(f"contoso ltd\r{domain}\r")
        await seat.until(">[ Add contoso ltd ]")
        await seat.press("enter")
        await seat.until("✗ A company named Contoso Ltd is there already.")


async def test_search_narrows_the_list_as_it_is_typed(office: Office) -> None:
    """`esc` shows all again; the cursor stays on its company."""
    for tenant, name in zip(office.sandbox.tenants, ("Alpha", "Beta", "Gamma"), strict=True):
        await office.add_company(tenant, name)
    async with seated(office) as seat:
        await seat.until(">  Alpha")
        await seat.type("j/be")
        await seat.until("   Beta", gone="Alpha")
        await seat.type("x")
        await seat.until('No company matches "bex". esc shows all.')
        await seat.press("escape")
        await seat.until("   Alpha", ">  Beta", "   Gamma")


async def test_a_company_is_removed_after_a_question(office: Office) -> None:
    """The focus is on Cancel; the button says what it removes."""
    await office.add_company(office.sandbox.tenants[0], "Alpha")
    await office.add_company(office.sandbox.tenants[1], "Beta")
    async with seated(office) as seat:
        await seat.until(">  Alpha")
        await seat.press("d")
        await seat.until("Remove Alpha?", ">[ Cancel ]   [ Remove Alpha ]")
        await seat.press("enter")
        await seat.until(">  Alpha")
        await seat.type("d\t\r")
        await seat.until("Alpha is removed.", ">  Beta")


async def test_a_company_with_authentications_is_not_removed(office: Office) -> None:
    """The refusal says where they are deleted."""
    await office.connected()
    async with seated(office) as seat:
        await seat.until("✓ healthy")
        await seat.press("d")
        await seat.until("still has 1 authentication.", "Delete its authentications")


async def test_a_company_is_renamed_through_the_palette(office: Office) -> None:
    """Everything without a key is there."""
    await office.add_company(name="Alpha")
    async with seated(office) as seat:
        await seat.until(">  Alpha")
        await seat.press("ctrl+p")
        await seat.type("Rename")
        await seat.press("enter")
        await seat.until("Rename Alpha", "> Name           Alpha")
        await seat.type(" & Sons\r\r")
        await seat.until("Alpha is called Alpha & Sons now.", ">  Alpha & Sons")


async def test_a_company_removed_by_another_program_is_left(office: Office) -> None:
    """Whoever stands on one of its screens comes back to the list."""
    gone = await office.add_company(office.sandbox.tenants[0], "Alpha")
    await office.add_company(office.sandbox.tenants[1], "Beta")
    folder, port = office.runtime.settings.data_dir.parent, office.runtime.settings.listen[1]
    async with seated(office) as seat:
        await seat.until(">  Alpha")
        await seat.press("1")
        await seat.until("Connect Alpha")
        async with open_office(office.sandbox, folder, port=port) as other:
            await companies.remove(other.runtime.access, gone)
            await seat.until(">  Beta", "1 company")


async def test_a_hostile_name_is_drawn_as_text(office: Office) -> None:
    """Markup stays markup's letters, escape sequences and bidi overrides become visible."""
    access = office.runtime.access
    found = await companies.resolve(access, office.sandbox.tenants[0].domain)
    await companies.add(access, "[red]A\u202eB[/]\x1b[2J", office.sandbox.tenants[0].domain, found)
    async with seated(office) as seat:
        await seat.until(">  [red]A<U+20~B[/]<1b>[2J contoso")
        await seat.press("1")
        await seat.until("[red]A<U+202E>B[/]<1b>[2J")


async def test_faulty_settings_are_shown_at_once_and_close_only_microsoft(
    sandbox: Sandbox, office: Office
) -> None:
    """`0` goes to the companies as stored."""
    from dataclasses import replace  # noqa: PLC0415 - beside its use
    from pathlib import Path  # noqa: PLC0415 - beside its use

    from ttr_tui.settings import read_settings  # noqa: PLC0415 - beside its use

    await office.add_company(name="Alpha")
    folder: Path = office.runtime.settings.data_dir
    env_file = folder.parent / "env"
    env_file.touch(mode=0o600)
    env_file.write_text("MS_GRAPH_CLIENT_ID=no-guid\n", encoding="utf-8")
    faulty = read_settings({}, env_file)
    access = replace(office.runtime.access, settings=faulty)
    runtime = replace(office.runtime, access=access)
    async with seated(replace(office, runtime=runtime)) as seat:
        await seat.until("Nothing can reach Microsoft until", "line 1   MS_GRAPH_CLIENT_ID")
        assert "faults" in seat.rows[0]
        await seat.press("0")
        await seat.until(">  Alpha")


__all__ = ["Seat", "open_office"]


async def test_what_stops_a_company_is_said_once(office: Office) -> None:
    """One alarm for many sign-ins: in the list, and below it who can act and what to do."""
    company = await office.connected()
    access, before = office.runtime.access, await office.add_company(office.sandbox.tenants[1], "A")
    problem = refusal_on_page("AADSTS53003")
    for _ in range(9):
        await access.alarm(company, problem)
    async with seated(office) as seat:
        await seat.until(f">  {company.name}", "✗ stopped: 53003", "1 in trouble")
        rows = seat.rows
        assert rows[7].startswith(f"   {before.name} ")
        await seat.until(
            "(AADSTS53003).",
            " Since           2",
            "refused 9 times, the last",
            "Who can act",
            "not you",
        )
        assert " What to do      " in seat.text
        assert seat.text.count("AADSTS53003") == 1
        await seat.press("right")
        await seat.until("Message to send", "What happened")
        await seat.press("escape")
        await seat.until(f">  {company.name}")
        commands = {command.title: command for command in seat.app.get_system_commands(seat.screen)}
        commands["Dismiss"].callback()
        await seat.until(f"Dismiss 1 alarm of {company.name}?", ">[ Cancel ]   [ Dismiss 1 alarm ]")
        await seat.press("tab", "enter")
        await seat.until("1 alarm of", "dismissed.", gone="stopped: 53003")
