"""What somebody does in a browser, done over HTTP: pages, forms, redirects, cookies."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, Unpack

import aiohttp
from yarl import URL

from ttr_tui.sandbox.cookies import Cookies
from ttr_tui.sandbox.forms import Button, Document, Form
from ttr_tui.sandbox.visits import Visit, crosses, is_response, navigation, redirected

MOST_STEPS = 25
SECONDS = 20.0

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
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


class Wishes(TypedDict, total=False):
    """How somebody goes along a journey.

    `account` is the user principal name to sign in with, whoever was suggested; empty takes the
    first one offered. Without `accept`, what is asked for on a consent page is declined. The first
    page whose address contains `until` is left as it is. With `stop_at_redirect` the browser does
    not get through to the app: it ends at the address it was sent back to, query and all.
    """

    account: str
    accept: bool
    until: str
    stop_at_redirect: bool


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
            return await self._load(session, Visit(URL(url)))

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

    async def follow(self, url: str, **wishes: Unpack[Wishes]) -> Page:
        """Do what a person would with a link, until a page has nothing more to press.

        A page that says no (status 400 and up) ends the journey, and so does what `wishes` says.
        """
        async with self._session() as session:
            page = await self._load(session, Visit(URL(url)), wishes)
            return await self._press_on(session, page, wishes)

    async def go_on(self, page: Page, **wishes: Unpack[Wishes]) -> Page:
        """Do with a page what `follow` does with the one a link leads to."""
        async with self._session() as session:
            return await self._press_on(session, page, wishes)

    async def _press_on(self, session: aiohttp.ClientSession, page: Page, wishes: Wishes) -> Page:
        until, account, accept = (
            wishes.get("until"),
            wishes.get("account", ""),
            wishes.get("accept", True),
        )
        for _ in range(MOST_STEPS):
            if not page.forms or page.status >= 400 or (until and until in page.url):
                break
            form = page.forms[0]
            page = await self._load(
                session, _pressed(page, form, _choice(form, account, accept)), wishes
            )
        return page

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            connector=aiohttp.TCPConnector(ssl=self._context),
        )

    async def _load(
        self, session: aiohttp.ClientSession, visit: Visit, wishes: Wishes | None = None
    ) -> Page:
        """Make a visit and those it leads to by itself (30x, meta refresh)."""
        page = Page(str(visit.url), 0, "", "")
        stops = bool(wishes and wishes.get("stop_at_redirect"))
        for _ in range(MOST_STEPS):
            if stops and is_response(visit.url):
                return Page(str(visit.url), 0, "This page cannot be reached", "nobody is there")
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
        self, session: aiohttp.ClientSession, visit: Visit
    ) -> tuple[Page, Visit | None]:
        headers = navigation(visit)
        cookies = self._cookies.sent(visit.url, visit.method, cross_site=crosses(visit))
        if cookies:
            headers["Cookie"] = cookies
        async with session.request(
            visit.method, visit.url, data=visit.fields, headers=headers, allow_redirects=False
        ) as answer:
            self._cookies.take(visit.url, answer.headers.getall("Set-Cookie", []))
            location = answer.headers.get("Location", "")
            if answer.status in _REDIRECTS and location:
                return Page(str(visit.url), answer.status, "", ""), redirected(
                    visit, answer.status, location
                )
            html = await answer.text(errors="replace")
            page = _read(visit.url, answer.status, html, answer.headers.get("Referrer-Policy", ""))
        if page.refresh:
            return page, Visit(visit.url.join(URL(page.refresh)), source=visit.url)
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


def _pressed(page: Page, form: Form, button: Button | None) -> Visit:
    """Return the visit that pressing a button makes."""
    fields = dict(form.fields)
    if button is not None and button.name:
        fields[button.name] = button.value
    here = URL(page.url)
    target = here.join(URL(form.action)) if form.action else here
    if form.method == "POST":
        return Visit(target, "POST", fields, here, page.policy)
    return Visit(target.with_query(fields), source=here, policy=page.policy)


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
