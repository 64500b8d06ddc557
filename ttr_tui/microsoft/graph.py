"""Microsoft Graph over HTTP: requests, pages, and the check before a token is attached."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ttr_tui.errors import AnswerBroken, ForeignHost, MicrosoftError
from ttr_tui.microsoft import batch
from ttr_tui.microsoft.batch import BatchAnswer, BatchItem
from ttr_tui.microsoft.endpoints import graph_url
from ttr_tui.microsoft.refusals import graph_refusal
from ttr_tui.microsoft.shapes import records
from ttr_tui.microsoft.waiting import Announce
from ttr_tui.microsoft.wire import Answer, Ask, Wire
from ttr_tui.model import Secret

_MOST_EMPTY_PAGES = 50

_LARGE = 64 * 1024
"""Characters from which an answer is parsed in a thread: a page of users, not a refusal."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection; `next_link` is empty on the last."""

    records: list[dict[str, Any]]
    next_link: str


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

    async def get_text(self, path: str, token: Secret, *, advanced: bool = False) -> str:
        """Return a plain-text answer (`…/$count`), without patience for a busy Graph."""
        answer = await self._send("GET", path, token, advanced=advanced, tries=1)
        return answer.text

    async def pages(
        self, path_or_url: str, token: Secret, *, advanced: bool = False
    ) -> AsyncGenerator[Page, None]:
        """Yield a collection's pages; the next one is asked for while the last is being used.

        A page may be empty and yet go on (facts section 6.1), but not for ever: a link that comes
        back, or too many empty pages in a row, raise AnswerBroken. A page whose next link is not
        followed is yielded all the same, without it, before its fault is raised.
        """
        seen, empty = {path_or_url}, 0
        coming = asyncio.create_task(self.get(path_or_url, token, advanced=advanced))
        try:
            while True:
                page = _page(await coming)
                empty = 0 if page.records else empty + 1
                fault = self._fault(page.next_link, seen, empty)
                if fault is not None:
                    yield Page(page.records, "")
                    raise fault
                if not page.next_link:
                    yield page
                    return
                seen.add(page.next_link)
                coming = asyncio.create_task(self.get(page.next_link, token, advanced=advanced))
                yield page
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    def _fault(self, next_link: str, seen: set[str], empty: int) -> MicrosoftError | None:
        """Return why a next link is not followed, or None when it is, or there is none."""
        if not next_link:
            return None
        if next_link in seen:
            return _endless("come back to a page that was read")
        if empty > _MOST_EMPTY_PAGES:
            return _endless("go on without a single entry")
        try:
            graph_url(self._root, next_link)
        except (ForeignHost, AnswerBroken) as fault:
            return fault
        return None

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
        limits = self._wire.limits
        ask = Ask(method, url, self._root, headers, body)
        answer = await self._wire.patiently(
            ask, total=limits.total, most=limits.waiting, tries=tries
        )
        if answer.status != 200:
            raise graph_refusal(answer, request_id)
        return answer


async def _record(answer: Answer) -> dict[str, Any]:
    """Return the answer's object; a large one is parsed in a thread, so that no key waits."""
    if len(answer.text) < _LARGE:
        return answer.record()
    return await asyncio.to_thread(answer.record)


def _page(body: Mapping[str, Any]) -> Page:
    value, link = body.get("value"), body.get("@odata.nextLink") or ""
    if not isinstance(value, list) or not isinstance(link, str):
        raise AnswerBroken(
            "Microsoft Graph sent a page that is not a list.",
            means="What was read before stays as it is.",
            cure="Try again.",
        )
    return Page(records(value), link)


def _endless(how: str) -> AnswerBroken:
    return AnswerBroken(
        f"The pages Microsoft Graph sends {how}.",
        means="Reading ended there; what was read stays as it is.",
        cure="Try again.",
    )
