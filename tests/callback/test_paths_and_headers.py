"""What is served and what is not, and the headers of every answer."""

from __future__ import annotations

import logging

import pytest

from tests.callback.wire import BULK, CODE, MICROSOFT, PATHS, START, Desk, parsed, send, send_raw
from ttr_tui.callback.server import CallbackServer
from ttr_tui.errors import StateUnknown
from ttr_tui.model import Purpose

NOT_OURS = [
    "/",
    "/favicon.ico",
    "/robots.txt",
    BULK.upper(),
    BULK + "/",
    "/" + BULK,
    BULK.replace("/agents", "//agents"),
    "/tools/x/../agents/msgraph-store-bulk",
    BULK.replace("/agents", "/./agents"),
    BULK.replace("/agents", "%2Fagents"),
    BULK.replace("bulk", "bulk%00"),
    BULK + "%",
    BULK + "%zz",
    BULK + ";a=1",
    START + "/",
    START + "/x",
    f"{BULK}/-",
    f"{BULK}/-/",
    f"{BULK}/-/a/b/c",
    f"{BULK}/x",
    f"{BULK}/{'A' * 65}",
    f"{BULK}/-/challenge/00",
    f"{BULK}/-/challenge/{'0A' * 32}",
    f"{PATHS[Purpose.AGENT]}/-/challenge/{'00' * 32}",
    "/tools/agents",
    "*",
    "http://localhost" + BULK + "?state=right",
]


@pytest.mark.parametrize("target", NOT_OURS)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_everything_else_is_not_found_and_asks_nothing(
    port: int, desk: Desk, target: str, method: str
) -> None:
    """Paths are exact and case-sensitive; dot segments and slashes are not tidied up."""
    same = {"Sec-Fetch-Site": "same-origin"}
    assert (await send(port, method, target, same)).status in (400, 404)
    assert desk.asked == []


@pytest.mark.parametrize("target", [BULK.replace("-", "%2D"), BULK.replace("m", "%6d"), BULK])
async def test_percent_encoding_of_plain_characters_changes_nothing(
    port: int, desk: Desk, target: str
) -> None:
    """RFC 3986, section 6.2.2.2: such paths are the same path."""
    assert (await send(port, "GET", f"{target}?state=right&code=c")).status == 200
    assert len(desk.asked) == 1


@pytest.mark.parametrize(
    ("redirect", "callback", "start"),
    [
        ("https://h.example", "/", f"/{CODE}"),
        ("https://h.example/", "/", f"//{CODE}"),
        ("https://h.example/a/", "/a/", f"/a//{CODE}"),
        ("https://h.example/a%2fb/ü", "/a%2Fb/%C3%BC", f"/a%2fb/%c3%bc/{CODE}"),
        ("https://h.example/Very/Deep/one", "/Very/Deep/one", f"/Very/Deep/one/{CODE}"),
    ],
)
async def test_whatever_path_is_configured_is_the_path_served(
    desk: Desk, redirect: str, callback: str, start: str
) -> None:
    """No path is hard-coded; a start link is the redirect, a slash and the code."""
    names = {Purpose.COMPANY_MASTER: redirect}
    server = CallbackServer(names, ("127.0.0.1", 0), None, desk.answers())
    await server.start()
    back = await send(server.port, "GET", f"{callback}?state=right&code=c")
    opened = await send(server.port, "GET", start)
    await server.stop()
    assert (back.status, opened.status) == (200, 200)


@pytest.mark.parametrize(
    ("target", "method", "allowed"),
    [
        (BULK, "HEAD", "GET, POST"),
        (BULK, "PUT", "GET, POST"),
        (START, "DELETE", "GET, HEAD, POST"),
        (START, "OPTIONS", "GET, HEAD, POST"),
        (START, "PATCH", "GET, HEAD, POST"),
        (f"{BULK}/-/handle", "POST", "GET"),
        (f"{BULK}/-/handle", "HEAD", "GET"),
        (f"{BULK}/-/challenge/{'00' * 32}", "POST", "GET"),
    ],
)
async def test_other_methods_are_refused_and_ask_nothing(
    port: int, desk: Desk, target: str, method: str, allowed: str
) -> None:
    """405 with what is allowed."""
    page = await send(port, method, target, {"Sec-Fetch-Site": "same-origin"})
    assert (page.status, page.fields["allow"]) == (405, allowed)
    assert desk.asked == []


EVERY_KIND = [
    b"GET " + START.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"HEAD " + START.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST " + START.encode() + b" HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n"
    b"Connection: close\r\n\r\n",
    b"GET " + BULK.encode() + b"?state=right HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET " + BULK.encode() + b"?state=wrong HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"POST " + BULK.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\na=b",
    b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"PUT " + BULK.encode() + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"GET " + BULK.encode() + b"/-/challenge/" + b"00" * 32 + b" HTTP/1.0\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
    b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"a" * 40_000 + b"\r\n\r\n",
]


@pytest.mark.parametrize("sent", EVERY_KIND, ids=range(len(EVERY_KIND)))
async def test_every_answer_has_the_headers(port: int, sent: bytes) -> None:
    """Pages, refusals and the library's own errors alike."""
    page = parsed(await send_raw(port, sent))
    policy = page.fields["content-security-policy"]
    for part in (
        "default-src 'none'",
        "style-src 'sha256-",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert page.fields["cache-control"] == "no-store"
    assert page.fields["referrer-policy"] in ("no-referrer", "same-origin")
    assert page.fields["x-content-type-options"] == "nosniff"
    assert page.fields["x-frame-options"] == "DENY"
    assert page.fields["cross-origin-opener-policy"] == "same-origin"
    assert page.fields["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in page.fields
    assert "<script" not in page.body


async def test_unreadable_requests_are_not_echoed(port: int) -> None:
    """What was sent does not come back."""
    page = parsed(await send_raw(port, b"G<x>T /zzz HTTP/1.1\r\n\r\n"))
    assert page.status == 400
    assert "zzz" not in page.body


async def test_the_log_has_paths_without_queries_and_codes(
    port: int, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Codes, handles, queries and unknown words stay out of the log."""
    caplog.set_level(logging.DEBUG)
    await send(port, "GET", f"{BULK}?state=right&code=SECRET1")
    await send(port, "GET", START)
    await send(port, "GET", f"{BULK}/-/SECRET2")
    await send(port, "GET", f"/prefix{BULK}/SECRET3/?code=SECRET4")
    desk.refuse = StateUnknown("SECRET5")
    await send(port, "GET", f"{BULK}?state=SECRET6")
    desk.refuse = None
    await send(port, "POST", START, {"Sec-Fetch-Site": "same-origin", "Cookie": "ttr=SECRET7"})
    assert "SECRET" not in caplog.text
    assert CODE not in caplog.text
    assert MICROSOFT not in caplog.text
    assert f"GET {BULK}/* 200" in caplog.text
    assert f"GET /*{BULK}/*/ 404" in caplog.text
