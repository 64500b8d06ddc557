"""Who answers on the configured redirect URLs: this process, another one of ours, or a stranger."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ttr_tui.callback import Answers
from ttr_tui.errors import ListenFailed
from ttr_tui.model import Purpose
from ttr_tui.process import listener_on

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from ttr_tui.callback.server import CallbackServer
    from ttr_tui.settings import Settings

TAKE_OVER_PAUSE = 3.0
"""Seconds between two tries to take over a port that another process held."""


@dataclass(frozen=True, slots=True)
class Served:
    """Whether links lead to us, and the sentence that says so."""

    links_work: bool
    sentence: str


class Listening:
    """The callback server of this process, started where the port is free, or whoever holds it.

    While another process of ours holds the port it is used, because attempts live in the store;
    when it ends, this process takes over. A stranger is named, and no link leads to it. With an
    `inherited` socket, which a service manager bound, this process serves on that one.
    """

    def __init__(
        self, settings: Settings, answers: Answers, inherited: socket.socket | None = None
    ) -> None:
        self._settings = settings
        self._answers = answers
        self._inherited = inherited
        self._server: CallbackServer | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.served = Served(links_work=False, sentence="Not listening yet")
        self.on_change: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Listen, or find out who does; never raises for a port that is taken."""
        if not self._settings.redirects:
            self._say(Served(links_work=False, sentence="Not listening: the settings are faulty"))
            return
        await self._try()
        if self._server is None:
            self._keeper = asyncio.get_running_loop().create_task(self._keep_trying())

    async def stop(self) -> None:
        """Stop listening and trying to."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._server is not None:
            await self._server.stop()
            self._server = None

    @property
    def listens(self) -> bool:
        """Tell whether this process itself answers."""
        return self._server is not None

    @property
    def waited_for(self) -> bool:
        """Whether a browser will ask this process again how its sign-in ended."""
        return self._server is not None and self._server.waited_for

    def require(self) -> None:
        """Raise ListenFailed while no link would lead to a server of ours."""
        if not self.served.links_work:
            raise ListenFailed(
                f"{self.served.sentence}.",
                means="A link would lead nowhere, or to a program that is not ours.",
                cure="Free the address, or name another one in TTR_CALLBACK_LISTEN.",
            )

    async def _try(self) -> None:
        # In a thread: it takes 0.15 s, and no key shall wait for it.
        await asyncio.to_thread(import_module, "ttr_tui.callback.server")
        from ttr_tui.callback.server import CallbackServer  # noqa: PLC0415 - see above

        settings = self._settings
        server = CallbackServer(
            settings.redirects,
            settings.listen,
            settings.tls,
            self._answers,
            proxy_addresses=settings.proxy_addresses,
        )
        where = f"{settings.listen[0]}:{settings.listen[1]}"
        try:
            await server.start(self._inherited)
        except ListenFailed as problem:
            if problem.ours:
                sentence = f"Another program of ours listens on {where}"
                self._say(Served(links_work=True, sentence=sentence))
            else:
                await self._name_the_stranger(problem.happened.rstrip("."))
            return
        self._server = server
        host = urlsplit(settings.redirects[Purpose.COMPANY_MASTER]).hostname or where
        on = where if host in {"localhost", settings.listen[0]} else f"{where} for {host}"
        self._say(Served(links_work=True, sentence=f"Listening on {on}"))

    async def _keep_trying(self) -> None:
        while self._server is None:
            await asyncio.sleep(TAKE_OVER_PAUSE)
            await self._try()

    async def _name_the_stranger(self, taken: str) -> None:
        if self.served.sentence.startswith(taken):
            return
        holder = await asyncio.to_thread(listener_on, self._settings.listen[1])
        named = f"{taken} ({holder})" if holder else taken
        self._say(Served(links_work=False, sentence=named))

    def _say(self, served: Served) -> None:
        if served != self.served:
            self.served = served
            self.on_change()
