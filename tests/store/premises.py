"""A store in an empty folder, and what is put into it; secrets are made at run time."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ttr_tui.model import (
    Actor,
    Agent,
    Authentication,
    Company,
    DirectoryUser,
    Person,
    Proof,
    Run,
    Secret,
)
from ttr_tui.store import Store
from ttr_tui.store.database import Database
from ttr_tui.store.home import Home
from ttr_tui.store.ids import new_id
from ttr_tui.store.syslog import Syslog

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
ANNA = Actor("anna", "203.0.113.7")
PROOF = Proof("anna", "Mail.ReadBasic.All", NOON)


@dataclass(frozen=True)
class Premises:
    """Where a store, its key and the list of destroyed ids lie."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def key_file(self) -> Path:
        return self.folder / "conf" / "store.key"

    @property
    def destroyed(self) -> Path:
        return self.folder / "conf" / "destroyed"

    async def open(self, *, key_is_given: bool = False) -> Store:
        return await Store.open(
            self.data,
            self.key_file,
            key_is_given=key_is_given,
            destroyed_file=self.destroyed,
            actor=ANNA,
            syslog=Syslog(None),
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Store]:
        store = await self.open()
        try:
            yield store
        finally:
            await store.close()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """The store's database itself, as whoever holds the key may change it."""
        db = await Database.open_with(Home(self.data, self.key_file, key_is_given=True).connect)
        try:
            yield db
        finally:
            await db.close()

    def files(self) -> list[Path]:
        return [file for file in self.folder.rglob("*") if file.is_file()]


def company(name: str = "Contoso Ltd", tenant_id: str = "") -> Company:
    return Company(
        id=new_id(),
        name=name,
        domain="contoso.example",
        tenant_id=tenant_id or new_id(),
        authority_host="https://login.example",
        graph_base_url="https://graph.example",
        created_at=NOON,
    )


def person(name: str = "Anna Weber") -> Person:
    address = name.lower().replace(" ", ".") + "@contoso.example"
    return Person(new_id(), new_id(), secrets.token_urlsafe(), name, address)


def agent(of: Company, name: str = "Bea Lindqvist") -> Agent:
    address = name.lower().replace(" ", ".") + "@contoso.example"
    return Agent(new_id(), of.id, of.tenant_id, new_id(), name, address, NOON)


def token() -> Secret:
    return Secret(secrets.token_urlsafe(40))


async def add_company(store: Store, name: str = "Contoso Ltd") -> Company:
    new = company(name)
    async with store.transaction() as tx:
        await store.companies.add(tx, new)
    return new


async def put_master(
    store: Store, of: Company, refresh_token: Secret | None = None, who: Person | None = None
) -> Authentication:
    async with store.transaction() as tx:
        return await store.authentications.put_company_master(
            tx,
            of,
            who or person(),
            refresh_token or token(),
            scopes=("Mail.ReadBasic", "User.Read"),
            granted_by="anna",
        )


async def put_own(store: Store, to: Agent, refresh_token: Secret | None = None) -> Authentication:
    async with store.transaction() as tx:
        return await store.authentications.put_own(
            tx, to, person(to.name), refresh_token or token(), scopes=("User.Read",), granted_by=""
        )


async def add_agents(store: Store, agents: Sequence[Agent]) -> None:
    async with store.transaction() as tx:
        await store.agents.add(tx, agents)


async def add_children(
    store: Store, master: Authentication, agents: Sequence[Agent]
) -> list[Authentication]:
    """Agents with a child each, as a run adds them."""
    async with store.transaction() as tx:
        await store.agents.add(tx, agents)
        taken = await store.authentications.add_children(
            tx, master, [one.object_id for one in agents], PROOF
        )
    added = await store.authentications.of_agents([one.id for one in agents])
    return [added[one.id] for one in agents if one.object_id not in taken]


async def start_run(
    store: Store, of: Company, parent_id: str, users: Sequence[DirectoryUser]
) -> Run:
    """A run with these users, as Bulk Add writes it down."""
    async with store.transaction() as tx:
        run = await store.runs.begin(tx, of.id, parent_id, "anna", store.owner)
        await store.runs.append(tx, run, users, 0)
        return await store.runs.settle(tx, run)


async def delete(store: Store, *ids: str) -> list[str]:
    async with store.transaction() as tx:
        return await store.authentications.delete(tx, ids)


@dataclass(frozen=True)
class Connected:
    """A company with a Company Master, two children, an own sign-in and an agent without."""

    store: Store
    company: Company
    master: Authentication
    master_token: Secret
    children: list[Authentication]
    own: Authentication
    own_token: Secret
    without: Agent


async def connect(store: Store, name: str = "Contoso Ltd") -> Connected:
    of = await add_company(store, name)
    master_token, own_token = token(), token()
    master = await put_master(store, of, master_token)
    children = await add_children(
        store, master, [agent(of, "Bea Lindqvist"), agent(of, "abebe Bekele")]
    )
    dana, chidi = agent(of, "Dana Petrova"), agent(of, "Chidi Okafor")
    await add_agents(store, [dana, chidi])
    own = await put_own(store, dana, own_token)
    return Connected(store, of, master, master_token, children, own, own_token, chidi)
