"""A Microsoft that lies: ID tokens, endpoints, redirects, words. The whole product believes none.

What each lie is at the token endpoint itself is in tests/microsoft; here the store is looked at.
"""

from __future__ import annotations

import logging

import pytest

from tests.journeys.attacking import (
    answer_of,
    begun,
    changed,
    parameters,
    require_nothing_stored,
)
from tests.office import Office
from ttr_tui.errors import TtrError
from ttr_tui.flows import sign_in
from ttr_tui.model import Purpose


@pytest.mark.parametrize(
    ("lie", "status"),
    [
        ("wrong_nonce", 403),
        ("wrong_iss", 403),
        ("wrong_tid", 403),
        ("wrong_aud", 403),
        ("expired", 403),
        ("other_tenant", 403),
        ("missing", 502),
    ],
)
async def test_a_lying_id_token_lets_nobody_wait(office: Office, lie: str, status: int) -> None:
    """Refused before the operator is asked; told in the terminal; the honest next one is taken."""
    company = await office.add_company()
    attempt = await begun(office, company)
    office.sandbox.dials.turn({"id_token": lie})
    page = await office.browser.follow(attempt.link)
    assert page.status == status
    refused = await office.runtime.store.attempts.get(attempt.id)
    assert (refused.person, refused.ended) == (None, None)
    assert refused.problem
    await require_nothing_stored(office, company)
    office.sandbox.dials.reset()
    await office.browser.follow(attempt.link)
    waiting = await office.runtime.store.attempts.get(attempt.id)
    assert (await sign_in.confirm(office.runtime.access, waiting)).person == waiting.person


@pytest.mark.parametrize("lie", ["wrong_sub", "wrong_oid", "wrong_tid", "other_tenant"])
async def test_who_was_confirmed_is_who_the_first_refresh_answers_for(
    office: Office, lie: str
) -> None:
    """Another person's token in the answer to the proof is not kept: the sign-in is not proven."""
    company = await office.add_company()
    attempt = await begun(office, company)
    await office.browser.follow(attempt.link)
    waiting = await office.runtime.store.attempts.get(attempt.id)
    office.sandbox.dials.turn({"id_token": lie})
    with pytest.raises(TtrError):
        await sign_in.confirm(office.runtime.access, waiting)
    master = await office.runtime.store.authentications.company_master(company.id)
    assert master is not None
    assert (master.person, master.generation, master.last_used) == (waiting.person, 1, None)
    office.sandbox.dials.reset()
    assert await office.runtime.access.company_master_token(company)


@pytest.mark.parametrize("when", ["at the button", "at the answer"])
@pytest.mark.parametrize("endpoint", ["token_endpoint", "authorization_endpoint"])
async def test_a_foreign_endpoint_hears_nothing(office: Office, endpoint: str, when: str) -> None:
    """Neither secret nor code nor a browser goes to a host that discovery made up."""
    company = await office.add_company()
    attempt = await begun(office, company)
    if when == "at the button":
        office.sandbox.dials.foreign_endpoint = endpoint
        page = await office.browser.follow(attempt.link)
        assert page.url.startswith("http://localhost:")
    else:
        url = await answer_of(office, attempt)
        office.sandbox.dials.foreign_endpoint = endpoint
        await office.browser.get(url)
    await require_nothing_stored(office, company)


async def test_a_redirected_code_is_not_carried_away(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """A 307 from the right token endpoint: code, verifier and secret stay; the log has none."""
    company = await office.add_company()
    attempt = await begun(office, company)
    office.sandbox.dials.redirect_token = True
    with caplog.at_level(logging.DEBUG):
        page = await office.browser.follow(attempt.link)
    assert page.status == 502
    await require_nothing_stored(office, company)
    for secret in (office.sandbox.client_secret, "code_verifier", parameters(page.url)["code"]):
        assert secret not in caplog.text
    refused = await office.runtime.store.attempts.get(attempt.id)
    assert (refused.person, bool(refused.problem)) == (None, True)


async def test_a_forged_grant_proves_nothing(office: Office) -> None:
    """`admin_consent=True`, another tenant, scopes: only what Graph shows counts (facts 1.3)."""
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    url = await answer_of(office, attempt)
    office.sandbox.tenants[0].remove_app()
    stranger = office.sandbox.tenants[1]
    stranger.grant_all()
    page = await office.browser.get(changed(url, tenant=stranger.id, scope="Everything.All"))
    assert "Proving the permission" in page.text
    kept = await office.runtime.store.companies.get(company.id)
    assert (kept.tenant_id, kept.consent_proven_at) == (company.tenant_id, None)


@pytest.mark.parametrize("purpose", [Purpose.ADMIN_CONSENT, Purpose.COMPANY_MASTER])
async def test_an_error_beside_success_is_an_error(office: Office, purpose: Purpose) -> None:
    """Whatever stands beside `error` is not looked at; its words are text, and are kept as such."""
    company = await office.add_company()
    office.sandbox.tenants[0].grant_all()
    attempt = await office.runtime.begin(company, purpose)
    words = "AADSTS99999: <img src=x onerror=alert(1)>\x1b[31m\u202e" + "x" * 3000
    url = await answer_of(office, attempt)
    page = await office.browser.get(changed(url, error="<b>odd", error_description=words))
    assert page.status == 403
    for raw in ("<img", "<b>odd", "\x1b", "\u202e"):
        assert raw not in page.html
    kept = await office.runtime.store.attempts.get(attempt.id)
    assert (kept.person, bool(kept.problem)) == (None, True)
    await require_nothing_stored(office, company)
