"""Whether the redirect URLs lead to us, whatever stands there instead or in between."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.callback.servers import (
    HOST,
    Rewrite,
    Serving,
    certificate,
    certificate_with,
    free_port,
    leading_on,
    passing_on,
    saying,
    stranger,
)
from tests.callback.wire import BULK, CODE, PATHS, START, Desk, redirects, send, send_raw
from ttr_tui.callback import reach
from ttr_tui.callback.certificates import certificate_end
from ttr_tui.callback.reach import Visit, visit_all
from ttr_tui.callback.server import CallbackServer
from ttr_tui.callback.ways import Way
from ttr_tui.errors import StoreError
from ttr_tui.model import Purpose

COMPANY_MASTER = list(PATHS).index(Purpose.COMPANY_MASTER)


@asynccontextmanager
async def ours(
    desk: Desk, origin: str, port: int = 0, tls: tuple[Path, Path] | None = None
) -> AsyncIterator[CallbackServer]:
    """Run a server of ours for redirects below `origin`."""
    server = CallbackServer(redirects(origin), (HOST, port or free_port()), tls, desk.answers())
    await server.start()
    yield server
    await server.stop()


def a_front() -> tuple[int, str]:
    """Return a free port for what stands in front, and the origin that leads to it."""
    port = free_port()
    return port, f"http://localhost:{port}"


async def visited(desk: Desk, origin: str, port: int, ca_file: Path | None = None) -> list[Visit]:
    """Visit the five redirects below `origin`."""
    return list(await visit_all(redirects(origin), port, ca_file, desk.proof))


async def one(
    desk: Desk,
    origin: str,
    port: int = 8400,
    ca_file: Path | None = None,
    patience: float = reach.PATIENCE,
) -> Visit:
    """Visit the Company Master's redirect below `origin`."""
    only = {Purpose.COMPANY_MASTER: origin + BULK}
    return (await visit_all(only, port, ca_file, desk.proof, patience))[0]


async def test_the_five_redirects_reach_a_server_of_this_store(desk: Desk) -> None:
    """Path and start links alike; nothing is looked up for it, and no attempt is touched."""
    port, origin = a_front()
    async with ours(desk, origin, port):
        visits = await visited(desk, origin, port)
    assert [visit.way for visit in visits] == [Way.REACHED] * 5
    assert [visit.purpose for visit in visits] == list(PATHS)
    assert all("127.0.0.1" in visit.addresses for visit in visits)
    assert {(visit.sentence, visit.cure, visit.tls, visit.proxy) for visit in visits} == {
        ("", "", None, "")
    }
    assert desk.asked == []


