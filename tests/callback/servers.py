"""What may stand where a redirect URL leads: certificates of every kind, proxies, strangers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.callback.wire import send_raw

HOST = "127.0.0.1"
Serving = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Rewrite = Callable[[str], str | None]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


def certificate(
    folder: Path, *names: str, begins: float = -1, ends: float = 20
) -> tuple[Path, Path]:
    """Write a self-signed certificate and its key; `begins` and `ends` are days from now."""
    named = x509.SubjectAlternativeName([x509.DNSName(name) for name in names or ("localhost",)])
    return _written(folder, [named], begins, ends)


def certificate_with(folder: Path, extensions: Mapping[str, bytes]) -> tuple[Path, Path]:
    """Write one with extensions as they are given, by number, in DER."""
    odd = [x509.UnrecognizedExtension(x509.ObjectIdentifier(n), v) for n, v in extensions.items()]
    return _written(folder, odd, -1, 20)


def _written(
    folder: Path, extensions: Sequence[x509.ExtensionType], begins: float, ends: float
) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the\x1b[31m test")])
    moment = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment + timedelta(days=begins))
        .not_valid_after(moment + timedelta(days=ends))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(key, hashes.SHA256())
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[1].touch(mode=0o600)
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@asynccontextmanager
async def stranger(
    serving: Serving, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Yield the port of a server that is not ours."""
    server = await asyncio.start_server(serving, HOST, port, ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()


def saying(answer: bytes) -> Serving:
    """Answer every request so."""

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    return serving


def passing_on(backend: int, rewrite: Rewrite) -> Serving:
    """Pass each request on with the target `rewrite` makes of its own; None: 404 of the proxy's."""

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, rest = asked.split(" ", 2)
        changed = rewrite(target)
        if changed is None:
            writer.write(b"HTTP/1.1 404 Not Found\r\nServer: portal\r\nContent-Length: 0\r\n\r\n")
        else:
            writer.write(await send_raw(backend, f"{method} {changed} {rest}".encode()))
        writer.close()

    return serving


def leading_on(backend: int, asked: list[bytes], refuse: bytes = b"") -> Serving:
    """Be an outgoing proxy: answer CONNECT, and lead to `backend` whatever it named."""

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        if refuse:
            writer.write(refuse)
            writer.close()
            return
        there = await asyncio.open_connection(HOST, backend)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))

    return serving


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while part := await reader.read(65_536):
            writer.write(part)
    except ConnectionError:
        pass
    finally:
        writer.close()
