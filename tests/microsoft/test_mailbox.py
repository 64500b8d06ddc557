"""Batches and mailbox probes: twenty at a time, each item judged and repeated on its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import Reply
from ttr_tui.errors import AnswerBroken, PermissionMissing, TokenStale, Unreachable
from ttr_tui.microsoft import BatchItem, WaitingFor
from ttr_tui.microsoft.mailbox import probe
from ttr_tui.model import Outcome, Secret

BATCH = "/v1.0/$batch"


def item(number: int, status: int, body: Any = None, **headers: str) -> dict[str, Any]:
    return {"id": str(number), "status": status, "headers": headers, "body": body or {}}


def refusal(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def batch(*items: Any) -> Reply:
    return Reply({"responses": list(items)})


def asked(connected: Connected) -> list[list[str]]:
    """Return the ids of each batch that was sent."""
    sent = [json.loads(seen.body)["requests"] for seen in connected.graph.asked("POST", BATCH)]
    return [[one["id"] for one in requests] for requests in sent]


async def test_a_probe_reads_nothing_but_the_inbox_count(
    connected: Connected, token: Secret
) -> None:
    """Each item is a GET of the inbox's id and count; an odd object id stays inside its path."""
    connected.graph.on("POST", BATCH, batch(item(1, 200), item(0, 200)))
    answers = await probe(connected.ms, token, ["u-1", "u/2?x=#"])
    assert {answer.outcome for answer in answers.values()} == {Outcome.ADDED}
    seen = connected.graph.seen[0]
    assert seen.headers["Authorization"] == f"Bearer {token.reveal()}"
    assert json.loads(seen.body) == {
        "requests": [
            {
                "id": str(number),
                "method": "GET",
                "url": f"/users/{user}/mailFolders/inbox?$select=id,totalItemCount",
            }
            for number, user in enumerate(["u-1", "u%2F2%3Fx%3D%23"])
        ]
    }


@pytest.mark.parametrize(
    ("status", "body", "outcome", "word"),
    [
        (200, {"id": "x", "totalItemCount": 0}, Outcome.ADDED, ""),
        (404, refusal("MailboxNotEnabledForRESTAPI"), Outcome.NO_MAILBOX, "no mailbox"),
        (404, refusal("MailboxNotFound"), Outcome.NO_MAILBOX, "no mailbox"),
        (404, refusal("ErrorInvalidUser"), Outcome.NO_MAILBOX, "no longer"),
        (404, refusal("Request_ResourceNotFound"), Outcome.NO_MAILBOX, "no longer"),
        (404, refusal("ErrorItemNotFound"), Outcome.FAILED, "ErrorItemNotFound"),
        (
            403,
            refusal("ErrorAccessDenied", "Access to OData is disabled: [RAOP] : Blocked by …"),
            Outcome.BLOCKED,
            "Exchange policy",
        ),
        (
            403,
            refusal("ErrorAccessDenied", "Access to OData is disabled."),
            Outcome.BLOCKED,
            "Exchange policy",
        ),
        (
            403,
            refusal("ErrorAccessDenied", "Access is denied. Check credentials and try again."),
            Outcome.FAILED,
            "Mail.ReadBasic.All is missing",
        ),
        (403, "not even an object", Outcome.FAILED, "missing"),
        (500, {}, Outcome.FAILED, "500"),
        (400, refusal("BadRequest"), Outcome.FAILED, "BadRequest"),
    ],
)
async def test_what_an_answer_means(
    connected: Connected, token: Secret, status: int, body: Any, outcome: Outcome, word: str
) -> None:
    """Every answer becomes one outcome with a whole sentence as its reason."""
    connected.graph.on("POST", BATCH, batch(item(0, status, body)))
    answer = (await probe(connected.ms, token, ["u-1"]))["u-1"]
    assert answer.outcome is outcome
    assert word in answer.reason
    assert outcome is Outcome.ADDED or answer.reason.endswith(".")


async def test_a_busy_item_is_asked_again_alone(connected: Connected, token: Secret) -> None:
    """One item's 429 is waited by its own Retry-After; the others are not asked again."""
    busy = item(1, 429, refusal("ApplicationThrottled"), **{"Retry-After": "0"})
    connected.graph.on("POST", BATCH, batch(item(0, 200), busy), batch(item(1, 200)))
    told: list[WaitingFor] = []
    connected.ms.graph.on_wait = told.append
    answers = await probe(connected.ms, token, ["u-0", "u-1"])
    assert [a.outcome for a in answers.values()] == [Outcome.ADDED, Outcome.ADDED]
    assert asked(connected) == [["0", "1"], ["1"]]
    assert len(told) == 1


async def test_a_mailbox_that_stays_busy_fails_alone(connected: Connected, token: Secret) -> None:
    """When patience ends, the busy mailbox has failed and the others keep their outcome."""
    busy = item(1, 503, {}, **{"retry-after": "0"})
    connected.graph.on("POST", BATCH, batch(item(0, 200), busy), batch(busy))
    answers = await probe(connected.ms, token, ["u-0", "u-1"])
    assert answers["u-0"].outcome is Outcome.ADDED
    assert answers["u-1"].outcome is Outcome.FAILED
    assert "busy" in answers["u-1"].reason


async def test_a_forgotten_item_is_asked_again_and_then_fails(
    connected: Connected, token: Secret
) -> None:
    """An answer that leaves somebody out, or names nobody we asked for, is no answer for them."""
    connected.graph.on("POST", BATCH, batch(item(0, 200), item(7, 200), "odd", {"id": "1"}))
    answers = await probe(connected.ms, token, ["u-0", "u-1"])
    assert answers["u-0"].outcome is Outcome.ADDED
    assert answers["u-1"].outcome is Outcome.FAILED
    assert asked(connected) == [["0", "1"], ["1"], ["1"], ["1"]]


async def test_answers_to_nobodys_question_are_dropped(connected: Connected, token: Secret) -> None:
    """A batch's result names only ids that were asked for."""
    connected.graph.on("POST", BATCH, batch(item(0, 200), item(7, 200)))
    answers = await connected.ms.graph.batch([BatchItem("0", "/users/u-0")], token)
    assert list(answers) == ["0"]


async def test_a_refused_batch_concerns_all(connected: Connected, token: Secret) -> None:
    """401 and 403 of the whole batch, or of an item's token, are raised, not recorded per user."""
    for reply, error in (
        (Reply(refusal("InvalidAuthenticationToken"), 401), TokenStale),
        (batch(item(0, 401, refusal("InvalidAuthenticationToken"))), TokenStale),
        (Reply(refusal("Authorization_RequestDenied"), 403), PermissionMissing),
        (Reply("", 500), Unreachable),
        (Reply('{"responses": ['), AnswerBroken),
    ):
        connected.graph.on("POST", BATCH, reply)
        with pytest.raises(error):
            await probe(connected.ms, token, ["u-0"])


async def test_no_batch_is_larger_than_twenty(connected: Connected, token: Secret) -> None:
    """More than Graph takes is a mistake of ours, and no request for nobody is made."""
    items = [BatchItem(str(number), "/users/x") for number in range(21)]
    with pytest.raises(ValueError, match="20"):
        await connected.ms.graph.batch(items, token)
    assert await probe(connected.ms, token, []) == {}
    assert connected.graph.seen == []
