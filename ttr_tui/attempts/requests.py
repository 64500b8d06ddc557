"""The requests a button makes: each used once, bound to its browser, remembered for a reload."""

from __future__ import annotations

import hmac
import json
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui.attempts import links
from ttr_tui.errors import Gone, StateExpired, StateUnknown
from ttr_tui.model import (
    Attempt,
    AuthorizationRequest,
    AuthorizationResponse,
    Purpose,
    Secret,
)

if TYPE_CHECKING:
    from ttr_tui.store import Store
    from ttr_tui.store.requests import RememberedOutcome

REQUEST_LIFE = timedelta(minutes=10)

LONGEST_STATE = 256
"""Characters; ours have 43. What is longer is not ours and is not hashed."""


async def add_request(
    store: Store, attempt: Attempt, state: str, flow: Secret, *, browser: str, redirect_uri: str
) -> AuthorizationRequest:
    """Store the request one press of the button made, bound to the browser's cookie value.

    It lives ten minutes. Raises LinkOver when the attempt is over.
    """
    requests = store.attempts.requests
    request = AuthorizationRequest(
        id=str(uuid.uuid4()),
        attempt_id=attempt.id,
        company_id=attempt.company_id,
        purpose=attempt.purpose,
        redirect_uri=redirect_uri,
        expires_at=store.attempts.clock() + REQUEST_LIFE,
        flow=flow,
        browser_hash=requests.browser_hash(browser),
    )
    async with store.transaction() as tx:
        await requests.add(tx, request, state)
        await store.attempts.pressed(tx, attempt.id)
    return request


async def peek(store: Store, purpose: Purpose, state: str) -> AuthorizationRequest:
    """Return the pending request of a `state` for this purpose; nothing is consumed.

    Raises StateUnknown, StateSpent, StateExpired (with the link whose button can be pressed again),
    LinkOver when the attempt was ended meanwhile. The look-up is by a keyed hash, so that its time
    tells nothing about other states.
    """
    if not _is_a_state(state):
        raise StateUnknown(
            "This answer belongs to no request of ours.",
            means="Nothing was changed.",
            cure="Open the start link again and press its button.",
        )
    try:
        return await store.attempts.requests.peek(purpose, state)
    except StateExpired as expired:
        expired.link = await _living_link(store, purpose, state)
        raise


async def purpose_of(store: Store, state: str) -> Purpose:
    """Return what the request of a `state` was made for. Raises StateUnknown."""
    return await store.attempts.requests.purpose_of(state if _is_a_state(state) else "")


async def answer_with(
    store: Store, attempt: Attempt, code: str
) -> tuple[AuthorizationRequest, AuthorizationResponse]:
    """Return the newest request of an attempt and a code alone as the answer to it.

    The code names no request: PKCE and the nonce tell whether it belongs to this one. Raises what
    `peek` raises.
    """
    request = await store.attempts.requests.newest(attempt.id)
    state = str(json.loads(request.flow.reveal()).get("state", ""))
    return request, AuthorizationResponse({"code": code, "state": state})


async def spend(store: Store, request: AuthorizationRequest) -> None:
    """Take a request for this caller alone, before anything is exchanged.

    Raises StateSpent for whoever comes second, and what else `peek` raises.
    """
    async with store.transaction() as tx:
        await store.attempts.requests.spend(tx, request.id)


def is_same_browser(store: Store, request: AuthorizationRequest, browser: str) -> bool:
    """Tell whether this cookie value is the one that pressed the button."""
    given = store.attempts.requests.browser_hash(browser)
    return bool(given) and hmac.compare_digest(given, request.browser_hash)


async def remember(store: Store, request: AuthorizationRequest, browser: str, page: str) -> str:
    """Keep what this browser was told, so that its reload shows the same; return a handle.

    `page` is whatever the caller needs to tell it again. The handle has 128 random bits. Calling it
    again replaces the page and the handle.
    """
    requests = store.attempts.requests
    handle = secrets.token_urlsafe(16)
    async with store.transaction() as tx:
        await requests.remember(tx, request.id, handle, requests.browser_hash(browser), page)
    return handle


async def outcome(store: Store, handle: str, browser: str) -> RememberedOutcome:
    """Return what was told under a handle, to the same browser only. Raises StateUnknown."""
    requests = store.attempts.requests
    handle = handle if _is_a_state(handle) else ""
    return await requests.outcome(handle, requests.browser_hash(browser))


async def outcome_of_state(
    store: Store, purpose: Purpose, state: str, browser: str
) -> RememberedOutcome:
    """Return what was told to this browser when it brought this `state` before.

    Raises StateUnknown when it was another browser, or nothing was told yet.
    """
    requests = store.attempts.requests
    state = state if _is_a_state(state) else ""
    return await requests.outcome_of_state(purpose, state, requests.browser_hash(browser))


def _is_a_state(text: str) -> bool:
    return 0 < len(text) <= LONGEST_STATE and text.isascii()


async def _living_link(store: Store, purpose: Purpose, state: str) -> str:
    attempt_id = await store.attempts.requests.attempt_of_state(purpose, state)
    try:
        attempt = await store.attempts.get(attempt_id)
    except Gone:
        return ""
    return attempt.link if links.accepts_a_press(store, attempt) else ""
