"""Names from outside on our pages: whatever a directory or an operator writes, it is text."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest

from tests.journeys.attacking import another_browser, begun
from tests.office import Office
from ttr_tui.flows import companies, sign_in
from ttr_tui.sandbox.browser import Page
from ttr_tui.sandbox.names import CURIOUS
from ttr_tui.text import clean

LONGEST = "W" * 256
"""As long as a display name can be (Graph's user resource)."""

_TAGS = re.compile(r"<!?/?([a-z][a-z0-9]*)", re.IGNORECASE)
_OURS = {
    *("doctype", "html", "head", "meta", "title", "style", "body", "main", "header", "b", "h1"),
    *("h2", "p", "span", "ul", "li", "dl", "dt", "dd", "form", "button", "a"),
}


def require_text_only(page: Page) -> None:
    """Fail if a page holds an element that is not ours or a character that cannot be seen."""
    assert {tag.lower() for tag in _TAGS.findall(page.html)} <= _OURS
    shown = html.unescape(page.html)
    odd = {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert odd <= {"\n", "\u200c", "\u200d"}


@pytest.mark.parametrize("name", [*CURIOUS, LONGEST], ids=lambda name: ascii(name)[1:13])
async def test_who_signed_in_is_text(office: Office, name: str) -> None:
    """On the page that waits and on the last one; the store keeps the name as it came."""
    company = await office.add_company()
    attempt = await begun(office, company)
    office.sandbox.tenants[0].administrator.display_name = name
    page = await office.browser.follow(attempt.link)
    assert html.escape(clean(name)) in page.html
    require_text_only(page)
    waiting = await office.runtime.store.attempts.get(attempt.id)
    assert waiting.person is not None
    assert waiting.person.name == name
    await sign_in.confirm(office.runtime.access, waiting)
    page = await office.browser.get(page.url)
    assert html.escape(clean(name)) in page.html
    require_text_only(page)


async def test_what_an_operator_called_a_company_is_text(office: Office) -> None:
    """On its start page, its refusals and its last page."""
    found = await companies.resolve(office.runtime.access, "contoso.example")
    name = "A<script>alert(1)</script>&\"'\u202eB"
    company = await companies.add(office.runtime.access, name, "contoso.example", found)
    attempt = await begun(office, company)
    for page in (
        await office.browser.get(attempt.link),
        await office.browser.follow(attempt.link),
        await another_browser(office).follow(attempt.link),
    ):
        require_text_only(page)
        assert "alert(1)" not in page.html or html.escape(clean(name)) in page.html


@pytest.mark.parametrize("lie", ["wrong_tid", "other_tenant"])
async def test_who_is_refused_is_text(office: Office, lie: str) -> None:
    """A foreign account is named on the page that refuses it."""
    company = await office.add_company()
    attempt = await begun(office, company)
    for tenant in office.sandbox.tenants[:2]:
        tenant.administrator.user_principal_name = "<i>x</i>\x1b[2J\u2066@contoso.example"
    office.sandbox.dials.turn({"id_token": lie})
    page = await office.browser.follow(attempt.link)
    assert page.status == 403
    require_text_only(page)
