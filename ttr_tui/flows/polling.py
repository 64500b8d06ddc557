"""Poll a tenant's directory into the local copy, after the Company Master's token was accepted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ttr_tui.access import READS_USERS
from ttr_tui.errors import (
    AnswerBroken,
    GraphRefused,
    IdentityWrong,
    MicrosoftError,
    PermissionMissing,
    TokenStale,
    TtrError,
    Unreachable,
)
from ttr_tui.microsoft import directory, waits_told_to
from ttr_tui.model import AuthenticationKind, Company, UserKind, now
from ttr_tui.store import UserGone
from ttr_tui.text import number, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from ttr_tui.access import Access
    from ttr_tui.microsoft import WaitingFor
    from ttr_tui.store import DirectoryCopy, Occupant, Unfinished

_MOST_NAMED = 5

_WHAT_BECAME = {
    UserGone.DISABLED: "users disabled in Microsoft 365",
    UserGone.DELETED: "users deleted in Microsoft 365",
    UserGone.NO: "users back in Microsoft 365",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening O365 Agent Bulk Add found out about the Company Master.

    `accepted_at` is set when Microsoft accepted its token just now; `refused` when Microsoft said
    no, as against having given no answer. Adding needs `accepted_at`.
    """

    accepted_at: datetime | None = None
    problem: TtrError | None = None

    @property
    def refused(self) -> bool:
        """Tell a refusal from silence."""
        return self.problem is not None and not isinstance(self.problem, Unreachable | AnswerBroken)


@dataclass(frozen=True, slots=True)
class PollProgress:
    """How far a poll is: users read, users expected (None: not told), and users a second.

    `waiting_until` is set while Microsoft asked for a pause.
    """

    read: int
    expected: int | None
    rate: float
    complete: bool = False
    waiting_until: datetime | None = None

    @property
    def seconds_left(self) -> float | None:
        """Return the time left at this rate, in seconds, or None when it cannot be known."""
        if self.expected is None or self.rate <= 0:
            return None
        return max(0.0, (self.expected - self.read) / self.rate)


async def open_bulk_add(access: Access, company: Company) -> Opened:
    """Invoke the Company Master's token: the proof that the administrator's grant lives.

    Raises only what concerns neither Microsoft nor the network: NotConnected, RowUnreadable,
    SettingsFaulty, CompanyElsewhere, Gone.
    """
    await access.company_master(company)
    try:
        await access.company_master_token(company)
    except (Unreachable, AnswerBroken) as problem:
        return Opened(problem=problem)
    except (MicrosoftError, IdentityWrong) as problem:
        await _journal_opening(access, company, problem)
        return Opened(problem=problem)
    await _journal_opening(access, company, None)
    return Opened(accepted_at=now())


async def poll(
    access: Access,
    company: Company,
    on_page: Callable[[PollProgress], None] = lambda _progress: None,
) -> PollProgress:
    """Read every user of the tenant, page by page, straight into the local copy.

    The copy is usable from the first page; nobody is dropped from it until the last page was seen.
    A poll that broke resumes at its next link; when Microsoft no longer knows that link the poll
    starts again (facts section 6.1, `Directory_ExpiredPageToken`). Agents whose user was found
    disabled or deleted by a complete poll are marked, and unmarked when the user is back.

    Raises Unreachable, PermissionMissing, AnswerBroken, ForeignHost, Gone and the like; what was
    read is kept.
    """
    access.require_company(company)
    copy = await access.store.directory(company)
    broken_off = await copy.take_up_poll()
    async with access.journalling_foreign_hosts(company.name):
        try:
            progress = await _walk(access, company, copy, broken_off, on_page)
        except PermissionMissing as refusal:
            await access.alarm(company, refusal, READS_USERS)
            raise
        except GraphRefused as refusal:
            if broken_off is None or refusal.status not in {400, 410}:
                raise
            progress = await _walk(access, company, copy, None, on_page)
    await access.alarm_over(company, READS_USERS)
    if progress.complete:
        await _keep_departures(access, company, copy)
    return progress


