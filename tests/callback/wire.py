"""A client that sends bytes as they are, and a stand-in for what the server asks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ttr_tui.callback import Answers, FinishPage, StartPage
from ttr_tui.errors import LinkUnknown, StateUnknown, TtrError
from ttr_tui.model import AuthorizationResponse, Purpose

PATHS = {
    Purpose.AGENT: "/account/microsoft/auth",
    Purpose.INVITATION: "/msgraph-auth",
    Purpose.REAUTHENTICATION: "/msgraph-re-auth",
    Purpose.COMPANY_MASTER: "/tools/agents/msgraph-store-bulk",
    Purpose.ADMIN_CONSENT: "/msgraph-grant-admin-permission",
}
BULK = PATHS[Purpose.COMPANY_MASTER]
CODE = "7K2MQX4P9D"
START = f"{BULK}/{CODE}"
ORIGIN = "http://localhost:8400"
MICROSOFT = "https://login.example/8a4f/oauth2/v2.0/authorize?client_id=1&state=a%20b"


def redirects(origin: str = ORIGIN) -> dict[Purpose, str]:
    """Return the five redirect URLs below one origin."""
    return {purpose: origin + path for purpose, path in PATHS.items()}


def start_page(**changed: object) -> StartPage:
    """Return the start page of a Company Master's link."""
    words = {
        "company_name": "Contoso Ltd",
        "domain": "contoso.com",
        "title": "Sign in the Company Master",
        "asks": (
            "Mail.ReadBasic: who wrote to whom, when, and the subject",
            "User.Read: your name and address",
            "offline_access: to do so while you are not signed in",
        ),
        "for_whom": "a Privileged Role Administrator or Global Administrator",
        "until": datetime(2026, 11, 24, 14, 38, tzinfo=UTC),
    } | changed
    return StartPage(**words)  # type: ignore[arg-type] # each value is the field's own kind


STORED = FinishPage("The sign-in is stored", ("Anna Weber signed in.",), good=True)


@dataclass
class Desk:
    """Answers what the server asks and notes what it was asked, in order."""

    page: StartPage = field(default_factory=start_page)
    outcome_page: FinishPage = STORED
    refuse: TtrError | None = None
    bug: Exception | None = None
    hold: asyncio.Event | None = None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    asked: list[tuple[str, ...]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    responses: list[AuthorizationResponse] = field(default_factory=list)
    url: str = MICROSOFT

    def answers(self) -> Answers:
        """Return the callables for a server."""
        return Answers(self.look_up, self.press, self.finish, self.outcome, self.prove)

    async def _answer(self, what: str, *words: str) -> None:
        self.asked.append((what, *words))
        if self.hold is not None:
            await self.hold.wait()
        self.ended.append(what)
        if self.bug is not None:
            raise self.bug
        if self.refuse is not None:
            raise self.refuse

    async def look_up(self, purpose: Purpose, code: str, client: str) -> StartPage:
        """Know one code."""
        await self._answer("look_up", purpose, code, client)
        if code != CODE:
            raise LinkUnknown("No start link has this code.")
        return self.page

    async def press(self, purpose: Purpose, code: str, browser: str, client: str) -> str:
        """Lead to Microsoft."""
        await self._answer("press", purpose, code, browser, client)
        if code != CODE:
            raise LinkUnknown("No start link has this code.")
        return self.url

    async def finish(
        self, purpose: Purpose, response: AuthorizationResponse, browser: str, client: str
    ) -> FinishPage:
        """Know one state."""
        self.responses.append(response)
        await self._answer("finish", purpose, browser, client)
        if response.state != "right":
            raise StateUnknown("This answer belongs to no request of ours.")
        return self.outcome_page

    async def outcome(self, handle: str, browser: str) -> FinishPage:
        """Show what became of it."""
        await self._answer("outcome", handle, browser)
        return self.outcome_page

    def proof(self, nonce: bytes) -> bytes:
        """Return the keyed answer to `nonce`."""
        return hmac.digest(self.key, nonce, hashlib.sha256)

    async def prove(self, nonce: bytes) -> bytes:
        """Return the keyed answer to `nonce`."""
        return self.proof(nonce)


@dataclass(frozen=True)
class Answer:
    """What came back: status, header fields by lower-case name, body."""

    status: int
    fields: Mapping[str, str]
    body: str


def request(
    method: str, target: str, fields: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Return a well-formed request that ends its connection."""
    named = {"Host": "localhost", "Connection": "close"} | dict(fields or {})
    if body:
        named = {"Content-Length": str(len(body))} | named
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {named[name]}" for name in named)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def send_raw(port: int, sent: bytes, *, seconds: float = 8.0) -> bytes:
    """Send bytes and return all that comes until the server closes."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(sent)
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()


async def send(
    port: int,
    method: str,
    target: str,
    fields: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Send one request and return its answer."""
    return parsed(await send_raw(port, request(method, target, fields, body)))


def parsed(raw: bytes) -> Answer:
    """Return the first answer in `raw`."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    cased = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in lines}
    return Answer(int(first.split()[1]), fields | cased, body.decode())


async def until(true: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait until a fact holds."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - the fact is another task's, which sets no event
            await asyncio.sleep(0.01)
