"""Add a company, rename it, remove it, dismiss what is said to stop it.

The tenant is found and shown before anything is saved.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ttr_tui.errors import CompanyExists, CompanyInUse, Refused
from ttr_tui.model import Company, now
from ttr_tui.text import plural

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.microsoft import TenantFound

NAME_LIMIT = 100


async def resolve(access: Access, domain: str) -> TenantFound:
    """Find the tenant behind a domain or tenant id, by OIDC discovery.

    Raises TenantUnknown, Unreachable, AnswerBroken, ForeignHost.
    """
    asked = domain.strip().lower()
    if not asked:
        raise Refused("No domain was given.", cure="Type the company's domain or its tenant id.")
    async with access.journalling_foreign_hosts(""):
        return await access.microsoft.discover(asked)


async def add(access: Access, name: str, domain: str, found: TenantFound) -> Company:
    """Save a company pinned to the tenant that was found; raise CompanyExists for a taken name."""
    company = Company(
        id=str(uuid.uuid4()),
        name=_checked_name(name),
        domain=domain.strip().lower(),
        tenant_id=found.tenant_id,
        authority_host=access.settings.authority_host,
        graph_base_url=access.settings.graph_base_url,
        created_at=now(),
    )
    async with access.store.transaction() as tx:
        await _require_free(access, company.name, but="")
        await access.store.companies.add(tx, company)
        await access.store.journal.write(
            tx,
            "company added",
            company_name=company.name,
            subject=company.domain,
            detail=f"tenant {company.tenant_id} at {company.authority_host}",
        )
    return company


async def rename(access: Access, company: Company, name: str) -> Company:
    """Give the company another name; raise CompanyExists for a taken one."""
    wanted = _checked_name(name)
    async with access.store.transaction() as tx:
        await _require_free(access, wanted, but=company.id)
        await access.store.companies.rename(tx, company.id, wanted)
        await access.store.journal.write(
            tx, "company renamed", company_name=wanted, detail=f"formerly {company.name}"
        )
    return await access.store.companies.get(company.id)


async def remove(access: Access, company: Company) -> None:
    """Remove a company and its agents; raise CompanyInUse while authentications live."""
    async with access.store.transaction() as tx:
        living = (await access.store.branches.held(company.id)).total
        agents = len(await access.store.agents.object_ids(company.id))
        if living:
            raise CompanyInUse(
                f"{company.name} still has {plural(living, 'authentication')}.",
                means="A company is removed only when none is left.",
                cure="Delete its authentications first.",
            )
        await access.store.companies.remove(tx, company.id)
        await access.store.revocations.note_removed(company.id)
        await access.store.journal.write(
            tx,
            "company removed",
            company_name=company.name,
            subject=company.domain,
            detail=f"with {plural(agents, 'agent')} not authenticated",
        )
    await access.store.drop_directory(company.id)


async def dismiss(access: Access, company: Company) -> tuple[str, ...]:
    """End the alarms of a company because somebody says so; return their causes. Journalled.

    Nothing is mended by it: the next refusal of the same cause raises its alarm again.
    """
    async with access.store.transaction() as tx:
        standing = await access.store.alarms.list()
        causes = tuple(one.cause for one in standing if one.company_id == company.id)
        if causes:
            await access.store.alarms.clear(tx, company.id, causes)
            await access.store.journal.write(
                tx, "alarm dismissed", company_name=company.name, subject=", ".join(causes)
            )
    return causes


def _checked_name(name: str) -> str:
    wanted = " ".join(name.split())
    if not wanted:
        raise Refused("No name was given.", cure="Type the company's name.")
    if len(wanted) > NAME_LIMIT:
        raise Refused(
            f"The name has {len(wanted)} characters; {NAME_LIMIT} are the most.",
            cure="Type a shorter one.",
        )
    return wanted


async def _require_free(access: Access, name: str, but: str) -> None:
    for company in await access.store.companies.list():
        if company.name.casefold() == name.casefold() and company.id != but:
            raise CompanyExists(
                f"A company named {company.name} is there already.", cure="Choose another name."
            )
