from __future__ import annotations

import asyncio

from tests.office import Office
from tests.screens.seat import UTF8, Seat, seated
from ttr_tui.model import Company, Purpose
from ttr_tui.screens.connect_state import load_connect
from ttr_tui.screens.remote import tunnel
from ttr_tui.screens.session import Demo


async def granted(office: Office) -> Company:
    """A company whose permission is granted and proven."""
    company = await office.add_company(name="Contoso Ltd")
    await office.grant(company)
    return await office.runtime.store.companies.get(company.id)


async def come_in(office: Office, company: Company, account: str = "") -> None:
    """Somebody signs in through the link that is out."""
    (attempt,) = await office.runtime.store.attempts.open_of(company.id, Purpose.COMPANY_MASTER)
    await office.browser.follow(attempt.link, account=account)


async def test_the_link_stands_alone_in_column_1(office: Office) -> None:
    """Nothing before or after it on its row; the steps and the live line are in their rows."""
    company = await office.add_company(name="Contoso Ltd")
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("enter")
        await seat.until("» waiting for the browser", "link 23 h left")
        (attempt,) = await office.runtime.store.attempts.open_of(company.id)
        rows = seat.rows
        assert rows[1] == " 0 Companies  [1 Connect]  2 Bulk Add   3 Authentications   4 Readiness"
        assert rows[3] == f" Connect Contoso Ltd                tenant {company.tenant_id}"
        assert rows[4] == ">  1  Grant admin permission         » waiting for the browser"
        assert rows[5] == "   2  Sign in the Company Master     - not signed in"
        assert attempt.link in rows
        assert rows[17] == " » waiting  - at Microsoft  - came back  - proven"
        assert rows[22].endswith("no browser has come yet           link 23 h left")


async def test_both_steps_are_done_from_one_screen(office: Office) -> None:
    """Granted and proven; signed in, asked who, stored and proven: each is shown as it happens."""

    async def follow(link: str, account: str) -> str:
        return (await office.browser.follow(link)).text

    company = await office.add_company(name="Contoso Ltd")
    async with seated(office, demo=Demo(follow)) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("enter")
        await seat.until("» waiting for the browser")
        await seat.press("x")
        await seat.until("proven by use", ">  2  Sign in the Company Master     » waiting")
        await seat.press("x")
        await seat.until(
            "Is this the administrator of Contoso Ltd?",
            " Tenant          ✓ ",
            "✓ the one that opened the start link",
            "nobody; no Company Master is stored yet",
            " Role, licence   ✓ licensed",
            ">[ Not this person, erase it ]   [ Store ",
            "✓ came back  » identity checked  - stored",
        )
        assert await office.runtime.store.authentications.company_master(company.id) is None
        await seat.type("\t\r")
        await seat.until("is stored and proven.", "Contoso Ltd is connected.")
        assert await office.runtime.store.authentications.company_master(company.id) is not None


async def test_a_sign_in_waits_for_the_word_and_row_22_tells_it_elsewhere(office: Office) -> None:
    """`esc` decides later; `enter` asks again; refused, it is erased and the link still works."""
    company = await granted(office)
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("enter")
        await seat.until("2  Sign in the Company Master     » waiting for the browser")
        await come_in(office, company)
        await seat.until("Is this the administrator of Contoso Ltd?")
        await seat.press("escape")
        await seat.until("» waits for your word", "enter who signed in")
        await seat.press("escape")
        await seat.until(
            ">  Contoso Ltd", "signed in for Contoso Ltd and waits for your word: 1 asks."
        )
        await seat.press("1")
        await seat.until("» waits for your word")
        await seat.press("enter")
        await seat.until(">[ Not this person, erase it ]")
        await seat.press("enter")
        await seat.until("sign-in was erased. The link still works.", "» waiting  - at Microsoft")
        assert await office.runtime.store.authentications.company_master(company.id) is None


async def test_who_is_signed_in_stands_beside_a_link_whose_comer_was_erased(office: Office) -> None:
    """A sign-in that was erased takes nothing from the Company Master that is stored."""
    company = await office.connected()
    async with seated(office) as seat:
        await seat.until("✓ healthy")
        await seat.press("1")
        await seat.until(f"{company.name} is connected.")
        await seat.press("r")
        await seat.until("This link is new.", "Sign in the Company Master     ✓ signed in 2")
        await come_in(office, company)
        await seat.until(">[ Not this person, erase it ]")
        await seat.press("enter")
        await seat.until("sign-in was erased.", "Sign in the Company Master     ✓ signed in 2")


