"""The Graph host: who may ask at all, and which part answers."""

from __future__ import annotations

import json
import uuid

from aiohttp import web

from ttr_tui.sandbox import (
    batch,
    graph_application,
    graph_delta,
    graph_groups,
    graph_mail,
    graph_registration,
    graph_roles,
    graph_users,
)
from ttr_tui.sandbox.calls import Answer, Call, GraphRefused, Route, denied
from ttr_tui.sandbox.issued import AccessToken
from ttr_tui.sandbox.world import World

_ROUTES: tuple[Route, ...] = (
    *graph_delta.ROUTES,
    *graph_users.ROUTES,
    *graph_registration.ROUTES,
    *graph_application.ROUTES,
    *graph_mail.ROUTES,
    *graph_groups.ROUTES,
    *graph_roles.ROUTES,
)


class GraphHost:
    """Everything below `/v1.0`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the Graph host."""
        return [web.route("*", "/v1.0/{path:.*}", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a call over HTTP."""
        caller = request.headers.get("client-request-id") or str(uuid.uuid4())
        try:
            token = self._token(request)
            call = Call(
                world=self._world,
                token=token,
                method=request.method,
                path=request.path.removeprefix("/v1.0"),
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await _json(request),
                url=f"{self._world.graph}{request.raw_path}",
            )
            if (call.method, call.path) == ("POST", "/$batch"):
                given = batch.answer(call, dispatch)
            else:
                given = dispatch(call)
        except GraphRefused as refused:
            given = Answer(refused.body(caller), refused.status, refused.headers)
        return _response(given, caller)

    def _token(self, request: web.Request) -> AccessToken:
        """Check the bearer token of a request: known, for Graph, alive, its app still there."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise _unauthenticated("Access token is empty.")
        token = self._world.access_tokens.find(text.strip())
        if token is None:
            raise _unauthenticated("CompactToken parsing failed with error code: 80049217")
        if token.audience != self._world.graph:
            raise _unauthenticated("Access token validation failure. Invalid audience.")
        if token.expires_at <= token.tenant.now() or self._world.dials.unauthorized:
            raise _unauthenticated("Access token has expired or is not yet valid.")
        if token.tenant.service_principal is None:
            message = "The identity of the calling application could not be established."
            raise GraphRefused(403, "Authorization_IdentityNotFound", message)
        return token


def _unauthenticated(message: str) -> GraphRefused:
    headers = {"WWW-Authenticate": 'Bearer realm="", authorization_uri=""'}
    return GraphRefused(401, "InvalidAuthenticationToken", message, headers)


def dispatch(call: Call) -> Answer:
    """Find who answers a call; GraphRefused when nobody does or it may not be asked."""
    if call.world.dials.denied:
        raise denied()
    parts = call.world.dials.denied_at
    if call.method == "GET" and any(part in call.path for part in parts):
        raise denied()
    for entry in _ROUTES:
        match = entry.path.fullmatch(call.path)
        if match and entry.method == call.method:
            call.named = match.groupdict()
            return entry.action(call)
    if call.method != "GET":
        # Writing needs permissions that no registration of ours has (facts section 11).
        raise denied()
    segment = call.path.strip("/").partition("/")[0]
    raise GraphRefused(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


async def _json(request: web.Request) -> object:
    if request.method not in {"POST", "PATCH", "PUT"}:
        return None
    try:
        body: object = json.loads(await request.text() or "null")
    except ValueError as broken:
        message = "Unable to read JSON request payload."
        raise GraphRefused(400, "BadRequest", message) from broken
    return body


def _response(given: Answer, caller: str) -> web.Response:
    plain = isinstance(given.body, str)
    headers = {
        "request-id": str(uuid.uuid4()),
        "client-request-id": caller,
        "x-ms-resource-unit": "1",
        "Cache-Control": "no-cache",
        **given.headers,
    }
    return web.Response(
        text=given.written(),
        status=given.status,
        content_type="text/plain" if plain else "application/json",
        charset="utf-8",
        headers=headers,
    )