async def _walk(
    access: Access,
    company: Company,
    copy: DirectoryCopy,
    resume: Unfinished | None,
    on_page: Callable[[PollProgress], None],
) -> PollProgress:
    """Walk the pages from where `resume` stood, or from the first."""
    start = resume.next_link if resume else ""
    token = await access.app_token(company)
    if resume is None:
        expected, already = await directory.count_users(access.microsoft, token), 0
        await copy.begin_poll(expected)
    else:
        expected, already = resume.expected, resume.read
    pace = _Pace(on_page, already, expected)
    stale_at = None
    with waits_told_to(pace.waits):
        while True:
            try:
                async for page in directory.user_pages(access.microsoft, token, start):
                    await copy.put_page(page.users, page.next_link)
                    start = page.next_link
                    pace.has_read(len(page.users))
                break
            except TokenStale:
                if stale_at == start:
                    raise
                stale_at, token = start, await access.app_token(company, fresh=True)
    # False when another process of ours began a newer poll: then that one completes the copy.
    complete = await copy.finish_poll(now())
    return replace(pace.progress, expected=pace.progress.read, complete=complete)


class _Pace:
    """Counts what was read and tells whoever listens."""

    def __init__(
        self, tell: Callable[[PollProgress], None], already: int, expected: int | None
    ) -> None:
        self._tell = tell
        self._began = now()
        self._already = already
        self.progress = PollProgress(already, expected, 0.0)

    def has_read(self, users: int) -> None:
        read, expected = self.progress.read + users, self.progress.expected
        elapsed = (now() - self._began).total_seconds()
        rate = (read - self._already) / elapsed if elapsed > 0 else 0.0
        if expected is not None and expected < read:
            # The count was wrong or is old by now: better none than `999 of 60`.
            expected = None
        self.progress = PollProgress(read, expected, rate)
        self._tell(self.progress)

    def waits(self, wait: WaitingFor) -> None:
        self.progress = replace(self.progress, waiting_until=wait.until)
        self._tell(self.progress)


async def _keep_departures(access: Access, company: Company, copy: DirectoryCopy) -> None:
    """Mark the agents whose user is disabled or no longer there, unmark those whose user is back.

    What is known of each is compared in one go, however many there are.
    """
    if not (await copy.state()).count:
        # A tenant without a single user is none to believe.
        return
    occupants = await access.store.departures.occupants(company.id)
    kinds = await copy.kinds_of({one.object_id for one in occupants})
    changed = await asyncio.to_thread(_changed, occupants, kinds)
    if not changed:
        return
    async with access.store.transaction() as tx:
        await access.store.departures.keep(tx, changed, now())
        for gone, what in _WHAT_BECAME.items():
            called = [one.called for one, became in changed if became is gone]
            if called:
                await access.store.journal.write(
                    tx,
                    what,
                    company_name=company.name,
                    subject=plural(len(called), "authentication"),
                    detail=_named(called),
                )


def _changed(
    occupants: Sequence[Occupant], kinds: Mapping[str, UserKind]
) -> list[tuple[Occupant, UserGone]]:
    seen = ((one, _gone(one, kinds.get(one.object_id))) for one in occupants)
    return [(one, gone) for one, gone in seen if gone is not one.gone]


def _gone(who: Occupant, kind: UserKind | None) -> UserGone:
    """Return what the directory says of one user.

    A disabled account without a licence is what a shared mailbox looks like (facts section 6.1):
    who signed in for themselves had an account, and has been disabled.
    """
    if kind is None:
        return UserGone.DELETED
    signed_in = who.kind is not AuthenticationKind.CHILD
    disabled = kind is UserKind.DISABLED or (kind is UserKind.SHARED and signed_in)
    return UserGone.DISABLED if disabled else UserGone.NO


def _named(called: Sequence[str]) -> str:
    more = len(called) - _MOST_NAMED
    return ", ".join(called[:_MOST_NAMED]) + (f" and {number(more)} more" if more > 0 else "")


async def _journal_opening(access: Access, company: Company, problem: TtrError | None) -> None:
    async with access.store.transaction() as tx:
        await access.store.journal.write(
            tx,
            "company master used",
            company_name=company.name,
            subject="O365 Agent Bulk Add",
            outcome="refused" if problem else "done",
            detail=problem.happened if problem else "",
        )
