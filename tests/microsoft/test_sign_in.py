"""Signing in: the authorization request, and what is checked before anything is believed."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.microsoft.conftest import Connected
from tests.microsoft.liar import OTHER_TENANT, TENANT, Liar, Reply, jwt
from ttr_tui.errors import (
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    IdentityWrong,
    ResponseIncomplete,
    SignInDenied,
    SignInNeeded,
    StateUnknown,
    TtrError,
    Unreachable,
    WrongTenant,
)
from ttr_tui.microsoft import SignInRequest
from ttr_tui.model import AuthorizationResponse, Person

REDIRECT = "https://portal.example/tools/agents/msgraph-store-bulk"


async def begun(connected: Connected) -> SignInRequest:
    return await connected.ms.tokens.begin_sign_in(TENANT, REDIRECT, "state-1")


def nonce_of(request: SignInRequest) -> str:
    return parse_qs(urlsplit(request.url).query)["nonce"][0]


def response(**parameters: str) -> AuthorizationResponse:
    return AuthorizationResponse({"state": "state-1", "code": "code-1", **parameters})


def token_body(identity: str, **changed: Any) -> dict[str, Any]:
    body = {
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "id_token": identity,
        **changed,
    }
    return {name: value for name, value in body.items() if value is not None}


async def test_the_request_is_code_with_pkce_nonce_and_query_mode(connected: Connected) -> None:
    """Scopes are named for this Graph root; the picker is asked for; nothing secret is in it."""
    request = await begun(connected)
    query = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    graph = connected.graph.url
    assert request.url.startswith(f"{connected.authority.url}/{TENANT}/oauth2/v2.0/authorize?")
    assert set(query.pop("scope").split()) == {
        "openid",
        "profile",
        "offline_access",
        f"{graph}/Mail.ReadBasic",
        f"{graph}/User.Read",
    }
    flow = json.loads(request.flow.reveal())
    assert query.pop("nonce") == hashlib.sha256(flow["nonce"].encode()).hexdigest()
    assert query.pop("code_challenge")
    assert query == {
        "client_id": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "state": "state-1",
        "response_mode": "query",
        "code_challenge_method": "S256",
        "prompt": "select_account",
        "client_info": "1",
    }
    assert flow["code_verifier"] not in request.url
    assert "nonce" not in repr(request)


async def test_a_login_hint_takes_the_pickers_place(connected: Connected) -> None:
    """login_hint and prompt=select_account never stand beside each other."""
    request = await connected.ms.tokens.begin_sign_in(TENANT, REDIRECT, "s", "mira@contoso.example")
    query = parse_qs(urlsplit(request.url).query)
    assert query["login_hint"] == ["mira@contoso.example"]
    assert "prompt" not in query


async def test_only_msals_one_warning_is_silenced(connected: Connected) -> None:
    """Beginning a sign-in does not hide anybody else's warnings."""
    await begun(connected)
    with pytest.warns(UserWarning, match="somebody else"):
        warnings.warn("somebody else's", UserWarning, stacklevel=1)


async def test_a_proven_sign_in_gives_person_token_and_short_scopes(
    connected: Connected, mira: Person
) -> None:
    """Code, verifier, secret and redirect URI go to the token endpoint; person and token return."""
    request = await begun(connected)
    body = token_body(
        connected.authority.id_token(nonce=nonce_of(request)),
        scope=f"{connected.graph.url}/Mail.ReadBasic {connected.graph.url}/User.Read openid",
    )
    connected.authority.answers_tokens(Reply(body))
    signed_in = await connected.ms.tokens.redeem(TENANT, request.flow, response())
    assert signed_in.person == mira
    assert signed_in.refresh_token.reveal() == "refresh-1"
    assert {"Mail.ReadBasic", "User.Read"} <= set(signed_in.scopes)
    sent = {k: v[0] for k, v in parse_qs(connected.authority.token_requests[0].body).items()}
    assert sent["grant_type"] == "authorization_code"
    assert sent["code"] == "code-1"
    assert sent["redirect_uri"] == REDIRECT
    assert sent["client_secret"] == connected.secret.reveal()
    assert sent["code_verifier"] == json.loads(request.flow.reveal())["code_verifier"]


