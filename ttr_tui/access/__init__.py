"""A company's fresh tokens: open what is stored, refresh it under the lease, keep the rotation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from ttr_tui.access.notes import (
    LAST_KEEP_ALIVE_NOTE,
    SERVICE_PRINCIPAL_NOTE,
    SIGN_IN_FREQUENCY_NOTE,
)
from ttr_tui.access.refreshing import LEASE_SECONDS, refresh_alone
from ttr_tui.access.refusing import (
    READS_MAILBOXES,
    READS_USERS,
    app_refused,
    cause_over,
    permission_proven,
    raise_alarm,
    raise_cause,
    token_issued,
)
from ttr_tui.errors import (
    CompanyElsewhere,
    ForeignHost,
    Gone,
    NotConnected,
    TokenRefused,
    TokenStale,
    TtrError,
)
from ttr_tui.model import Actor, Authentication, Company, Purpose, Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from datetime import date

    from ttr_tui.microsoft import Microsoft
    from ttr_tui.settings import Settings
    from ttr_tui.store import Store

__all__ = [
    "LAST_KEEP_ALIVE_NOTE",
    "LEASE_SECONDS",
    "READS_MAILBOXES",
    "READS_USERS",
    "SERVICE_PRINCIPAL_NOTE",
    "SIGN_IN_FREQUENCY_NOTE",
    "Access",
]

Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class Access:
    """What every journey needs: the store, Microsoft, the settings, and who asks.

    `connection` is None while the settings that concern Microsoft are faulty; what is stored can be
    used all the same. `settings` change by `use_secret` and in no other way.
    """

    store: Store
    settings: Settings
    actor: Actor
    connection: Microsoft | None
    under_way: set[asyncio.Future[Secret]] = field(default_factory=set, repr=False)
    turns: dict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock), repr=False
    )

    @property
    def microsoft(self) -> Microsoft:
        """Return the connection to Microsoft; raise SettingsFaulty while there is none."""
        self.settings.require_microsoft()
        if self.connection is None:
            raise RuntimeError("the connection to Microsoft was never opened")
        return self.connection

    @property
    def redirects(self) -> Mapping[Purpose, str]:
        """Return the five configured redirect URLs; raise SettingsFaulty while they are faulty."""
        self.settings.require_microsoft()
        return self.settings.redirects

    def use_secret(self, secret: Secret, ends: date | None) -> None:
        """Ask Microsoft with another client secret from now on; `ends` is its last day, if known.

        Tokens in memory are forgotten. Raises SettingsFaulty while there is no registration.
        """
        registration = replace(self.settings.require_microsoft(), client_secret=secret)
        self.settings = replace(self.settings, registration=registration, secret_ends=ends)
        self.microsoft.tokens.use(registration)

    def require_company(self, company: Company) -> None:
        """Refuse a company that was connected through another authority or Graph host.

        Raises CompanyElsewhere: its tokens must not be sent to hosts they do not belong to.
        """
        kept = (company.authority_host, company.graph_base_url)
        named = (self.settings.authority_host, self.settings.graph_base_url)
        if kept != named:
            raise CompanyElsewhere(
                f"{company.name} belongs to {kept[0]} and {kept[1]}, "
                f"and the settings now name {named[0]} and {named[1]}.",
                means="Its tokens are not sent to hosts they were not made for.",
                cure="Put the former hosts back, or remove the company and add it again.",
            )

    @asynccontextmanager
    async def journalling_foreign_hosts(self, company_name: str) -> AsyncIterator[None]:
        """Journal an answer that led to a host that is not configured; it was not followed."""
        try:
            yield
        except ForeignHost as refused:
            async with self.store.transaction() as tx:
                await self.store.journal.write(
                    tx,
                    "foreign host refused",
                    company_name=company_name,
                    outcome="refused",
                    detail=refused.happened,
                )
            raise

    async def app_token(self, company: Company, *, fresh: bool = False) -> Secret:
        """Return an app-only access token for the company's tenant, from memory while it lasts.

        `fresh` asks Microsoft again: after consent a kept token still carries the former roles
        (facts section 3).
        """
        self.require_company(company)
        try:
            token = await self.microsoft.tokens.for_app(company.tenant_id, fresh=fresh)
        except TokenRefused as refusal:
            await app_refused(self, company, refusal)
            raise
        if fresh:
            await token_issued(self, company)
        return token

    async def with_app_token(
        self, company: Company, use: Callable[[Secret], Awaitable[Answer]]
    ) -> Answer:
        """Call `use` with an app-only token, and once more with a fresh one if that was stale."""
        try:
            return await use(await self.app_token(company))
        except TokenStale:
            return await use(await self.app_token(company, fresh=True))

    async def company_master(self, company: Company) -> Authentication:
        """Return the company's Company Master; raise NotConnected when there is none."""
        master = await self.store.authentications.company_master(company.id)
        if master is None:
            raise NotConnected(
                f"{company.name} has no Company Master.",
                means="Nobody has signed in for it yet, or its Company Master was deleted.",
                cure="Connect the company first.",
            )
        return master

    async def company_master_token(self, company: Company) -> Secret:
        """Use the Company Master's refresh token once and keep what comes back; return the access
        token.

        One process at a time refreshes (lease row); the result is written only if the row's
        generation has not moved. A refusal is kept with its reason; nothing is deleted.

        Raises NotConnected, RowUnreadable, SignInNeeded, ConsentNeeded, ClientRefused,
        IdentityWrong, Unreachable, Gone (deleted meanwhile).
        """
        return await self.fresh_token(company, (await self.company_master(company)).id)

    async def authentication(self, authentication_id: str) -> Authentication:
        """Return a stored authentication; raise Gone when it was deleted."""
        found = await self.store.authentications.get(authentication_id)
        if found is None:
            raise Gone("The authentication was deleted meanwhile.", means="Nothing is stored.")
        return found

    async def fresh_token(self, company: Company, authentication_id: str) -> Secret:
        """Use a Company Master's or an agent's own refresh token once, as `company_master_token`.

        Raises what that raises.
        """
        self.require_company(company)
        # Where a refresh token is good for one use, an answer that is not stored locks us out: who
        # asked may be cancelled, the refresh is seen through.
        refresh = asyncio.ensure_future(refresh_alone(self, company, authentication_id))
        self.under_way.add(refresh)
        refresh.add_done_callback(self._came_back)
        return await asyncio.shield(refresh)

    def _came_back(self, refresh: asyncio.Future[Secret]) -> None:
        self.under_way.discard(refresh)
        if not refresh.cancelled():
            # Whoever asked may be gone: a refusal is marked on the row by now.
            refresh.exception()

    async def settle(self) -> None:
        """Wait for refreshes under way, whoever asked for them; before the store is closed."""
        await asyncio.gather(*self.under_way, return_exceptions=True)

    async def alarm(self, company: Company, refusal: TtrError, cause: str = "") -> None:
        """Say once, on the company, what stops all of it; later ones of the same cause are counted.

        A refusal that reaches no further than one attempt or mailbox is nobody else's. With `cause`
        it is for the caller to know that it concerns all: the name of a permission that is missing.
        """
        if cause:
            await raise_cause(self, company, cause, refusal)
        else:
            await raise_alarm(self, company, refusal)

    async def alarm_over(self, company: Company, cause: str) -> None:
        """End the alarm of one cause: what it stopped was just seen to work."""
        await cause_over(self, company, cause)

    async def permission_proven(self, company: Company, principal_id: str, detail: str) -> None:
        """Keep that admin permission was proven by use, and what its absence stopped goes on.

        `principal_id` is our service principal in the company's tenant, as Graph names it; `detail`
        says for the journal what was seen granted.
        """
        await permission_proven(self, company, principal_id, detail)
