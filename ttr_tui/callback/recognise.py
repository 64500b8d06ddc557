"""Is the server on our port ours? It is asked to answer a challenge keyed from the store."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

from ttr_tui.callback.routes import challenge_path
from ttr_tui.model import Purpose

PATIENCE = 5.0
"""Seconds until silence is an answer: a service that is just being started, by this very question
perhaps, takes one of them where all is well.
"""
_LONGEST = 16 * 1024
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - not listened on


def bound_to(message: bytes, port: int, redirects: Mapping[Purpose, str]) -> bytes:
    """Return the 32 bytes a server proves itself over: what it is asked, its port, its redirects.

    `message` is the 32 bytes of a challenge, or what `marks.message` makes for a mark.

    Without the port, a stranger could pass the challenge on to a server of ours elsewhere; without
    the redirects, a server with other paths would be taken for one that serves ours.
    """
    named = json.dumps([port, sorted(redirects.items())]).encode()
    return hashlib.sha256(b"ttr-tui callback\0" + named + b"\0" + message).digest()


class Listener(StrEnum):
    """Who listens on an address of this server."""

    OURS = "a server of this store"
    STRANGER = "another program"
    NOBODY = "nobody"


async def is_ours(
    listen: tuple[str, int],
    redirects: Mapping[Purpose, str],
    expected: Callable[[bytes], bytes | Awaitable[bytes]],
    *,
    tls: bool = False,
) -> bool:
    """Tell whether the server that listens on `listen` is ours, as `who_listens` finds out."""
    return await who_listens(listen, redirects, expected, tls=tls) is Listener.OURS


async def who_listens(
    listen: tuple[str, int],
    redirects: Mapping[Purpose, str],
    expected: Callable[[bytes], bytes | Awaitable[bytes]],
    *,
    tls: bool = False,
    patience: float = PATIENCE,
) -> Listener:
    """Ask the server that listens on `listen` for a proof over a fresh nonce.

    `expected` is the keyed function both sides hold. A wrong or old answer, or none within
    `patience` seconds, is a stranger's; a refused connection is nobody's.
    """
    nonce = secrets.token_bytes(32)
    proof = expected(bound_to(nonce, listen[1], redirects))
    right = proof if isinstance(proof, bytes) else await proof
    try:
        async with asyncio.timeout(patience):
            answer = await _fetch(listen, challenge_path(redirects, nonce), tls=tls)
    except ConnectionRefusedError:
        return Listener.NOBODY
    except (OSError, ValueError):  # a time limit and a TLS failure are OSErrors
        return Listener.STRANGER
    head, _, body = answer.partition(b"\r\n\r\n")
    proven = head.startswith(b"HTTP/1.1 200 ") and hmac.compare_digest(body, right.hex().encode())
    return Listener.OURS if proven else Listener.STRANGER


async def _fetch(listen: tuple[str, int], path: str, *, tls: bool) -> bytes:
    host, port = _EVERYWHERE.get(listen[0], listen[0]), listen[1]
    reader, writer = await asyncio.open_connection(host, port, ssl=_any_certificate(tls=tls))
    try:
        asked = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        writer.write(asked.encode())
        answer = b""
        while len(answer) < _LONGEST and (more := await reader.read(_LONGEST)):
            answer += more
    finally:
        writer.transport.abort()
    return answer


def _any_certificate(*, tls: bool) -> ssl.SSLContext | None:
    # The certificate names the public host, not this address; the proof itself is the check.
    if not tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
