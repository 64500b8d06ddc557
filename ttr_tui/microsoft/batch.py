"""Twenty reads in one request, each answered, throttled and repeated alone (facts section 7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ttr_tui.errors import Unreachable
from ttr_tui.microsoft.shapes import records
from ttr_tui.microsoft.waiting import BUSY, Patience, retry_after

MOST_ITEMS = 20
"""Requests one `$batch` may hold."""

_ASK_AGAIN = 3


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One read of a batch; `url` is a path below `/v1.0`.

    `advanced` asks for an eventually consistent answer (`ConsistencyLevel`, facts section 6.2).
    """

    id: str
    url: str
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answer to one of them; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


async def ask(
    items: Sequence[BatchItem],
    post: Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]],
    patience: Patience,
    most_waiting: float,
) -> dict[str, BatchAnswer]:
    """Ask for every item until each has its answer, or patience ends; return them by id.

    Items that are told to wait are asked again after the longest wait among them, alone; items the
    answer forgot are asked again at once, a few times.
    """
    if len(items) > MOST_ITEMS:
        raise ValueError(f"a batch holds at most {MOST_ITEMS} requests")
    answers: dict[str, BatchAnswer] = {}
    waiting, forgotten = list(items), 0
    while waiting:
        answers.update(_read(await post(_body(waiting)), {item.id for item in waiting}))
        busy = [i for i in waiting if i.id in answers and answers[i.id].status in BUSY]
        missing = [i for i in waiting if i.id not in answers]
        waiting = busy + missing
        if busy:
            longest = max((answers[i.id] for i in busy), key=lambda a: retry_after(a.headers) or 0)
            try:
                await patience.wait(longest.status, longest.headers, most_waiting)
            except Unreachable:
                break
        elif missing:
            forgotten += 1
            if forgotten > _ASK_AGAIN:
                break
    return answers


def _body(items: Sequence[BatchItem]) -> dict[str, Any]:
    return {"requests": [_request(item) for item in items]}


def _request(item: BatchItem) -> dict[str, Any]:
    request: dict[str, Any] = {"id": item.id, "method": "GET", "url": item.url}
    return request | {"headers": {"ConsistencyLevel": "eventual"}} if item.advanced else request


def _read(body: Mapping[str, Any], asked: set[str]) -> dict[str, BatchAnswer]:
    """Return the answers to what was asked; anything else in there is nobody's."""
    answers = {}
    for record in records(body.get("responses")):
        item_id, status = record.get("id"), record.get("status")
        if not isinstance(item_id, str) or item_id not in asked or not isinstance(status, int):
            continue
        headers, content = record.get("headers"), record.get("body")
        answers[item_id] = BatchAnswer(
            status,
            {str(k).lower(): str(v) for k, v in headers.items()}
            if isinstance(headers, dict)
            else {},
            content if isinstance(content, dict) else {},
        )
    return answers
