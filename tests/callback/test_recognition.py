"""A taken port: ours, a stranger's, a silent one; and TLS of our own."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.callback.wire import BULK, START, Desk, redirects, send, send_raw
from ttr_tui.callback import is_ours, recognise
from ttr_tui.callback.server import CallbackServer
from ttr_tui.errors import ListenFailed
from ttr_tui.model import Purpose

HOST = "127.0.0.1"
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def stranger(serving: Serving) -> AsyncIterator[int]:
    """Yield the port of a server that is not ours."""
    server = await asyncio.start_server(serving, HOST, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_with_our_key_is_recognised(port: int, desk: Desk) -> None:
    """It answers the challenge as the key says."""
    assert await is_ours((HOST, port), redirects(), desk.proof)


async def test_a_server_with_another_key_is_not(port: int) -> None:
    """Another store's server is a stranger."""
    assert not await is_ours((HOST, port), redirects(), Desk().proof)


async def test_a_server_with_other_paths_is_not(port: int, desk: Desk) -> None:
    """The same key is not enough: links would lead to paths it does not serve."""
    other = redirects() | {Purpose.AGENT: "http://localhost:8400/elsewhere"}
    assert not await is_ours((HOST, port), other, desk.proof)


async def test_a_stranger_that_passes_the_challenge_on_is_not_ours(port: int, desk: Desk) -> None:
    """The proof names the port, so that it is worth nothing behind another one."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(await send_raw(port, asked))
        writer.close()

    async with stranger(relay) as elsewhere:
        assert not await is_ours((HOST, elsewhere), redirects(), desk.proof)


async def test_a_recorded_answer_is_not_ours(port: int, desk: Desk) -> None:
    """Each challenge has its own nonce."""
    recorded: list[bytes] = []

    async def replay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        recorded.append(recorded[0] if recorded else await send_raw(port, asked))
        writer.write(recorded[0])
        writer.close()

    async with stranger(replay) as elsewhere:
        answers = [await is_ours((HOST, elsewhere), redirects(), desk.proof) for _ in range(2)]
    assert answers == [False, False]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"0" * 64,
        b"\x00" * 100_000,
    ],
)
async def test_whatever_a_stranger_answers_it_is_not_ours(desk: Desk, answer: bytes) -> None:
    """Any protocol, any length."""

    async def serving(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with stranger(serving) as elsewhere:
        assert not await is_ours((HOST, elsewhere), redirects(), desk.proof)


async def test_silence_is_not_ours_after_a_while(desk: Desk) -> None:
    """A server that accepts and says nothing does not hold up the start."""
    assert recognise.PATIENCE <= 5
    began = time.monotonic()
    over = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with stranger(silent) as elsewhere:
        there = (HOST, elsewhere)
        found = await recognise.who_listens(there, redirects(), desk.proof, patience=0.3)
        over.set()
    assert found is recognise.Listener.STRANGER
    assert 0.2 < time.monotonic() - began < 2


async def test_nobody_on_the_port_is_not_ours(desk: Desk) -> None:
    """A refused connection is an answer, too."""
    assert not await is_ours((HOST, free_port()), redirects(), desk.proof)


async def test_the_challenge_gives_nothing_away(port: int, desk: Desk) -> None:
    """64 hexadecimal digits, another proof for every nonce, never the bare nonce's."""
    nonces = [secrets.token_bytes(32) for _ in range(2)]
    pages = [await send(port, "GET", f"{BULK}/-/challenge/{nonce.hex()}") for nonce in nonces]
    proofs = {page.body for page in pages}
    assert len(proofs) == 2
    assert all(len(proof) == 64 for proof in proofs)
    assert desk.proof(nonces[0]).hex() not in proofs


async def test_a_port_taken_by_our_own_server_is_told_from_a_strangers(
    port: int, desk: Desk
) -> None:
    """The app uses what is ours and goes on without what is not."""
    for asking, ours in ((desk, True), (Desk(), False)):
        second = CallbackServer(redirects(), (HOST, port), None, asking.answers())
        with pytest.raises(ListenFailed) as failed:
            await second.start()
        assert failed.value.ours is ours
        assert f"{HOST}:{port}" in failed.value.sentence()
        assert second.listening == ""
        await second.stop()


async def test_an_address_that_is_not_this_hosts_is_named(desk: Desk) -> None:
    """The sentence says which setting to correct."""
    server = CallbackServer(redirects(), ("192.0.2.1", 8400), None, desk.answers())
    with pytest.raises(ListenFailed) as failed:
        await server.start()
    assert "192.0.2.1:8400" in failed.value.happened
    assert "TTR_CALLBACK_LISTEN" in failed.value.cure
    assert not failed.value.ours


async def test_the_address_listened_on_is_told(desk: Desk) -> None:
    """While the server runs, and not after."""
    server = CallbackServer(redirects(), (HOST, 0), None, desk.answers())
    assert server.listening == ""
    await server.start()
    assert server.listening == f"{HOST}:{server.port}"
    await server.stop()
    assert server.listening == ""


async def test_with_a_certificate_only_tls_of_1_2_and_newer_is_spoken(
    desk: Desk, tmp_path: Path
) -> None:
    """The page comes over TLS, plain HTTP gets nothing, and the challenge works there, too."""
    pair = certificate(tmp_path)
    names = redirects("https://localhost")
    server = CallbackServer(names, (HOST, 0), pair, desk.answers())
    await server.start()
    context = ssl.create_default_context(cafile=str(pair[0]))
    reader, writer = await asyncio.open_connection(
        HOST, server.port, ssl=context, server_hostname="localhost"
    )
    writer.write(f"GET {START} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    served = server._context()
    assert served is not None
    assert served.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert await is_ours((HOST, server.port), names, desk.proof, tls=True)
    assert not await is_ours((HOST, server.port), names, desk.proof)
    await server.stop()


@pytest.mark.parametrize("spoilt", [0, 1])
async def test_a_certificate_that_cannot_be_used_is_a_sentence(
    desk: Desk, tmp_path: Path, spoilt: int
) -> None:
    """Both files are named, with the settings they come from."""
    pair = certificate(tmp_path)
    pair[spoilt].write_text("not PEM", encoding="ascii")
    server = CallbackServer(redirects(), (HOST, 0), pair, desk.answers())
    with pytest.raises(ListenFailed) as failed:
        await server.start()
    assert str(pair[0]) in failed.value.happened
    assert "TTR_CALLBACK_TLS_KEY" in failed.value.cure


async def test_a_key_with_a_pass_phrase_does_not_ask_for_it(desk: Desk, tmp_path: Path) -> None:
    """OpenSSL would ask on the terminal, over the screen."""
    pair = certificate(tmp_path, pass_phrase=secrets.token_bytes(8).hex().encode())
    server = CallbackServer(redirects(), (HOST, 0), pair, desk.answers())
    with pytest.raises(ListenFailed) as failed:
        await server.start()
    assert "no pass phrase" in failed.value.cure


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def certificate(folder: Path, pass_phrase: bytes = b"") -> tuple[Path, Path]:
    """Write a certificate for localhost and its key; return both paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    sealed: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if pass_phrase:
        sealed = serialization.BestAvailableEncryption(pass_phrase)
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed
    )
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(written)
    return paths
