"""The callback server in the program's own event loop. Imports aiohttp: import this late."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ttr_tui.callback.answers import Answers
from ttr_tui.callback.connections import Listener
from ttr_tui.callback.limits import Limits
from ttr_tui.callback.recognise import bound_to, is_ours
from ttr_tui.callback.replies import Replies
from ttr_tui.callback.routes import Routes
from ttr_tui.errors import ListenFailed
from ttr_tui.model import Purpose


class CallbackServer:
    """Serves the configured redirect paths and what lies below them, from start() to stop()."""

    def __init__(
        self,
        redirects: Mapping[Purpose, str],
        listen: tuple[str, int],
        tls: tuple[Path, Path] | None,
        answers: Answers,
        proxy_addresses: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._redirects = dict(redirects)
        self._listen = listen
        self._tls = tls
        self._limits = limits or Limits()
        self._prove_keyed = answers.prove
        bound = replace(answers, prove=self._prove)
        routes = Routes(self._redirects)
        self._replies = Replies(routes, bound, tuple(proxy_addresses), self._limits)
        self._listener: Listener | None = None
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port listened on; before start() the configured one."""
        if self._server is None or not self._server.sockets:
            return self._listen[1]
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def listening(self) -> str:
        """The address listened on, as `HOST:PORT`; empty while the server is not running."""
        host = f"[{self._listen[0]}]" if ":" in self._listen[0] else self._listen[0]
        return f"{host}:{self.port}" if self._server is not None else ""

    @property
    def waited_for(self) -> bool:
        """Whether a browser will ask again for a page that was not decided yet."""
        return self._server is not None and self._replies.waited_for

    async def start(self, inherited: socket.socket | None = None) -> None:
        """Begin to listen, on an `inherited` socket where there is one; stop() closes that too.

        Raises ListenFailed; its `ours` says whether a server of the same store has the port.
        """
        context = self._context()
        self._listener = Listener(self._replies, self._limits)
        handshake = self._limits.request_seconds if context else None
        loop = asyncio.get_running_loop()
        if inherited is not None:
            self._server = await loop.create_server(
                self._listener, sock=inherited, ssl=context, ssl_handshake_timeout=handshake
            )
            return
        try:
            self._server = await loop.create_server(
                self._listener, *self._listen, ssl=context, ssl_handshake_timeout=handshake
            )
        except OSError as failure:
            raise await self._failed(failure) from failure

    async def stop(self) -> None:
        """Stop listening; what is being answered has ten seconds to end."""
        if self._server is None or self._listener is None:
            return
        self._server.close()
        self._server = None
        self._listener.pre_shutdown()
        await self._replies.settle(self._limits.stop_seconds)
        await self._listener.shutdown(self._limits.lingering_seconds)

    async def _prove(self, nonce: bytes) -> bytes:
        return await self._prove_keyed(bound_to(nonce, self.port, self._redirects))

    async def _failed(self, failure: OSError) -> ListenFailed:
        where = f"{self._listen[0]}:{self._listen[1]}"
        if failure.errno != errno.EADDRINUSE:
            number = failure.errno or 0  # a failed name look-up has a negative one
            reason = os.strerror(number) if number > 0 else str(failure.strerror)
            return ListenFailed(
                f"The callback server cannot listen on {where}: {reason}.",
                means="No browser can come back from Microsoft to this server meanwhile.",
                cure="Correct TTR_CALLBACK_LISTEN.",
            )
        tls = self._tls is not None
        if await is_ours(self._listen, self._redirects, self._prove_keyed, tls=tls):
            return ListenFailed(f"A server of this store listens on {where} already.", ours=True)
        return ListenFailed(
            f"Another program listens on {where}.",
            means="No link leads there, and no browser can come back from Microsoft meanwhile.",
            cure="End that program, or set TTR_CALLBACK_LISTEN to a free port.",
        )

    def _context(self) -> ssl.SSLContext | None:
        if self._tls is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        certificate, key = self._tls
        try:
            context.load_cert_chain(certificate, key, password="")  # never asks for one
        except OSError as failure:
            raise ListenFailed(
                f"The TLS certificate {certificate} and its key {key} cannot be used:"
                f" {failure.strerror or type(failure).__name__}.",
                means="No browser can come back from Microsoft to this server meanwhile.",
                cure="Correct TTR_CALLBACK_TLS_CERT and TTR_CALLBACK_TLS_KEY;"
                " the key must have no pass phrase.",
            ) from failure
        return context
