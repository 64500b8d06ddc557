"""The dials at work on whole answers, for both hosts."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ttr_tui.sandbox.world import World

_BUSY = 0.05


def _error(code: str, message: str) -> str:
    return json.dumps({"error": {"code": code, "message": message, "innerError": {}}})


def _spoiled(world: World) -> web.Response | None:
    """Return what is answered instead, if a dial says so."""
    dials = world.dials
    headers = {"Retry-After": str(dials.retry_after)}
    if dials.throttle_next > 0:
        dials.throttle_next -= 1
        text = _error("TooManyRequests", "Too many requests.")
        return web.Response(text=text, status=429, headers=headers, content_type="application/json")
    if dials.fail_next > 0:
        dials.fail_next -= 1
        text = _error("ServiceNotAvailable", "The service is temporarily unavailable.")
        wait = headers if dials.fail_status == 503 else {}
        return web.Response(
            text=text, status=dials.fail_status, headers=wait, content_type="application/json"
        )
    if dials.html_next > 0:
        dials.html_next -= 1
        text = "<html><head><title>Blocked</title></head><body>Your proxy says no.</body></html>"
        return web.Response(text=text, content_type="text/html")
    return None


async def _delayed(world: World) -> None:
    if world.dials.slow_seconds:
        await asyncio.sleep(world.dials.slow_seconds)
    while world.dials.hang:  # noqa: ASYNC110 - a dial is a plain value, turned from anywhere
        await asyncio.sleep(_BUSY)


def trouble(world: World, host: str) -> Middleware:
    """Return the middleware of a host: it notes every request and lets the dials spoil it."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        place = f"{host} {request.method} {request.path}"
        if request.path.startswith("/sandbox/"):
            return await handler(request)
        world.seen.append(place)
        if world.dials.at not in place:
            return await handler(request)
        await _delayed(world)
        if world.dials.drop_next > 0 and request.transport is not None:
            world.dials.drop_next -= 1
            request.transport.abort()
        spoiled = _spoiled(world)
        if spoiled is not None:
            return spoiled
        answer = await handler(request)
        if world.dials.truncate_next > 0 and isinstance(answer, web.Response):
            world.dials.truncate_next -= 1
            whole = (answer.text or "").encode()
            answer.body = whole[: len(whole) // 2]
        return answer

    return meet
