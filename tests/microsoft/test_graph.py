"""Graph over the wire: where the token goes, waiting, paging, and answers that are none."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.microsoft.conftest import Connected, connection
from tests.microsoft.liar import Liar, Reply
from ttr_tui.errors import (
    AnswerBroken,
    ForeignHost,
    GraphRefused,
    PermissionMissing,
    TokenStale,
    Unreachable,
)
from ttr_tui.microsoft import Limits, WaitingFor, waits_told_to
from ttr_tui.model import Secret

PATH = "/v1.0/things"


def graph_error(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "innerError": {"request-id": "r"}}}


async def test_a_read_carries_token_and_request_id(connected: Connected, token: Secret) -> None:
    """The bearer token, a client-request-id and, when asked for, ConsistencyLevel are sent."""
    connected.graph.on("GET", PATH, Reply({"ok": True}))
    assert await connected.ms.graph.get("/things?$top=1", token, advanced=True) == {"ok": True}
    seen = connected.graph.seen[0]
    assert seen.headers["Authorization"] == f"Bearer {token.reveal()}"
    assert seen.headers["ConsistencyLevel"] == "eventual"
    assert len(seen.headers["client-request-id"]) == 36
    assert "$top=1" in seen.target


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, GraphRefused),
        (401, TokenStale),
        (403, PermissionMissing),
        (404, GraphRefused),
        (410, GraphRefused),
        (501, GraphRefused),
    ],
)
async def test_refusals_carry_code_and_identifiers(
    connected: Connected, token: Secret, status: int, error: type[GraphRefused]
) -> None:
    """401, 403 and the rest are told apart; code, both request ids and the date are kept."""
    reply = Reply(graph_error("SomeCode"), status, {"request-id": "req-1"})
    connected.graph.on("GET", PATH, reply)
    with pytest.raises(GraphRefused) as caught:
        await connected.ms.graph.get("/things", token)
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.code) == (status, "SomeCode")
    evidence = caught.value.evidence
    assert evidence.correlation_id == connected.graph.seen[0].headers["client-request-id"]
    assert (evidence.code, evidence.trace_id) == ("SomeCode", "req-1")
    assert evidence.timestamp
    assert token.reveal() not in caught.value.sentence()


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<html><title>Sign in</title></html>", headers={"Content-Type": "text/html"}),
        Reply('{"value": [{"id": "1"'),
        Reply(""),
        Reply("[1, 2]"),
        Reply({"value": []}, cut=True),
        Reply("", status=204),
        Reply("", status=302, headers={"Location": "/v1.0/other"}),
    ],
)
async def test_what_is_no_answer_is_a_sentence(
    connected: Connected, token: Secret, reply: Reply
) -> None:
    """HTML, damaged, cut, empty, unasked-for and redirected answers are AnswerBroken."""
    connected.graph.on("GET", PATH, reply)
    with pytest.raises(AnswerBroken) as caught:
        await connected.ms.graph.get("/things", token)
    assert connected.graph.url.removeprefix("https://") in caught.value.happened


async def test_a_redirect_elsewhere_gets_no_token(
    connected: Connected, foreign: Liar, token: Secret
) -> None:
    """A 302 to a foreign host is ForeignHost, and that host hears nothing."""
    away = Reply("", status=302, headers={"Location": f"{foreign.url}/v1.0/things"})
    connected.graph.on("GET", PATH, away)
    with pytest.raises(ForeignHost):
        await connected.ms.graph.get("/things", token)
    assert foreign.seen == []


async def test_retry_after_is_waited_as_told_and_announced(
    connected: Connected, token: Secret
) -> None:
    """Seconds and HTTP dates both count; the listener learns host, time and reason."""
    at = datetime.now(UTC)
    dated = {"Retry-After": format_datetime(at + timedelta(seconds=1), usegmt=True)}
    dated["Date"] = format_datetime(at, usegmt=True)
    connected.graph.on(
        "GET",
        PATH,
        Reply(graph_error("TooManyRequests"), 429, {"Retry-After": "0"}),
        Reply("", 503, dated),
        Reply({"ok": 1}),
    )
    told: list[WaitingFor] = []
    connected.ms.graph.on_wait = told.append
    began = asyncio.get_running_loop().time()
    assert await connected.ms.graph.get("/things", token) == {"ok": 1}
    assert 0.9 < asyncio.get_running_loop().time() - began < 3
    assert [w.host for w in told] == [connected.graph.url.removeprefix("https://")] * 2
    assert "too many requests" in told[0].reason
    assert told[1].until > told[0].until
    assert connected.ms.graph.on_wait == told.append


async def test_one_piece_of_work_hears_of_its_own_waits_only(
    connected: Connected, token: Secret
) -> None:
    """Two polls at once each learn of their own waits."""
    busy = Reply("", 429, {"Retry-After": "0"})
    connected.graph.on("GET", "/v1.0/busy", busy, Reply({}))
    connected.graph.on("GET", "/v1.0/idle", Reply({}))
    told: dict[str, list[WaitingFor]] = {"busy": [], "idle": []}

    async def work(name: str) -> None:
        with waits_told_to(told[name].append):
            await connected.ms.graph.get(f"/{name}", token)

    await asyncio.gather(work("busy"), work("idle"))
    assert (len(told["busy"]), len(told["idle"])) == (1, 0)


@pytest.mark.parametrize(
    ("headers", "requests"),
    [
        ({"Retry-After": "3600"}, 1),
        ({"Retry-After": "0"}, 3),
        ({"Retry-After": "soon"}, 3),
        ({}, 3),
    ],
)
async def test_patience_ends(
    connected: Connected, token: Secret, headers: dict[str, str], requests: int
) -> None:
    """Too long a wait is not begun, and too many are Unreachable, never a refusal."""
    connected.graph.on("GET", PATH, Reply(graph_error("TooManyRequests"), 429, headers))
    with pytest.raises(Unreachable):
        await connected.ms.graph.get("/things", token)
    assert len(connected.graph.seen) == requests


async def test_a_wait_can_be_cancelled(connected: Connected, token: Secret) -> None:
    """Leaving while Graph asks for patience does not wait it out."""
    connected.graph.on("GET", PATH, Reply("", 429, {"Retry-After": "4"}))
    waits = asyncio.Event()
    connected.ms.graph.on_wait = lambda _wait: waits.set()
    task = asyncio.create_task(connected.ms.graph.get("/things", token))
    await asyncio.wait_for(waits.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 1)


@pytest.mark.parametrize("status", [500, 502])
async def test_5xx_is_no_refusal(connected: Connected, token: Secret, status: int) -> None:
    """A server's own trouble is Unreachable."""
    connected.graph.on("GET", PATH, Reply("", status))
    with pytest.raises(Unreachable):
        await connected.ms.graph.get("/things", token)