async def test_a_take_over_asks_for_the_companys_name(office: Office) -> None:
    """The button is closed, and passed over, until the right name stands there."""
    company = await office.connected()
    former = await office.runtime.store.authentications.company_master(company.id)
    tenant = office.sandbox.tenants[0]
    assert former is not None
    other = tenant.other_administrator
    async with seated(office) as seat:
        await seat.until("✓ healthy")
        await seat.press("1")
        await seat.until(f"{company.name} is connected.")
        await seat.press("r")
        await seat.until("This link is new.")
        await come_in(office, company, other.user_principal_name)
        await seat.until("this is a take-over", "( Store ")
        await seat.press("tab")
        await seat.type(company.name.upper())
        await seat.until("[ Store ")
        await seat.type("\r\r")
        await seat.until("is stored and proven.")


async def test_a_link_is_withdrawn_after_a_question_and_not_made_again(office: Office) -> None:
    """`r` makes a new one."""
    company = await office.add_company(name="Contoso Ltd")
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("1")
        await seat.until("» waiting for the browser")
        await seat.type("d\t\r")
        await seat.until("The link is withdrawn.", "No link is out. r makes one.")
        assert await office.runtime.store.attempts.open_of(company.id) == []
        await seat.press("r")
        await seat.until("This link is new.", "» waiting for the browser")


async def test_a_refused_answer_stands_beside_its_link(office: Office) -> None:
    """The administrator declines at Microsoft: nothing is granted, the sentence says so."""
    company = await office.add_company(name="Contoso Ltd")
    async with seated(office) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("1")
        await seat.until("» waiting for the browser")
        (attempt,) = await office.runtime.store.attempts.open_of(company.id)
        await office.browser.follow(attempt.link, accept=False)
        await seat.until("Microsoft refused to grant the permission", "Correlation id:")
        await seat.press("escape")
        await seat.until(
            ">  1  Grant admin permission         ✗ came back, not granted", attempt.link
        )
        assert any(row.startswith(" ✗ ") for row in seat.rows)
        await seat.press("e")
        await seat.until("Microsoft refused to grant the permission")


async def test_no_link_to_a_stranger_is_shown(office: Office) -> None:
    """Another program has taken the port: a link made before is kept back, with its keys."""
    company = await office.add_company(name="Contoso Ltd")
    await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    (attempt,) = await office.runtime.store.attempts.open_of(company.id)
    listening, (host, port) = office.runtime.listening, office.runtime.settings.listen
    await listening.stop()
    stranger = await asyncio.start_server(lambda _, writer: writer.close(), host, port)
    async with stranger:
        await listening.start()
        async with seated(office) as seat:
            await seat.until(">  Contoso Ltd")
            await seat.press("1")
            await seat.until("so it is not shown", "Another program listens on", "d withdraw")
            await seat.press("u")
            assert attempt.link not in seat.text
            assert "u plain link" not in seat.text


async def test_over_ssh_with_a_loopback_redirect_the_tunnel_stands_first(office: Office) -> None:
    """The whole `ssh -L` line alone in column 1, then the link."""
    await office.add_company(name="Contoso Ltd")
    port = office.runtime.settings.listen[1]
    environ = {**UTF8, "SSH_CONNECTION": "203.0.113.7 5000 198.51.100.20 2222", "USER": "anna"}
    async with seated(office, environ=environ) as seat:
        await seat.until(">  Contoso Ltd")
        await seat.press("1")
        await seat.until("You are here over SSH")
        line = f"ssh -L {port}:127.0.0.1:{port} -p 2222 anna@198.51.100.20"
        assert seat.rows[10] == line
        assert seat.rows[12].startswith("http://localhost:")


def test_no_tunnel_is_needed_for_a_public_redirect_or_at_the_machine_itself() -> None:
    """Only a loopback redirect seen from far away needs one."""
    ssh = {"SSH_CONNECTION": "203.0.113.7 5000 198.51.100.20 22", "USER": "anna"}
    assert tunnel(ssh, "https://portal.contoso.com/a", 8400) is None
    assert tunnel({}, "http://localhost:8400/a", 8400) is None


def test_a_login_that_sudo_took_away_makes_the_line_a_guess() -> None:
    """The user is sudo's, the address this machine's name; both are marked."""
    way = tunnel({"SUDO_USER": "anna", "USER": "root"}, "http://localhost:8401/a", 8400)
    assert way is not None
    assert way.guessed
    assert way.command.startswith("ssh -L 8401:127.0.0.1:8400 anna@")


__all__ = ["Seat"]


async def test_a_link_for_another_redirect_is_left_out(office: Office) -> None:
    """Made before the configured redirect changed, it leads nowhere and is not shown."""
    runtime = office.runtime
    company = await office.add_company()
    attempt = await runtime.begin(company, Purpose.ADMIN_CONSENT)
    shown = await load_connect(runtime.store, company, runtime.settings.redirects)
    assert shown.attempts[0] == await runtime.store.attempts.get(attempt.id)
    moved = {Purpose.ADMIN_CONSENT: "https://portal.example/msgraph-grant-admin-permission"}
    assert (await load_connect(runtime.store, company, moved)).attempts[0] is None
