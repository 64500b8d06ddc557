"""Rows of companies: each pinned to one tenant, one authority and one Graph host."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from ttr_tui.errors import CompanyExists, CompanyInUse, CompanyUnknown, Gone
from ttr_tui.model import Authentication, Company
from ttr_tui.store.authentication_rows import SELECT_AUTHENTICATION, read_authentication
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.storable import storable
from ttr_tui.store.times import from_micros, maybe_micros, maybe_moment, to_micros
from ttr_tui.text import fold


@dataclass(frozen=True, slots=True)
class CompanySummary:
    """One row of the list of companies: `agents` counts its mailboxes, connected or not."""

    company: Company
    agents: int
    master: Authentication | None


class Companies:
    """All companies of the installation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def summaries(self) -> list[CompanySummary]:
        """Return every company by name, with the number of its agents and its Company Master."""
        counts = await self._db.rows("SELECT company_id, count(*) FROM agents GROUP BY company_id")
        agents = {row[0]: int(row[1]) for row in counts}
        rows = await self._db.rows(SELECT_AUTHENTICATION + " WHERE a.kind = 'company_master'")
        masters = {row["company_id"]: read_authentication(row) for row in rows}
        return [
            CompanySummary(company, agents.get(company.id, 0), masters.get(company.id))
            for company in await self.list()
        ]

    async def list(self) -> list[Company]:
        """Return every company, by name."""
        rows = await self._db.rows("SELECT * FROM companies")
        return sorted((_company(row) for row in rows), key=lambda one: fold(one.name))

    async def get(self, company_id: str) -> Company:
        """Return one company; raise CompanyUnknown."""
        row = await self._db.row("SELECT * FROM companies WHERE id = ?", (company_id,))
        if row is None:
            raise CompanyUnknown("The company is no longer there.", cure="Choose another one.")
        return _company(row)

    async def find(self, wanted: str) -> Company:
        """Return the one company that goes by this name, id, domain or tenant id.

        Names go before domains; case does not count. Raises CompanyUnknown, also when a domain or
        tenant is that of several companies (they are named).
        """
        companies = await self.list()
        text = _folded(wanted.strip())
        for names in (
            [one for one in companies if text in (_folded(one.name), one.id)],
            [one for one in companies if text in (_folded(one.domain), one.tenant_id.lower())],
        ):
            if len(names) == 1:
                return names[0]
            if names:
                listed = ", ".join(one.name for one in names)
                raise CompanyUnknown(
                    f"{wanted} is the tenant of several companies: {listed}.",
                    cure="Give the company's name.",
                )
        raise CompanyUnknown(
            f"No company goes by {wanted}.", cure="See the list of companies for their names."
        )

    async def add(self, tx: Transaction, company: Company) -> None:
        """Store a new company; raise CompanyExists when its name is taken."""
        await _require_free(tx, company.name, company.id)
        await tx.execute(
            "INSERT INTO companies (id, name, domain, tenant_id, authority_host, graph_base_url,"
            " created_at, consent_proven_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                company.id,
                storable(company.name),
                storable(company.domain),
                company.tenant_id,
                company.authority_host,
                company.graph_base_url,
                to_micros(company.created_at),
                maybe_micros(company.consent_proven_at),
            ),
        )

    async def rename(self, tx: Transaction, company_id: str, name: str) -> None:
        """Give a company another name; raise CompanyExists, Gone."""
        await _require_free(tx, name, company_id)
        changed = await tx.execute(
            "UPDATE companies SET name = ? WHERE id = ?", (storable(name), company_id)
        )
        _require_there(changed)

    async def remove(self, tx: Transaction, company_id: str) -> None:
        """Remove a company with its agents, attempts and runs.

        Raises CompanyInUse while one of its authentications lives, Gone.
        """
        living = await tx.row(
            "SELECT count(*) FROM authentications WHERE company_id = ?", (company_id,)
        )
        if living is not None and living[0]:
            raise CompanyInUse(
                f"The company still has authentications: {living[0]}.",
                means="Nothing was removed.",
                cure="Delete its authentications first.",
            )
        _require_there(await tx.execute("DELETE FROM companies WHERE id = ?", (company_id,)))

    async def consent_proven(self, tx: Transaction, company_id: str, at: datetime) -> None:
        """Keep when the admin permission was last proven by use; raise Gone."""
        changed = await tx.execute(
            "UPDATE companies SET consent_proven_at = ? WHERE id = ?", (to_micros(at), company_id)
        )
        _require_there(changed)

    async def consent_gone(self, tx: Transaction, company_id: str) -> None:
        """Forget that the admin permission was proven; raise Gone."""
        changed = await tx.execute(
            "UPDATE companies SET consent_proven_at = NULL WHERE id = ?", (company_id,)
        )
        _require_there(changed)


def _company(row: Row) -> Company:
    return Company(
        id=row["id"],
        name=row["name"],
        domain=row["domain"],
        tenant_id=row["tenant_id"],
        authority_host=row["authority_host"],
        graph_base_url=row["graph_base_url"],
        created_at=from_micros(row["created_at"]),
        consent_proven_at=maybe_moment(row["consent_proven_at"]),
    )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


async def _require_free(tx: Transaction, name: str, but: str) -> None:
    for row in await tx.rows("SELECT id, name FROM companies"):
        if row["id"] != but and _folded(row["name"]) == _folded(name):
            raise CompanyExists(
                f"A company named {row['name']} is there already.", cure="Choose another name."
            )


def _require_there(changed: int) -> None:
    if not changed:
        raise Gone("The company was removed meanwhile.", means="Nothing was stored.")
