"""The sandbox's own resources, beside the tenant's: dials from another process, and the stranger.

The stranger is a third host, which nobody configured: what arrives there went astray.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from ttr_tui.sandbox.answers import json_answer
from ttr_tui.sandbox.calls import moment
from ttr_tui.sandbox.dials import DialUnknown
from ttr_tui.sandbox.registration import DAY
from ttr_tui.sandbox.tenants import Tenant
from ttr_tui.sandbox.world import World


class RemoteDials:
    """`/sandbox/dials` and `/sandbox/tenants/…` on the Graph host; JSON, no token."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the Graph host this part serves."""
        return [
            web.get("/sandbox/dials", self.read),
            web.post("/sandbox/dials", self.turn),
            web.post("/sandbox/secrets", self.add_secret),
            web.delete("/sandbox/secrets", self.remove_secret),
            web.post("/sandbox/tenants/{tenant}/{action}", self.act),
        ]

    async def read(self, _: web.Request) -> web.Response:
        """Answer how the dials stand."""
        return json_answer(self._world.dials.reading())

    async def turn(self, request: web.Request) -> web.Response:
        """Turn dials; an empty object turns all of them back."""
        try:
            changes = await request.json()
            if not isinstance(changes, dict):
                raise DialUnknown("Dials are turned by a JSON object of names and values.")
            self._world.dials.turn(changes)
            if not changes:
                self._world.dials.reset()
        except ValueError as wrong:
            return json_answer({"error": str(wrong)}, 400)
        return json_answer(self._world.dials.reading())

    async def add_secret(self, request: web.Request) -> web.Response:
        """Make a client secret; the body may say in how many days it ends (365)."""
        now = self._world.home_time()
        try:
            days = float(await request.text() or 365.0)
            ends = moment(now + days * DAY)
        except (ValueError, OverflowError) as wrong:
            return json_answer({"error": str(wrong)}, 400)
        secret = self._world.registration.add_secret(days, now)
        return json_answer({"secret": secret.value, "key_id": secret.id, "ends": ends})

    async def remove_secret(self, request: web.Request) -> web.Response:
        """Remove the client secret whose value is the body."""
        try:
            self._world.registration.remove_secret((await request.text()).strip())
        except KeyError:
            return json_answer({"error": "There is no such secret."}, 404)
        return json_answer({"done": "removed"})

    async def act(self, request: web.Request) -> web.Response:
        """Let something happen in a tenant, with one value in the body where it needs one."""
        tenant = self._world.tenant(request.match_info["tenant"])
        action = request.match_info["action"]
        if tenant is None:
            return json_answer({"error": "There is no such tenant."}, 404)
        try:
            _act(tenant, action, (await request.text()).strip())
        except (KeyError, ValueError) as wrong:
            return json_answer({"error": f"{action} does not take {wrong}."}, 400)
        return json_answer({"done": action})


def _act(tenant: Tenant, action: str, value: str) -> None:
    """Do one thing. Raises KeyError or ValueError for an unknown action, user or number."""
    whole: dict[str, Callable[[], None]] = {
        "grant": tenant.grant_all,
        "revoke-consent": tenant.revoke_consent,
        "remove-app": tenant.remove_app,
        "disable-app": tenant.disable_app,
        "enable-app": tenant.enable_app,
    }
    named: dict[str, Callable[[str], None]] = {
        "advance": lambda seconds: tenant.advance(float(seconds)),
        "revoke-role": tenant.revoke_role,
        "revoke-sessions": lambda name: tenant.revoke_sessions(tenant.person(name)),
        "reset-password": tenant.reset_password,
        "disable": tenant.disable,
        "enable": tenant.enable,
        "remove-user": tenant.remove_user,
    }
    if action in whole:
        whole[action]()
    else:
        named[action](value)


@dataclass(slots=True, frozen=True)
class Stray:
    """A request that reached the stranger."""

    method: str
    path: str
    authorization: bool
    body: str


class Stranger:
    """A host of nobody's: it remembers what came and answers emptily."""

    def __init__(self) -> None:
        self.requests: list[Stray] = []

    def routes(self) -> list[web.RouteDef]:
        """Return the stranger's one route."""
        return [web.route("*", "/{path:.*}", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Remember a request and answer with an empty JSON object."""
        authorized = "Authorization" in request.headers
        stray = Stray(request.method, request.path, authorized, await request.text())
        self.requests.append(stray)
        return json_answer({})
