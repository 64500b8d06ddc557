"""Keep stored sign-ins alive: refresh each before it dies of disuse, and see who was refused.

A refresh token lives 90 days unused (facts section 2.5). Every Company Master and own sign-in is
used within `OLDEST`, whatever its user's state, so that what ended at Microsoft is seen within days
as well. What was refused is asked again at its own time; what stops a company, once for all of it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING

from ttr_tui.access import LAST_KEEP_ALIVE_NOTE, LEASE_SECONDS, READS_USERS
from ttr_tui.advice import Act, Scope, act_of, scope_of
from ttr_tui.errors import (
    Gone,
    PermissionMissing,
    Refused,
    SettingsFaulty,
    StoreError,
    TtrError,
)
from ttr_tui.flows.keep_alive.due import due, rests, stopping
from ttr_tui.microsoft import directory
from ttr_tui.model import Authentication, Company, Secret, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Alarm

APP_EVERY = timedelta(days=1)
"""How often the app's own token is asked for and used in each company: what was ended for all of
it, and a client secret that has expired, show within a day."""

LOOK_EVERY = 300.0
FIRST_LOOK = 20.0
"""Seconds between two looks for what is due, and before the first; half as much is added or taken
away by chance."""

PACE = 1.0
"""Seconds between two refreshes."""

TURN = "keep-alive"


@dataclass
class Keeper:
    """Looks, again and again, for what is due; one process at a time does so for a store.

    `pace` is the pause between two refreshes, `look_every` the one between two looks and
    `first_look` the one before the first, all in seconds.
    """

    access: Access
    pace: float = PACE
    first_look: float = FIRST_LOOK
    look_every: float = LOOK_EVERY
    app_asked: dict[str, datetime] = field(default_factory=dict)

    async def keep(self) -> None:
        """Look every few minutes until cancelled; the turn is given back then.

        Trouble of one company, or of the store for a moment, ends nothing.
        """
        chance = SystemRandom()
        pause = self.first_look
        try:
            while True:
                await asyncio.sleep(pause * chance.uniform(0.5, 1.5))
                with suppress(StoreError):
                    await self.look()
                pause = self.look_every
        finally:
            with suppress(StoreError):
                await self.access.store.turns.give_back(TURN)

    async def look(self) -> bool:
        """Refresh what is due in every company; return False when it is another process's turn.

        What Microsoft refuses is kept where it belongs. Raises StoreError when the store cannot be
        used.
        """
        access = self.access
        if access.connection is None or not await access.store.turns.take(TURN):
            return False
        reached = True
        for company in await access.store.companies.list():
            if reached:
                reached = await self._look_at(company)
        async with access.store.transaction() as tx:
            await access.store.set_note(tx, LAST_KEEP_ALIVE_NOTE, now().isoformat())
        return True

    async def _look_at(self, company: Company) -> bool:
        """Ask for what is due in a company; return False when Microsoft does not answer."""
        everywhere = stopping(await self.access.store.alarms.list())
        alarms = [alarm for alarm in everywhere if alarm.company_id == company.id]
        if rests(alarms):
            return True
        try:
            self.access.require_company(company)
            await self._ask_for_the_app(company, alarms)
            for root in await due(self.access, company):
                if await self._refresh(company, root):
                    await asyncio.sleep(self.pace)
        except (Refused, SettingsFaulty, Gone):
            # Of hosts the settings name no more, or deleted while it was looked at.
            return True
        except TtrError as trouble:
            return act_of(trouble) is not Act.TRY_AGAIN
        return True

    async def _ask_for_the_app(self, company: Company, alarms: Sequence[Alarm]) -> None:
        """Ask for the app's own token once a day, and once after each time the company was stopped.

        A token proves no permission, so it is used as well (facts section 3). Raises what stops the
        whole company, and Unreachable.
        """
        asked = self.app_asked.get(company.id)
        stopped = max((alarm.last_at for alarm in alarms), default=None)
        if company.consent_proven_at is None:
            return
        if asked is None or now() - asked >= APP_EVERY or (stopped and asked < stopped):
            self.app_asked[company.id] = now()
            await self._use(company, await self.access.app_token(company, fresh=True))

    async def _use(self, company: Company, token: Secret) -> None:
        """Read one user; what forbids it is kept on the company and stops no refresh."""
        try:
            await directory.first_user(self.access.microsoft, token)
        except PermissionMissing as refusal:
            await self.access.alarm(company, refusal, READS_USERS)
        else:
            await self.access.alarm_over(company, READS_USERS)

    async def _refresh(self, company: Company, root: Authentication) -> bool:
        """Refresh one; return False when another process is at it, or has just been.

        Raises what concerns the whole company, and Unreachable: then nobody else is asked.
        """
        store = self.access.store
        with suppress(Gone):
            if not await store.authentications.take_lease(root.id, store.owner, LEASE_SECONDS):
                return False
            present = await self.access.authentication(root.id)
            if present.generation != root.generation:
                await store.authentications.drop_lease(root.id, store.owner)
                return False
            try:
                await self.access.fresh_token(company, root.id)
            except TtrError as refusal:
                if act_of(refusal) is Act.TRY_AGAIN or _stops_all(refusal):
                    raise
            return True
        return False


def _stops_all(refusal: TtrError) -> bool:
    if act_of(refusal) not in (Act.ADMINISTRATOR, Act.OPERATOR):
        return False
    return scope_of(refusal) in (Scope.COMPANY, Scope.INSTALLATION)


async def last_look(access: Access) -> datetime | None:
    """Return when keep-alive last looked at everything, in whichever process; None for never."""
    note = await access.store.note(LAST_KEEP_ALIVE_NOTE)
    return datetime.fromisoformat(note).astimezone(UTC) if note else None
