"""One sign-in under way, on its own screen: its link, who came, and what is pasted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.flows.test_agents_sign_in import granted, members, user
from tests.office import Office, open_office
from tests.screens.seat import UTF8, Seat, seated
from ttr_tui.app import TtrApp
from ttr_tui.model import Attempt, Station
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.attempt import AttemptScreen


async def shown(seat: Seat, office: Office) -> Attempt:
    """Open the screen of a new link for the first member."""
    company = await granted(office)
    (person,) = members(office, 1)
    attempt = await office.runtime.begin_agent(company, await user(office, company, person))
    await seat.app.push_screen(AttemptScreen(company, attempt))
    await seat.until(attempt.link, "» waiting")
    return attempt


async def test_the_owner_signs_in_while_it_is_looked_at(office: Office) -> None:
    """The link alone on its line, whom it is for, and how it ended."""
    async with seated(office) as seat:
        attempt = await shown(seat, office)
        assert attempt.expected is not None
        assert attempt.link in seat.rows
        assert f" Asked for       {attempt.expected.shown}" in seat.rows
        await office.browser.follow(attempt.link, account=attempt.expected.user_principal_name)
        await seat.until("signed in, and it is stored", "✓ proven")
        assert isinstance(seat.screen, AttemptScreen)
        seat.screen.tick()
        await seat.pilot.pause()
        assert "✓ proven" in seat.text


async def test_another_person_is_explained_and_the_link_goes_on(office: Office) -> None:
    """Both are named, with how to switch account."""
    async with seated(office) as seat:
        attempt = await shown(seat, office)
        _, other = members(office, 2)
        await office.browser.follow(attempt.link, account=other.user_principal_name)
        await seat.until("Another person signed in.", "Use another account")
        assert other.user_principal_name in seat.text
        await seat.press("escape")
        await seat.until(attempt.link, "✗ came back")


async def test_a_pasted_address_asks_who_signed_in(office: Office) -> None:
    """A paste lands in the box from anywhere; then the operator's word is asked, and stores."""
    async with seated(office) as seat:
        attempt = await shown(seat, office)
        assert attempt.expected is not None
        address = await office.runtime.microsoft_address(attempt)
        ended = await office.browser.follow(
            address, account=attempt.expected.user_principal_name, stop_at_redirect=True
        )
        await seat.paste(ended.url)
        await seat.until("characters")
        await seat.press("enter")
        await seat.until(f"Is this {attempt.expected.shown}", "not the one that opened the start")
        await seat.press("tab", "enter")
        await seat.until("signed in, and it is stored")
        done = await office.runtime.store.attempts.get(attempt.id)
        assert done.station is Station.PROVEN


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("50011", "redirect URL is not registered"), ("90094", "users consent: Entra admin center")],
)
async def test_a_number_off_microsofts_page_is_explained(
    office: Office, typed: str, answer: str
) -> None:
    """What Microsoft shows on its own page never comes back: its number is typed in."""
    async with seated(office) as seat:
        await shown(seat, office)
        await seat.press("p")
        await seat.type(f"AADSTS{typed}")
        await seat.press("enter")
        await seat.until(f"AADSTS{typed}", "Who can act", answer)


async def test_what_was_cut_off_says_so_and_at_which_length(office: Office) -> None:
    """Nothing is asked of Microsoft, and the box keeps what stands in it."""
    async with seated(office) as seat:
        attempt = await shown(seat, office)
        base = attempt.link.rpartition("/")[0]
        await seat.paste(f"{base}?code={'c' * (4095 - len(base) - 6)}")
        await seat.until("characters")
        await seat.press("enter")
        await seat.until("4,095")


async def test_who_waits_for_a_word_is_told_everywhere_and_one_key_asks(office: Office) -> None:
    """Pasted in another shell, before anybody is pinned: row 22 says so, `w` asks."""
    company = await office.add_company(name="Contoso Ltd")
    office.sandbox.dials.users_may_consent = True
    (person,) = members(office, 1)
    attempt = await office.runtime.begin_agent(company, person.user_principal_name)
    await office.browser.follow(attempt.link, account=person.user_principal_name)
    async with seated(office) as seat:
        await seat.until("signed in for Contoso Ltd and waits for your word: w asks.")
        await seat.press("w")
        await seat.until(f"Is this {person.user_principal_name}?", "Nothing is stored yet")


async def test_with_room_the_qr_code_stands_beside_the_link(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """From 150 columns on, without a key, where a phone can reach the redirect."""
    async with open_office(sandbox, tmp_path / "office") as office:
        company = await office.add_company(name="Contoso Ltd")
        attempt = await office.runtime.begin_agent(company, "a.weber@contoso.example")
        away = replace(attempt, link="https://portal.contoso.com/account/microsoft/auth/7K2MQX4P9D")
        settings = office.runtime.settings
        redirects = dict.fromkeys(settings.redirects, "https://portal.contoso.com/x")
        settings = replace(settings, redirects=redirects)
        access = replace(office.runtime.access, settings=settings)
        there = replace(office.runtime, access=access)
        app = TtrApp(there, environ=UTF8)
        async with app.run_test(size=(160, 40)) as pilot:
            seat = Seat(app, pilot)
            await seat.when(lambda: app.session.loaded and len(app.screen_stack) > 1)
            screen = AttemptScreen(company, attempt)
            await app.push_screen(screen)
            await seat.until("» waiting")
            screen._attempt = away
            screen.draw()
            await seat.until("█▀▀▀▀▀█", "Paste")