async def test_a_hang_ends_in_time(connected: Connected, token: Secret) -> None:
    """Every request has a time limit."""
    connected.graph.on("GET", PATH, Reply(hang=True))
    async with asyncio.timeout(10), connection(connected, Limits(total=0.5)) as ms:
        with pytest.raises(Unreachable, match="no answer in time"):
            await ms.graph.get("/things", token)


async def read_pages(connected: Connected, token: Secret) -> list[list[Any]]:
    return [
        page.records async for page in connected.ms.graph.pages("/things", token, advanced=True)
    ]


async def test_pages_are_followed_with_their_header(connected: Connected, token: Secret) -> None:
    """An empty page with a next link goes on; ConsistencyLevel is sent again on each link."""
    root = f"{connected.graph.url}/v1.0"
    connected.graph.on(
        "GET",
        PATH,
        Reply({"value": [{"id": "1"}], "@odata.nextLink": f"{root}/p2?$skiptoken=a%2Fb"}),
    )
    connected.graph.on("GET", "/v1.0/p2", Reply({"value": [], "@odata.nextLink": f"{root}/p3"}))
    connected.graph.on(
        "GET", "/v1.0/p3", Reply({"value": [{"id": "3"}, "odd", None], "@odata.nextLink": None})
    )
    assert await read_pages(connected, token) == [[{"id": "1"}], [], [{"id": "3"}]]
    assert all(seen.headers["ConsistencyLevel"] == "eventual" for seen in connected.graph.seen)
    assert connected.graph.seen[1].target == "/v1.0/p2?$skiptoken=a%2Fb"


