"""Whatever bytes arrive: no 5xx, no bug, nothing asked that was not asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.callback.wire import BULK, PATHS, START, Desk, parsed, redirects, request, send, send_raw
from ttr_tui.callback.limits import Limits
from ttr_tui.callback.server import CallbackServer

IMPATIENT = Limits(
    keep_alive_seconds=0.1,
    request_seconds=0.2,
    body_seconds=0.1,
    lingering_seconds=0.05,
)
FORM = "application/x-www-form-urlencoded"
PATH = st.sampled_from(
    [*PATHS.values(), START, START, BULK + "/WRONG", BULK + "/-/handle", BULK + "/-/challenge/00"]
)
ODD_PATH = st.sampled_from(
    ["/", "//", "/..", "/%2e%2e", "%", "%00", "%2F", "%ff", "/-/", ";", ":80"]
)
QUERY = st.sampled_from(
    ["state=right", "state=x", "code=y", "error=access_denied", "ttr_parked=x", "", "=", "&", "#",
     "%", "%00", "%ff", "a=%C3%28", "?", "+", "tenant", "admin_consent=True", "%0d%0aX: y"]
)  # fmt: skip
FIELD = st.sampled_from(
    ["Content-Length: 0", "Content-Length: 5", "Content-Length: -1", "Content-Length: 1e3",
     "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Content-Encoding: gzip",
     f"Content-Type: {FORM}", f"Content-Type: {FORM}; charset=\u00ff", "Content-Type: a/b/c",
     "Content-Type: multipart/form-data; boundary=", "Content-Type: ;", "Content-Type:",
     "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "Origin: null", "Origin: \u00ff",
     "Cookie: ttr=" + "a" * 43, 'Cookie: ttr="', "Cookie: ;;=;", "Cookie: " + "a" * 9000,
     "Cookie: \u20ac", "X-Forwarded-For: 1.2.3.4, ::1, x", "X-Forwarded-For: ,,[", "Forwarded: =;",
     "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Upgrade: h2c",
     "Expect: 100-continue", "Range: bytes=0-1", "If-None-Match: *", "TE: trailers", "Trailer: x",
     "Host: \u00ff", "Host:", "Authorization: Basic x", "Accept: text/html", "A: \x00", "B : c",
     " fold", "novalue"]
)  # fmt: skip
METHOD = st.sampled_from(
    ["GET"] * 6 + ["POST"] * 6 + ["HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT"]
)
BODY = st.sampled_from(
    [b"", b"state=right", b"a=1&a=2", b"\xff\xfe", b"5\r\nstate\r\n0\r\n\r\n", b"zz"]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Make a request that is right but for a few oddities, at most one of them below HTTP."""
    path = draw(PATH) + (draw(ODD_PATH) if draw(st.integers(0, 4)) == 0 else "")
    query = "&".join(draw(st.lists(QUERY, max_size=3)))
    body = draw(BODY)
    fields = draw(st.lists(FIELD, max_size=3))
    if draw(st.booleans()):
        fields = [f"Content-Type: {FORM}", f"Content-Length: {len(body)}", *fields[:1]]
    head = f"{draw(METHOD)} {path}?{query} HTTP/1.{draw(st.integers(0, 1))}"
    lines = [head, "Connection: close", *fields, "", ""]
    made = "\r\n".join(lines).encode() + body
    if draw(st.integers(0, 4)):
        return made
    at = draw(st.integers(0, len(made)))
    return made[:at] + draw(st.binary(max_size=9)) + made[at + draw(st.integers(0, 9)) :]


@pytest.fixture
def seen() -> Iterator[set[int]]:
    """Collect the statuses answered with, and see that the noise reached every room."""
    statuses: set[int] = set()
    yield statuses
    assert statuses >= {200, 303, 400, 403, 404, 405}


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[CallbackServer]:
    """Return a server that waits for nobody; the desk holds no attempt at all."""
    running = CallbackServer(
        redirects(), ("127.0.0.1", 0), None, desk.answers(), ("127.0.0.1",), IMPATIENT
    )
    await running.start()
    yield running
    await running.stop()


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@example([request("GET", START), request("POST", BULK, {"Content-Type": FORM}, b"state=right")])
@example([request("POST", START), request("PUT", START), request("GET", f"{BULK}?state=x")])
@example([f"GET {BULK}?state=right&x=\udcff HTTP/1.1\r\n\r\n".encode("utf-8", "surrogateescape")])
@example([b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT a:b HTTP/1.1\r\n\r\n"])
@given(sent=st.lists(requests() | st.binary(max_size=99), min_size=10, max_size=20))
async def test_no_bytes_lead_to_a_bug(
    server: CallbackServer, desk: Desk, seen: set[int], sent: list[bytes]
) -> None:
    """Answers are pages below 500 or nothing, and nothing reaches the loop's handler."""
    met: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
    answers = await asyncio.gather(*(send_raw(server.port, one) for one in sent))
    seen.update(parsed_head(answer) for answer in answers if answer)
    assert met == []
    assert max(seen, default=0) < 500


def parsed_head(answer: bytes) -> int:
    """Return the status of an answer whose body may be cut short."""
    head = answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    page = parsed(head)
    assert "content-security-policy" in page.fields
    return page.status


async def test_a_server_that_met_all_that_still_serves(server: CallbackServer) -> None:
    """A thousand pieces of noise later a start link opens."""
    noise = [b"\x00" * 100, b"GET", b"\r\n" * 50, b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 100] * 25
    await asyncio.gather(*(send_raw(server.port, one) for one in noise))
    assert (await send(server.port, "GET", START)).status == 200