async def test_scope_may_be_left_out_of_the_answer(connected: Connected) -> None:
    """RFC 6749 5.1: no scope in the answer means the scopes that were asked for."""
    request = await begun(connected)
    body = token_body(connected.authority.id_token(nonce=nonce_of(request)))
    connected.authority.answers_tokens(Reply(body))
    signed_in = await connected.ms.tokens.redeem(TENANT, request.flow, response())
    assert signed_in.refresh_token.reveal() == "refresh-1"


async def test_several_audiences_need_an_authorized_party(connected: Connected) -> None:
    """OIDC Core 3.1.3.7 rules 4 and 5: a list of audiences is ours only with azp naming us."""
    client = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    for azp, fits in ((client, True), (None, False), ("somebody", False)):
        request = await begun(connected)
        claims = {"aud": [client, "another"], "azp": azp, "nonce": nonce_of(request)}
        connected.authority.answers_tokens(
            Reply(token_body(connected.authority.id_token(**claims)))
        )
        redeemed = connected.ms.tokens.redeem(TENANT, request.flow, response())
        if fits:
            assert (await redeemed).person.tenant_id == TENANT
        else:
            with pytest.raises(IdentityWrong):
                await redeemed


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ({"nonce": "another"}, IdentityWrong),
        ({"nonce": None}, IdentityWrong),
        ({"tid": OTHER_TENANT}, WrongTenant),
        ({"tid": None}, IdentityWrong),
        ({"oid": None}, IdentityWrong),
        ({"sub": ""}, IdentityWrong),
        ({"iss": "https://login.microsoftonline.com/x/v2.0"}, IdentityWrong),
        ({"iss": None}, IdentityWrong),
        ({"aud": "somebody-else"}, IdentityWrong),
        ({"aud": None}, IdentityWrong),
        ({"exp": int(time.time()) - 3600}, IdentityWrong),
        ({"exp": None}, IdentityWrong),
        ({"exp": "soon"}, IdentityWrong),
    ],
)
async def test_a_wrong_identity_is_refused(
    connected: Connected, claims: dict[str, Any], error: type[TtrError]
) -> None:
    """Nonce, tid, oid, sub, iss, aud and exp are each checked."""
    request = await begun(connected)
    told = connected.authority.id_token(**{"nonce": nonce_of(request), **claims})
    connected.authority.answers_tokens(Reply(token_body(told)))
    with pytest.raises(error) as caught:
        await connected.ms.tokens.redeem(TENANT, request.flow, response())
    assert "refresh-1" not in caught.value.sentence()


async def test_a_clock_that_is_a_little_off_is_forgiven(connected: Connected) -> None:
    """An ID token may be past its time by less than five minutes."""
    request = await begun(connected)
    told = connected.authority.id_token(nonce=nonce_of(request), exp=int(time.time()) - 200)
    connected.authority.answers_tokens(Reply(token_body(told)))
    assert await connected.ms.tokens.redeem(TENANT, request.flow, response())


async def test_another_tenants_account_is_named(connected: Connected) -> None:
    """The refusal names who came and from which tenant."""
    request = await begun(connected)
    told = connected.authority.id_token(nonce=nonce_of(request), tid=OTHER_TENANT)
    connected.authority.answers_tokens(Reply(token_body(told)))
    with pytest.raises(WrongTenant, match=r"mira@contoso\.example.*99999999"):
        await connected.ms.tokens.redeem(TENANT, request.flow, response())


async def test_name_and_address_may_be_missing_or_odd(connected: Connected) -> None:
    """Only tid, oid and sub identify; NUL and half characters do not reach the store."""
    request = await begun(connected)
    claims = {"nonce": nonce_of(request), "name": "Mi\0ra\ud800", "preferred_username": None}
    connected.authority.answers_tokens(Reply(token_body(connected.authority.id_token(**claims))))
    person = (await connected.ms.tokens.redeem(TENANT, request.flow, response())).person
    assert (person.name, person.user_principal_name) == ("Mira\ufffd", "")


