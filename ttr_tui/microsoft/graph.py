"""Microsoft Graph over HTTP: requests, pages, and the check before a token is attached."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ttr_tui.microsoft import batch
from ttr_tui.microsoft.batch import BatchAnswer, BatchItem
from ttr_tui.microsoft.endpoints import graph_url
from ttr_tui.microsoft.pages import LARGE, Page, PageText, Trail, page_text
from ttr_tui.microsoft.refusals import graph_refusal
from ttr_tui.microsoft.waiting import BUSY, Announce, gate_of_this_work
from ttr_tui.microsoft.wire import Answer, Ask, Wire
from ttr_tui.model import Secret


class Graph:
    """Requests to one Graph root. Every method raises TokenStale (401), PermissionMissing (403),
    GraphRefused (any other refusal), AnswerBroken, ForeignHost, and Unreachable after 429, 5xx or
    no answer; a wait Graph asks for is announced to `on_wait` and then waited.
    """

    def __init__(self, wire: Wire, graph_base_url: str) -> None:
        self._wire = wire
        self._root = graph_base_url

    @property
    def on_wait(self) -> Announce | None:
        """Who is told of every wait, at Graph and at the authority; None: nobody.

        `waiting.waits_told_to` tells of the waits of one piece of work only.
        """
        return self._wire.on_wait

    @on_wait.setter
    def on_wait(self, listener: Announce | None) -> None:
        self._wire.on_wait = listener

    async def get(
        self, path_or_url: str, token: Secret, *, advanced: bool = False
    ) -> dict[str, Any]:
        """Return the JSON object at a path below `/v1.0`, or at a link Graph handed out.

        The bearer token is attached only after the address proved to lie at the configured root.
        `advanced` asks for an eventually consistent answer (`ConsistencyLevel`, facts section 6.2).
        """
        answer = await self._send("GET", path_or_url, token, advanced=advanced)
        return await _record(answer)

    async def get_text(
        self, path: str, token: Secret, *, advanced: bool = False, patient: bool = False
    ) -> str:
        """Return a plain-text answer (`…/$count`); unless `patient`, a busy Graph is asked once."""
        tries = 0 if patient else 1
        answer = await self._send("GET", path, token, advanced=advanced, tries=tries)
        return answer.text

    async def page(self, path_or_url: str, token: Secret, *, advanced: bool = False) -> PageText:
        """Return one page of a collection as it came, with its next link; `get` says the rest."""
        return await page_text(await self._send("GET", path_or_url, token, advanced=advanced))

    def trail(self, start: str) -> Trail:
        """Return what watches over the next links of a collection that is read from `start`."""
        return Trail(self._root, start)

    def require_ours(self, link: str) -> None:
        """Raise ForeignHost or AnswerBroken unless a link Graph handed out leads to Graph."""
        graph_url(self._root, link)

    async def pages(
        self, path_or_url: str, token: Secret, *, advanced: bool = False
    ) -> AsyncGenerator[Page, None]:
        """Yield a collection's pages; the next one is asked for before the last is parsed.

        A page may be empty and yet go on (facts section 6.1), but not for ever: a link that comes
        back, or too many empty pages in a row, raise AnswerBroken. A page whose next link is not
        followed is yielded all the same, without it, before its fault is raised.
        """
        trail = self.trail(path_or_url)
        coming = asyncio.create_task(self.page(path_or_url, token, advanced=advanced))
        try:
            while True:
                came = await coming
                fault = trail.fault(came.next_link)
                if came.next_link and fault is None:
                    ahead = self.page(came.next_link, token, advanced=advanced)
                    coming = asyncio.create_task(ahead)
                page = await came.read()
                fault = fault or trail.emptiness(len(page.records), page.next_link)
                if fault is not None:
                    yield replace(page, next_link="")
                    raise fault
                yield page
                if not page.next_link:
                    return
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def batch(self, requests: Sequence[BatchItem], token: Secret) -> dict[str, BatchAnswer]:
        """Return the answer to each of up to 20 reads by its id, waiting for busy ones as told.

        An item without any answer after that is not among them; a busy one keeps its 429 or 503.
        """

        async def post(body: Mapping[str, Any]) -> dict[str, Any]:
            answer = await self._send("POST", "/$batch", token, body=json.dumps(body).encode())
            return answer.record()

        patience = self._wire.patience(self._root)
        return await batch.ask(requests, post, patience, self._wire.limits.waiting)

    async def _send(
        self,
        method: str,
        path_or_url: str,
        token: Secret,
        *,
        advanced: bool = False,
        body: bytes = b"",
        tries: int = 0,
    ) -> Answer:
        url = graph_url(self._root, path_or_url)
        request_id = str(uuid.uuid4())
        headers = {
            "Authorization": f"Bearer {token.reveal()}",
            "Accept": "application/json",
            "client-request-id": request_id,
        }
        if advanced:
            headers["ConsistencyLevel"] = "eventual"
        if body:
            headers["Content-Type"] = "application/json"
        answer = await self._through_the_gate(Ask(method, url, self._root, headers, body), tries)
        if answer.status != 200:
            raise graph_refusal(answer, request_id)
        return answer

    async def _through_the_gate(self, ask: Ask, tries: int) -> Answer:
        """Ask, waiting as told, together with what shares a gate (`waiting.requests_share`)."""
        limits = self._wire.limits
        gate = gate_of_this_work()
        if gate is None:
            return await self._wire.patiently(
                ask, total=limits.total, most=limits.waiting, tries=tries
            )
        patience = self._wire.patience(self._root, tries)
        while True:
            async with gate:
                answer = await self._wire.once(ask, limits.total)
            if answer.status not in BUSY:
                return answer
            await patience.wait(answer.status, answer.headers, limits.waiting)


async def _record(answer: Answer) -> dict[str, Any]:
    """Return the answer's object; a large one is parsed in a thread, so that no key waits."""
    if len(answer.body) < LARGE:
        return answer.record()
    return await asyncio.to_thread(answer.record)
