"""Who signed in is named by what the ID token tells: name and address need not be in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.office import Office
from ttr_tui.flows import sign_in
from ttr_tui.model import Person, Purpose

MIRA = Person("0b0b-oid", "tid", "sub", "Mira", "mira@contoso.example")


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        (MIRA, "Mira, mira@contoso.example"),
        (replace(MIRA, name=""), "mira@contoso.example"),
        (replace(MIRA, user_principal_name=""), "Mira"),
        (replace(MIRA, name="", user_principal_name=""), "object 0b0b-oid"),
    ],
)
def test_a_person_is_shown_by_what_is_known(person: Person, shown: str) -> None:
    """Never by nothing: the operator confirms somebody."""
    assert person.shown == shown


async def test_pages_name_somebody_without_a_name(office: Office) -> None:
    """A provider may keep the profile out of the ID token (OIDC Core 5.4)."""
    administrator = office.sandbox.tenants[0].administrator
    administrator.display_name = ""
    company = await office.add_company()
    await office.grant(company)
    attempt = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
    page = await office.browser.follow(attempt.link)
    assert f"You signed in as {administrator.user_principal_name}." in page.text
    waiting = await office.runtime.store.attempts.get(attempt.id)
    await sign_in.confirm(office.runtime.access, waiting)
    page = await office.browser.get(page.url)
    assert f"{administrator.user_principal_name} is signed in as" in page.text


async def test_the_page_says_what_became_of_it(office: Office) -> None:
    """Confirmed: signed in, to whoever reloads. Not confirmed: erased."""
    company = await office.add_company()
    await office.grant(company)
    for confirmed, told in ((False, "not confirmed in the terminal"), (True, "is signed in as")):
        attempt = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
        page = await office.browser.follow(attempt.link)
        assert "Waiting for the terminal" in page.text
        waiting = await office.runtime.store.attempts.get(attempt.id)
        if confirmed:
            await sign_in.confirm(office.runtime.access, waiting)
        else:
            await sign_in.refuse(office.runtime.access, waiting)
        assert told in (await office.browser.get(page.url)).text