async def test_a_next_link_to_a_foreign_host_gets_no_token(
    connected: Connected, foreign: Liar, token: Secret
) -> None:
    """The page itself is handed out without its link; the foreign host hears nothing."""
    link = f"{foreign.url}/v1.0/things?$skiptoken=x"
    connected.graph.on("GET", PATH, Reply({"value": [{"id": "1"}], "@odata.nextLink": link}))
    pages = connected.ms.graph.pages("/things", token)
    page = await anext(pages)
    assert (page.records, page.next_link) == ([{"id": "1"}], "")
    with pytest.raises(ForeignHost):
        await anext(pages)
    assert foreign.seen == []


@pytest.mark.parametrize("second", [[], [{"id": "2"}]])
async def test_a_next_link_that_repeats_ends(
    connected: Connected, token: Secret, second: list[Any]
) -> None:
    """A link that was followed before raises AnswerBroken instead of reading for ever."""
    link = f"{connected.graph.url}/v1.0/p2"
    connected.graph.on("GET", PATH, Reply({"value": [{"id": "1"}], "@odata.nextLink": link}))
    connected.graph.on("GET", "/v1.0/p2", Reply({"value": second, "@odata.nextLink": link}))
    with pytest.raises(AnswerBroken, match="come back"):
        await read_pages(connected, token)


async def test_empty_pages_end_too(connected: Connected, token: Secret) -> None:
    """Empty pages that always name another next link are given up."""
    for number in range(60):
        link = f"{connected.graph.url}/v1.0/e{number + 1}"
        connected.graph.on("GET", f"/v1.0/e{number}", Reply({"value": [], "@odata.nextLink": link}))
    first = connected.ms.graph.pages("/e0", token)
    with pytest.raises(AnswerBroken, match="without a single entry"):
        [page async for page in first]


@pytest.mark.parametrize(
    "body", [{"value": {"id": "1"}}, {"values": []}, {"value": [], "@odata.nextLink": 7}]
)
async def test_a_page_of_the_wrong_shape_is_a_sentence(
    connected: Connected, token: Secret, body: dict[str, Any]
) -> None:
    """A page without a list, or with a link that is no text, is AnswerBroken."""
    connected.graph.on("GET", PATH, Reply(body))
    with pytest.raises(AnswerBroken):
        await read_pages(connected, token)


async def test_the_next_page_is_asked_for_while_one_is_used(
    connected: Connected, token: Secret
) -> None:
    """While a page is being stored, the request for the next one is already under way."""
    link = f"{connected.graph.url}/v1.0/p2"
    connected.graph.on("GET", PATH, Reply({"value": [], "@odata.nextLink": link}))
    connected.graph.on("GET", "/v1.0/p2", Reply({"value": []}))
    pages = connected.ms.graph.pages("/things", token)
    await anext(pages)
    await connected.graph.arrived("GET", "/v1.0/p2")
    await pages.aclose()


async def test_a_page_that_fails_keeps_what_came_before(
    connected: Connected, token: Secret
) -> None:
    """The pages before a broken one are handed out."""
    link = f"{connected.graph.url}/v1.0/p2"
    connected.graph.on("GET", PATH, Reply({"value": [{"id": "1"}], "@odata.nextLink": link}))
    connected.graph.on("GET", "/v1.0/p2", Reply('{"value": [{"id', 200))
    pages = connected.ms.graph.pages("/things", token)
    assert (await anext(pages)).records == [{"id": "1"}]
    with pytest.raises(AnswerBroken):
        await anext(pages)
