"""Ask for every authentication of a company now: sign-ins at Microsoft, children at mailboxes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.access import READS_MAILBOXES
from ttr_tui.advice import Act, act_of
from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    ClientRefused,
    Gone,
    PermissionMissing,
    TtrError,
)
from ttr_tui.microsoft import mailbox
from ttr_tui.model import Authentication, Outcome, Status, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ttr_tui.access import Access
    from ttr_tui.microsoft.mailbox import MailboxAnswer
    from ttr_tui.model import Company

BATCH = 20
"""Requests in one `$batch` (facts section 7: the most Graph takes)."""
AT_ONCE = 3
"""Batches under way at the same time."""

_STATUS = {Outcome.BLOCKED: Status.BLOCKED, Outcome.NO_MAILBOX: Status.NO_MAILBOX}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a round came to: how many work, and which do not, with their reasons.

    `silent` are those that worked before and of which nothing was learned: a mailbox was busy.
    """

    healthy: int
    troubled: tuple[Authentication, ...]
    silent: tuple[Authentication, ...] = ()


async def ask_all(
    access: Access,
    company: Company,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Asked:
    """Use every sign-in of a company once, and ask the mailbox of every child; mark each.

    `on_progress` is told how many of how many were asked. A mailbox is asked only where its grant
    opens; where nothing is stored nothing is asked. Raises what concerns all of them and is kept
    once, on the company: ConsentNeeded and ClientRefused of the app's own token, PermissionMissing
    when no mailbox opens; and Unreachable, CompanyElsewhere, SettingsFaulty. What was learned until
    then is kept.
    """
    roots = await access.store.roots.of(company.id)
    tree = await access.store.authentications.tree(company.id)
    total = len(roots) + len(tree.children)
    if not total:
        # A tenant that granted nothing so far stops nobody.
        return Asked(0, ())
    await access.app_token(company, fresh=True)
    for done, root in enumerate(roots, 1):
        await _ask_root(access, company, root)
        on_progress(done, total)
    asking = _Mailboxes(access, company, tree.children)
    await asking.ask(lambda done: on_progress(len(roots) + done, total))
    return await _outcome(access, company, asking.silent)


async def _ask_root(access: Access, company: Company, root: Authentication) -> None:
    """Refresh one; what Microsoft says is marked on it. Raises what concerns all, and silence."""
    try:
        await access.fresh_token(company, root.id)
    except Gone:
        return
    except TtrError as refusal:
        if isinstance(refusal, ClientRefused) or act_of(refusal) is Act.TRY_AGAIN:
            raise


class _Mailboxes:
    """The mailboxes of a company's children, asked a few batches at once."""

    def __init__(
        self, access: Access, company: Company, children: Sequence[Authentication]
    ) -> None:
        self._access = access
        self._company = company
        self._children = children
        self._answered = False
        self.silent: set[str] = set()

    async def ask(self, on_progress: Callable[[int], None]) -> None:
        """Ask all of them; raise PermissionMissing when the first ones are all forbidden.

        Where nobody is let in it is the permission, and one cause; where some are, each of the
        others is marked for itself (an Exchange role can be given for some mailboxes).
        """
        closed = await self._access.store.authentications.unreadable(self._company.id)
        able = [one for one in self._children if one.id not in closed]
        done = len(self._children) - len(able)
        batches = [able[start : start + BATCH] for start in range(0, len(able), BATCH)]
        for first in range(0, len(batches), AT_ONCE):
            wave = batches[first : first + AT_ONCE]
            answers = await asyncio.gather(*map(self._probe, wave))
            await self._require_any([answer for some in answers for answer in some.values()])
            for batch, some in zip(wave, answers, strict=True):
                await self._mark(batch, some)
            done += sum(map(len, wave))
            on_progress(done)

    async def _probe(self, batch: Sequence[Authentication]) -> Mapping[str, MailboxAnswer]:
        ids = [one.object_id or "" for one in batch]
        return await self._access.with_app_token(
            self._company, lambda token: mailbox.probe(self._access.microsoft, token, ids)
        )

    async def _require_any(self, answers: Sequence[MailboxAnswer]) -> None:
        """Raise PermissionMissing, and keep it on the company, while every mailbox is forbidden."""
        company = self._company
        if self._answered or not answers:
            return
        if not all(answer.forbidden for answer in answers):
            self._answered = True
            await self._access.alarm_over(company, READS_MAILBOXES)
            return
        missing = PermissionMissing(
            f"No mailbox of {company.name} opens to the app: Mail.ReadBasic.All is missing.",
            means="No agent that hangs on the Company Master can be read.",
            who=ENTRA_ADMINISTRATOR,
            cure="Grant admin permission again, as a Privileged Role Administrator or Global "
            "Administrator.",
        )
        await self._access.alarm(company, missing, READS_MAILBOXES)
        raise missing

    async def _mark(
        self, batch: Sequence[Authentication], answers: Mapping[str, MailboxAnswer]
    ) -> None:
        """Keep what each mailbox of a batch said, in one transaction.

        A mailbox that answers although its user is gone takes that mark away from nobody.
        """
        store, moment = self._access.store, now()
        gone = await store.departures.gone_ids(self._company.id, [one.id for one in batch])
        said = [(one, answers[one.object_id or ""]) for one in batch]
        works = [one for one, answer in said if answer.outcome is Outcome.ADDED]
        self.silent |= {one.id for one, answer in said if answer.silent}
        async with store.transaction() as tx:
            await store.authentications.used(tx, [one.id for one in works], moment)
            for one in works:
                if one.id not in gone and one.status is not Status.HEALTHY:
                    await store.authentications.mark(tx, one.id, Status.HEALTHY, "", moment)
            for one, answer in said:
                if answer.outcome is Outcome.ADDED or answer.silent:
                    continue
                status = _STATUS.get(answer.outcome, Status.REFUSED)
                await store.authentications.mark(tx, one.id, status, answer.reason, moment)


async def _outcome(access: Access, company: Company, silent: set[str]) -> Asked:
    """Read what stands now: marks of this round, and rows that do not open."""
    tree = await access.store.authentications.tree(company.id)
    closed = await access.store.authentications.unreadable(company.id)
    rows = [*([tree.master] if tree.master else []), *tree.children, *tree.own]
    works = [row for row in rows if row.status is Status.HEALTHY and row.id not in closed]
    silence = tuple(row for row in works if row.id in silent)
    troubled = tuple(row for row in rows if row.status is not Status.HEALTHY or row.id in closed)
    return Asked(len(works) - len(silence), troubled, silence)
