"""What only a real browser shows: its own rules about forms, cookies, referrers and refreshes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.callback.browser import CHROMIUM, browser
from tests.callback.wire import BULK, START, Desk, redirects
from ttr_tui.callback import FinishPage
from ttr_tui.callback.server import CallbackServer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

DECIDED = FinishPage("The sign-in is stored", ("Anna Weber signed in.",), good=True)
PENDING = FinishPage("Waiting", ("Not yet.",), good=True, pending=True, outcome_handle="handle-1")


@asynccontextmanager
async def elsewhere(page: str) -> AsyncIterator[str]:
    """Yield the address of another site's page (another host, so another site)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        writer.write(page.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/authorize?a=1&b=2"


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[str]:
    """Yield the origin of a running server, whose redirects name its own port."""
    first = CallbackServer(redirects(), ("127.0.0.1", 0), None, desk.answers())
    await first.start()
    port = first.port
    await first.stop()
    origin = f"http://localhost:{port}"
    server = CallbackServer(redirects(origin), ("127.0.0.1", port), None, desk.answers())
    await server.start()
    try:
        yield origin
    finally:
        await server.stop()


FORM = """<form method=post action="{to}"><input name=state value=right><input name=code value=c>
<button>Accept</button></form>"""


@pytest.mark.parametrize("mode", ["query", "form_post"])
async def test_the_whole_round_keeps_one_browser(desk: Desk, tmp_path: Path, mode: str) -> None:
    """Button, refresh to another site, redirect back, outcome: one cookie for all of it."""
    async with serving(desk) as origin:
        back = FORM.format(to=f"{origin}{BULK}")
        if mode == "query":
            back = f'<a href="{origin}{BULK}?state=right&code=c"><button>Accept</button></a>'
        async with elsewhere(back) as microsoft, browser(tmp_path) as tab:
            desk.url, desk.outcome_page = microsoft, DECIDED if mode == "form_post" else PENDING
            await tab.go(origin + START)
            await tab.shows("Go on to Microsoft")
            await tab.press("button")
            await tab.shows("Accept")
            assert await tab.run("document.referrer") == ""
            await tab.press("button")
            if mode == "query":
                await tab.shows("Not yet.")
                desk.outcome_page = DECIDED
            assert "You can close this page" in await tab.shows("Anna Weber signed in.")
            assert await tab.run("document.cookie") == ""
    asked = {words[0]: words for words in desk.asked}
    assert len(asked["press"][3]) == 43
    assert asked["finish"][2] == asked["press"][3]
    if mode == "query":
        assert asked["outcome"][2] == asked["press"][3]


async def test_another_sites_form_presses_no_button(desk: Desk, tmp_path: Path) -> None:
    """A page that knows the link cannot press it for its visitor."""
    async with serving(desk) as origin:
        form = f'<form method=post action="{origin}{START}"><button>Win</button></form>'
        async with elsewhere(form) as lure, browser(tmp_path) as tab:
            await tab.go(lure)
            await tab.shows("Win")
            await tab.press("button")
            await tab.shows("another site sent this form")
    assert desk.asked == []


async def test_the_style_is_applied_and_nothing_else_is_loaded(desk: Desk, tmp_path: Path) -> None:
    """The policy's hash fits the style; a page holds no script and asks for nothing remote."""
    async with serving(desk) as origin, browser(tmp_path) as tab:
        await tab.go(origin + START)
        await tab.shows("Contoso Ltd")
        assert await tab.run("getComputedStyle(document.querySelector('.act')).display") == "block"
        assert await tab.run("document.scripts.length") == 0
        assert await tab.run("performance.getEntriesByType('resource').length") == 0