async def test_over_tls_the_certificate_is_verified_and_told(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trusted by TTR_CA_FILE: until when, by whom, which TLS; no proxy leads to loopback."""
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    pair = certificate(tmp_path, "localhost", ends=20)
    port = free_port()
    origin = f"https://localhost:{port}"
    async with ours(desk, origin, port, pair):
        visits = await visited(desk, origin, port, pair[0])
        stranger_to_it = await visited(desk, origin, port)
    assert [visit.way for visit in visits] == [Way.REACHED] * 5
    tls = visits[0].tls
    assert tls is not None
    assert tls.shown is not None
    assert tls.version in {"TLSv1.2", "TLSv1.3"}
    assert tls.shown.names == ("localhost",)
    assert abs(tls.shown.ends - datetime.now(UTC) - timedelta(days=20)) < timedelta(minutes=1)
    assert certificate_end(pair[0]) == tls.shown.ends
    assert {visit.way for visit in stranger_to_it} == {Way.CERTIFICATE}
    assert "is not trusted here: self-signed certificate" in stranger_to_it[0].sentence
    assert "TTR_CA_FILE" in stranger_to_it[0].cure


@pytest.mark.parametrize(
    ("names", "begins", "ends", "said"),
    [
        (("localhost",), -9, -2, "Its certificate ended on {ends} (issued by Authority of the<1b>"),
        (("localhost",), 2, 9, "Its certificate is valid only from {begins}"),
        (
            ("a.example", "b.example", "c.example", "d.example"),
            -1,
            9,
            "Its certificate is for a.example, b.example, c.example and 1 more, not for localhost.",
        ),
    ],
)
async def test_a_certificate_that_is_not_right_is_named(
    desk: Desk, tmp_path: Path, names: tuple[str, ...], begins: int, ends: int, said: str
) -> None:
    """Ended, not begun, for another host; a hostile name cannot steer the terminal."""
    pair = certificate(tmp_path, *names, begins=begins, ends=ends)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    received: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())
        writer.close()

    async with stranger(listening, tls=context) as port:
        visit = await one(desk, f"https://localhost:{port}", ca_file=pair[0])
    days = {
        "begins": f"{datetime.now(UTC) + timedelta(days=begins):%Y-%m-%d}",
        "ends": f"{datetime.now(UTC) + timedelta(days=ends):%Y-%m-%d}",
    }
    assert (visit.way, visit.tls) == (Way.CERTIFICATE, None)
    assert visit.sentence.startswith(said.format(**days))
    assert b"".join(received) == b""


def test_a_file_that_is_no_certificate_has_no_end(tmp_path: Path) -> None:
    """Missing, empty, garbage, a directory."""
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    empty = tmp_path / "empty.pem"
    empty.touch()
    for path in (garbage, empty, tmp_path, tmp_path / "nothing"):
        assert certificate_end(path) is None


async def test_a_name_that_does_not_resolve_and_a_port_nobody_listens_on(desk: Desk) -> None:
    """Each is said with its name or address, and whose setting it is."""
    nowhere = await one(desk, "https://x.invalid")
    assert nowhere.way in (Way.NAME_UNKNOWN, Way.NO_NAME_SERVER)
    assert "x.invalid" in nowhere.sentence
    port, origin = a_front()
    refused = await one(desk, origin)
    assert refused.way is Way.REFUSED
    assert refused.sentence.startswith(f"Nothing listens on port {port} of ")
    assert "127.0.0.1" in refused.unanswered
    assert "ttr-tui serve" in refused.cure


STRANGERS: list[tuple[bytes, Way, str]] = [
    (
        b"HTTP/1.1 404 Not Found\r\nServer: ng\x1b[31minx\r\nContent-Length: 0\r\n\r\n",
        Way.FOREIGN_PAGE,
        "A page that is not ours is answered (404, Server: ng<1b>[31minx).",
    ),
    (b"HTTP/1.1 200 OK\r\n\r\n<h1>Welcome</h1>", Way.FOREIGN_PAGE, "A page that is not ours"),
    (
        b"HTTP/1.1 301 Moved\r\nLocation: https://else.example/path?ttr_reach=abc\r\n\r\n",
        Way.LEADS_ON,
        "It leads on to https://else.example/path (301).",
    ),
    (b"HTTP/1.1 200 OK\r\n\r\n" + b"0" * 64, Way.OTHER_STORE, "A server of ttr-tui answers, and"),
    (b"HTTP/1.1 200 OK\r\n\r\n" + b"\xff" * 64, Way.FOREIGN_PAGE, "A page that is not ours"),
    (b"HTTP/1.1 404 No\r\n\r\n" + b"0" * 64, Way.FOREIGN_PAGE, "A page that is not ours"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", Way.NO_HTTP, "What listens there answers, and not in HTTP."),
    (b"", Way.NO_HTTP, "What listens there ends the connection without an answer."),
    (b"\x00" * 200_000, Way.NO_HTTP, "What listens there answers, and not in HTTP."),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        Way.FOREIGN_PAGE,
        "A page that is not ours is answered (200).",
    ),
    (
        b"HTTP/1.1 200 OK\r\n\r\n<header><b>timetoreply</b>" + b"<h1><span" * 7_000,
        Way.TROUBLED,
        "Our server answers 200",
    ),
]


@pytest.mark.parametrize(("answer", "way", "said"), STRANGERS, ids=range(len(STRANGERS)))
async def test_whatever_a_stranger_answers_it_is_named_and_not_ours(
    desk: Desk, answer: bytes, way: Way, said: str
) -> None:
    """A page, a redirect, another protocol, noise; nothing of it steers the terminal."""
    began = time.monotonic()
    async with stranger(saying(answer)) as port:
        visit = await one(desk, f"http://localhost:{port}")
    assert visit.way is way
    assert visit.sentence.startswith(said)
    assert visit.sentence.isprintable()
    assert visit.cure
    assert time.monotonic() - began < 2


async def test_plain_http_where_tls_should_be_and_silence(desk: Desk) -> None:
    """Neither holds the check up for longer than its time."""
    async with stranger(saying(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        assert reach.PATIENCE <= 5
        mute = await one(desk, f"https://localhost:{port}", patience=0.3)
    over = asyncio.Event()

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await over.wait()
        writer.close()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with stranger(plain) as first, stranger(silent) as second:
        no_tls = await one(desk, f"https://localhost:{first}")
        quiet = await one(desk, f"http://localhost:{second}", patience=0.3)
        over.set()
    assert (no_tls.way, no_tls.sentence) == (Way.NO_TLS, "What listens there speaks no TLS.")
    assert mute.way is quiet.way is Way.MUTE
    assert quiet.sentence.startswith("The connection is taken, and no answer comes within")


def only(*, below: bool) -> Rewrite:
    """Pass on the redirect paths alone, or only what lies below them."""
    return lambda target: (
        target if (target.partition("?")[0] not in PATHS.values()) is below else None
    )


REWRITES: list[tuple[Rewrite, Way, str]] = [
    (lambda target: target, Way.REACHED, ""),
    (lambda target: target.partition("?")[0], Way.QUERY_LOST, "Our server answers, and the query"),
    (lambda target: target + "&utm=1", Way.QUERY_LOST, "Our server answers, and the query"),
    (lambda target: "/portal" + target, Way.PATH_CHANGED, "Our server answers, and the path"),
    (lambda target: target.replace("?", "/?"), Way.PATH_CHANGED, "Our server answers, and the"),
    (only(below=False), Way.NOT_BELOW, "It arrives, and a start link below it does not: a page"),
    (only(below=True), Way.ONLY_BELOW, "Start links below it arrive, and the path itself does"),
    (lambda _: None, Way.FOREIGN_PAGE, "A page that is not ours is answered (404, Server: p"),
]


@pytest.mark.parametrize(("rewrite", "way", "said"), REWRITES, ids=range(len(REWRITES)))
async def test_what_a_proxy_does_to_the_request_is_told(
    desk: Desk, rewrite: Rewrite, way: Way, said: str
) -> None:
    """A path is passed on without what lies below it, or the other way round, or changed."""
    front, origin = a_front()
    async with (
        ours(desk, origin) as server,
        stranger(passing_on(server.port, rewrite), front),
    ):
        visits = await visited(desk, origin, server.port)
    assert {visit.way for visit in visits} == {way}
    assert all(visit.sentence.startswith(said) for visit in visits)
    assert "look_up" not in {what for what, *_ in desk.asked}  # no code is tried without its query


class Troubled(Desk):
    """A server whose store does not answer."""

    async def prove(self, nonce: bytes) -> bytes:  # noqa: ARG002 - the server's form of the call
        """Refuse."""
        raise StoreError("The store is busy.")


async def test_our_server_in_trouble_is_told_from_a_strangers() -> None:
    """Its own page says what is wrong."""
    port, origin = a_front()
    desk = Troubled()
    async with ours(desk, origin, port):
        visit = await one(desk, origin)
    assert visit.way is Way.TROUBLED
    assert visit.sentence == "Our server answers 503: The store of this server does not answer."


async def test_a_proxy_that_mixes_the_paths_up_is_not_believed(desk: Desk) -> None:
    """The mark of one redirect path is worth nothing on another, nor below it."""
    front, origin = a_front()

    def to_one(target: str) -> str:
        path, _, query = target.partition("?")
        return f"{BULK if path in PATHS.values() else START}?{query}"

    def to_the_path(target: str) -> str:
        path, _, query = target.partition("?")
        return f"{path if path in PATHS.values() else path.rpartition('/')[0]}?{query}"

    async with ours(desk, origin) as server:
        async with stranger(passing_on(server.port, to_one), front):
            to_bulk = [visit.way for visit in await visited(desk, origin, server.port)]
        async with stranger(passing_on(server.port, to_the_path), front):
            to_paths = {visit.way for visit in await visited(desk, origin, server.port)}
    assert to_bulk.pop(COMPANY_MASTER) is Way.REACHED
    assert to_bulk == [Way.OTHER_STORE] * 4
    assert to_paths == {Way.NOT_BELOW}


async def test_somebody_elses_mark_is_worth_nothing(desk: Desk) -> None:
    """Another store's, the same store's on another port or with other redirects."""
    front, origin = a_front()
    for key, known_as, off in ((Desk().key, origin, 0), (desk.key, origin, 1), (desk.key, "", 0)):
        other = Desk(key=key)
        async with (
            ours(other, known_as or "http://localhost:1") as server,
            stranger(passing_on(server.port, lambda target: target), front),
        ):
            visits = await visited(desk, origin, server.port + off)
        assert {visit.way for visit in visits} == {Way.OTHER_STORE}


async def test_an_old_mark_is_worth_nothing(desk: Desk) -> None:
    """Each visit has a nonce of its own, each path too."""
    front, origin = a_front()
    recorded: dict[str, bytes] = {}
    async with ours(desk, origin) as server:

        async def replay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = await reader.readuntil(b"\r\n\r\n")
            path = asked.split()[1].partition(b"?")[0].decode()
            key = path if path in PATHS.values() else path.rpartition("/")[0] + "/*"
            if key not in recorded:
                recorded[key] = await send_raw(server.port, asked)
            writer.write(recorded[key])
            writer.close()

        async with stranger(replay, front):
            first = await visited(desk, origin, server.port)
            second = await visited(desk, origin, server.port)
    assert {visit.way for visit in first} == {Way.REACHED}
    assert {visit.way for visit in second} == {Way.OTHER_STORE}


async def test_a_challenge_and_a_mark_never_answer_one_another(port: int, desk: Desk) -> None:
    """Who may ask for one cannot make the other of it."""
    nonce = secrets.token_bytes(32).hex()
    asked = [
        f"{BULK}?ttr_reach={nonce}",
        f"{START}?ttr_reach={nonce}",
        f"{BULK}/-/challenge/{nonce}",
    ]
    asked += [f"{path}?ttr_reach={nonce}" for path in PATHS.values() if path != BULK]
    proofs = [(await send(port, "GET", target)).body for target in asked]
    assert all(len(proof) == 64 for proof in proofs)
    assert len(set(proofs)) == len(asked)


async def test_a_request_for_the_mark_asks_nothing_and_leaves_no_trace(
    port: int, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """Right and wrong codes answer alike, and neither nonce nor code nor mark is logged."""
    caplog.set_level(logging.DEBUG)
    nonce = secrets.token_bytes(32).hex()
    pages = [
        await send(port, "GET", f"{path}?ttr_reach={nonce}")
        for path in (BULK, START, f"{BULK}/WRONGCODE1", f"{BULK}/WRONGCODE2")
    ]
    assert desk.asked == []
    assert [page.status for page in pages] == [200] * 4
    assert len({page.body for page in pages[1:]}) == 1
    assert pages[0].fields["content-type"] == "text/plain; charset=utf-8"
    for told in (nonce, CODE, "WRONG", "ttr_reach", *(page.body for page in pages)):
        assert told not in caplog.text
    assert f"GET {BULK}/* 200" in caplog.text


async def test_many_requests_for_the_mark_lock_nobody_out(port: int, desk: Desk) -> None:
    """They count as no wrong codes: afterwards a wrong code is not known, and not one too many."""
    nonce = secrets.token_bytes(32).hex()
    for _ in range(25):
        await send(port, "GET", f"{BULK}/WRONGCODE1?ttr_reach={nonce}")
    assert (await send(port, "GET", f"{BULK}/WRONGCODE1")).status == 404
    assert (await send(port, "GET", START)).status == 200


ODD = "0a" * 32


@pytest.mark.parametrize(
    "query",
    [
        "ttr_reach=",
        "ttr_reach=" + ODD[:-1],
        "ttr_reach=" + ODD + "0",
        "ttr_reach=" + ODD.upper(),
        "ttr_reach=" + ODD + "%0a",
        "ttr%5Freach=" + ODD,
        "ttr_reach=" + ODD + "&",
        "ttr_reach=" + ODD + "&state=right",
        "state=right&ttr_reach=" + ODD,
        "ttr_reach=" + ODD + "&ttr_reach=" + ODD,
    ],
)
async def test_a_nonce_that_is_none_gets_the_ordinary_page(
    port: int, desk: Desk, query: str
) -> None:
    """Beside Microsoft's answer the parameter means nothing, and nothing is taken for a mark."""
    page = await send(port, "GET", f"{BULK}?{query}")
    assert "<h1>" in page.body
    started = await send(port, "GET", f"{START}?{query}")
    assert "Contoso Ltd" in started.body
    assert [what for what, *_ in desk.asked][-1] == "look_up"
    assert len(desk.asked) == 2 or page.status == 400


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", BULK),
        ("HEAD", START),
        ("POST", START),
        ("GET", f"{BULK}/-/handle"),
        ("GET", f"{BULK}x"),
        ("PUT", BULK),
    ],
)
async def test_only_a_get_of_a_path_or_a_start_link_is_marked(
    port: int, method: str, target: str
) -> None:
    """Everything else is what it is without the parameter."""
    query = f"?ttr_reach={ODD}"
    plain, asked = [await send(port, method, target + end) for end in ("", query)]
    assert (asked.status, asked.body) == (plain.status, plain.body)


