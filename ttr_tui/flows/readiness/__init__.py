"""Readiness: the seven set-up steps and the proof by use, each seen live or said to be unknown."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ttr_tui.errors import MicrosoftError, TtrError
from ttr_tui.flows.readiness import (
    administrator,
    boxes,
    env_file,
    mailbox,
    permissions,
    polling,
    redirects,
    registration,
    secret,
)
from ttr_tui.flows.readiness.judging import cannot_be_known
from ttr_tui.flows.readiness.scene import Scene
from ttr_tui.model import Check, Company, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from ttr_tui.access import Access

_NO_ANSWER = "Unreachable"
"""The kind of problem that says nothing against what was seen before."""


async def check(
    access: Access,
    company: Company,
    on_finding: Callable[[Finding], None] = lambda _finding: None,
) -> tuple[Finding, ...]:
    """Look at every step at once; hand each finding to `on_finding` as it is known.

    What was seen is kept for later. A step that cannot see anything says so and leaves the others
    alone. Raises CompanyElsewhere, CompanyUnknown, and StoreError kinds when nothing can be kept.
    """
    scene = await Scene.open(access, company)
    steps = (
        (Check.REGISTRATION, registration.look(scene)),
        (Check.REDIRECTS, redirects.look(scene)),
        (Check.AUTHENTICATION_SETTINGS, boxes.look(scene)),
        (Check.PERMISSIONS, permissions.look(scene)),
        (Check.CLIENT_SECRET, secret.look(scene)),
        (Check.ADMINISTRATOR, administrator.look(scene)),
        (Check.ENV_FILE, env_file.look(access, scene.company)),
        (Check.POLLING, polling.look(scene)),
        (Check.MAILBOX, mailbox.look(scene)),
    )
    looks = [asyncio.create_task(_seen(scene, *step, on_finding)) for step in steps]
    try:
        findings = tuple(await asyncio.gather(*looks))
        if scene.company.consent_proven_at is None and await _proven(scene, findings):
            # Granted at Microsoft, not through a link of ours: in its admin center, by a command.
            granted = next(one.seen for one in findings if one.check is Check.PERMISSIONS)
            await access.permission_proven(scene.company, scene.principal_id, granted)
    finally:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        await scene.close()
    await _keep(access, scene.company, findings)
    return findings


async def _seen(
    scene: Scene,
    named: Check,
    look: Coroutine[Any, Any, Finding],
    on_finding: Callable[[Finding], None],
) -> Finding:
    try:
        finding = await look
    except TtrError as problem:
        finding = cannot_be_known(scene, named, problem)
    on_finding(finding)
    return finding


async def _proven(scene: Scene, findings: Sequence[Finding]) -> bool:
    """Tell whether this check proved the permission: all that is needed is granted, and used."""
    if any(one.check is Check.POLLING and one.verdict is not Verdict.PASS for one in findings):
        return False
    with suppress(MicrosoftError):
        return await permissions.in_full(scene)
    return False


async def _keep(access: Access, company: Company, findings: Sequence[Finding]) -> None:
    """Keep what was seen; that nobody answered takes nothing back that was seen before."""
    earlier = await access.store.findings.of(company.id)
    kept = [one for one in findings if one.check not in earlier or not _silence(one)]
    async with access.store.transaction() as tx:
        await access.store.findings.put(tx, company.id, kept)


def _silence(finding: Finding) -> bool:
    silent = finding.problem is not None and finding.problem.kind == _NO_ANSWER
    return silent and finding.verdict is Verdict.UNKNOWN
