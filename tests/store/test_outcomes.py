"""What a browser without a cookie is told again: nothing, to whoever knows a used `state`."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.premises import ANNA, Premises, add_company
from ttr_tui import attempts
from ttr_tui.errors import StateUnknown
from ttr_tui.model import Purpose, Secret
from ttr_tui.store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An open store."""
    opened = await Premises(tmp_path).open()
    yield opened
    await opened.close()


async def test_no_cookie_is_no_browser(store: Store) -> None:
    """A used `state` stands in histories and logs of proxies; it shows nobody who signed in."""
    company = await add_company(store)
    redirects = {purpose: f"https://portal.example/{purpose.value}" for purpose in Purpose}
    attempt = await attempts.open_attempt(store, redirects, company, Purpose.COMPANY_MASTER, ANNA)
    state = secrets.token_urlsafe(32)
    request = await attempts.add_request(
        store,
        attempt,
        state,
        Secret("{}"),
        browser=secrets.token_urlsafe(32),
        redirect_uri=redirects[Purpose.COMPANY_MASTER],
    )
    await attempts.spend(store, request)
    handle = await attempts.remember(store, request, "", "Anna is signed in.")
    with pytest.raises(StateUnknown):
        await attempts.outcome_of_state(store, Purpose.COMPANY_MASTER, state, "")
    # The handle was told to that browser alone: its page looks there how it went on.
    assert (await attempts.outcome(store, handle, "")).page == "Anna is signed in."
