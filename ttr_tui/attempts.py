"""The life of an attempt: a start link for a day, its button's requests for ten minutes each.

A link can be opened and its button pressed any number of times (mail and chat scanners do); each
press makes one authorization request with its own `state`, used once. What a sign-in brought waits
sealed on the attempt until the operator's word. What is kept, and how, is the store's.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui.errors import Gone, LinkOver, LinkUnknown, StateExpired, StateUnknown
from ttr_tui.model import (
    Actor,
    Attempt,
    AttemptEnd,
    AuthorizationRequest,
    Company,
    Person,
    Purpose,
    Secret,
    Station,
)

if TYPE_CHECKING:
    from ttr_tui.store import Store
    from ttr_tui.store.requests import RememberedOutcome

LINK_LIFE = timedelta(days=1)
REQUEST_LIFE = timedelta(minutes=10)

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so that a code can be read aloud and typed."""

CODE_LENGTH = 10
"""Fifty bits: enough behind a limit on wrong codes, short enough to type."""

LONGEST_STATE = 256
"""Characters; ours have 43. What is longer is not ours and is not hashed."""

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_code() -> str:
    """Return a fresh code of fifty random bits."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str:
    """Return a typed code in its one spelling, or nothing when it cannot be a code."""
    code = typed[: 4 * CODE_LENGTH].upper().translate(_LOOKALIKES)
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) else ""


async def open_attempt(
    store: Store,
    redirects: Mapping[Purpose, str],
    company: Company,
    purpose: Purpose,
    actor: Actor,
) -> Attempt:
    """Make a start link below the purpose's redirect URL; it lives a day and can be withdrawn."""
    moment = store.attempts.clock()
    code = new_code()
    attempt = Attempt(
        id=str(uuid.uuid4()),
        company_id=company.id,
        purpose=purpose,
        link=f"{redirects[purpose]}/{code}",
        station=Station.WAITING,
        station_at=moment,
        created_at=moment,
        expires_at=moment + LINK_LIFE,
        asked_by=actor.name,
    )
    async with store.transaction() as tx:
        await store.attempts.add(tx, attempt, redirects[purpose], code)
    return attempt


async def find_by_code(store: Store, purpose: Purpose, code: str) -> Attempt:
    """Return the attempt whose link ends in `code`; upper or lower case, O for 0, I and L for 1.

    Raises LinkUnknown; LinkOver when it was withdrawn, used or is too old. Changes nothing.
    """
    spelled = read_code(code)
    if not spelled:
        raise LinkUnknown(
            "No start link has this code.", cure="Compare it with the link you were sent."
        )
    attempt = await store.attempts.by_code(purpose, spelled)
    if not _accepts_a_press(store, attempt):
        raise LinkOver(
            _why_over(attempt),
            means="Nothing was changed.",
            cure="Ask whoever sent it for a new one.",
        )
    return attempt


async def mark(store: Store, attempt_id: str, station: Station, problem: str = "") -> bool:
    """Move an attempt forward to `station`, never back, and say what concerns it now.

    Returns False when the attempt is over or gone, and nothing was written.
    """
    async with store.transaction() as tx:
        return await store.attempts.advance(tx, attempt_id, station, problem)


async def withdraw(store: Store, attempt_id: str) -> bool:
    """End an attempt whose link must lead nowhere any more; erase what waits on it.

    Returns False when it was over before.
    """
    return await end(store, attempt_id, AttemptEnd.WITHDRAWN)


async def end(store: Store, attempt_id: str, ended: AttemptEnd, problem: str = "") -> bool:
    """End an attempt: its link, its requests and what waits on it. The first end stays.

    Returns False when it was over before.
    """
    async with store.transaction() as tx:
        return await store.attempts.end(tx, attempt_id, ended, problem)


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
        await store.attempts.advance(tx, attempt.id, Station.AT_MICROSOFT)
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


async def keep(
    store: Store,
    attempt_id: str,
    person: Person,
    payload: Secret,
    *,
    browser_known: bool,
    browser_from: str,
) -> None:
    """Let what a sign-in brought wait sealed for the operator's word, for a day at the longest.

    Raises LinkOver when the attempt is over or somebody waits already; Gone when it is no more.
    """
    async with store.transaction() as tx:
        await store.attempts.keep(
            tx,
            attempt_id,
            person,
            payload,
            browser_known=browser_known,
            browser_from=browser_from,
        )
        await store.attempts.advance(tx, attempt_id, Station.IDENTITY_CHECKED)


async def kept(store: Store, attempt_id: str) -> tuple[Person, Secret]:
    """Return who waits for the operator's word, and what they brought.

    Raises LinkOver when nobody waits any more.
    """
    return await store.attempts.kept(attempt_id)


async def forget_person(store: Store, attempt_id: str) -> bool:
    """Erase what waits: the operator does not know this person. The link goes on."""
    async with store.transaction() as tx:
        return await store.attempts.forget_person(tx, attempt_id)


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


async def erase_overdue(store: Store) -> int:
    """Erase what waited a day for nobody's word and what is past its time.

    Returns how many sign-ins were erased.
    """
    async with store.transaction() as tx:
        return await store.attempts.erase_overdue(tx)


def _is_a_state(text: str) -> bool:
    return 0 < len(text) <= LONGEST_STATE and text.isascii()


def _accepts_a_press(store: Store, attempt: Attempt) -> bool:
    living = attempt.ended is None and attempt.expires_at > store.attempts.clock()
    return living and attempt.station not in {Station.STORED, Station.PROVEN}


async def _living_link(store: Store, purpose: Purpose, state: str) -> str:
    attempt_id = await store.attempts.requests.attempt_of_state(purpose, state)
    try:
        attempt = await store.attempts.get(attempt_id)
    except Gone:
        return ""
    return attempt.link if _accepts_a_press(store, attempt) else ""


def _why_over(attempt: Attempt) -> str:
    if attempt.ended is AttemptEnd.WITHDRAWN:
        return "This start link was withdrawn."
    if attempt.ended is AttemptEnd.DONE or attempt.station in {Station.STORED, Station.PROVEN}:
        return "This start link was used; it is good for one time."
    if attempt.ended is AttemptEnd.FAILED:
        return "This start link is over: the attempt failed."
    if attempt.ended is AttemptEnd.REFUSED:
        return "This start link is over: who signed in through it was refused."
    return "This start link is too old: it was good for a day."
