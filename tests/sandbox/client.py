"""A raw client of the sandbox: what goes over the wire, without the product."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from ttr_tui.sandbox import Sandbox, Tenant
from ttr_tui.sandbox.browser import Administrator

PORT = 9  # nobody listens there: a browser's journey ends at the redirect
BULK, ADMIN = "MS_GRAPH_REDIRECT_FOR_BULK", "MS_GRAPH_REDIRECT_FOR_ADMIN"


@dataclass
class Reply:
    """A status, headers, and JSON or text."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict[str, object]:
        """The body as a JSON object."""
        value = json.loads(self.text)
        assert isinstance(value, dict)
        return value

    @property
    def values(self) -> list[dict[str, object]]:
        """The `value` of a collection."""
        values = self.json["value"]
        assert isinstance(values, list)
        return values

    @property
    def code(self) -> object:
        """The error's code: Graph's word, or the first AADSTS number."""
        error = self.json["error"]
        if isinstance(error, dict):
            return error["code"]
        codes = self.json["error_codes"]
        assert isinstance(codes, list)
        return codes[0]


def answered(url: str) -> dict[str, str]:
    """Return the parameters an authorization response carries in its address."""
    return dict(parse_qsl(urlsplit(url).query))


def claims(token: object) -> dict[str, object]:
    """Return what an ID token says."""
    part = str(token).split(".")[1]
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; AssertionError after five seconds."""
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


@dataclass
class Client:
    """Speaks to one tenant of a sandbox."""

    sandbox: Sandbox
    session: aiohttp.ClientSession
    tenant: Tenant
    redirects: dict[str, str]
    administrator: Administrator
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    async def send(self, method: str, url: str, **more: object) -> Reply:
        """Send one request; no redirect is followed."""
        async with self.session.request(method, url, allow_redirects=False, **more) as answer:  # type: ignore[arg-type]  # keywords pass through
            return Reply(answer.status, dict(answer.headers), await answer.text())

    def url(self, path: str, tenant: str = "") -> str:
        """Return a URL of the login host."""
        return f"{self.sandbox.authority_host}/{tenant or self.tenant.id}/{path}"

    def scope(self, *names: str) -> str:
        """Return scopes by their full names."""
        wanted = names or ("Mail.ReadBasic", "User.Read")
        full = [f"{self.sandbox.graph_base_url}/{name}" for name in wanted]
        return " ".join([*full, "offline_access", "openid", "profile"])

    def consent_query(self, **changes: str | None) -> dict[str, str]:
        """Return a good request for admin consent, changed; None leaves a parameter out."""
        query: dict[str, str | None] = {
            "client_id": self.sandbox.client_id,
            "redirect_uri": self.redirects[ADMIN],
            "scope": f"{self.sandbox.graph_base_url}/.default",
            "state": "s t/1",
        }
        return {name: value for name, value in (query | changes).items() if value is not None}

    def authorize_query(self, **changes: str | None) -> dict[str, str]:
        """Return a good authorization request, changed; None leaves a parameter out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query: dict[str, str | None] = {
            "client_id": self.sandbox.client_id,
            "response_type": "code",
            "redirect_uri": self.redirects[BULK],
            "scope": self.scope(),
            "state": "st",
            "nonce": "n-1",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "response_mode": "query",
            "prompt": "select_account",
            "client_info": "1",
        }
        return {name: value for name, value in (query | changes).items() if value is not None}

    def consent_url(self, **changes: str | None) -> str:
        """Return the address of admin consent."""
        return f"{self.url('v2.0/adminconsent')}?{urlencode(self.consent_query(**changes))}"

    def authorize_url(self, tenant: str = "", /, **changes: str | None) -> str:
        """Return the address of the authorization endpoint."""
        query = urlencode(self.authorize_query(**changes))
        return f"{self.url('oauth2/v2.0/authorize', tenant)}?{query}"

    async def consent(self, account: str = "", *, accept: bool = True) -> dict[str, str]:
        """Grant admin consent in a browser; return what the redirect says."""
        link = self.consent_url()
        page = await self.administrator.follow(link, account=account, accept=accept)
        return answered(page.url)

    async def sign_in(self, account: str = "", **changes: str) -> dict[str, str]:
        """Sign in with a browser; return what the redirect says."""
        page = await self.administrator.follow(self.authorize_url(**changes), account=account)
        return answered(page.url)

    async def token(self, grant: str, tenant: str = "", /, **changes: str | None) -> Reply:
        """Ask for tokens; None leaves a field out."""
        form: dict[str, str | None] = {
            "grant_type": grant,
            "client_id": self.sandbox.client_id,
            "client_secret": self.sandbox.client_secret,
            "client_info": "1",
        }
        body = {name: value for name, value in (form | changes).items() if value is not None}
        return await self.send("POST", self.url("oauth2/v2.0/token", tenant), data=body)

    async def redeem(self, code: str, tenant: str = "", /, **changes: str | None) -> Reply:
        """Redeem a code as it should be, changed."""
        usual: dict[str, str | None] = {
            "code": code,
            "redirect_uri": self.redirects[BULK],
            "code_verifier": self.verifier,
        }
        return await self.token("authorization_code", tenant, **(usual | changes))

    async def app_token(self) -> str:
        """Return the app's own token."""
        scope = f"{self.sandbox.graph_base_url}/.default"
        reply = await self.token("client_credentials", scope=scope)
        assert reply.status == 200, reply.text
        return str(reply.json["access_token"])

    async def graph(
        self, path: str, token: str, *, eventual: bool = False, body: object = None
    ) -> Reply:
        """Call Graph; a body makes it a POST."""
        headers = {"Authorization": f"Bearer {token}"}
        if eventual:
            headers["ConsistencyLevel"] = "eventual"
        url = path if path.startswith("https://") else f"{self.sandbox.graph_base_url}/v1.0{path}"
        method = "GET" if body is None else "POST"
        return await self.send(method, url, headers=headers, json=body)


@asynccontextmanager
async def client_of(sandbox: Sandbox, place: int = 0) -> AsyncIterator[Client]:
    """Speak to a tenant of the sandbox, with the five redirect URIs registered."""
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield Client(
            sandbox,
            session,
            sandbox.tenants[place],
            sandbox.settings(PORT),
            Administrator(sandbox.ca_file),
        )
