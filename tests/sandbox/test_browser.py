"""The administrator's browser keeps a browser's rules: cookies, origins, redirects, forms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from yarl import URL

from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.sandbox.cookies import Cookies
from ttr_tui.sandbox.forms import Document


class Site:
    """A site that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.posted: list[dict[str, str]] = []
        self.pages: dict[str, tuple[int, dict[str, str], str]] = {}
        self.root = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        self.posted.append({name: str(value) for name, value in (await request.post()).items()})
        status, headers, html = self.pages.get(request.path, (404, {}, "nothing here"))
        return web.Response(status=status, headers=headers, text=html, content_type="text/html")


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    shown = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", shown.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    shown.root = f"http://localhost:{runner.addresses[0][1]}"
    yield shown
    await runner.cleanup()


async def test_a_start_page_leads_to_the_end() -> None:
    """One form with one button is pressed; redirects and meta refresh are followed."""
    async with site() as shown:
        form = '<form method="post"><input type="hidden" name="k" value="v&amp;"><button>Go'
        shown.pages = {
            "/start": (200, {"Set-Cookie": "seen=1; Path=/start"}, f"<title> T </title>{form}"),
            "/next": (302, {"Location": "/third?a=%2F"}, ""),
            "/third": (200, {}, '<meta http-equiv="Refresh" content="0; url=/end">'),
            "/end": (200, {}, "<h1>Done</h1><p>Close   this<style>p{}</style> page</p>"),
        }
        browser = Administrator()
        first = await browser.get(f"{shown.root}/start")
        assert (first.title, first.status) == ("T", 200)
        shown.pages["/start"] = (303, {"Location": "/next"}, "")
        page = await browser.submit(first, label="go")
        assert (page.status, page.text) == (200, "Done\nClose this page")
        assert [r.path_qs for r in shown.asked] == [
            "/start",
            "/start",
            "/next",
            "/third?a=%2F",
            "/end",
        ]
        assert shown.posted[1] == {"k": "v&"}
        press, after = shown.asked[1], shown.asked[2]
        assert press.headers["Origin"] == shown.root
        assert press.headers["Sec-Fetch-Site"] == "same-origin"
        assert (press.headers.get("Cookie"), after.headers.get("Cookie")) == ("seen=1", None)
        assert (after.method, "Origin" in after.headers) == ("GET", False)


async def test_no_referrer_makes_the_origin_null() -> None:
    """A page with `Referrer-Policy: no-referrer` posts with `Origin: null`, even to itself."""
    async with site() as shown:
        form = '<form method="post"><button>Go</button></form>'
        shown.pages = {"/": (200, {"Referrer-Policy": "no-referrer"}, form)}
        browser = Administrator()
        page = await browser.get(shown.root)
        shown.pages["/"] = (200, {}, "end")
        await browser.submit(page)
        assert shown.asked[1].headers["Origin"] == "null"
        assert "Referer" not in shown.asked[1].headers


async def test_a_form_post_from_microsoft_is_cross_site(sandbox: Sandbox) -> None:
    """A response by form_post carries no Lax cookie and a null origin; a 302 carries Lax."""
    async with site() as shown:
        back = f"{shown.root}/back"
        sandbox.register(back)
        cookies = {"Set-Cookie": "bound=1; Path=/; SameSite=Lax; HttpOnly"}
        shown.pages = {"/back": (200, {}, "end"), "/set": (200, cookies, "set")}
        browser = Administrator(sandbox.ca_file)
        await browser.get(f"{shown.root}/set")
        query = {
            "client_id": sandbox.client_id,
            "response_type": "code",
            "redirect_uri": back,
            "scope": "openid User.Read",
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        }
        tenant = sandbox.tenants[0].id
        link = URL(f"{sandbox.authority_host}/{tenant}/oauth2/v2.0/authorize").with_query(query)
        page = await browser.follow(str(link))
        assert page.text == "end"
        redirected = shown.asked[-1]
        assert (redirected.method, redirected.headers["Cookie"]) == ("GET", "bound=1")
        assert redirected.headers["Sec-Fetch-Site"] == "cross-site"
        await browser.follow(str(link.update_query(response_mode="form_post")))
        posted = shown.asked[-1]
        assert (posted.method, posted.headers.get("Cookie")) == ("POST", None)
        assert (posted.headers["Origin"], posted.headers["Sec-Fetch-Site"]) == (
            "null",
            "cross-site",
        )
        assert {"code", "session_state"} <= shown.posted[-1].keys()


async def test_what_cannot_be_reached_is_a_page() -> None:
    """A refused connection and an endless redirect end the journey with status 0."""
    page = await Administrator().follow("http://127.0.0.1:9/x")
    assert (page.status, page.title) == (0, "This page cannot be reached")
    async with site() as shown:
        shown.pages = {"/": (302, {"Location": "/"}, "")}
        assert (await Administrator().follow(shown.root)).status == 0


async def test_the_sandbox_is_not_trusted_by_chance(sandbox: Sandbox) -> None:
    """Without the sandbox's authority its certificate is refused."""
    page = await Administrator().get(f"{sandbox.authority_host}/common/discovery/v2.0/keys")
    assert (page.status, "certificate" in page.text.lower()) == (0, True)


def test_cookies_keep_to_their_place() -> None:
    """Host, path, Secure and SameSite decide; an empty value or Max-Age=0 removes."""
    jar = Cookies()
    home = URL("https://login.example/a/b")
    jar.take(
        home,
        (
            "n=1; SameSite=None; Secure; Path=/",
            "l=2; Path=/a",
            "s=3; SameSite=Strict; Path=/",
            "p=4",
        ),
    )
    assert jar.sent(home, "GET", cross_site=False) == "n=1; l=2; s=3; p=4"
    assert jar.sent(home, "GET", cross_site=True) == "n=1; l=2; p=4"
    assert jar.sent(home, "POST", cross_site=True) == "n=1"
    assert jar.sent(URL("https://login.example/ab"), "GET", cross_site=False) == "n=1; s=3"
    assert jar.sent(URL("http://login.example/"), "GET", cross_site=False) == "s=3"
    assert jar.sent(URL("https://other.example/a"), "GET", cross_site=False) == ""
    jar.take(home, ("n=; Path=/", "s=x; Max-Age=0; Path=/"))
    assert jar.sent(home, "GET", cross_site=False) == "l=2; p=4"


def test_forms_are_read_as_shown() -> None:
    """Hidden, text, ticked and unticked fields; two kinds of buttons; scripts are not text."""
    page = Document(
        "<title>A &amp; B</title><script>no</script><form action='/x' method=POST>"
        "<input type=hidden name=h value=1><input name=t><input type=checkbox name=c value=2>"
        "<input type=checkbox name=d value=3 checked><input type=submit value=Send>"
        "<button name=b value=4><b>Yes</b>, do</button><button type=button>Not</button></form>Text"
    )
    form = page.forms[0]
    assert (page.title, form.action, form.method) == ("A & B", "/x", "POST")
    assert form.fields == {"h": "1", "t": "", "d": "3"}
    assert form.typed == ["t"]
    assert [(b.name, b.value, b.label) for b in form.buttons] == [
        ("", "Send", "Send"),
        ("b", "4", "Yes, do"),
    ]
    assert page.text == "Yes, do\nNot\nText"
