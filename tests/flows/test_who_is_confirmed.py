"""The operator's word is for the person they were shown, whoever waits by then."""

from __future__ import annotations

import asyncio

import pytest

from tests.office import Office
from ttr_tui import attempts
from ttr_tui.errors import NotConfirmed
from ttr_tui.flows import sign_in
from ttr_tui.model import Attempt, Company, Purpose
from ttr_tui.sandbox.browser import Administrator


async def _swapped(office: Office, company: Company) -> tuple[Attempt, Attempt]:
    """Let one person wait, be refused elsewhere, and another one wait on the same link."""
    seen = await office.come_back(company)
    assert await attempts.forget_person(office.runtime.store, seen.id)
    somebody_else = office.sandbox.tenants[0].other_administrator
    await Administrator(office.sandbox.ca_file).follow(
        seen.link, account=somebody_else.user_principal_name
    )
    now = await office.runtime.store.attempts.get(seen.id)
    assert now.person is not None
    assert now.person != seen.person
    return seen, now


async def test_a_word_for_one_person_does_not_store_another(office: Office) -> None:
    """Who was shown was refused elsewhere and another one came: nobody has confirmed that one."""
    company = await office.add_company()
    await office.grant(company)
    seen, now = await _swapped(office, company)
    with pytest.raises(NotConfirmed):
        await sign_in.confirm(office.runtime.access, seen)
    assert await office.runtime.store.authentications.company_master(company.id) is None
    master = await sign_in.confirm(office.runtime.access, now)
    assert master.person == now.person


async def test_a_no_to_one_person_does_not_erase_another(office: Office) -> None:
    """Who waits now was never asked about."""
    company = await office.add_company()
    await office.grant(company)
    seen, now = await _swapped(office, company)
    with pytest.raises(NotConfirmed):
        await sign_in.refuse(office.runtime.access, seen)
    waiting = await office.runtime.store.attempts.get(now.id)
    assert waiting.person == now.person


async def test_two_words_at_once_are_no_way_around_the_take_over(office: Office) -> None:
    """The second of two administrators confirmed at the same moment replaces the first: typed."""
    company = await office.add_company()
    await office.grant(company)
    accounts = (
        office.sandbox.tenants[0].administrator,
        office.sandbox.tenants[0].other_administrator,
    )
    waiting = []
    for account in accounts:
        attempt = await office.runtime.begin(company, Purpose.COMPANY_MASTER)
        await Administrator(office.sandbox.ca_file).follow(
            attempt.link, account=account.user_principal_name
        )
        waiting.append(await office.runtime.store.attempts.get(attempt.id))
    done = await asyncio.gather(
        *(sign_in.confirm(office.runtime.access, attempt) for attempt in waiting),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Authentication", "NotConfirmed"]
