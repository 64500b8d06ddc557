"""What one check of a company shares: its reads, each asked at most once, errors included."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ttr_tui.access import SERVICE_PRINCIPAL_NOTE
from ttr_tui.errors import (
    ForeignHost,
    MicrosoftError,
    RowUnreadable,
    TtrError,
    Unreachable,
)
from ttr_tui.microsoft import directory, grants, mailbox, principal, registration
from ttr_tui.microsoft.admin_center import AdminCenter
from ttr_tui.model import Authentication, AuthenticationKind, Company, Hosting, Outcome, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ttr_tui.access import Access
    from ttr_tui.microsoft import Microsoft
    from ttr_tui.microsoft.grants import Granted
    from ttr_tui.microsoft.mailbox import MessageAnswer
    from ttr_tui.microsoft.principal import GraphPrincipal, ServicePrincipal
    from ttr_tui.microsoft.registration import Application

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds one read may take, Microsoft's own pauses included: somebody looks on."""

MOST_MAILBOXES = 3
"""Agents that are tried until one has a mailbox with a message in it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The registration, or None with what was in the way (None too: it is not found there).

    `home_tenant_id` is the tenant it stands in, empty where that is not known.
    """

    application: Application | None
    home_tenant_id: str
    refusal: TtrError | None = None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Which agent's mailbox was asked, and what it said; `by_app`: through the app's permission."""

    agent: Authentication
    by_app: bool
    answer: MessageAnswer


class Scene:
    """Access, company and the shared reads; `open()` before use, `close()` after."""

    def __init__(self, access: Access, company: Company, master: Authentication | None) -> None:
        self.access = access
        self.patience = PATIENCE
        self.company = company
        self.master = master
        named = access.settings.registration
        self.app_name = named.client_id if named else "this app"
        self._home_tenant_id = company.tenant_id if self.self_hosted else ""
        self._principal_id = ""
        self._asked: dict[str, asyncio.Task[Any]] = {}
        self._met: list[ForeignHost] = []

    @classmethod
    async def open(cls, access: Access, company: Company) -> Self:
        """Return the scene of a company as it is stored now.

        Raises CompanyUnknown when it was removed, CompanyElsewhere.
        """
        stored = await access.store.companies.get(company.id)
        access.require_company(stored)
        scene = cls(access, stored, await access.store.authentications.company_master(stored.id))
        scene._principal_id = await access.store.note(SERVICE_PRINCIPAL_NOTE.format(stored.id))
        return scene

    async def close(self) -> None:
        """End what nobody waits for any more."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def self_hosted(self) -> bool:
        """Tell whether the registration has to stand in the company's own tenant."""
        return self.access.settings.hosting is Hosting.SELF

    @property
    def was_granted(self) -> bool:
        """Tell whether the permission was proven before, or an administrator signed in."""
        return self.company.consent_proven_at is not None or self.master is not None

    @property
    def principal_id(self) -> str:
        """Return the id of our service principal in the company's tenant, or empty."""
        return self._principal_id

    @property
    def microsoft(self) -> Microsoft:
        """Return the connection; raises SettingsFaulty while there is none."""
        return self.access.microsoft

    @property
    def client_id(self) -> str:
        """Return the app's id; raises SettingsFaulty while the settings are faulty."""
        return self.access.settings.require_microsoft().client_id

    @property
    def admin_center(self) -> AdminCenter:
        """Return the admin center's pages for this app, by what is known of it so far."""
        named = self.access.settings.registration
        return AdminCenter(
            self.company.authority_host,
            self.company.tenant_id,
            named.client_id if named else "",
            self._home_tenant_id,
            self._principal_id,
        )

    async def token(self) -> Secret:
        """Return an app-only token that Microsoft issued during this check."""
        return await self.once("token", self._fresh_token)

    async def principal(self) -> ServicePrincipal | None:
        """Return our app in the company's tenant, or None."""
        return await self.once("principal", self._read_principal)

    async def graph(self) -> GraphPrincipal:
        """Return Graph in the company's tenant, with the names of its permissions."""
        return await self.once("graph", self._read_graph)

    async def registered(self) -> Registered:
        """Return the registration, from the company's tenant or else from its home tenant.

        Raises only what keeps us from any token.
        """
        return await self.once("registration", self._read_registration)

    async def granted(self) -> Granted:
        """Return what the company's tenant granted; raises ConsentNeeded where our app is not."""
        return await self.once("grants", self._read_grants)

    async def first_user(self) -> None:
        """Read one user; raises PermissionMissing where that is not granted."""
        await self.once("first user", self._read_user)

    async def mailbox(self) -> Mailbox | None:
        """Return what one agent's mailbox answered, or None when there is no agent to ask.

        No mailbox is read through the app's permission unless its agent's grant opens.
        """
        return await self.once("mailbox", self._ask_mailbox)

    async def once(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what `ask` returns or raises, asked at most once for each name.

        Raises Unreachable when that takes longer than `patience`, in seconds.
        """
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(self._ask(ask))
        task: asyncio.Task[T] = self._asked[name]
        # Whoever loses patience leaves the others their answer.
        return await asyncio.shield(task)

    async def _ask(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            async with asyncio.timeout(self.patience):
                return await ask()
        except TimeoutError:
            raise Unreachable(
                f"Microsoft gave no answer within {self.patience:.0f} s.",
                means="Nothing was refused.",
                cure="Look at the network, or check again later.",
            ) from None
        except ForeignHost as problem:
            await self._journal(problem)
            raise

    async def _journal(self, problem: ForeignHost) -> None:
        """Journal once what several reads may meet."""
        if problem not in self._met:
            self._met.append(problem)
            with suppress(ForeignHost):
                async with self.access.journalling_foreign_hosts(self.company.name):
                    raise problem

    async def _fresh_token(self) -> Secret:
        return await self.access.app_token(self.company, fresh=True)

    async def _read_principal(self) -> ServicePrincipal | None:
        token = await self.token()
        found = await principal.ours(self.microsoft, token, self.client_id)
        if found is not None:
            self._principal_id = found.id
            self._home_tenant_id = found.home_tenant_id or self._home_tenant_id
            self.app_name = found.name or self.app_name
        return found

    async def _read_graph(self) -> GraphPrincipal:
        return await principal.graph(self.microsoft, await self.token())

    async def _read_user(self) -> None:
        await directory.first_user(self.microsoft, await self.token())

    async def _read_grants(self) -> Granted:
        found = await self.principal()
        if found is None:
            raise grants.not_here()
        return await grants.listed(self.microsoft, await self.token(), found.id)

    async def _read_registration(self) -> Registered:
        tenant_id = self.company.tenant_id
        here = await self._application_of(tenant_id, await self.token())
        if here.application is not None:
            return here
        try:
            found = await self.principal()
        except MicrosoftError as refusal:
            return Registered(None, "", here.refusal or refusal)
        home = found.home_tenant_id if found is not None else ""
        if home in {"", tenant_id}:
            return Registered(None, home, here.refusal)
        try:
            token = await self.microsoft.tokens.for_app(home, fresh=True)
        except MicrosoftError as refusal:
            return Registered(None, home, refusal)
        return await self._application_of(home, token)

    async def _application_of(self, tenant_id: str, token: Secret) -> Registered:
        try:
            found = await registration.application(self.microsoft, token, self.client_id)
        except MicrosoftError as refusal:
            return Registered(None, tenant_id, refusal)
        if found is not None:
            self._home_tenant_id, self.app_name = tenant_id, found.name or self.app_name
        return Registered(found, tenant_id)

    async def _ask_mailbox(self) -> Mailbox | None:
        last = None
        for child in await self._some(AuthenticationKind.CHILD):
            try:
                grant = await self.access.store.authentications.grant(child)
            except RowUnreadable:
                continue
            token = await self.token()
            answer = await mailbox.one_message(self.microsoft, token, grant.object_id)
            last = Mailbox(child, True, answer)
            if answer.outcome is not Outcome.NO_MAILBOX and not answer.empty:
                return last
        return last or await self._ask_own()

    async def _ask_own(self) -> Mailbox | None:
        for own in (await self._some(AuthenticationKind.OWN))[:1]:
            token = await self.access.fresh_token(self.company, own.id)
            return Mailbox(own, False, await mailbox.one_message(self.microsoft, token))
        return None

    async def _some(self, kind: AuthenticationKind) -> list[Authentication]:
        store = self.access.store
        return await store.authentications.likely(self.company.id, kind, MOST_MAILBOXES)
