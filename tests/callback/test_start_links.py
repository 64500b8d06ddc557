"""Start links: what opening one and pressing its button does, and who may press it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.callback.wire import (
    BULK,
    CODE,
    MICROSOFT,
    ORIGIN,
    START,
    Desk,
    redirects,
    send,
    start_page,
)
from ttr_tui.callback.server import CallbackServer
from ttr_tui.errors import LinkOver, Unreachable
from ttr_tui.model import Purpose

HERE = {"Sec-Fetch-Site": "same-origin"}


async def test_opening_a_start_link_shows_who_asks_for_what_until_when(
    port: int, desk: Desk
) -> None:
    """The page names company, domain, permissions, addressee, validity and what is not allowed."""
    page = await send(port, "GET", START)
    assert page.status == 200
    for words in (
        "Contoso Ltd, contoso.com",
        "<b>Mail.ReadBasic</b>: who wrote to whom",
        "<p>For a Privileged Role Administrator or Global Administrator.</p>",
        "2026-11-24 14:38 UTC",
        "What it does not allow",
        "Reading the text of messages",
        "Seeing your password",
        f'<form method="post" action="{START}">',
    ):
        assert words in page.body
    assert desk.asked == [("look_up", Purpose.COMPANY_MASTER, CODE, "127.0.0.1")]


async def test_opening_a_start_link_sets_no_cookie(port: int) -> None:
    """Only the button binds a browser."""
    assert "set-cookie" not in (await send(port, "GET", START)).fields


async def test_a_start_page_sends_the_origin_with_its_form(port: int) -> None:
    """With no-referrer a browser would send `Origin: null`."""
    assert (await send(port, "GET", START)).fields["referrer-policy"] == "same-origin"


async def test_head_asks_nothing(port: int, desk: Desk) -> None:
    """A scanner's HEAD is no opening."""
    page = await send(port, "HEAD", START)
    assert (page.status, page.body, desk.asked) == (200, "", [])


async def test_the_button_leads_to_microsoft_without_a_redirect(port: int) -> None:
    """A 302 from a form is blocked by form-action 'self'; a refresh and a link are not."""
    page = await send(port, "POST", START, HERE)
    assert page.status == 200
    refresh = re.search(r'http-equiv="refresh" content="([^"]*)"', page.body)
    link = re.search(r'<a class="act" href="([^"]*)"', page.body)
    assert refresh is not None
    assert link is not None
    assert unescape(refresh[1]) == f"0; url={MICROSOFT}"
    assert unescape(link[1]) == MICROSOFT
    assert page.fields["referrer-policy"] == "no-referrer"


async def test_the_button_gives_the_browser_one_cookie(port: int, desk: Desk) -> None:
    """HttpOnly, Lax, for every path, 256 random bits; the same value is asked with."""
    page = await send(port, "POST", START, HERE)
    given = re.fullmatch(
        r"ttr=([A-Za-z0-9_-]{43}); Path=/; Max-Age=86400; HttpOnly; SameSite=Lax",
        page.fields["set-cookie"],
    )
    assert given is not None
    assert desk.asked == [("press", Purpose.COMPANY_MASTER, CODE, given[1], "127.0.0.1")]


async def test_a_browser_keeps_its_cookie_over_presses(port: int, desk: Desk) -> None:
    """A second tab does not unbind the first."""
    first = (await send(port, "POST", START, HERE)).fields["set-cookie"]
    again = await send(port, "POST", START, HERE | {"Cookie": f"x=1; {first.split(';')[0]}"})
    assert again.fields["set-cookie"] == first
    assert desk.asked[0] == desk.asked[1]


ODD = ["ttr=short", "ttr=" + "a" * 44, 'ttr="; DROP"', f"ttr={'a' * 43}; ttr={'b' * 43}"]


@pytest.mark.parametrize("odd", ODD)
async def test_a_cookie_that_is_not_ours_is_replaced(port: int, odd: str) -> None:
    """What does not look like our cookie binds nothing."""
    page = await send(port, "POST", START, HERE | {"Cookie": odd})
    given = page.fields["set-cookie"]
    assert re.match(r"ttr=[A-Za-z0-9_-]{43};", given)
    assert given.partition(";")[0] not in odd


async def test_with_https_the_cookie_is_secure_and_of_this_host(desk: Desk) -> None:
    """`__Host-` cannot be set by another host or for a part of the paths."""
    names = redirects("https://portal.contoso.com")
    server = CallbackServer(names, ("127.0.0.1", 0), None, desk.answers())
    await server.start()
    page = await send(server.port, "POST", START, {"Origin": "https://portal.contoso.com"})
    await server.stop()
    assert page.fields["set-cookie"].startswith("__Host-ttr=")
    assert page.fields["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": ORIGIN}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, 403),
        ({"Sec-Fetch-Site": "", "Origin": ORIGIN}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost"}, 403),
        ({"Origin": "https://localhost:8400"}, 403),
        ({"Origin": f"{ORIGIN}.evil.example"}, 403),
        ({"Referer": f"{ORIGIN}{START}"}, 403),
    ],
)
async def test_only_our_own_page_presses_the_button(
    port: int, desk: Desk, fields: dict[str, str], status: int
) -> None:
    """A form of another site, or of a browser that hides its origin, changes nothing."""
    page = await send(port, "POST", START, fields)
    assert page.status == status
    assert bool(desk.asked) == (status == 200)


async def test_a_wrong_code_is_not_known(port: int) -> None:
    """404, without a word on what would be right."""
    page = await send(port, "GET", f"{BULK}/AAAAAAAAAA")
    assert page.status == 404
    assert "This link is not known" in page.body


async def test_a_link_that_is_over_says_so(port: int, desk: Desk) -> None:
    """410 for opening and for pressing, without a button."""
    desk.refuse = LinkOver("This link was withdrawn.", cure="Ask for a new one.")
    for page in (await send(port, "GET", START), await send(port, "POST", START, HERE)):
        assert page.status == 410
        assert "This link was withdrawn." in page.body
        assert "Ask for a new one." in page.body
        assert 'class="act"' not in page.body


async def test_a_press_that_cannot_reach_microsoft_offers_the_start_page(
    port: int, desk: Desk
) -> None:
    """The link still works, so the page leads back to it."""
    desk.refuse = Unreachable("Microsoft did not answer for 30 s.")
    page = await send(port, "POST", START, HERE)
    assert page.status == 502
    assert f'href="{START}"' in page.body
    assert "set-cookie" not in page.fields


async def test_names_from_outside_are_text(port: int, desk: Desk) -> None:
    """Markup, escapes, newlines and bidi overrides are shown, not obeyed."""
    desk.page = start_page(
        company_name="<script>alert(1)</script>\"'&",
        domain="a\x1b[2Jb\u202ec\r\nd",
        asks=("<b>x</b>: <i>y</i>",),
    )
    page = await send(port, "GET", START)
    assert "<script" not in page.body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in page.body
    assert "a&lt;1b&gt;[2Jb&lt;U+202E&gt;c&lt;0d&gt;&lt;0a&gt;d" in page.body
    assert "<b>&lt;b&gt;x&lt;/b&gt;</b>: &lt;i&gt;y&lt;/i&gt;" in page.body
