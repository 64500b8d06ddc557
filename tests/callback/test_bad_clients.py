"""Slow, greedy, leaving and guessing clients; bugs; stopping."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.callback.wire import (
    BULK,
    CODE,
    START,
    Desk,
    parsed,
    redirects,
    request,
    send,
    send_raw,
    until,
)
from ttr_tui.callback.checks import client_of
from ttr_tui.callback.limits import Limits, ParkedResponses, WrongCodes
from ttr_tui.callback.server import CallbackServer
from ttr_tui.model import AuthorizationResponse

QUICK = Limits(
    keep_alive_seconds=0.3,
    request_seconds=0.5,
    body_seconds=0.3,
    lingering_seconds=0.1,
    connections=4,
    stop_seconds=1.0,
    wrong_codes=3,
)
POSTED = (
    f"POST {BULK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
).encode()


@pytest.fixture
async def quick(desk: Desk) -> AsyncIterator[CallbackServer]:
    """Return a running server with short times and few connections."""
    server = CallbackServer(
        redirects(), ("127.0.0.1", 0), None, desk.answers(), ("127.0.0.1",), QUICK
    )
    await server.start()
    yield server
    await server.stop()


def connections(server: CallbackServer) -> int:
    """Return how many clients are connected."""
    held = server._listener.connections if server._listener else []
    return sum(connection.transport is not None for connection in held)


async def closes_within(port: int, sent: bytes, seconds: float) -> bytes:
    """Send bytes, read to the end, and fail if the end does not come in time."""
    return await send_raw(port, sent, seconds=seconds)


@pytest.mark.parametrize("sent", [b"", b"GET", f"GET {START} HTTP/1.1\r\nHost: x\r\n".encode()])
async def test_a_client_that_sends_no_whole_head_is_dropped(
    quick: CallbackServer, sent: bytes
) -> None:
    """Nothing is asked, nothing is waited for."""
    assert await closes_within(quick.port, sent, 2) == b""


async def test_a_head_that_trickles_is_dropped(quick: CallbackServer, desk: Desk) -> None:
    """Bytes that keep coming do not lengthen the time (slowloris)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", quick.port)
    began = time.monotonic()
    writer.write(f"GET {START} HTTP/1.1\r\n".encode())
    while not reader.at_eof() and time.monotonic() - began < 3:
        writer.write(b"X-A: b\r\n")
        with_data = asyncio.wait_for(reader.read(1), 0.05)
        try:
            await with_data
        except (TimeoutError, ConnectionError):
            continue
    writer.close()
    assert time.monotonic() - began < 2
    assert desk.asked == []


async def test_a_body_that_does_not_arrive_is_answered_and_dropped(
    quick: CallbackServer, desk: Desk
) -> None:
    """408, and nothing is parked."""
    sent = POSTED + b"Content-Length: 10\r\n\r\nstate"
    page = parsed(await closes_within(quick.port, sent, 2))
    assert page.status == 408
    assert desk.asked == []


