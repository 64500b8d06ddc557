"""A Microsoft 365 tenant in small: the login host and Graph over https on loopback.

It knows nothing of the product. It is made new every time and forgets everything when it stops.
"""

from __future__ import annotations

import asyncio
import shutil
import ssl
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypedDict, Unpack

from aiohttp import web

from ttr_tui.sandbox.certificate import make_certificate
from ttr_tui.sandbox.companies import customers, publisher
from ttr_tui.sandbox.dials import Dials
from ttr_tui.sandbox.discovery import Discovery
from ttr_tui.sandbox.graph import GraphHost
from ttr_tui.sandbox.login import LoginPages
from ttr_tui.sandbox.people import Person
from ttr_tui.sandbox.registration import Registration, made_secret
from ttr_tui.sandbox.remote import RemoteDials, Stranger
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.tokens import TokenEndpoint
from ttr_tui.sandbox.trouble import trouble
from ttr_tui.sandbox.world import World

__all__ = ["REDIRECT_PATHS", "Dials", "Person", "Sandbox", "Tenant"]

Hosting = Literal["saas", "self"]

REDIRECT_PATHS = {
    "MS_GRAPH_REDIRECT": "/account/microsoft/auth",
    "MS_GRAPH_REDIRECT_FOR_INVITE": "/msgraph-auth",
    "MS_GRAPH_REDIRECT_FOR_REAUTH": "/msgraph-re-auth",
    "MS_GRAPH_REDIRECT_FOR_BULK": "/tools/agents/msgraph-store-bulk",
    "MS_GRAPH_REDIRECT_FOR_ADMIN": "/msgraph-grant-admin-permission",
}

_LISTEN = "127.0.0.1"
_LARGE = 10_000
_GOODBYE_SECONDS = 0.5


class Options(TypedDict, total=False):
    """What else a sandbox may be told."""

    client_id: str
    client_secret: str
    redirect_uris: Sequence[str]
    seed: int
    curious: bool


class Sandbox:
    """The sandbox, to be used with `async with`, or between `start()` and `stop()`.

    `users` is the size of the first tenant's directory, `tenants` the number of customers when the
    hosting is "saas"; with "self" there is one tenant, the app's home. Client id and secret are
    made at random unless given. `curious=True` puts display names into the directories that try a
    program out (markup, control characters, formulas).
    """

    def __init__(
        self,
        users: int = 2500,
        tenants: int = 3,
        hosting: Hosting = "saas",
        **options: Unpack[Options],
    ) -> None:
        seed, curious = options.get("seed", 365), options.get("curious", False)
        several = hosting == "saas"
        self.hosting = hosting
        self.tenants = customers(tenants if several else 1, users, seed, curious=curious)
        self.home = publisher(seed) if several else self.tenants[0]
        self.registration = Registration(
            client_id=options.get("client_id") or str(uuid.uuid4()),
            client_secret=options.get("client_secret") or made_secret(),
            home_tenant_id=self.home.id,
            multi_tenant=several,
            redirect_uris=list(options.get("redirect_uris", ())),
        )
        # Registering an app makes its service principal at home, with no permission granted.
        self.home.ensure_principal()
        everybody = [*self.tenants, *([self.home] if several else [])]
        self.world = World(self.registration, everybody)
        self.stranger = Stranger()
        self._runners: list[web.AppRunner] = []
        self._folder: Path | None = None

    @property
    def dials(self) -> Dials:
        """The switches for trouble."""
        return self.world.dials

    @property
    def authority_host(self) -> str:
        """The login host's root, https, without a trailing slash."""
        return self.world.login

    @property
    def graph_base_url(self) -> str:
        """Graph's root, https, without a trailing slash."""
        return self.world.graph

    @property
    def client_id(self) -> str:
        """The registration's client id."""
        return self.registration.client_id

    @property
    def client_secret(self) -> str:
        """The registration's client secret."""
        return self.registration.client_secret

    @property
    def ca_file(self) -> Path:
        """The public certificate of the sandbox's authority, a file while it runs.

        Raises RuntimeError when it does not run.
        """
        if self._folder is None:
            raise RuntimeError("the sandbox does not run")
        return self._folder / "sandbox-ca.pem"

    @property
    def seen(self) -> list[str]:
        """What was asked for so far: `graph GET /v1.0/users`, `login POST /…/token`."""
        return list(self.world.seen)

    @property
    def most_at_once(self) -> int:
        """The most requests to Graph that were under way at once so far."""
        return self.world.most_at_once

    @property
    def impatient(self) -> int:
        """Requests that came while a 429 for everybody was not over (dial `throttle_all`)."""
        return self.world.impatient

    def register(self, *redirect_uris: str) -> None:
        """Add redirect URIs to the registration."""
        known = self.registration.redirect_uris
        known.extend(uri for uri in redirect_uris if uri not in known)

    def add_secret(self, days: float = 365.0) -> str:
        """Make a second client secret, which counts beside the others; return its value."""
        return self.registration.add_secret(days, self.world.home_time()).value

    def remove_secret(self, value: str) -> None:
        """Remove a client secret, the first one too. Raises KeyError when there is none."""
        self.registration.remove_secret(value)

    def settings(self, callback_port: int) -> dict[str, str]:
        """Return the settings that point a product on this machine at the sandbox.

        Registers the five redirect URIs, on `localhost` with the callback's port.
        """
        redirects = {
            name: f"http://localhost:{callback_port}{path}" for name, path in REDIRECT_PATHS.items()
        }
        self.register(*redirects.values())
        return {
            "MS_GRAPH_CLIENT_ID": self.client_id,
            "MS_GRAPH_CLIENT_SECRET": self.client_secret,
            **redirects,
            "MS_GRAPH_AUTHORITY_HOST": self.authority_host,
            "MS_GRAPH_BASE_URL": self.graph_base_url,
            "TTR_CA_FILE": str(self.ca_file),
            "TTR_CALLBACK_LISTEN": f"{_LISTEN}:{callback_port}",
            "TTR_HOSTING": self.hosting,
        }

    async def start(self) -> None:
        """Listen on three free ports of loopback: login, Graph, and the stranger."""
        if self.tenants[0].directory.size > _LARGE:
            # Made now and off the loop, which is often shared with the program under test.
            await asyncio.to_thread(lambda: self.tenants[0].directory.people)
        self._folder = Path(tempfile.mkdtemp(prefix="ttr-sandbox-"))
        _, context = make_certificate(self._folder)
        world = self.world
        login = [
            *Discovery(world).routes(),
            *LoginPages(world).routes(),
            *TokenEndpoint(world).routes(),
        ]
        world.login = await self._serve(login, "login", context)
        graph = [*GraphHost(world).routes(), *RemoteDials(world).routes()]
        world.graph = await self._serve(graph, "graph", context)
        world.stranger = await self._serve(self.stranger.routes(), "stranger", context)

    async def _serve(self, routes: list[web.RouteDef], host: str, context: ssl.SSLContext) -> str:
        app = web.Application(middlewares=[trouble(self.world, host)])
        app.add_routes(routes)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GOODBYE_SECONDS)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, _LISTEN, 0, ssl_context=context).start()
        return f"https://{_LISTEN}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening and remove the certificate's file."""
        self.dials.hang = False
        while self._runners:
            await self._runners.pop().cleanup()
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()
