"""A TLS server on loopback that answers exactly what a test scripts, truths and lies alike."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ipaddress
import json
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "99999999-2222-4333-8444-555555555555"
CLIENT_ID = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
PERSON = {
    "tid": TENANT,
    "oid": "0b0b0b0b-0000-4000-8000-000000000001",
    "sub": "subject-of-mira",
    "name": "Mira Muster",
    "preferred_username": "mira@contoso.example",
}


@dataclass
class Reply:
    """One scripted answer. `cut` ends it early, `hang` never begins it."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: bool = False


@dataclass
class Seen:
    """One request that arrived."""

    method: str
    path: str
    target: str
    headers: dict[str, str]
    body: str


class Liar:
    """Answers by method and path, in order; the last scripted answer of a path repeats."""

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self.certificate = certificate
        self.seen: list[Seen] = []
        self.url = ""
        self._script: dict[tuple[str, str], list[Reply]] = {}
        self._runner: web.AppRunner | None = None
        self._over = asyncio.Event()
        self._arrival = asyncio.Condition()

    @property
    def ca_file(self) -> Path:
        return self.certificate[0]

    def on(self, method: str, path: str, *replies: Reply) -> None:
        self._script[method, path] = list(replies)

    def asked(self, method: str, path: str) -> list[Seen]:
        return [seen for seen in self.seen if (seen.method, seen.path) == (method, path)]

    async def arrived(self, method: str, path: str) -> None:
        """Wait until a request for this path has arrived."""
        async with asyncio.timeout(10), self._arrival:
            await self._arrival.wait_for(lambda: self.asked(method, path))

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{anything:.*}", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"https://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._over.set()
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path
        self.seen.append(
            Seen(request.method, path, request.path_qs, dict(request.headers), await request.text())
        )
        async with self._arrival:
            self._arrival.notify_all()
        script = self._script.get((request.method, path))
        if not script:
            return web.json_response({"error": {"code": "NotScripted"}}, status=404)
        reply = script.pop(0) if len(script) > 1 else script[0]
        if reply.hang:
            await self._over.wait()
        body = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        headers = {"Content-Type": "application/json", **reply.headers}
        if not reply.cut:
            return web.Response(text=None, body=body.encode(), status=reply.status, headers=headers)
        whole = web.StreamResponse(status=reply.status, headers=headers)
        whole.content_length = len(body.encode()) + 100
        await whole.prepare(request)
        await whole.write(body.encode())
        assert request.transport is not None
        request.transport.close()
        return whole

    # What a truthful authority would say, with anything in it replaced.

    def discovery(self, tenant: str = TENANT, **changed: Any) -> dict[str, Any]:
        root = f"{self.url}/{tenant}"
        return {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            **changed,
        }

    def is_authority(self, *, asked: str = TENANT, **changed: Any) -> None:
        path = f"/{asked}/v2.0/.well-known/openid-configuration"
        self.on("GET", path, Reply(self.discovery(**changed)))

    def answers_tokens(self, *replies: Reply) -> None:
        self.on("POST", TOKEN_PATH, *replies)

    def id_token(self, **claims: Any) -> str:
        told = {
            "aud": CLIENT_ID,
            "iss": f"{self.url}/{TENANT}/v2.0",
            "iat": int(time.time()),
            "exp": int(time.time()) + 3600,
            **PERSON,
            **claims,
        }
        return jwt({name: value for name, value in told.items() if value is not None})

    @property
    def token_requests(self) -> list[Seen]:
        return self.asked("POST", TOKEN_PATH)


TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"


def jwt(claims: Any) -> str:
    """Return an unsigned JWT: its signature is nobody's business here."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJl"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a self-signed certificate for 127.0.0.1 and its key; return both files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(hours=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files
