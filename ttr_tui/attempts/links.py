"""Start links: made, found by their code, moved forward, withdrawn; what waits on them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui import problems
from ttr_tui.errors import LinkOver, LinkUnknown, TtrError
from ttr_tui.model import (
    Actor,
    Attempt,
    AttemptEnd,
    Company,
    Expected,
    Person,
    Purpose,
    Secret,
    Station,
)
from ttr_tui.text import plural

if TYPE_CHECKING:
    from ttr_tui.store import Store, Transaction

LINK_LIFE = timedelta(days=1)
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so that a code can be read aloud and typed."""

CODE_LENGTH = 10
"""Fifty bits: enough behind a limit on wrong codes, short enough to type."""

LONG_CODE_LENGTH = 26
"""At least 128 bits, for links that live for days and are not typed: invitations."""

INVITATION_DAYS = 7
MOST_DAYS = 90
"""How long an invitation is good for: unless told, and at the longest."""

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose sign-in a link is for, and how long it lives; the default is an administrator's day."""

    expected: Expected | None = None
    agent_id: str = ""
    life: timedelta = LINK_LIFE


def new_code(length: int = CODE_LENGTH) -> str:
    """Return a fresh code of five random bits a letter."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(length))


def read_code(typed: str) -> str:
    """Return a typed code in its one spelling, or nothing when it cannot be a code."""
    code = typed[: 4 * LONG_CODE_LENGTH].upper().translate(_LOOKALIKES)
    fits = len(code) in (CODE_LENGTH, LONG_CODE_LENGTH)
    return code if fits and set(code) <= set(CODE_LETTERS) else ""


async def open_attempt(
    store: Store,
    redirects: Mapping[Purpose, str],
    company: Company,
    purpose: Purpose,
    actor: Actor,
    wanted: Wanted | None = None,
) -> Attempt:
    """Make a start link below the purpose's redirect URL; it can be withdrawn."""
    async with store.transaction() as tx:
        return await add_attempt(
            store, tx, redirects[purpose], made(store, company, purpose, actor, wanted or Wanted())
        )


async def add_attempt(
    store: Store, tx: Transaction, redirect_uri: str, attempt: Attempt
) -> Attempt:
    """Store a new attempt with a start link of its own below `redirect_uri`."""
    long = attempt.purpose is Purpose.INVITATION
    code = new_code(LONG_CODE_LENGTH if long else CODE_LENGTH)
    added = replace(attempt, link=f"{redirect_uri}/{code}")
    await store.attempts.add(tx, added, redirect_uri, code)
    if not long:  # invitations are made by the hundred, and journalled by whoever makes them
        company = await store.companies.get(attempt.company_id)
        await _journal(store, tx, "link made", company.name, added)
    return added


async def _journal(
    store: Store, tx: Transaction, what: str, company_name: str, attempt: Attempt
) -> None:
    """Leave a line about a link: what it is for and for whom, never the link itself."""
    await store.journal.write(
        tx,
        what,
        company_name=company_name,
        subject=attempt.expected.shown if attempt.expected is not None else "",
        detail=attempt.purpose.value.replace("_", " "),
    )


def made(store: Store, company: Company, purpose: Purpose, actor: Actor, wanted: Wanted) -> Attempt:
    """Return a new attempt that is not stored yet and has no link."""
    moment = store.attempts.clock()
    return Attempt(
        id=str(uuid.uuid4()),
        company_id=company.id,
        purpose=purpose,
        link="",
        station=Station.WAITING,
        station_at=moment,
        created_at=moment,
        expires_at=moment + wanted.life,
        asked_by=actor.name,
        agent_id=wanted.agent_id,
        expected=wanted.expected,
    )


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
    if not accepts_a_press(store, attempt):
        raise LinkOver(
            _why_over(attempt),
            means="Nothing was changed.",
            cure="Ask whoever sent it for a new one.",
        )
    return attempt


async def mark(
    store: Store, attempt_id: str, station: Station, problem: TtrError | str = ""
) -> bool:
    """Move an attempt forward to `station`, never back, and say what concerns it now.

    An error is kept whole, with Microsoft's identifiers. Returns False when the attempt is over or
    gone, and nothing was written.
    """
    sentence, refusal = (
        (problem, None)
        if isinstance(problem, str)
        else (problem.sentence(), problems.problem_of(problem))
    )
    async with store.transaction() as tx:
        return await store.attempts.advance(tx, attempt_id, station, sentence, refusal)


def needs_word(attempt: Attempt, *, browser_known: bool) -> bool:
    """Tell whether a sign-in waits for the operator's word before it is stored.

    It does not where the person was pinned before and the browser is the one that pressed the start
    page's button: then nobody else can have brought it. A Company Master that takes the place of
    another, or the first, is always asked about.
    """
    pinned = attempt.expected is not None and bool(attempt.expected.object_id)
    return not (pinned and browser_known) or attempt.purpose is Purpose.COMPANY_MASTER


