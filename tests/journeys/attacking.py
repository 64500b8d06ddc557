"""What an attacker has at hand: addresses that browsers were sent back to, and changes to them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.office import Office
from ttr_tui.model import Attempt, Company, Purpose
from ttr_tui.sandbox.browser import Administrator


def another_browser(office: Office) -> Administrator:
    """Return a browser that knows nothing of anybody."""
    return Administrator(office.sandbox.ca_file)


async def begun(office: Office, company: Company) -> Attempt:
    """Return a start link for the Company Master of a company whose tenant has consented."""
    tenant = next(t for t in office.sandbox.tenants if t.id == company.tenant_id)
    tenant.grant_all()
    return await office.runtime.begin(company, Purpose.COMPANY_MASTER)


async def answer_of(office: Office, attempt: Attempt, browser: Administrator | None = None) -> str:
    """Sign in or consent through a start link; return the answer's address, which nobody opened."""
    page = await (browser or office.browser).follow(attempt.link, stop_at_redirect=True)
    assert page.url.startswith(office.runtime.access.redirects[attempt.purpose])
    return page.url


def parameters(url: str) -> dict[str, str]:
    """Return what an answer's address carries."""
    return dict(parse_qsl(urlsplit(url).query))


def changed(url: str, **changes: str) -> str:
    """Return an answer's address with other parameters; an empty one is left out."""
    query = {name: value for name, value in (parameters(url) | changes).items() if value}
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query)))


def moved(url: str, redirect_uri: str) -> str:
    """Return an answer brought to another redirect URL than it was made for."""
    return urlunsplit(urlsplit(redirect_uri)._replace(query=urlsplit(url).query))


def token_requests(office: Office) -> int:
    """Return how often the token endpoint was asked."""
    return sum(place.endswith("/oauth2/v2.0/token") for place in office.sandbox.seen)


async def require_nothing_stored(office: Office, *companies: Company) -> None:
    """Fail if any authentication is stored, or anything reached a host that nobody configured."""
    for company in companies:
        tree = await office.runtime.store.authentications.tree(company.id)
        assert (tree.master, tree.own, tree.children) == (None, [], [])
    assert office.sandbox.stranger.requests == []
