"""A company with authentications of every kind, in a real store; nothing here asks Microsoft."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from tests.office import Office
from ttr_tui.model import Agent, Authentication, Company, Person, Proof, Secret, now
from ttr_tui.store.ids import new_id
from ttr_tui.store.tree import AuthenticationTree

SCOPES = ("Mail.ReadBasic", "User.Read", "offline_access")
CHILDREN = ("Abebe Bekele", "Albert Oberhauser", "Bea Lindqvist", "Elisabeth Brandt")
OWN = ("Benedikt Brandner", "Umberto Bellini")
WITHOUT = ("Norbert Lindenbaum",)


def address(name: str) -> str:
    first, last = name.lower().split()
    return f"{first[0]}.{last}@contoso.com"


def company_of(office: Office, name: str) -> Company:
    settings = office.runtime.settings
    host, graph = settings.authority_host, settings.graph_base_url
    tenant = "8a4f3c1e-5b21-4d6e-9c0f-7e21d4b8a913"
    return Company(new_id(), name, "contoso.com", tenant, host, graph, now())


def agent(company: Company, name: str) -> Agent:
    own_id = f"agent {name}"
    object_id = f"object {name}"
    return Agent(own_id, company.id, company.tenant_id, object_id, name, address(name), now())


def person(company: Company, name: str) -> Person:
    object_id = f"object {name}"
    return Person(object_id, company.tenant_id, f"subject {name}", name, address(name))


async def stocked(
    office: Office,
    *,
    children: Sequence[str] = CHILDREN,
    own: Sequence[str] = OWN,
    without: Sequence[str] = WITHOUT,
) -> Company:
    """Return a company whose Company Master is Anna Weber."""
    store = office.runtime.store
    company = company_of(office, "Contoso Ltd")
    async with store.transaction() as tx:
        await store.companies.add(tx, company)
        await store.authentications.put_company_master(
            tx, company, person(company, "Anna Weber"), token(), scopes=SCOPES, granted_by="root"
        )
        agents = [agent(company, name) for name in (*own, *without)]
        await store.agents.add(tx, agents)
        for one in agents[: len(own)]:
            who = person(company, one.name)
            await store.authentications.put_own(
                tx, one, who, token(), scopes=SCOPES, granted_by="anna"
            )
    await add_children(office, company, children)
    return company


async def add_children(office: Office, company: Company, names: Sequence[str]) -> None:
    """Add agents with a child each, as a run of Bulk Add does."""
    store = office.runtime.store
    master = await store.authentications.company_master(company.id)
    assert master is not None
    agents = [agent(company, name) for name in names]
    proof = Proof("anna", "Mail.ReadBasic.All", now())
    async with store.transaction() as tx:
        await store.agents.add(tx, agents)
        await store.authentications.add_children(
            tx, master, [one.object_id for one in agents], proof
        )


def token() -> Secret:
    return Secret(secrets.token_urlsafe(40))


async def tree(office: Office, company: Company) -> AuthenticationTree:
    return await office.runtime.store.authentications.tree(company.id)


async def child(office: Office, company: Company, name: str) -> Authentication:
    return next(one for one in (await tree(office, company)).children if one.name == name)
