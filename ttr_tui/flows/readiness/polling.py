"""Proof by use: the domain can be polled, and it is the pinned tenant that answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ttr_tui.errors import YOU, MicrosoftError, PermissionMissing
from ttr_tui.flows.readiness.judging import Part, cannot_be_known, decisive, unseen, worst
from ttr_tui.microsoft import directory
from ttr_tui.model import Check, Finding, Seen, Verdict, now
from ttr_tui.problems import problem_of
from ttr_tui.text import plural

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Scene

_USERS = "/users answers"
_TENANT = "/organization names the tenant"


async def look(scene: Scene) -> Finding:
    """Ask `/organization` for its name, `/users` for one user, and how many there are."""
    link = scene.admin_center.consent()
    try:
        await scene.token()
    except MicrosoftError as refusal:
        return cannot_be_known(scene, Check.POLLING, refusal, link=link)
    parts = await asyncio.gather(_users(scene), _tenant(scene))
    verdict, first = worst(part.line for part in parts), decisive(parts)
    return Finding(
        check=Check.POLLING,
        verdict=verdict,
        seen=first.short,
        checked_at=now(),
        evidence=tuple(part.line for part in parts),
        means=first.means,
        who=first.who,
        cure=first.cure,
        link="" if verdict is Verdict.PASS else link,
        problem=problem_of(first.problem) if first.problem is not None else None,
    )


async def _users(scene: Scene) -> Part:
    token, microsoft = await scene.token(), scene.microsoft
    try:
        await scene.first_user()
        count = await scene.once("count", lambda: directory.count_users(microsoft, token))
    except PermissionMissing as refusal:
        if not scene.was_granted:
            return unseen(scene, _USERS, refusal)
        return Part(
            Seen(_USERS, Verdict.FAIL, refusal.happened),
            "/users denies the permission (403)",
            "Nobody can be added: User.Read.All is not granted any more, or not in effect yet.",
            refusal.who,
            refusal.cure,
            refusal,
        )
    except MicrosoftError as refusal:
        return unseen(scene, _USERS, refusal)
    short = "users answer" if count is None else plural(count, "user")
    note = "how many is not told" if count is None else short
    means = "O365 Agent Bulk Add can read who is there."
    return Part(Seen(_USERS, Verdict.PASS, note), short, means)


async def _tenant(scene: Scene) -> Part:
    token, microsoft = await scene.token(), scene.microsoft
    try:
        found = await scene.once("organization", lambda: directory.organization(microsoft, token))
    except MicrosoftError as refusal:
        return unseen(scene, _TENANT, refusal)
    if found.id == scene.company.tenant_id:
        return Part(Seen(_TENANT, Verdict.PASS, found.id))
    return Part(
        Seen(_TENANT, Verdict.FAIL, f"{found.id}, not {scene.company.tenant_id}"),
        "another tenant answers",
        "What is read there would belong to another company.",
        YOU,
        "Remove the company and add it again with the right domain.",
    )
