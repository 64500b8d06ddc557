"""The authorization endpoint: what is checked, what needs consent, and how it answers."""

from __future__ import annotations

import re
import uuid

from aiohttp import web

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.answers import respond
from ttr_tui.sandbox.client_check import check_client
from ttr_tui.sandbox.issued import Code, SignIn
from ttr_tui.sandbox.journeys import Journey
from ttr_tui.sandbox.refusals import LoginRefused, timestamp
from ttr_tui.sandbox.scopes import needed, read_scopes
from ttr_tui.sandbox.token_bodies import client_info
from ttr_tui.sandbox.world import World

_PROMPTS = {"", "login", "none", "consent", "select_account"}
_MODES = {"query", "fragment", "form_post"}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def check(world: World, sign_in: SignIn) -> web.Response | None:
    """Check an authorization request; return a redirect with `error` when it is refused.

    Raises LoginRefused for what must not be redirected.
    """
    check_client(world, sign_in)
    if sign_in.tenant is not None and world.disabled(sign_in.tenant):
        raise LoginRefused(7000112)
    try:
        _check_parameters(world, sign_in.query)
    except LoginRefused as no:
        return _refuse(world, sign_in, no)
    return None


def _check_parameters(world: World, query: dict[str, str]) -> None:
    for name in ("response_type", "scope"):
        if not query.get(name):
            raise LoginRefused(900144, field=name)
    if query["response_type"] != "code":
        raise LoginRefused(700054, field=query["response_type"])
    if query.get("response_mode", "query") not in _MODES:
        raise LoginRefused(90023, field="unsupported response_mode")
    prompt = query.get("prompt", "")
    if prompt not in _PROMPTS:
        raise LoginRefused(90023, field="unsupported prompt value")
    if prompt == "select_account" and query.get("login_hint"):
        raise LoginRefused(90023, field="login_hint with prompt=select_account")
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise LoginRefused(9002325)
    read_scopes(query["scope"], world.graph)
    if world.dials.sign_in_refused:
        raise LoginRefused(world.dials.sign_in_refused)


def silent_refusal(world: World, sign_in: SignIn, code: int) -> web.Response:
    """Refuse `prompt=none` where somebody would have to be asked."""
    return _refuse(world, sign_in, LoginRefused(code))


def _missing(world: World, sign_in: SignIn) -> set[str]:
    if sign_in.tenant is None or sign_in.person is None:
        return set()
    names = read_scopes(sign_in.query["scope"], world.graph)
    have = set() if world.dials.grant_revoked else sign_in.tenant.allowed_scopes(sign_in.person)
    return needed(names) - have


def consent_lines(world: World, sign_in: SignIn) -> list[str]:
    """Return what the person must agree to; nothing when all of it is granted already.

    Raises LoginRefused 90094 or 90095 when this person may not agree (facts section 1.7).
    """
    missing = _missing(world, sign_in)
    if sign_in.query.get("prompt") == "consent":
        missing = missing or needed(read_scopes(sign_in.query["scope"], world.graph))
    person = sign_in.person
    if missing <= {"offline_access"} and sign_in.query.get("prompt") != "consent":
        return []
    may = permissions.MAY_GRANT_SCOPES & set(world.roles_of(person) if person else ())
    if missing - permissions.USER_CONSENTABLE and not may and not world.dials.users_may_consent:
        raise LoginRefused(90095 if world.dials.approval_requests else 90094)
    return sorted(missing)


def accept(world: World, sign_in: SignIn) -> web.Response:
    """Issue a code, with consent recorded where it was missing."""
    tenant, person, query = sign_in.tenant, sign_in.person, sign_in.query
    if tenant is None or person is None:
        raise LoginRefused(50058)
    missing = _missing(world, sign_in)
    if missing:
        tenant.grant_scopes(missing, person, world.dials.replication_seconds)
    code = Code(
        tenant=tenant,
        segment=sign_in.segment,
        person=person,
        redirect_uri=query["redirect_uri"],
        scope=query["scope"],
        challenge=query["code_challenge"],
        nonce=query.get("nonce", ""),
        issued_at=tenant.now(),
    )
    fields = {"code": world.codes.add(code)}
    if query.get("client_info") == "1":
        fields["client_info"] = client_info(person.id, tenant.id)
    return _answer(query, fields | {"session_state": str(uuid.uuid4())})


def cancel(world: World, sign_in: SignIn) -> web.Response:
    """Tell the app that the person declined (AADSTS65004)."""
    return _refuse(world, sign_in, LoginRefused(65004))


def _refuse(world: World, sign_in: SignIn, refused: LoginRefused) -> web.Response:
    fields = {
        "error": refused.error,
        "error_description": refused.described(str(uuid.uuid4()), timestamp()),
        "error_uri": f"{world.login}/error?code={refused.code}",
    }
    if refused.suberror == "cancel":
        fields["error_subcode"] = "cancel"
    return _answer(sign_in.query, fields)


def _answer(query: dict[str, str], fields: dict[str, str]) -> web.Response:
    mode = query.get("response_mode", "query")
    if "state" in query:
        fields["state"] = query["state"]
    return respond(query["redirect_uri"], mode if mode in _MODES else "query", fields)


AUTHORIZE = Journey(check, consent_lines, accept, cancel)