@pytest.mark.parametrize(
    "changed",
    [
        {"refresh_token": None},
        {"id_token": None},
        {"id_token": "not.a-jwt"},
        {"id_token": "a.b.c"},
        {"id_token": jwt(["a", "list"])},
        {"id_token": 17},
        {"access_token": None},
        {"access_token": {"a": 1}},
        {"expires_in": "soon"},
        {"expires_in": {}},
        {"scope": ["a"]},
    ],
)
async def test_a_token_answer_of_the_wrong_shape_is_a_sentence(
    connected: Connected, changed: dict[str, Any]
) -> None:
    """Missing or mistyped fields of a 200 answer are one sentence; nothing is kept."""
    request = await begun(connected)
    body = token_body(connected.authority.id_token(nonce=nonce_of(request)), **changed)
    connected.authority.answers_tokens(Reply(body))
    with pytest.raises(AnswerBroken):
        await connected.ms.tokens.redeem(TENANT, request.flow, response())


async def test_a_hostile_client_info_harms_nobody(connected: Connected) -> None:
    """client_info, in the browser's answer or the token answer, is not looked at."""
    request = await begun(connected)
    body = token_body(
        connected.authority.id_token(nonce=nonce_of(request)), client_info="%%%", refresh_in="x"
    )
    connected.authority.answers_tokens(Reply(body))
    came = response(client_info="%%%", session_state="x")
    assert await connected.ms.tokens.redeem(TENANT, request.flow, came)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"state": "another"}, StateUnknown),
        ({"state": ""}, StateUnknown),
        ({"code": ""}, ResponseIncomplete),
        ({"error": "access_denied", "error_description": "AADSTS65004: declined"}, SignInDenied),
        ({"iss": "https://mixed-up.example"}, IdentityWrong),
    ],
)
async def test_a_bad_response_reaches_no_token_endpoint(
    connected: Connected, parameters: dict[str, str], error: type[TtrError]
) -> None:
    """State, code, error and (RFC 9207) iss of the response are judged before anything is sent."""
    request = await begun(connected)
    with pytest.raises(error):
        await connected.ms.tokens.redeem(TENANT, request.flow, response(**parameters))
    assert connected.authority.token_requests == []


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_codes": [54005]}, SignInNeeded),
        (400, {"error": "invalid_grant", "error_codes": [65001]}, ConsentNeeded),
        (400, {"error": "invalid_grant"}, SignInNeeded),
        (401, {"error": "invalid_client", "error_codes": [7000215]}, ClientRefused),
        (503, {"error": "temporarily_unavailable"}, Unreachable),
        (400, {"error": "temporarily_unavailable", "error_codes": [90033]}, Unreachable),
        (200, {"neither": "nor"}, AnswerBroken),
        (200, "<html>", AnswerBroken),
        (400, {"error": {"code": "odd"}}, AnswerBroken),
    ],
)
async def test_what_the_token_endpoint_says_of_a_code(
    connected: Connected, status: int, body: Any, error: type[TtrError]
) -> None:
    """`error` chooses the kind; a certified provider need not send Microsoft's codes."""
    request = await begun(connected)
    connected.authority.answers_tokens(Reply(body, status))
    with pytest.raises(error):
        await connected.ms.tokens.redeem(TENANT, request.flow, response())


async def test_a_307_does_not_carry_code_and_secret_away(
    connected: Connected, foreign: Liar
) -> None:
    """A redirect at the token endpoint is refused; the foreign host hears nothing."""
    request = await begun(connected)
    away = Reply("", status=307, headers={"Location": f"{foreign.url}/steal"})
    connected.authority.answers_tokens(away)
    with pytest.raises(ForeignHost):
        await connected.ms.tokens.redeem(TENANT, request.flow, response())
    assert foreign.seen == []


async def test_discovery_that_lies_the_second_time_moves_nothing(
    connected: Connected, foreign: Liar
) -> None:
    """MSAL's own discovery is answered from the checked document; a later lie is refused."""
    request = await begun(connected)
    connected.authority.is_authority(token_endpoint=f"{foreign.url}/{TENANT}/token")
    body = token_body(connected.authority.id_token(nonce=nonce_of(request)))
    connected.authority.answers_tokens(Reply(body))
    assert await connected.ms.tokens.redeem(TENANT, request.flow, response())
    with pytest.raises(ForeignHost):
        await connected.ms.discover(TENANT)
    assert foreign.seen == []
