"""What each request gets: the checks in order, the question to `Answers`, the page."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ttr_tui.callback import checks, marks, pages, refusals, sending
from ttr_tui.callback.answers import Answers, FinishPage
from ttr_tui.callback.connections import LOG, answering, report
from ttr_tui.callback.limits import Limits, ParkedResponses, WrongCodes
from ttr_tui.callback.routes import Place, Route, Routes
from ttr_tui.errors import LinkOver, LinkUnknown, TtrError
from ttr_tui.model import AuthorizationResponse

PARKED = "ttr_parked"
"""The query parameter that names a parked response."""

_FORM = "application/x-www-form-urlencoded"
_T = TypeVar("_T")
_Replier = Callable[[Route, web.BaseRequest], Awaitable[web.Response]]


class Replies:
    """Answers requests. What was asked of `Answers` goes on when the browser leaves."""

    def __init__(
        self, routes: Routes, answers: Answers, proxies: Sequence[str], limits: Limits
    ) -> None:
        self._routes = routes
        self._answers = answers
        self._proxies = proxies
        self._limits = limits
        self._wrong = WrongCodes(limits)
        self._parked = ParkedResponses(limits)
        self._under_way: set[asyncio.Task[Any]] = set()
        self._asks_again: OrderedDict[str, float] = OrderedDict()
        self._repliers: dict[Place, dict[str, _Replier]] = {
            Place.CALLBACK: {"GET": self._come_back, "POST": self._park},
            Place.START: {"GET": self._show, "HEAD": self._show_nothing, "POST": self._press},
            Place.OUTCOME: {"GET": self._outcome},
            Place.CHALLENGE: {"GET": self._prove},
        }

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; log its path without its query, codes masked."""
        target = request.raw_path.partition("?")[0]
        try:
            reply = await self._reply(self._routes.find(target), request)
        except TtrError as refused:
            reply = sending.refusal(refused, again=self._again(refused))
        LOG.info("%s %s %d", request.method[:16], self._routes.masked(target), reply.status)
        return reply

    @property
    def waited_for(self) -> bool:
        """Whether a browser shows a page that is not decided yet and will ask again for it."""
        moment = time.monotonic()
        return any(until > moment for until in self._asks_again.values())

    def _note(self, page: FinishPage, handle: str) -> None:
        self._asks_again.pop(handle, None)
        if page.pending and handle:
            self._asks_again[handle] = time.monotonic() + pages.REFRESH_SECONDS + 1
        while len(self._asks_again) > self._limits.parked:
            self._asks_again.popitem(last=False)

    async def settle(self, seconds: float) -> None:
        """Wait until what was asked is answered, at most `seconds`; then cancel it."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=seconds)
        for task in late:
            task.cancel()

    async def _reply(self, route: Route | None, request: web.BaseRequest) -> web.Response:
        if route is None:
            raise refusals.not_here()
        repliers = self._repliers[route.place]
        replier = repliers.get(request.method)
        if replier is None:
            allowed = {"Allow": ", ".join(repliers)}
            return sending.refusal(refusals.not_this_way(), fields=allowed)
        nonce = marks.nonce_of(route, request.raw_path.partition("?")[2])
        if nonce is not None and request.method == "GET":
            asked_for = marks.message(route.place, route.path, nonce)
            return await self._proof(request, asked_for)
        return await replier(route, request)

    async def _come_back(self, route: Route, request: web.BaseRequest) -> web.Response:
        query = request.raw_path.partition("?")[2]
        response = checks.response_from(query, self._limits.parameters)
        handle = response.parameters.get(PARKED, "") if len(response.parameters) == 1 else ""
        if handle and (known := self._parked.outcome(handle)):
            return await self._show_outcome(route, request, known)
        if handle:
            response = self._unpark(handle)
        browser, client = self._browser(request), self._client(request)
        asked = self._answers.finish(route.purpose, response, browser, client)
        page = await self._ask(request, asked)
        if handle and page.outcome_handle:
            self._parked.finished(handle, page.outcome_handle)
        self._note(page, page.outcome_handle)
        return sending.Reply(pages.finished(page, route.outcome(page.outcome_handle)))

    def _unpark(self, handle: str) -> AuthorizationResponse:
        response = self._parked.take(handle)
        if response is None:
            raise refusals.shown_before()
        return response

    async def _park(self, route: Route, request: web.BaseRequest) -> web.Response:
        body = await self._body(request)
        if request.content_type != _FORM:
            raise refusals.no_form()
        text = body.decode("utf-8", "surrogateescape")
        response = checks.response_from(text, self._limits.parameters)
        where = f"{route.path or '/'}?{PARKED}={self._parked.park(response)}"
        return sending.Reply("", 303, fields={"Location": where})

    async def _show(self, route: Route, request: web.BaseRequest) -> web.Response:
        client = self._client(request)
        page = await self._by_code(
            request, client, self._answers.look_up(route.purpose, route.rest, client)
        )
        markup = pages.start(page, route.start(route.rest))
        return sending.Reply(markup, referrer="same-origin")

    async def _show_nothing(self, _route: Route, _request: web.BaseRequest) -> web.Response:
        # Nothing is looked up: a scanner's HEAD is no opening, and tells right codes from wrong
        # ones no better than the GET does.
        return sending.Reply("", referrer="same-origin")

    async def _press(self, route: Route, request: web.BaseRequest) -> web.Response:
        sites = request.headers.getall("Sec-Fetch-Site", [])
        origins = request.headers.getall("Origin", [])
        if not checks.pressed_here(sites, origins, self._routes.origin):
            raise refusals.not_from_here()
        await self._body(request)
        client = self._client(request)
        browser = self._browser(request) or checks.new_browser()
        pressed = self._answers.press(route.purpose, route.rest, browser, client)
        try:
            url = await self._by_code(request, client, pressed)
        except (LinkUnknown, LinkOver, refusals.TurnedAway):
            raise
        except TtrError as refused:
            return sending.refusal(refused, again=route.start(route.rest))
        cookie = checks.cookie_for(browser, secure=self._routes.secure)
        return sending.Reply(pages.onward(url), fields={"Set-Cookie": cookie})

    async def _outcome(self, route: Route, request: web.BaseRequest) -> web.Response:
        return await self._show_outcome(route, request, route.rest)

    async def _show_outcome(
        self, route: Route, request: web.BaseRequest, handle: str
    ) -> web.Response:
        page = await self._ask(request, self._answers.outcome(handle, self._browser(request)))
        self._note(page, handle)
        return sending.Reply(pages.finished(page, route.outcome(page.outcome_handle or handle)))

    async def _prove(self, route: Route, request: web.BaseRequest) -> web.Response:
        return await self._proof(request, bytes.fromhex(route.rest))

    async def _proof(self, request: web.BaseRequest, message: bytes) -> web.Response:
        proof = await self._ask(request, self._answers.prove(message))
        return sending.Reply(proof.hex(), content_type="text/plain")

    async def _by_code(self, request: web.BaseRequest, client: str, asked: Awaitable[_T]) -> _T:
        try:
            return await self._ask(request, asked)
        except LinkUnknown as unknown:
            if self._wrong.too_many(client):
                raise refusals.too_many_wrong_codes() from unknown
            raise

    async def _ask(self, request: web.BaseRequest, asked: Awaitable[_T]) -> _T:
        # Shielded: a browser that leaves, or a server that stops, must not cut an exchange short.
        task = asyncio.ensure_future(asked)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            with answering(request):
                return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_report_unseen)
            raise

    async def _body(self, request: web.BaseRequest) -> bytes:
        if "Content-Encoding" in request.headers:
            raise refusals.no_form()
        if (request.content_length or 0) > self._limits.body_bytes:
            raise refusals.too_large()
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while chunk := await request.content.readany():
                    body += chunk
                    if len(body) > self._limits.body_bytes:
                        raise refusals.too_large()
        except TimeoutError as slow:
            raise refusals.too_slow() from slow
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError) as broken:
            raise refusals.unreadable() from broken
        return bytes(body)

    def _browser(self, request: web.BaseRequest) -> str:
        name = checks.cookie_name(secure=self._routes.secure)
        return checks.browser_from(request.headers.getall("Cookie", []), name)

    def _client(self, request: web.BaseRequest) -> str:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return checks.client_of(request.remote or "", forwarded, self._proxies)

    def _again(self, refused: TtrError) -> str:
        link = getattr(refused, "link", "")
        found = self._routes.find(urlsplit(link).path)
        return found.start(found.rest) if found and found.place is Place.START else ""


def _report_unseen(task: asyncio.Task[Any]) -> None:
    bug = None if task.cancelled() else task.exception()
    if not isinstance(bug, TtrError):
        report(bug)
