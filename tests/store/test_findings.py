"""What readiness saw last, and the changes of state that are written down with it."""

from __future__ import annotations

from dataclasses import replace

from tests.store.premises import Premises, company
from ttr_tui.model import (
    Check,
    Company,
    Ending,
    EndingKind,
    Finding,
    Problem,
    Seen,
    Verdict,
    now,
)
from ttr_tui.store import Store

FINDING = Finding(
    Check.CLIENT_SECRET,
    Verdict.WARNING,
    "ends in 18 d",
    now(),
    evidence=(Seen("8Q~", Verdict.PASS, "ours"), Seen("abc")),
    means="Everything stops then.",
    who="you",
    cure="Make another one.",
    lines=("https://entra.microsoft.com",),
    link="https://entra.microsoft.com/x",
    problem=Problem("Unreachable", "It did not answer."),
    endings=(Ending(EndingKind.CLIENT_SECRET, "8Q~", now(), "as Graph says"),),
)


async def changes(premises: Premises) -> list[tuple[str, str, str, str]]:
    async with premises.database() as db:
        rows = await db.rows("SELECT kind, subject, before, after FROM changes ORDER BY id")
    return [tuple(row) for row in rows]


async def put(store: Store, of: Company, finding: Finding) -> None:
    async with store.transaction() as tx:
        await store.findings.put(tx, of.id, [finding])


async def test_a_finding_comes_back_whole(store: Store) -> None:
    """With its evidence, its dates and the refusal that was in the way."""
    contoso = company()
    async with store.transaction() as tx:
        await store.companies.add(tx, contoso)
    await put(store, contoso, FINDING)
    assert await store.findings.of(contoso.id) == {Check.CLIENT_SECRET: FINDING}


async def test_each_change_of_a_verdict_is_written_down_once(
    store: Store, premises: Premises
) -> None:
    """A first pass is no news, a first warning is; the same verdict again is none."""
    contoso = company()
    async with store.transaction() as tx:
        await store.companies.add(tx, contoso)
    good = replace(FINDING, check=Check.REGISTRATION, verdict=Verdict.PASS)
    for finding in (good, FINDING, FINDING, replace(good, verdict=Verdict.FAIL), good):
        await put(store, contoso, finding)
    assert await changes(premises) == [
        ("readiness", "client secret", "", "warning"),
        ("readiness", "app registration", "pass", "fail"),
        ("readiness", "app registration", "fail", "pass"),
    ]


async def test_a_company_that_stops_and_works_again_is_written_down(
    store: Store, premises: Premises
) -> None:
    """Once, however many sign-ins it concerns; a removed company works no more."""
    contoso, fabrikam = company(), company("Fabrikam")
    problem = Problem("ClientRefused", "The client secret has expired.")
    async with store.transaction() as tx:
        for one in (contoso, fabrikam):
            await store.companies.add(tx, one)
            await store.alarms.raise_one(tx, one.id, "AADSTS7000222", problem)
        await store.alarms.raise_one(tx, contoso.id, "AADSTS7000222", problem)
        await store.alarms.clear(tx, contoso.id)
        await store.companies.remove(tx, fabrikam.id)
    stopped = ("company", "AADSTS7000222", "working", "stopped")
    works = ("company", "AADSTS7000222", "stopped", "working")
    assert await changes(premises) == [stopped, stopped, works]
