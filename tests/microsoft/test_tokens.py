"""Refresh tokens and app-only tokens: used, rotated, refused, and kept out of every log."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from typing import Any
from urllib.parse import parse_qs

import msal
import pytest

from tests.microsoft.conftest import Connected, connection
from tests.microsoft.liar import OTHER_TENANT, TENANT, TOKEN_PATH, Liar, Reply
from ttr_tui.errors import (
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    IdentityWrong,
    SignInNeeded,
    TokenRefused,
    TtrError,
    Unreachable,
    WrongTenant,
)
from ttr_tui.microsoft import Limits, WaitingFor, waits_told_to
from ttr_tui.model import Person, Secret

OLD = Secret("refresh-old")


def fresh_tokens(**changed: Any) -> dict[str, Any]:
    body = {
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_token": "access-new",
        "refresh_token": "refresh-new",
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


async def test_a_refresh_rotates(connected: Connected, mira: Person) -> None:
    """The refresh token is sent once with the fixed scopes; its successor and a token return."""
    body = fresh_tokens(id_token=connected.authority.id_token())
    connected.authority.answers_tokens(Reply(body))
    refreshed = await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert refreshed.refresh_token.reveal() == "refresh-new"
    assert refreshed.access_token.reveal() == "access-new"
    sent = {k: v[0] for k, v in parse_qs(connected.authority.token_requests[0].body).items()}
    assert (sent["grant_type"], sent["refresh_token"]) == ("refresh_token", "refresh-old")
    assert f"{connected.graph.url}/Mail.ReadBasic" in sent["scope"].split()


async def test_a_provider_that_does_not_rotate_keeps_the_old_one(
    connected: Connected, mira: Person
) -> None:
    """RFC 6749 section 6: without a new refresh token, and without an ID token, the old stays."""
    connected.authority.answers_tokens(Reply(fresh_tokens(refresh_token=None)))
    refreshed = await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert refreshed.refresh_token == OLD


async def test_a_provider_that_granted_less_is_asked_for_what_it_granted(
    connected: Connected, mira: Person
) -> None:
    """RFC 6749 section 6: a refresh refused for its scope is repeated without one, from then on."""
    refusal = Reply({"error": "invalid_scope"}, 400)
    connected.authority.answers_tokens(refusal, Reply(fresh_tokens()))
    for _ in range(2):
        refreshed = await connected.ms.tokens.refresh(TENANT, OLD, mira)
        assert refreshed.refresh_token.reveal() == "refresh-new"
    asked = [parse_qs(seen.body) for seen in connected.authority.token_requests]
    assert ["scope" in form for form in asked] == [True, False, False]
    assert "offline_access" in asked[0]["scope"][0].split()
    assert {form["refresh_token"][0] for form in asked} == {"refresh-old"}


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"sub": "another"}, IdentityWrong),
        ({"oid": "another"}, IdentityWrong),
        ({"tid": OTHER_TENANT}, WrongTenant),
        ({"iss": "https://elsewhere.example"}, IdentityWrong),
        ({"aud": "another"}, IdentityWrong),
        ({"exp": int(time.time()) - 3600}, IdentityWrong),
    ],
)
async def test_a_refresh_that_answers_for_somebody_else_is_refused(
    connected: Connected, mira: Person, claims: dict[str, Any], error: type[TtrError]
) -> None:
    """On every refresh sub, tid and oid are unchanged and the token is ours."""
    body = fresh_tokens(id_token=connected.authority.id_token(**claims))
    connected.authority.answers_tokens(Reply(body))
    with pytest.raises(error):
        await connected.ms.tokens.refresh(TENANT, OLD, mira)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_codes": [50173]}, SignInNeeded),
        (400, {"error": "interaction_required", "error_codes": [50076]}, SignInNeeded),
        (400, {"error": "login_required"}, SignInNeeded),
        (400, {"error": "invalid_grant", "error_codes": [65001]}, ConsentNeeded),
        (401, {"error": "invalid_client", "error_codes": [7000222]}, ClientRefused),
        (401, {"error": "invalid_client", "error_codes": [7000229]}, ConsentNeeded),
        (400, {"error": "unauthorized_client", "error_codes": [700016]}, ConsentNeeded),
        (400, {"error": "unauthorized_client"}, ClientRefused),
        (400, {"error": "invalid_scope", "error_codes": [70011]}, TokenRefused),
        (400, {"error": "server_error"}, Unreachable),
        (500, "<html>oops", Unreachable),
        (429, {"error": "temporarily_unavailable"}, Unreachable),
        (200, '{"access_token": "access-n', AnswerBroken),
        (403, "<html>blocked by the proxy", AnswerBroken),
    ],
)
async def test_refusals_and_silence_are_told_apart(
    connected: Connected, mira: Person, status: int, body: Any, error: type[TtrError]
) -> None:
    """`error` makes a refusal; 5xx, 429 and transient errors never do."""
    connected.authority.answers_tokens(Reply(body, status))
    with pytest.raises(TtrError) as caught:
        await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert type(caught.value) is error
    assert caught.value.happened


async def test_a_refusal_carries_microsofts_identifiers(connected: Connected) -> None:
    """Code, correlation id, trace id and time are kept for a support request."""
    refusal = {
        "error": "invalid_client",
        "error_codes": [7000215],
        "correlation_id": "corr-1",
        "trace_id": "trace-1",
        "timestamp": "2026-01-01 00:00:00Z",
    }
    connected.authority.answers_tokens(Reply(refusal, 401))
    with pytest.raises(ClientRefused) as caught:
        await connected.ms.tokens.for_app(TENANT)
    evidence = caught.value.evidence
    assert evidence.code == "AADSTS7000215"
    assert (evidence.correlation_id, evidence.trace_id) == ("corr-1", "trace-1")
    assert evidence.timestamp == "2026-01-01 00:00:00Z"


async def test_a_retry_asks_microsoft_again(connected: Connected) -> None:
    """A refusal MSAL would remember for a minute does not answer the next call."""
    refusal = Reply({"error": "invalid_request"}, 400)
    connected.authority.answers_tokens(refusal, Reply(fresh_tokens()))
    with pytest.raises(TokenRefused):
        await connected.ms.tokens.for_app(TENANT)
    assert (await connected.ms.tokens.for_app(TENANT)).reveal() == "access-new"
    assert len(connected.authority.token_requests) == 2


async def test_an_app_token_is_kept_in_memory_until_a_fresh_one_is_asked_for(
    connected: Connected,
) -> None:
    """One request serves many callers at once; `fresh` drops what is kept."""
    first, second = fresh_tokens(access_token="app-1"), fresh_tokens(access_token="app-2")
    connected.authority.answers_tokens(Reply(first), Reply(second))
    tokens = await asyncio.gather(*(connected.ms.tokens.for_app(TENANT) for _ in range(12)))
    assert {token.reveal() for token in tokens} == {"app-1"}
    sent = parse_qs(connected.authority.token_requests[0].body)
    assert sent["scope"] == [f"{connected.graph.url}/.default"]
    assert (await connected.ms.tokens.for_app(TENANT, fresh=True)).reveal() == "app-2"
    assert (await connected.ms.tokens.for_app(TENANT)).reveal() == "app-2"
    assert len(connected.authority.token_requests) == 2


async def test_a_persons_tokens_are_not_kept_in_memory(connected: Connected, mira: Person) -> None:
    """After a refresh the app's own token is still there and the person's is not."""
    app = fresh_tokens(access_token="app-only-1", refresh_token=None)
    person = fresh_tokens(access_token="person-1", refresh_token="person-2")
    connected.authority.answers_tokens(Reply(app), Reply(person), Reply(person))
    await connected.ms.tokens.for_app(TENANT)
    await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert (await connected.ms.tokens.for_app(TENANT)).reveal() == "app-only-1"
    await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert len(connected.authority.token_requests) == 3
    gc.collect()
    caches = [repr(vars(o)) for o in gc.get_objects() if isinstance(o, msal.TokenCache)]
    assert any("app-only-1" in cache for cache in caches)
    assert not any("person-" in cache for cache in caches)


async def test_waiting_at_the_authority_is_announced_and_ends_well(connected: Connected) -> None:
    """A 429 with Retry-After is waited as told, visibly, and is no failure."""
    busy = Reply({"error": "temporarily_unavailable"}, 429, {"Retry-After": "0"})
    connected.authority.answers_tokens(busy, Reply(fresh_tokens()))
    told: list[WaitingFor] = []
    with waits_told_to(told.append):
        assert (await connected.ms.tokens.for_app(TENANT)).reveal() == "access-new"
    assert [wait.host for wait in told] == [connected.authority.url.removeprefix("https://")]


async def test_a_307_does_not_carry_the_refresh_token_away(
    connected: Connected, foreign: Liar, mira: Person
) -> None:
    """The foreign host hears nothing of secret and refresh token."""
    away = Reply("", status=307, headers={"Location": f"{foreign.url}/steal"})
    connected.authority.answers_tokens(away)
    with pytest.raises(ForeignHost):
        await connected.ms.tokens.refresh(TENANT, OLD, mira)
    assert foreign.seen == []


async def test_a_hanging_token_endpoint_ends_in_time(connected: Connected, mira: Person) -> None:
    """No answer within the time limit is Unreachable."""
    connected.authority.answers_tokens(Reply(hang=True))
    async with asyncio.timeout(10), connection(connected, Limits(token=0.5)) as ms:
        with pytest.raises(Unreachable, match="no answer in time"):
            await ms.tokens.refresh(TENANT, OLD, mira)


async def test_a_cut_token_answer_is_neither_a_refusal_nor_a_log_line(
    connected: Connected, mira: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """MSAL would log such a body whole, tokens and all; nothing of it is logged anywhere."""
    caplog.set_level(logging.DEBUG)
    for reply in (
        Reply(fresh_tokens(), cut=True),
        Reply('{"access_token": "access-new", "refresh_token": "refresh-n'),
        Reply({"error": "invalid_grant", "error_description": "refresh-old is bad"}, 400),
        Reply(fresh_tokens(id_token="refresh-new.access-new.x")),
    ):
        connected.authority.answers_tokens(reply)
        with pytest.raises(TtrError) as caught:
            await connected.ms.tokens.refresh(TENANT, OLD, mira)
        logged = caplog.text + caught.value.sentence() + repr(caught.value)
        for secret in ("refresh-", "access-", connected.secret.reveal()):
            assert secret not in logged
    logging.getLogger("msal.oauth2cli.oauth2").error("Token response is not in json format")
    assert "not in json" not in caplog.text


async def test_a_cancelled_caller_leaves_the_next_one_its_turn(
    connected: Connected, mira: Person
) -> None:
    """Cancelling while Microsoft hangs ends the request; the tenant is usable again at once."""
    connected.authority.answers_tokens(Reply(hang=True), Reply(fresh_tokens()))
    async with asyncio.timeout(10), connection(connected, Limits(token=60)) as ms:
        task = asyncio.create_task(ms.tokens.refresh(TENANT, OLD, mira))
        await connected.authority.arrived("POST", TOKEN_PATH)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        refreshed = await ms.tokens.refresh(TENANT, OLD, mira)
    assert refreshed.refresh_token.reveal() == "refresh-new"