async def renew(
    store: Store, redirects: Mapping[Purpose, str], former: Attempt, actor: Actor
) -> Attempt:
    """Make a new link for what `former` was for, as long-lived, and withdraw that one.

    Raises Gone when it is no more (its agent or company was removed), LinkOver when its sign-in was
    stored, or when the Company Master it was to renew was deleted.
    """
    async with store.transaction() as tx:
        former = await store.attempts.get(former.id)
        await _require_renewable(store, former)
        wanted = Wanted(former.expected, former.agent_id, former.expires_at - former.created_at)
        await store.attempts.end(tx, former.id, AttemptEnd.WITHDRAWN)
        company = await store.companies.get(former.company_id)
        attempt = made(store, company, former.purpose, actor, wanted)
        return await add_attempt(store, tx, redirects[former.purpose], attempt)


async def _require_renewable(store: Store, former: Attempt) -> None:
    if former.ended is AttemptEnd.DONE or former.station in {Station.STORED, Station.PROVEN}:
        raise LinkOver(
            "The sign-in of this link is stored.",
            cure="Sign in again from the row of the authentication.",
        )
    again = former.purpose is Purpose.REAUTHENTICATION and former.for_master
    if again and await store.authentications.company_master(former.company_id) is None:
        raise LinkOver(
            "The Company Master that was to be renewed was deleted.",
            cure="Connect the company again: who signs in is confirmed there.",
        )


async def withdraw(store: Store, attempt_id: str) -> bool:
    """End an attempt whose link must lead nowhere any more; erase what waits on it.

    Returns False when it was over before.
    """
    attempt = await store.attempts.get(attempt_id)
    company = await store.companies.get(attempt.company_id)
    async with store.transaction() as tx:
        ended = await store.attempts.end(tx, attempt_id, AttemptEnd.WITHDRAWN)
        if ended:
            await _journal(store, tx, "link withdrawn", company.name, attempt)
    return ended


async def end(store: Store, attempt_id: str, ended: AttemptEnd, problem: str = "") -> bool:
    """End an attempt: its link, its requests and what waits on it. The first end stays.

    Returns False when it was over before.
    """
    async with store.transaction() as tx:
        return await store.attempts.end(tx, attempt_id, ended, problem)


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
    browser = (browser_known, browser_from)
    async with store.transaction() as tx:
        await store.attempts.require_open(tx, attempt_id)
        await store.attempts.waiting.keep(tx, attempt_id, person, payload, browser)
        await store.attempts.advance(tx, attempt_id, Station.IDENTITY_CHECKED)


async def kept(store: Store, attempt_id: str) -> tuple[Person, Secret]:
    """Return who waits for the operator's word, and what they brought.

    Raises LinkOver when nobody waits any more.
    """
    return await store.attempts.waiting.get(attempt_id)


async def forget_person(store: Store, attempt_id: str) -> bool:
    """Erase what waits: the operator does not know this person. The link goes on."""
    async with store.transaction() as tx:
        return await store.attempts.waiting.forget(tx, attempt_id)


async def prove(store: Store, attempt_id: str) -> None:
    """Take an attempt as proven, and so as done: one write, so that nobody sees it half ended."""
    async with store.transaction() as tx:
        await store.attempts.advance(tx, attempt_id, Station.PROVEN)
        await store.attempts.end(tx, attempt_id, AttemptEnd.DONE)


async def erase_overdue(store: Store) -> int:
    """Erase what waited a day for nobody's word and what is past its time.

    Returns how many sign-ins were erased.
    """
    async with store.transaction() as tx:
        return await store.attempts.erase_overdue(tx)


def accepts_a_press(store: Store, attempt: Attempt) -> bool:
    """Tell whether an attempt's button still makes requests."""
    living = attempt.ended is None and attempt.expires_at > store.attempts.clock()
    return living and attempt.station not in {Station.STORED, Station.PROVEN}


def _why_over(attempt: Attempt) -> str:
    if attempt.ended is AttemptEnd.WITHDRAWN:
        return "This start link was withdrawn."
    if attempt.ended is AttemptEnd.DONE or attempt.station in {Station.STORED, Station.PROVEN}:
        return "This start link was used; it is good for one time."
    if attempt.ended is AttemptEnd.FAILED:
        return "This start link is over: the attempt failed."
    if attempt.ended is AttemptEnd.REFUSED:
        return "This start link is over: who signed in through it was refused."
    days = max(1, round((attempt.expires_at - attempt.created_at) / timedelta(days=1)))
    return f"This start link is too old: it was good for {plural(days, 'day')}."