async def test_a_body_that_breaks_off_is_no_bug(
    quick: CallbackServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that leaves in the middle of its form is not reported."""
    caplog.set_level(logging.ERROR)
    _, writer = await asyncio.open_connection("127.0.0.1", quick.port)
    writer.write(POSTED + b"Content-Length: 10\r\n\r\nsta")
    await until(lambda: connections(quick) == 1)
    writer.transport.abort()
    await until(lambda: connections(quick) == 0)
    assert caplog.text == ""


@pytest.mark.parametrize(
    "body",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nstate\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nstate",
        b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"a" * 0x4000 + b"\r\n" * 2,
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nstate",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_a_malformed_body_ends_with_a_4xx(quick: CallbackServer, body: bytes) -> None:
    """No 5xx, no hang."""
    answer = await closes_within(quick.port, POSTED + body, 2)
    assert answer == b"" or 400 <= parsed(answer).status < 500


async def test_a_body_in_pieces_is_bounded_too(quick: CallbackServer, desk: Desk) -> None:
    """Without a length in its head, it is counted as it comes."""
    pieces = b"4000\r\n" + b"a" * 0x4000 + b"\r\n"
    sent = POSTED + b"Transfer-Encoding: chunked\r\n\r\n" + pieces * 2
    assert parsed(await closes_within(quick.port, sent, 2)).status == 413
    assert desk.asked == []


async def test_an_idle_connection_is_closed(desk: Desk) -> None:
    """Keep-alive ends by itself, long before the time a request has."""
    limits = Limits(keep_alive_seconds=0.2)
    server = CallbackServer(redirects(), ("127.0.0.1", 0), None, desk.answers(), (), limits)
    await server.start()
    sent = f"GET {START} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert parsed(await closes_within(server.port, sent, 2)).status == 200
    await server.stop()


async def test_a_connection_in_use_is_kept(quick: CallbackServer) -> None:
    """Each request has its own time; a proxy's connection lives on."""
    reader, writer = await asyncio.open_connection("127.0.0.1", quick.port)
    began = time.monotonic()
    while time.monotonic() - began < QUICK.request_seconds * 1.5:
        writer.write(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.readuntil(b"</html>\n")
        assert answer.startswith(b"HTTP/1.1 404 ")
        await asyncio.sleep(0.02)
    writer.close()


async def test_answers_nobody_reads_do_not_hold_a_connection(quick: CallbackServer) -> None:
    """A client that only sends is dropped when its answers pile up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", quick.port, limit=1)
    reader._transport.pause_reading()  # type: ignore[attr-defined] # the client reads nothing
    writer.write(f"GET {START} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 2000)
    await until(lambda: connections(quick) == 1)
    await until(lambda: connections(quick) == 0)
    writer.transport.abort()


async def test_idle_connections_make_room_for_new_ones(quick: CallbackServer) -> None:
    """Whoever only holds connections open locks nobody out."""
    held = [await asyncio.open_connection("127.0.0.1", quick.port) for _ in range(12)]
    page = await send(quick.port, "GET", START)
    for _, writer in held:
        writer.transport.abort()
    assert page.status == 200


async def test_an_answer_under_way_is_not_given_up_for_a_new_connection(
    quick: CallbackServer, desk: Desk
) -> None:
    """With every connection at work, the new one has to wait outside."""
    desk.hold = asyncio.Event()
    working = [asyncio.ensure_future(send(quick.port, "GET", START)) for _ in range(4)]
    await until(lambda: len(desk.asked) == 4)
    assert await send_raw(quick.port, request("GET", START)) == b""
    desk.hold.set()
    assert [page.status for page in await asyncio.gather(*working)] == [200] * 4


async def test_an_answer_may_take_longer_than_a_request(quick: CallbackServer, desk: Desk) -> None:
    """Redeeming a code at Microsoft takes its time; the client is not to blame."""
    desk.hold = asyncio.Event()
    answer = asyncio.ensure_future(send(quick.port, "GET", f"{BULK}?state=right&code=c"))
    await asyncio.sleep(QUICK.request_seconds * 1.5)
    desk.hold.set()
    assert (await answer).status == 200


async def test_a_browser_that_leaves_does_not_cut_the_exchange_short(
    quick: CallbackServer, desk: Desk
) -> None:
    """What finish() began it ends, and the outcome is kept."""
    desk.hold = asyncio.Event()
    _, writer = await asyncio.open_connection("127.0.0.1", quick.port)
    writer.write(request("GET", f"{BULK}?state=right&code=c"))
    await until(lambda: len(desk.asked) == 1)
    writer.transport.abort()
    await until(lambda: connections(quick) == 0)
    desk.hold.set()
    await until(lambda: desk.ended == ["finish"])


async def test_whatever_ends_an_answer_does_not_cut_the_exchange_short(
    quick: CallbackServer, desk: Desk
) -> None:
    """Even when the task that waits for it is cancelled, finish() ends; and a bug is reported."""
    met: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
    desk.bug, desk.hold = KeyError("SECRET"), asyncio.Event()
    answer = asyncio.ensure_future(send_raw(quick.port, request("GET", f"{BULK}?state=right")))
    await until(lambda: len(desk.asked) == 1)
    assert quick._listener is not None
    for connection in quick._listener.connections:
        connection._task_handler.cancel()  # type: ignore[union-attr] # an answer is under way
    assert await answer == b""
    desk.hold.set()
    await until(lambda: desk.ended == ["finish"])
    await until(lambda: [context["exception"] for context in met] == [desk.bug])
    assert "callback server" in met[0]["message"]


async def test_stopping_lets_an_exchange_end(quick: CallbackServer, desk: Desk) -> None:
    """stop() waits for what is under way, and not for ever."""
    desk.hold = asyncio.Event()
    answer = asyncio.ensure_future(send(quick.port, "GET", f"{BULK}?state=right&code=c"))
    await until(lambda: len(desk.asked) == 1)
    stopping = asyncio.ensure_future(quick.stop())
    await asyncio.sleep(QUICK.lingering_seconds * 2)
    desk.hold.set()
    await stopping
    assert (await answer).status == 200


async def test_stopping_does_not_wait_for_ever(quick: CallbackServer, desk: Desk) -> None:
    """After its time an answer is cancelled; nothing keeps the program from ending."""
    desk.hold = asyncio.Event()
    answer = asyncio.ensure_future(send_raw(quick.port, request("GET", START)))
    await until(lambda: len(desk.asked) == 1)
    async with asyncio.timeout(3):
        await quick.stop()
    await answer
    assert desk.ended == []


@pytest.mark.parametrize(
    "bug", [KeyError("SECRET"), TimeoutError("SECRET"), RuntimeError("SECRET")]
)
async def test_a_bug_claims_nothing_and_shows_nothing(
    port: int, desk: Desk, caplog: pytest.LogCaptureFixture, bug: Exception
) -> None:
    """500 with our headers; the log has its place, the loop's handler has the bug."""
    met: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
    desk.bug = bug
    page = await send(port, "GET", f"{BULK}?state=right&code=c", {"Accept": "text/html"})
    assert page.status == 500
    assert "Something broke here" in page.body
    assert "SECRET" not in page.body + caplog.text
    assert type(bug).__name__ in caplog.text
    assert "content-security-policy" in page.fields
    assert [context["exception"] for context in met] == [bug]


async def test_a_bug_after_the_browser_left_is_reported(quick: CallbackServer, desk: Desk) -> None:
    """Nobody waits for the page, somebody still hears of the bug."""
    met: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: met.append(context))
    desk.bug, desk.hold = KeyError("SECRET"), asyncio.Event()
    _, writer = await asyncio.open_connection("127.0.0.1", quick.port)
    writer.write(request("GET", f"{BULK}?state=right&code=c"))
    await until(lambda: len(desk.asked) == 1)
    writer.transport.abort()
    await until(lambda: connections(quick) == 0)
    desk.hold.set()
    await until(lambda: bool(met))
    assert met[0]["exception"] is desk.bug


async def test_wrong_codes_are_limited_and_right_ones_never(quick: CallbackServer) -> None:
    """Behind a proxy all share one address: whoever has the right link still gets in."""
    wrong = [(await send(quick.port, "GET", f"{BULK}/WRONG{n}")).status for n in range(5)]
    assert wrong == [404, 404, 404, 429, 429]
    assert (await send(quick.port, "GET", START)).status == 200
    same = {"Sec-Fetch-Site": "same-origin"}
    assert (await send(quick.port, "POST", START, same)).status == 200
    assert (await send(quick.port, "POST", f"{BULK}/WRONG", same)).status == 429


async def test_a_proxy_names_the_client(quick: CallbackServer, desk: Desk) -> None:
    """One client's wrong codes are not another's, when the proxy's address is configured."""
    for number in range(5):
        await send(quick.port, "GET", f"{BULK}/WRONG{number}", {"X-Forwarded-For": "198.51.100.1"})
    other = await send(quick.port, "GET", f"{BULK}/WRONG", {"X-Forwarded-For": "198.51.100.2"})
    assert other.status == 404
    assert desk.asked[-1][-1] == "198.51.100.2"


async def test_forwarded_addresses_are_ignored_without_a_configured_proxy(
    port: int, desk: Desk
) -> None:
    """Anybody can send that header."""
    await send(port, "GET", START, {"X-Forwarded-For": "198.51.100.1"})
    assert desk.asked == [("look_up", "company_master", CODE, "127.0.0.1")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.7, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:5123"], "198.51.100.7"),
        ("10.0.0.1", ['"[2001:db8::7]:5123"'], "2001:db8::7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("::1", ["198.51.100.7"], "198.51.100.7"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    """What stands left of it was written by the client itself."""
    assert client_of(peer, forwarded, ("10.0.0.0/8", "::1")) == client


def test_wrong_codes_are_forgotten_after_their_window() -> None:
    """Ten minutes, and a bounded number of clients."""
    moment = [0.0]
    wrong = WrongCodes(Limits(wrong_codes=2, clients=3), lambda: moment[0])
    assert [wrong.too_many("192.0.2.1") for _ in range(3)] == [False, False, True]
    moment[0] = 601
    assert not wrong.too_many("192.0.2.1")
    for last in range(10):
        wrong.too_many(f"198.51.100.{last}")
    assert not wrong.too_many("192.0.2.1")


def test_wrong_codes_count_an_ipv6_line_as_one() -> None:
    """A /64 is one line; its addresses are free to take."""
    wrong = WrongCodes(Limits(wrong_codes=2))
    assert [wrong.too_many(f"2001:db8::{n}") for n in range(3)] == [False, False, True]
    assert not wrong.too_many("2001:db8:0:1::1")


def test_parked_responses_are_few_and_short_lived() -> None:
    """The oldest goes first; after a minute all are gone."""
    moment = [0.0]
    parked = ParkedResponses(Limits(parked=2), lambda: moment[0])
    one, two, three = (parked.park(AuthorizationResponse({"state": n})) for n in "123")
    assert parked.take(one) is None
    found = parked.take(two)
    assert found is not None
    assert found.state == "2"
    moment[0] = 61
    assert parked.take(three) is None
