"""The dials at work on whole answers, for both hosts."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ttr_tui.sandbox.calls import GraphRefused
from ttr_tui.sandbox.refusals import LoginRefused
from ttr_tui.sandbox.world import World

_BUSY = 0.05


def _error(world: World, host: str, code: str) -> str:
    """Return the body of a host that is too busy or ill to do its work."""
    refused = GraphRefused(503, code, "The service is temporarily unavailable.")
    caller = str(uuid.uuid4())
    if host == "login":
        return json.dumps(LoginRefused(90033).body(world.login, caller))
    return json.dumps(refused.body(caller))


def _instead(world: World, host: str) -> web.Response | None:
    """Return what is answered instead, if a dial says so."""
    dials = world.dials
    headers = {"Retry-After": str(dials.retry_after)}
    if dials.throttle_next > 0:
        dials.throttle_next -= 1
        if dials.throttle_all:
            world.closed_until = asyncio.get_running_loop().time() + dials.retry_after
        text = _error(world, host, "TooManyRequests")
        return web.Response(text=text, status=429, headers=headers, content_type="application/json")
    if dials.fail_next > 0:
        dials.fail_next -= 1
        text = _error(world, host, "ServiceNotAvailable")
        wait = headers if dials.fail_status == 503 else {}
        return web.Response(
            text=text, status=dials.fail_status, headers=wait, content_type="application/json"
        )
    if dials.html_next > 0:
        dials.html_next -= 1
        text = "<html><head><title>Blocked</title></head><body>Your proxy says no.</body></html>"
        return web.Response(text=text, content_type="text/html")
    return None


def _spoil(world: World, request: web.Request, answer: web.StreamResponse) -> None:
    """Cut an answer short, or lose it on the way."""
    dials = world.dials
    if dials.truncate_next > 0 and isinstance(answer, web.Response):
        dials.truncate_next -= 1
        whole = (answer.text or "").encode()
        answer.body = whole[: len(whole) // 2]
    if dials.drop_next > 0 and request.transport is not None:
        dials.drop_next -= 1
        request.transport.abort()


async def _delayed(world: World) -> None:
    if world.dials.slow_seconds:
        await asyncio.sleep(world.dials.slow_seconds)
    while world.dials.hang:  # noqa: ASYNC110 - a dial is a plain value, turned from anywhere
        await asyncio.sleep(_BUSY)


def _closed(world: World) -> bool:
    """Say whether everybody was told to wait, and count who came all the same."""
    left = world.closed_until - asyncio.get_running_loop().time()
    if not world.dials.throttle_all or left <= 0:
        return False
    world.impatient += 1
    world.dials.throttle_next += 1
    return True


@contextmanager
def _counted(world: World, host: str) -> Iterator[None]:
    """Count the requests to Graph that are under way at once."""
    one = int(host == "graph")
    world.at_once += one
    world.most_at_once = max(world.most_at_once, world.at_once)
    try:
        yield
    finally:
        world.at_once -= one


def trouble(world: World, host: str) -> Middleware:
    """Return the middleware of a host: it notes every request and lets the dials spoil it."""

    @web.middleware
    async def meet(request: web.Request, handler: Handler) -> web.StreamResponse:
        place = f"{host} {request.method} {request.path}"
        if request.path.startswith("/sandbox/"):
            return await handler(request)
        world.seen.append(place)
        with _counted(world, host):
            return await spoilt(request, handler, f"{place}?{request.query_string}")

    async def spoilt(request: web.Request, handler: Handler, place: str) -> web.StreamResponse:
        if world.dials.at not in place:
            return await handler(request)
        if not _closed(world):
            await _delayed(world)
        spoiled = _instead(world, host)
        if spoiled is not None:
            return spoiled
        answer = await handler(request)
        _spoil(world, request, answer)
        return answer

    return meet
