"""The way itself: certificates, proxies, a `.netrc`, bounds, and how it is opened and closed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.microsoft.conftest import QUICK, Connected, connection
from tests.microsoft.liar import CLIENT_ID, TENANT, TOKEN_PATH, Reply, make_certificate
from ttr_tui.errors import AnswerBroken, SettingsFaulty, Unreachable
from ttr_tui.microsoft import Limits, Microsoft
from ttr_tui.microsoft.waiting import retry_after
from ttr_tui.microsoft.wire import proxy_for
from ttr_tui.model import Secret
from ttr_tui.settings import Registration


async def test_an_unknown_certificate_is_refused_with_its_cure(connected: Connected) -> None:
    """Without the extra CA file nothing is sent, and the sentence names TTR_CA_FILE."""
    registration = Registration(CLIENT_ID, connected.secret)
    async with Microsoft(registration, connected.authority.url, connected.graph.url) as ms:
        with pytest.raises(Unreachable, match="not trusted") as caught:
            await ms.discover(TENANT)
    assert "TTR_CA_FILE" in caught.value.cure
    assert connected.authority.seen == []


async def test_the_extra_ca_is_trusted_besides_the_systems_own(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With an extra CA that signed nothing here, what the system trusts is still trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(connected.authority.ca_file))
    unrelated = make_certificate(tmp_path)[0]
    async with connection(connected, ca_file=unrelated) as ms:
        assert (await ms.discover(TENANT)).tenant_id == TENANT


async def test_the_environments_ca_bundle_does_not_override_ours(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE change nothing, for MSAL neither."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(empty))
    connected.authority.answers_tokens(Reply({"access_token": "a", "expires_in": 3600}))
    async with connection(connected) as ms:
        assert await ms.tokens.for_app(TENANT)


async def test_no_key_of_a_connection_is_written_down(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """SSLKEYLOGFILE would open every recorded connection, secret and refresh token in it."""
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    async with connection(connected) as ms:
        await ms.discover(TENANT)
    assert not keys.exists()


async def test_a_forced_region_changes_no_address(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MSAL_FORCE_REGION would send the secret to another host; it is not listened to."""
    monkeypatch.setenv("MSAL_FORCE_REGION", "westeurope")
    connected.authority.answers_tokens(Reply({"access_token": "a", "expires_in": 3600}))
    async with connection(connected) as ms:
        assert await ms.tokens.for_app(TENANT)
    assert len(connected.authority.token_requests) == 1


async def test_a_netrc_adds_nothing(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, token: Secret
) -> None:
    """A `.netrc` entry neither replaces the bearer token nor joins the token request."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connected.authority.answers_tokens(Reply({"access_token": "a", "expires_in": 3600}))
    connected.graph.on("GET", "/v1.0/x", Reply({}))
    await connected.ms.tokens.for_app(TENANT)
    await connected.ms.graph.get("/x", token)
    assert "Authorization" not in connected.authority.token_requests[0].headers
    assert connected.graph.seen[0].headers["Authorization"] == f"Bearer {token.reveal()}"


async def test_a_ca_file_that_cannot_be_used_is_a_sentence(
    connected: Connected, tmp_path: Path
) -> None:
    """A missing or damaged file is named when the connection is opened."""
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n")
    for path in (tmp_path / "missing.pem", damaged):
        with pytest.raises(SettingsFaulty, match=path.name):
            await connection(connected, ca_file=path).open()


def test_proxies_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY is honoured with or without a scheme, NO_PROXY exempts, SOCKS is refused."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    url = "https://login.microsoftonline.com/x"
    assert proxy_for(url) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example:3128")
    assert proxy_for(url) == "http://user:word@proxy.example:3128"
    monkeypatch.setenv("NO_PROXY", "graph.microsoft.com, .microsoftonline.com")
    assert proxy_for(url) is None
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    assert proxy_for(url) == "http://proxy.example:3128"
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example:1080")
    with pytest.raises(Unreachable, match="not an HTTP proxy"):
        proxy_for(url)


async def test_requests_go_through_the_proxy(
    connected: Connected, monkeypatch: pytest.MonkeyPatch, token: Secret
) -> None:
    """With HTTPS_PROXY set, CONNECT reaches the proxy first; its refusal is a sentence."""
    asked: list[str] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(Unreachable, match="proxy"):
            await connected.ms.graph.get("/x", token)
    host = connected.graph.url.removeprefix("https://")
    assert asked == [f"CONNECT {host} HTTP/1.1\r\n"]
    assert connected.graph.seen == []


async def test_nobody_listening_is_unreachable(connected: Connected, token: Secret) -> None:
    """A closed port is a sentence that names the host."""
    async with Microsoft(
        Registration(CLIENT_ID, connected.secret),
        connected.authority.url,
        "https://127.0.0.1:9",
        connected.authority.ca_file,
        QUICK,
    ) as ms:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
            await ms.graph.get("/x", token)


async def test_an_answer_that_never_ends_is_bounded(connected: Connected, token: Secret) -> None:
    """More than the limit is not read to its end."""
    connected.graph.on("GET", "/v1.0/x", Reply({"value": ["x" * 200_000]}))
    limits = Limits(body=100_000)
    async with connection(connected, limits) as ms:
        with pytest.raises(AnswerBroken, match="more than"):
            await ms.graph.get("/x", token)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-4"}, 0.0),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
        (
            {
                "Retry-After": "Mon, 23 Nov 2026 15:42:00 GMT",
                "Date": "Mon, 23 Nov 2026 15:41:00 GMT",
            },
            60.0,
        ),
        ({"Retry-After": "Mon, 23 Nov 2020 15:42:00 GMT"}, 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds or an HTTP date, measured against the answer's own Date; nonsense is nothing."""
    assert retry_after(headers) == seconds


def test_a_date_without_a_date_header_is_measured_by_our_clock() -> None:
    """Far in the future is a long wait."""
    assert (retry_after({"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}) or 0) > 1e6
    assert datetime.now(UTC).year < 2100


async def test_closing_ends_what_is_under_way(connected: Connected) -> None:
    """A hanging token request does not outlive the connection."""
    connected.authority.answers_tokens(Reply(hang=True))
    ms = connection(connected, Limits())
    await ms.open()
    task = asyncio.create_task(ms.tokens.for_app(TENANT))
    await connected.authority.arrived("POST", TOKEN_PATH)
    await ms.close()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(task, 5)


def test_importing_loads_neither_msal_nor_aiohttp() -> None:
    """The first screen does not wait for libraries it does not need."""
    code = (
        "import sys, ttr_tui.microsoft as m\n"
        "from ttr_tui.microsoft import administrator, directory, grants, mailbox, registration\n"
        "print([n for n in ('msal', 'aiohttp', 'requests', 'cryptography') if n in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
