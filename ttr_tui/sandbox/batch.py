"""JSON batching: at most twenty calls in one, each with its own answer (facts section 7)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from yarl import URL

from ttr_tui.sandbox.calls import Answer, Call, GraphRefused

LIMIT = 20

Item = dict[str, object]


def answer(call: Call, dispatch: Callable[[Call], Answer]) -> Answer:
    """Answer a batch. Raises GraphRefused when the batch itself is not well formed."""
    items = _items(call.body)
    answers: dict[str, Item] = {}
    for item in items:
        answers[str(item["id"])] = _one(call, item, answers, dispatch)
    # Microsoft promises no order; the last one first is as good as any.
    return Answer({"responses": list(answers.values())[::-1]})


def _bad(message: str) -> GraphRefused:
    return GraphRefused(400, "BadRequest", message)


def _items(body: object) -> list[Item]:
    items = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise _bad("Invalid batch payload format.")
    if len(items) > LIMIT:
        raise _bad(f"Number of batch request steps exceeds the maximum value of {LIMIT}.")
    seen: set[str] = set()
    for item in items:
        if not isinstance(item, dict) or not all(
            isinstance(item.get(name), str) and item[name] for name in ("id", "method", "url")
        ):
            raise _bad("Every batch request needs an id, a method and a url.")
        if item["id"].lower() in seen:
            raise _bad(f"Request Id '{item['id']}' has to be unique in a batch.")
        seen.add(item["id"].lower())
    return items


def _one(
    call: Call, item: Item, answers: dict[str, Item], dispatch: Callable[[Call], Answer]
) -> Item:
    caller = str(uuid.uuid4())
    try:
        _check_dependencies(item, answers)
        given = _made(call, item, dispatch)
    except GraphRefused as refused:
        given = Answer(refused.body(caller), refused.status, refused.headers)
    headers = {"Cache-Control": "no-cache", "Content-Type": "application/json", **given.headers}
    body = given.body if isinstance(given.body, str) else json.loads(given.written())
    return {"id": item["id"], "status": given.status, "headers": headers, "body": body}


def _check_dependencies(item: Item, answers: dict[str, Item]) -> None:
    names = item.get("dependsOn") or []
    if not isinstance(names, list):
        raise _bad("dependsOn is a list of ids.")
    for name in names:
        status = answers.get(str(name), {}).get("status", 424)
        if not isinstance(status, int) or status >= 400:
            raise GraphRefused(424, "FailedDependency", "A request this one depends on failed.")


def _made(call: Call, item: Item, dispatch: Callable[[Call], Answer]) -> Answer:
    dials = call.world.dials
    if dials.batch_throttle_next > 0:
        dials.batch_throttle_next -= 1
        raise GraphRefused(
            429,
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
            {"Retry-After": str(dials.retry_after)},
        )
    url = URL(str(item["url"]))
    if url.is_absolute() or url.path.startswith(("/v1.0/", "/beta/")) or url.path == "/$batch":
        raise _bad("The url of a batch request is relative to the version.")
    headers = item.get("headers") or {}
    inner = Call(
        world=call.world,
        token=call.token,
        method=str(item["method"]).upper(),
        path=url.path if url.path.startswith("/") else f"/{url.path}",
        query=dict(url.query),
        headers={str(k).lower(): str(v) for k, v in headers.items()}
        if isinstance(headers, dict)
        else {},
        body=item.get("body"),
        url=f"{call.world.graph}/v1.0/{url.raw_path_qs.lstrip('/')}",
    )
    return dispatch(inner)
