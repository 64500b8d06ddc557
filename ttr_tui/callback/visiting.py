"""Asks a URL as a browser on this server would: over TLS that is verified, then with a GET.

Nothing is sent before the certificate proved right, and no TLS keys are logged (`SSLKEYLOGFILE`).
"""

from __future__ import annotations

import asyncio
import http.client
import io
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import SplitResult

from ttr_tui.callback.certificates import Shown, read_certificate
from ttr_tui.callback.connecting import connected
from ttr_tui.callback.ways import Stopped, Tls, Trip, Way
from ttr_tui.text import clean

LONGEST = 64 * 1024
"""Bytes of an answer that are read."""

_EXPIRED, _NOT_YET, _OTHER_HOST, _OTHER_ADDRESS = 10, 9, 62, 64  # OpenSSL's X509_V_ERR_*
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; every text is as it came."""

    status: int
    server: str
    location: str
    body: str


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that trusts the system's CAs and those in `ca_file`; loading takes 20 ms."""
    # Not `create_default_context`: that writes each connection's keys to $SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


async def ask(url: SplitResult, target: str, context: ssl.SSLContext, trip: Trip) -> Answer:
    """GET the origin-form `target` at the origin of `url`; raise Stopped where that fails.

    Takes as long as it takes: whoever calls sets the time limit, and `trip` says what was waited
    for.
    """
    wire = await connected(url, trip)
    reader, writer = await _secured(url, wire, context, trip)
    trip.wait_for(Way.MUTE, "the connection is taken, and no answer comes")
    try:
        asked = f"GET {target} HTTP/1.1\r\nHost: {url.netloc.lower()}\r\nUser-Agent: ttr-tui\r\n"
        writer.write(f"{asked}Accept: text/html, */*;q=0.8\r\nConnection: close\r\n\r\n".encode())
        return _parsed(await _read(reader))
    finally:
        writer.transport.abort()


async def _secured(
    url: SplitResult, wire: socket.socket, context: ssl.SSLContext, trip: Trip
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if url.scheme != "https":
        return await asyncio.open_connection(sock=wire)
    trip.wait_for(Way.MUTE, "the connection is taken, and no TLS is spoken")
    try:
        opened = await asyncio.open_connection(sock=wire, ssl=context, server_hostname=url.hostname)
    except ssl.SSLCertVerificationError as wrong:
        raise await _wrong_certificate(url, trip, wrong) from None
    except ssl.SSLError as failure:
        reason = failure.reason or "no reason given"
        said = "no TLS" if reason in _NO_TLS else f"no TLS that can be used ({reason})"
        raise Stopped(Way.NO_TLS, f"what listens there speaks {said}") from None
    except OSError:
        raise Stopped(Way.NO_TLS, "what listens there breaks off the TLS handshake") from None
    except ValueError:
        # Behind a proxy nothing has resolved the name by now. No transport was made of the socket.
        wire.close()
        raise Stopped(Way.NAME_UNKNOWN, f"{url.hostname} is no name that resolves") from None
    trip.tls = _tls_of(opened[1])
    return opened


def _tls_of(writer: asyncio.StreamWriter) -> Tls:
    spoken: ssl.SSLObject = writer.get_extra_info("ssl_object")
    shown = read_certificate(spoken.getpeercert(binary_form=True) or b"")
    return Tls(spoken.version() or "", shown)


async def _wrong_certificate(
    url: SplitResult, trip: Trip, wrong: ssl.SSLCertVerificationError
) -> Stopped:
    """Return what is wrong with the certificate: it is looked at again, and nothing is sent."""
    shown = await _shown_by(url, Trip(only=trip.met))
    if shown is None:
        return Stopped(Way.CERTIFICATE, f"its certificate is refused: {wrong.verify_message}")
    issuer = f"issued by {clean(shown.issuer, 60)}"
    if wrong.verify_code == _EXPIRED and shown.ends < datetime.now(UTC):
        said = f"its certificate ended on {shown.ends:%Y-%m-%d} ({issuer})"
    elif wrong.verify_code == _NOT_YET:
        said = f"its certificate is valid only from {shown.begins:%Y-%m-%d} ({issuer})"
    elif wrong.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        said = f"its certificate is for {_listed(shown.names)}, not for {url.hostname}"
    else:
        said = f"its certificate, {issuer}, is not trusted here: {wrong.verify_message}"
    return Stopped(Way.CERTIFICATE, said)


async def _shown_by(url: SplitResult, trip: Trip) -> Shown | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        wire = await connected(url, trip)
        _, writer = await asyncio.open_connection(
            sock=wire, ssl=context, server_hostname=url.hostname
        )
    except (OSError, Stopped):
        return None
    shown = _tls_of(writer).shown
    writer.transport.abort()
    return shown


def _listed(names: tuple[str, ...], most: int = 3) -> str:
    named = ", ".join(clean(name, 60) for name in names[:most]) or "no name"
    return f"{named} and {len(names) - most} more" if len(names) > most else named


async def _read(reader: asyncio.StreamReader) -> bytes:
    received = b""
    with suppress(ConnectionError, ssl.SSLError):
        while len(received) < LONGEST and not _complete(received):
            more = await reader.read(LONGEST)
            if not more:
                break
            received += more
    return received


def _complete(received: bytes) -> bool:
    # Not every server ends the connection because it was asked to.
    head, end, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().partition(b":")[::2] for line in head.split(b"\r\n")[1:])
    length = fields.get(b"content-length", b"").strip()
    if fields.get(b"transfer-encoding", b"").strip() == b"chunked":
        return body.endswith(b"0\r\n\r\n")
    return bool(end) and length.isdigit() and len(body) >= int(length[:9])


class _Received:
    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._received)


def _parsed(received: bytes) -> Answer:
    if not received:
        raise Stopped(Way.NO_HTTP, "what listens there ends the connection without an answer")
    try:
        answer = http.client.HTTPResponse(cast("socket.socket", _Received(received)), method="GET")
        answer.begin()
    except (http.client.HTTPException, ValueError, OSError):
        raise Stopped(Way.NO_HTTP, "what listens there answers, and not in HTTP") from None
    try:
        body = answer.read(LONGEST)
    except http.client.IncompleteRead as cut:
        body = cut.partial
    except (http.client.HTTPException, ValueError):
        body = b""
    server, location = (answer.getheader(name) or "" for name in ("Server", "Location"))
    return Answer(answer.status, server, location, body.decode("utf-8", "replace"))
