"""One poll: go on with one that broke, read what changed, or read everybody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ttr_tui.access import READS_USERS
from ttr_tui.errors import PermissionMissing
from ttr_tui.flows.polling.changing import LINK_LASTS, read_changes
from ttr_tui.flows.polling.departures import keep_departures
from ttr_tui.flows.polling.progress import Pace, PollProgress, Reading
from ttr_tui.flows.polling.since import Since
from ttr_tui.flows.polling.source import Source
from ttr_tui.flows.polling.walking import AT_ONCE
from ttr_tui.flows.polling.whole import count, go_on, read_whole
from ttr_tui.microsoft import Gate, requests_share, waits_told_to
from ttr_tui.model import Company, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from ttr_tui.access import Access

SPLIT_FROM = 20_000
"""Users from which everybody is read in parts at once: twenty pages, six seconds at 300 ms each."""


async def poll(
    access: Access,
    company: Company,
    on_page: Callable[[PollProgress], None] = lambda _progress: None,
    *,
    whole: bool = False,
    split_from: int = SPLIT_FROM,
) -> PollProgress:
    """Bring the local copy of the tenant's directory up to date.

    A poll that broke goes on where it stood. Else what changed since the last one is read, and
    everybody when there is no way to know (never read, a link older than seven days or forgotten by
    Microsoft), when seven days have passed since, when Microsoft counts other users for good, or
    when `whole` asks for it. From `split_from` users on everybody is read in parts at once. The
    copy is usable from the first page, and nobody is dropped from it until everybody was seen or
    Microsoft said that they are gone. Agents whose user was found disabled or deleted are marked,
    and unmarked when the user is back.

    Raises Unreachable, PermissionMissing, AnswerBroken, ForeignHost, Gone and the like; what was
    read is kept.
    """
    access.require_company(company)
    source = Source(access, company, await access.store.directory(company))
    pace = Pace(on_page)
    with requests_share(Gate(AT_ONCE)), waits_told_to(pace.waits):
        async with access.journalling_foreign_hosts(company.name):
            try:
                complete = await _bring_up_to_date(source, pace, split_from, whole=whole)
            except PermissionMissing as refusal:
                await access.alarm(company, refusal, READS_USERS)
                raise
    await access.alarm_over(company, READS_USERS)
    if complete:
        await keep_departures(access, company, source.copy)
    return pace.ends(complete=complete)


async def _bring_up_to_date(source: Source, pace: Pace, split_from: int, *, whole: bool) -> bool:
    """Return whether the copy is complete by this poll, and not by a newer one."""
    since = Since(source)
    link = await source.copy.delta()
    lasts = link is not None and now() - link[1] < LINK_LASTS
    unfinished = None if whole else await source.copy.take_up_poll()
    if unfinished is not None and (lasts or link is None):
        complete = await go_on(source, pace, unfinished)
    else:
        # A poll that was begun and stored no page took a link of its own: it tells too little.
        known = not whole and lasts and (await source.copy.state()).complete
        if link is not None and known and await since.recent():
            followed = await _follow(source, pace, link[0], since)
            if followed:
                return True
        complete = await read_whole(source, pace, split_from)
    if complete:
        await since.read_whole()
    return complete


async def _follow(source: Source, pace: Pace, link: str, since: Since) -> bool:
    """Read what changed; False when everybody has to be read after all."""
    pace.begins(Reading.CHANGES)
    followed, _ = await asyncio.gather(read_changes(source, link, pace.has_read), count(source))
    return followed and not await since.differs_for_good()
