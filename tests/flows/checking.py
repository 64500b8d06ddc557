"""Readiness on a wire: an office with one agent, and how a check differs from a good one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.office import Office, open_office
from ttr_tui.flows import bulk_add, polling, readiness
from ttr_tui.flows.readiness.judging import LIST_COLUMN
from ttr_tui.model import Check, Company, DirectoryUser, Finding, UserKind, Verdict
from ttr_tui.sandbox import Sandbox
from ttr_tui.store import Query

P, W, F, U = Verdict.PASS, Verdict.WARNING, Verdict.FAIL, Verdict.UNKNOWN

Found = dict[Check, Finding]
Verdicts = Mapping[Check, Verdict]


@dataclass
class Case:
    """Dials, the steps whose verdict they change, and words of what was seen."""

    dials: dict[str, object]
    changes: Verdicts
    words: Mapping[Check, str] = field(default_factory=dict)


async def look(office: Office, company: Company) -> Found:
    """Check once; whatever is found fits the list, names a reason, and holds no secret."""
    found = await readiness.check(office.runtime.access, company)
    assert tuple(finding.check for finding in found) == tuple(Check)
    for finding in found:
        assert finding.seen, finding
        assert len(finding.seen) <= LIST_COLUMN, finding.seen
        assert finding.evidence, finding
        assert finding.verdict in {P, U} or (finding.means and finding.cure), finding
        assert office.sandbox.client_secret not in repr(finding)
    return {finding.check: finding for finding in found}


def verdicts(found: Found) -> dict[Check, Verdict]:
    """Return the whole vector of verdicts."""
    return {check: finding.verdict for check, finding in found.items()}


async def walk(office: Office, company: Company, base: Verdicts, cases: list[Case]) -> None:
    """Break one thing after another: exactly the named steps change, and all come back."""
    for case in cases:
        office.sandbox.dials.reset()
        office.sandbox.dials.turn(case.dials)
        found = await look(office, company)
        assert verdicts(found) == {**base, **case.changes}, (case, told(found))
        for check, words in case.words.items():
            assert words in everything(found[check]), (case, found[check])
    office.sandbox.dials.reset()
    assert verdicts(await look(office, company)) == base


def told(found: Found) -> dict[str, str]:
    """Return what was seen, for a failing test to say."""
    return {check: f"{finding.verdict}: {finding.seen}" for check, finding in found.items()}


def everything(finding: Finding) -> str:
    """Return all words of a finding."""
    lines = [f"{seen.text} {seen.note}" for seen in finding.evidence]
    parts = [finding.seen, *lines, finding.means, finding.who, finding.cure, *finding.lines]
    return "\n".join(parts)


async def with_agent(office: Office, company: Company) -> DirectoryUser:
    """Add one agent through Bulk Add; return who it is."""
    access = office.runtime.access
    await polling.poll(access, company)
    copy = await office.runtime.store.directory(company)
    matches = await copy.search(Query(show_hidden=True))
    users = [user for user in await copy.rows(matches.rids) if user.kind is UserKind.MEMBER]
    run = await bulk_add.start(access, company, await office.marks(company, users[:1]))
    await bulk_add.carry_on(access, run.id)
    return users[0]


@asynccontextmanager
async def self_hosted(folder: Path) -> AsyncIterator[Office]:
    """Open an office whose registration stands in the company's own tenant."""
    async with Sandbox(users=40, hosting="self") as sandbox, open_office(sandbox, folder) as office:
        yield office
