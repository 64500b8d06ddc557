"""Connections that cannot be held open: bounded in number, each watched until it has sent.

aiohttp ends a connection that sends no complete head within the keep-alive time. It has no limit
for a body, for an answer nobody reads, or for the number of connections; those are here.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from aiohttp import web

from ttr_tui.callback import refusals, sending
from ttr_tui.callback.limits import Limits

LOG = logging.getLogger("ttr_tui.callback")

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def report(bug: BaseException | None) -> None:
    """Log where a bug is, not what it holds, and hand it to the loop's exception handler."""
    if bug is None:
        return
    frames = traceback.extract_tb(bug.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    LOG.error("a bug ended an answer: %s at %s", type(bug).__name__, place)
    asyncio.get_running_loop().call_exception_handler(
        {"message": "a bug ended an answer of the callback server", "exception": bug}
    )


class Connection(web.RequestHandler):
    """One connection. Its watch ends it unless a request is complete, or an answer is awaited."""

    def __init__(
        self, listener: web.Server, limits: Limits, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            listener,
            loop=loop,
            keepalive_timeout=limits.keep_alive_seconds,
            lingering_time=limits.lingering_seconds,
            max_line_size=limits.line_bytes,
            max_field_size=limits.field_bytes,
            max_headers=limits.fields,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # None turns it off, it would log the query
            logger=LOG,
        )
        self._seconds = limits.request_seconds
        self._wire: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch."""
        if isinstance(transport, asyncio.Transport):
            self._wire = transport
        self._watch_anew()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the watch."""
        self._wire = None
        self._stop_watch()
        super().connection_lost(exc)

    @property
    def expendable(self) -> bool:
        """Whether nothing of ours is under way on this connection."""
        return self._watch is not None

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Let an answer take its time: it is ours that is slow, not the client."""
        self._stop_watch()
        try:
            yield
        finally:
            self._watch_anew()

    def abort(self) -> None:
        """End the connection now, whatever is still unsent."""
        if self._wire is not None:
            self._wire.abort()

    def _watch_anew(self) -> None:
        self._stop_watch()
        if self._wire is not None:
            self._watch = asyncio.get_running_loop().call_later(self._seconds, self.abort)

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer, and watch anew for the next request."""
        sent = await super().finish_response(request, resp, start_time)
        self._watch_anew()
        return sent

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - names the bytes that came; the base's parameter
    ) -> web.StreamResponse:
        """Return the page for what is no request, or for a bug, which is reported."""
        if status == 400:
            LOG.info("a request that cannot be read: 400")
            refused = refusals.unreadable()
        else:
            report(exc or sys.exception())
            refused = refusals.broken()
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is on its way already")
        reply = sending.refusal(refused)
        reply.force_close()
        return reply

    def log_exception(self, *_words: Any, **named: Any) -> None:
        """Report a bug without its message, which may hold what a client sent."""
        bug = named.get("exc_info")
        report(bug if isinstance(bug, BaseException) else sys.exception())


def answering(request: web.BaseRequest) -> AbstractContextManager[None]:
    """Let the answer to `request` take its time."""
    connection = request.protocol
    return connection.answering() if isinstance(connection, Connection) else nullcontext()


class Listener(web.Server):
    """Makes the connections, and keeps no more than `limits.connections` of them."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        super().__init__(handler)
        self._limits = limits

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return Connection(self, self._limits, asyncio.get_running_loop())

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection in; beyond the limit, the oldest that only waits has to go."""
        super().connection_made(handler, transport)
        if len(self.connections) <= self._limits.connections:
            return
        for connection in self.connections:
            if isinstance(connection, Connection) and connection.expendable:
                connection.abort()
                return
        transport.abort()
