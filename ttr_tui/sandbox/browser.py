"""What an administrator does in a browser, done over HTTP: pages, forms, redirects, cookies."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from yarl import URL

from ttr_tui.sandbox.cookies import Cookies
from ttr_tui.sandbox.forms import Button, Document, Form

MOST_STEPS = 25
SECONDS = 20.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_DECLINES = frozenset({"cancel", "decline", "deny", "no"})
_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "User-Agent": "Mozilla/5.0 (sandbox administrator)",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-User": "?1",
    "Upgrade-Insecure-Requests": "1",
}


@dataclass(slots=True, frozen=True)
class Page:
    """Where a journey ended. `status` is 0 when the page could not be reached at all."""

    url: str
    status: int
    title: str
    text: str
    html: str = ""
    policy: str = ""
    forms: tuple[Form, ...] = field(default=(), repr=False)
    refresh: str = ""


@dataclass(slots=True)
class _Visit:
    """A request to be made: where, how, with what, and from which page."""

    url: URL
    method: str = "GET"
    fields: dict[str, str] | None = None
    source: URL | None = None
    policy: str = ""
    cross_site: bool = False


class Administrator:
    """Somebody with a browser. Cookies live as long as this object.

    `ca_file` is trusted beside nothing else; None means what the system trusts.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self._context = ssl.create_default_context(cafile=ca_file)
        self._cookies = Cookies()

    async def get(self, url: str) -> Page:
        """Open a page and follow redirects, without touching any form."""
        async with self._session() as session:
            return await self._load(session, _Visit(URL(url)))

    async def submit(
        self, page: Page, *, label: str = "", fields: dict[str, str] | None = None
    ) -> Page:
        """Fill in `fields` on a page and press the button whose label contains `label`.

        Raises LookupError when the page has no such button.
        """
        wanted = label.lower()
        for form in page.forms:
            for button in form.buttons:
                if wanted in button.label.lower():
                    form.fields.update(fields or {})
                    async with self._session() as session:
                        return await self._load(session, _pressed(page, form, button))
        raise LookupError(f"no button {label!r} on {page.title!r}")

    async def follow(self, url: str, *, account: str = "", accept: bool = True) -> Page:
        """Do what a person would with a link, until a page has nothing more to press.

        `account` is the user principal name to sign in with; empty takes the first one offered.
        Without `accept`, what is asked for on a consent page is declined. A page that says no
        (status 400 and up) ends the journey.
        """
        async with self._session() as session:
            page = await self._load(session, _Visit(URL(url)))
            for _ in range(MOST_STEPS):
                if not page.forms or page.status >= 400:
                    break
                form = page.forms[0]
                page = await self._load(
                    session, _pressed(page, form, _choice(form, account, accept))
                )
            return page

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            connector=aiohttp.TCPConnector(ssl=self._context),
        )

    async def _load(self, session: aiohttp.ClientSession, visit: _Visit) -> Page:
        """Make a visit and those it leads to by itself (30x, meta refresh)."""
        page = Page(str(visit.url), 0, "", "")
        for _ in range(MOST_STEPS):
            try:
                page, onward = await self._step(session, visit)
            except (aiohttp.ClientError, TimeoutError) as problem:
                reason = str(problem) or "no answer in time"
                return Page(str(visit.url), 0, "This page cannot be reached", reason)
            if onward is None:
                return page
            visit = onward
        return Page(page.url, 0, "This page redirects for ever", page.url)

    async def _step(
        self, session: aiohttp.ClientSession, visit: _Visit
    ) -> tuple[Page, _Visit | None]:
        headers = _navigation(visit)
        cookies = self._cookies.sent(visit.url, visit.method, cross_site=_crosses(visit))
        if cookies:
            headers["Cookie"] = cookies
        async with session.request(
            visit.method, visit.url, data=visit.fields, headers=headers, allow_redirects=False
        ) as answer:
            self._cookies.take(visit.url, answer.headers.getall("Set-Cookie", []))
            location = answer.headers.get("Location", "")
            if answer.status in _REDIRECTS and location:
                return Page(str(visit.url), answer.status, "", ""), _redirected(
                    visit, answer.status, location
                )
            html = await answer.text(errors="replace")
            page = _read(visit.url, answer.status, html, answer.headers.get("Referrer-Policy", ""))
        if page.refresh:
            return page, _Visit(visit.url.join(URL(page.refresh)), source=visit.url)
        return page, None


def _read(url: URL, status: int, html: str, policy: str) -> Page:
    document = Document(html)
    forms = tuple(document.forms)
    return Page(
        str(url),
        status,
        document.title.strip(),
        document.text,
        html,
        policy,
        forms,
        document.refresh,
    )


def _site(url: URL) -> tuple[str, str | None]:
    """Return what makes two URLs the same site; hosts here have no registrable domain."""
    return url.scheme, url.host


def _crosses(visit: _Visit) -> bool:
    """Say whether a visit comes from another site, be it by a redirect on the way."""
    return visit.cross_site or (
        visit.source is not None and _site(visit.source) != _site(visit.url)
    )


def _navigation(visit: _Visit) -> dict[str, str]:
    """Return the headers a browser adds to a navigation (Fetch, sections 3.1 and 4.6)."""
    source = visit.source
    if source is None:
        return {"Sec-Fetch-Site": "none"}
    same = source.origin() == visit.url.origin() and not visit.cross_site
    site = "same-origin" if same else "cross-site" if _crosses(visit) else "same-site"
    headers = {"Sec-Fetch-Site": site}
    if visit.method != "GET":
        downgrade = source.scheme == "https" and visit.url.scheme != "https"
        hidden = visit.policy == "no-referrer" or (visit.policy == "same-origin" and not same)
        headers["Origin"] = "null" if hidden or downgrade else str(source.origin())
    if not (
        visit.policy == "no-referrer" or (source.scheme, visit.url.scheme) == ("https", "http")
    ):
        headers["Referer"] = str(source if same else source.origin().with_path("/"))
    return headers


def _redirected(visit: _Visit, status: int, location: str) -> _Visit:
    target = visit.url.join(URL(location, encoded=True))
    keeps = status in _KEEPS_METHOD
    return _Visit(
        url=target,
        method=visit.method if keeps else "GET",
        fields=visit.fields if keeps else None,
        source=visit.source,
        policy=visit.policy,
        cross_site=_crosses(visit)
        or (visit.source is not None and _site(visit.url) != _site(target)),
    )


def _pressed(page: Page, form: Form, button: Button | None) -> _Visit:
    """Return the visit that pressing a button makes."""
    fields = dict(form.fields)
    if button is not None and button.name:
        fields[button.name] = button.value
    here = URL(page.url)
    target = here.join(URL(form.action)) if form.action else here
    if form.method == "POST":
        return _Visit(target, "POST", fields, here, page.policy)
    return _Visit(target.with_query(fields), source=here, policy=page.policy)


def _choice(form: Form, account: str, accept: bool) -> Button | None:
    """Return the button a person would press; an account that has none is typed in."""
    if not form.buttons:
        return None
    accounts = [button for button in form.buttons if button.name == "account"]
    if not accept and not accounts:
        for button in form.buttons:
            if _DECLINES & set(button.label.lower().split()[:1]):
                return button
    if not account or not accounts:
        return form.buttons[0]
    for button in accounts:
        if button.value.lower() == account.lower():
            return button
    for name in form.typed:
        form.fields[name] = account
    return accounts[-1]
