"""Step 6: the administrator: a role while granting, a licence, and a Company Master that lives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    ClientRefused,
    IdentityWrong,
    MicrosoftError,
    RowUnreadable,
    TokenRefused,
    TtrError,
)
from ttr_tui.flows.readiness import permissions
from ttr_tui.flows.readiness.judging import (
    NOT_LET_IN,
    Part,
    cannot_be_known,
    decisive,
    unseen,
    worst,
)
from ttr_tui.flows.readiness.scene import Scene
from ttr_tui.microsoft import administrator
from ttr_tui.model import Check, Finding, Person, Seen, Verdict, now
from ttr_tui.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from ttr_tui.access import Access
    from ttr_tui.model import Company

ROLES = " or ".join(administrator.GRANTING_ROLES.values())

_ROLE, _LICENCE = "directory role", "licence"
_ELSEWHERE = (
    "Roles and licences of a guest or a partner's account stand in another tenant; they are not "
    "missing, and cannot be known here."
)


async def look(scene: Scene) -> Finding:
    """Check who signed in as Company Master: role and licence in the directory, and a refresh."""
    master = scene.master
    if master is None or master.person is None:
        return _nobody()
    life, standing = await asyncio.gather(_life(scene), _standing(scene, master.person))
    return _judged(scene, master.person, [life, *standing])


async def about(access: Access, company: Company, person: Person) -> Finding:
    """Check role and licence of somebody who has just signed in and is not stored yet.

    Nothing is refreshed and nothing kept. Raises CompanyUnknown, CompanyElsewhere.
    """
    scene = await Scene.open(access, company)
    try:
        return _judged(scene, person, await _standing(scene, person))
    except TtrError as refusal:
        return cannot_be_known(scene, Check.ADMINISTRATOR, refusal)
    finally:
        await scene.close()


async def _life(scene: Scene) -> Part:
    """Use the Company Master's refresh token: the proof that it lives.

    Where the app itself is refused, nothing was said about the person's sign-in.
    """
    text = "the Company Master: a refresh just now"
    try:
        await scene.once("refresh", lambda: scene.access.company_master_token(scene.company))
    except (TokenRefused, IdentityWrong, RowUnreadable) as refusal:
        if isinstance(refusal, ClientRefused) or refusal.evidence.code in NOT_LET_IN:
            return unseen(scene, text, refusal)
        code = refusal.evidence.code or type(refusal).__name__
        return Part(
            Seen(text, Verdict.FAIL, refusal.happened),
            f"the sign-in is refused ({code})",
            refusal.means,
            refusal.who,
            refusal.cure,
            refusal,
        )
    except TtrError as problem:
        return unseen(scene, text, problem)
    return Part(Seen(text, Verdict.PASS, "Microsoft accepted it"))


async def _standing(scene: Scene, person: Person) -> list[Part]:
    """Return licence and role, each with what kept us from seeing it."""
    try:
        token, microsoft = await scene.token(), scene.microsoft
        member = await scene.once(
            "member", lambda: administrator.is_member(microsoft, token, person.object_id)
        )
    except MicrosoftError as refusal:
        return [unseen(scene, text, refusal) for text in (_LICENCE, _ROLE)]
    if not member:
        short = "a guest or partner: cannot be known"
        return [
            Part(Seen(text, Verdict.UNKNOWN, short), short, _ELSEWHERE)
            for text in (_LICENCE, _ROLE)
        ]
    return [
        await _part(scene, _LICENCE, lambda: _licence(scene, person)),
        await _part(scene, _ROLE, lambda: _role(scene, person)),
    ]


async def _part(scene: Scene, text: str, read: Callable[[], Awaitable[Part]]) -> Part:
    try:
        return await read()
    except MicrosoftError as refusal:
        return unseen(scene, text, refusal)


async def _role(scene: Scene, person: Person) -> Part:
    token, microsoft = await scene.token(), scene.microsoft
    found = await scene.once(
        "roles", lambda: administrator.roles(microsoft, token, person.object_id)
    )
    if not found.told:
        note = "Microsoft names the roles by bare ids"
        means = "What the ids stand for takes Directory.Read.All; they are not missing."
        return Part(Seen(_ROLE, Verdict.UNKNOWN, note), "roles come as ids: cannot be known", means)
    held = " and ".join(found.granting)
    if await permissions.in_full(scene):
        return _not_needed(held)
    if held:
        return Part(Seen(_ROLE, Verdict.PASS, f"{held}: may grant"), "a role that may grant")
    return Part(
        Seen(_ROLE, Verdict.WARNING, "none that may grant; eligible ones (PIM) are not told"),
        "no role that may grant is in effect",
        "What is missing can only be granted by somebody with such a role. Roles that are only "
        "eligible (PIM) cannot be read with these permissions.",
        ENTRA_ADMINISTRATOR,
        f"Let a {ROLES} grant the permission: 1 Connect, the first step, or ttr-tui "
        "connect --step consent.",
    )


def _not_needed(held: str) -> Part:
    """Return the part for a role, or none, once everything is granted."""
    if not held:
        line = Seen(_ROLE, Verdict.PASS, "none in effect, and none is needed now")
        return Part(line, "no role, and none is needed")
    return Part(
        Seen(_ROLE, Verdict.PASS, f"{held}; may be removed now"),
        "the role may be removed now",
        "The role was needed for granting alone; without it the account can do less harm.",
        ENTRA_ADMINISTRATOR,
        "Remove it under Assigned roles: nothing here needs it any more.",
    )


async def _licence(scene: Scene, person: Person) -> Part:
    token, microsoft = await scene.token(), scene.microsoft
    licensed = await scene.once(
        "licence", lambda: administrator.licensed(microsoft, token, person.object_id)
    )
    if licensed:
        return Part(Seen(_LICENCE, Verdict.PASS, "assigned"), "licensed")
    return Part(
        Seen(_LICENCE, Verdict.FAIL, "none is assigned"),
        "no licence is assigned",
        "The set-up guide asks for an account with a Microsoft 365 licence.",
        ENTRA_ADMINISTRATOR,
        "Assign a licence to the account, or sign in with one that has one.",
    )


def _judged(scene: Scene, person: Person, parts: Sequence[Part]) -> Finding:
    """Put the parts together: the worst one speaks, the others stand beside it."""
    verdict = worst(part.line for part in parts)
    first = decisive(parts)
    good = verdict is Verdict.PASS
    told = [part for part in parts if good or part.line.verdict is not Verdict.PASS]
    refused = [part for part in told if part.problem is not None]
    # One refusal seldom comes alone: its words are said once, and each line names it.
    told = [part for part in told if part.problem is None or part is refused[0]]
    return Finding(
        check=Check.ADMINISTRATOR,
        verdict=verdict,
        seen="; ".join(part.short for part in parts if part.short) if good else first.short,
        checked_at=now(),
        evidence=(Seen(f"signed in: {person.shown}"), *(part.line for part in parts)),
        means=_joined(part.means for part in told),
        who=next((part.who for part in (first, *told) if part.who), ""),
        cure=_joined(part.cure for part in told),
        link=scene.admin_center.roles_of(person.object_id),
        problem=problem_of(first.problem) if first.problem is not None else None,
    )


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(filter(None, sentences)))


def _nobody() -> Finding:
    return Finding(
        check=Check.ADMINISTRATOR,
        verdict=Verdict.UNKNOWN,
        seen="nobody has signed in yet",
        checked_at=now(),
        evidence=(Seen("the Company Master", Verdict.UNKNOWN, "none is stored"),),
        means="Who the administrator is shows when somebody signs in.",
        who=ENTRA_ADMINISTRATOR,
        cure=f"A {ROLES} with a Microsoft 365 licence signs in: 1 Connect, or ttr-tui connect.",
    )