def _refusing(status: bytes) -> Callable[[int, list[bytes]], Serving]:
    return lambda port, asked: leading_on(port, asked, b"HTTP/1.1 " + status + b"\r\n\r\n")


async def test_the_proxy_the_environment_names_is_honoured(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By CONNECT, its password never told; the certificate is the portal's all the same."""
    pair = certificate(tmp_path, "portal.example")
    asked: list[bytes] = []
    word = secrets.token_hex(8)
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with ours(desk, "https://portal.example", tls=pair) as server:
        async with stranger(leading_on(server.port, asked)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://us:{word}@127.0.0.1:{port}")
            visits = await visited(desk, "https://portal.example", server.port, pair[0])
        async with stranger(_refusing(b"407 No")(server.port, asked)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
            refused = await one(desk, "https://portal.example", ca_file=pair[0])
        gone = await one(desk, "https://portal.example", ca_file=pair[0])
        monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
        socks = await one(desk, "https://portal.example", ca_file=pair[0])
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:none")
        odd = await one(desk, "https://portal.example", ca_file=pair[0])
        unencoded = []
        for written in (f"{word}#{word}", f"1#{word}", f"{word}@{word}#", f"{word}/{word}"):
            monkeypatch.setenv("HTTPS_PROXY", f"http://us:{written}@127.0.0.1:1")
            unencoded.append(await one(desk, "https://portal.example", ca_file=pair[0]))
        async with stranger(leading_on(server.port, asked)) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://us:{word}@127.0.0.1:{port}")
            names = (".portal.example", "portal..example", f"{'x' * 64}.example")
            nameless = [await one(desk, f"https://{name}", ca_file=pair[0]) for name in names]
    assert {visit.way for visit in nameless} == {Way.NAME_UNKNOWN}
    assert {(visit.way, visit.proxy) for visit in unencoded} == {(Way.OUTGOING_PROXY, "")}
    assert [(visit.way, visit.addresses) for visit in visits] == [(Way.REACHED, ())] * 5
    assert all(visit.proxy.startswith("127.0.0.1:") for visit in visits)
    assert asked[0].startswith(b"CONNECT portal.example:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " in asked[0]
    assert {visit.way for visit in (refused, gone, socks, odd)} == {Way.OUTGOING_PROXY}
    assert "does not lead there (407)" in refused.sentence
    assert "cannot be reached: nothing listens" in gone.sentence
    assert "is not an http:// proxy" in socks.sentence
    assert not any(word in repr(visit) for visit in (*visits, *unencoded, refused, gone))


async def test_every_address_of_the_name_has_to_lead_to_us(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that was forgotten in the DNS; one where nobody listens is only told."""
    addresses = ["127.0.0.1"]
    asked_of = socket.getaddrinfo

    def name_server(host: str, port: int, *more: int) -> list[object]:
        found = [asked_of(one, port, *more) for one in addresses if host == "portal.example"]
        return [one for each in found for one in each] or list(asked_of(host, port, *more))

    for name in ("no_proxy", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    port = free_port()
    origin = f"http://portal.example:{port}"
    async with ours(desk, origin, port):
        alone = await visited(desk, origin, port)
        addresses[:] = ["127.0.0.3", "127.0.0.1", "127.0.0.2"]
        deaf = await visited(desk, origin, port)
        other = await asyncio.start_server(saying(STRANGERS[0][0]), "127.0.0.2", port)
        mixed = await visited(desk, origin, port)
        other.close()
    assert [visit.way for visit in (*alone, *deaf)] == [Way.REACHED] * 10
    assert {visit.unanswered for visit in alone} == {()}
    assert {visit.unanswered for visit in deaf} == {("127.0.0.3", "127.0.0.2")}
    assert {visit.way for visit in mixed} == {Way.NOT_EVERYWHERE}
    assert mixed[0].sentence.startswith("At 127.0.0.1 it arrives, and at 127.0.0.2, where the name")
    assert "(404, Server: ng<1b>[31minx)" in mixed[0].sentence
    assert "remove those" in mixed[0].cure


async def test_a_certificate_of_odd_bytes_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    """Whoever listens there may show what no library reads: an extension twice, a name of a kind
    that nobody has.
    """
    twice, kind = b"\x2a\x03\x04\x01", "2.5.29.17"
    for numbers in (("1.2.3.4.1", "1.2.3.4.2"), (kind,)):
        pair = certificate_with(tmp_path, dict.fromkeys(numbers, b"0\x04\xa3\x020\x00"))
        der = ssl.PEM_cert_to_DER_cert(pair[0].read_text("ascii"))
        pair[0].write_text(ssl.DER_cert_to_PEM_cert(der.replace(b"\x2a\x03\x04\x02", twice)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
        async with stranger(saying(b""), tls=context) as port:
            visit = await one(desk, f"https://localhost:{port}")
        assert visit.way is Way.CERTIFICATE
        assert visit.sentence.startswith("Its certificate is refused: ")
