"""Step 4: the six permissions, requested and granted by (id, type), and whatever goes beyond."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.errors import ENTRA_ADMINISTRATOR, ConsentNeeded, MicrosoftError
from ttr_tui.flows.readiness import beyond
from ttr_tui.flows.readiness.judging import (
    IS_IT_THE_APP,
    UNKNOWN_APP,
    cannot_be_known,
    worst,
)
from ttr_tui.flows.readiness.registration import unread
from ttr_tui.microsoft.endpoints import GRAPH_APP_ID
from ttr_tui.model import (
    PERMISSIONS,
    Check,
    Finding,
    Outcome,
    Permission,
    PermissionType,
    Seen,
    Verdict,
    now,
)
from ttr_tui.problems import problem_of
from ttr_tui.text import plural

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.beyond import Key
    from ttr_tui.flows.readiness.scene import Mailbox, Scene

MAIL = PERMISSIONS[0]
"""The one permission that a role in Exchange may stand for (facts section 8)."""

_STOPS = {
    "Mail.ReadBasic.All": "agents added in bulk cannot be read",
    "User.Read.All": "the list of users cannot be read for certain",
    "Directory.Read.All": "groups cannot be read and this set-up cannot be checked",
    "Mail.ReadBasic": "agents who sign in alone cannot be read",
    "User.Read": "nobody can sign in",
    "offline_access": "a sign-in ends after an hour",
}

_BY_EXCHANGE = (
    "Where Exchange is meant to choose the mailboxes there is nothing to do; else grant the admin "
    "permission again: 1 Connect, the first step, or ttr-tui connect --step consent."
)

_LIMIT = Seen(
    "consent policy, conditional access, PIM-eligible roles",
    None,
    "cannot be read with these six",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is granted for everybody, by whom for themselves, and what is requested.

    `requested` is None where the registration cannot be read.
    """

    granted: frozenset[Key]
    requested: frozenset[Key] | None
    single: dict[Key, int] = field(default_factory=dict)


async def look(scene: Scene) -> Finding:
    """Compare the grants as Graph lists them, and the registration's list where it can be read.

    A missing Mail.ReadBasic.All may be replaced by Exchange: then a mailbox's answer decides.
    """
    try:
        known = await _read(scene)
        more = await beyond.look(scene)
    except ConsentNeeded as refusal:
        if scene.was_granted:
            return _withdrawn(scene, refusal)
        return _unknown(scene, refusal)
    except MicrosoftError as refusal:
        return _unknown(scene, refusal)
    lines = [_line(one, known) for one in PERMISSIONS]
    if lines[0].verdict is Verdict.FAIL:
        lines[0] = await _mail_line(scene, lines[0])
    registered = await scene.registered()
    if known.requested is None:
        lines.append(Seen("what is requested", None, unread(scene, registered)))
    return _judged(scene, known, (*lines, *more, _LIMIT))


async def in_full(scene: Scene) -> bool:
    """Tell whether everything needed is granted, seen in this check; raises MicrosoftError."""
    known = await _read(scene)
    missing = [one for one in PERMISSIONS if (one.id, one.type) not in known.granted]
    if missing == [MAIL]:
        asked = await scene.mailbox()
        return asked is not None and _opens(asked)
    return not missing


async def _read(scene: Scene) -> _Known:
    granted, graph = await scene.granted(), await scene.graph()
    ids = {(name, kind): key for (key, kind), name in graph.names.items()}
    ids |= {(one.name, one.type): one.id for one in PERMISSIONS}
    keys = {
        (one.id, PermissionType.APPLICATION) for one in granted.roles if one.resource_id == graph.id
    }
    single: dict[Key, int] = {}
    for given in granted.scopes:
        if given.resource_id != graph.id:
            continue
        for name in given.scopes:
            key = (ids.get((name, PermissionType.DELEGATED), name), PermissionType.DELEGATED)
            if given.person_id:
                single[key] = single.get(key, 0) + 1
            else:
                keys.add(key)
    read = (await scene.registered()).application
    requested = None
    if read is not None:
        of_graph = (one for one in read.requested if one.resource_app_id == GRAPH_APP_ID)
        requested = frozenset((one.id, one.type) for one in of_graph)
    return _Known(frozenset(keys), requested, single)


def _line(one: Permission, known: _Known) -> Seen:
    key = (one.id, one.type)
    text = f"{one.type.word} {one.name}"
    requested = known.requested is None or key in known.requested
    if key in known.granted:
        if requested:
            return Seen(text, Verdict.PASS, "granted")
        return Seen(text, Verdict.WARNING, "granted, but no longer requested")
    note = "not granted"
    if known.requested is not None:
        note = "requested, not granted" if requested else "neither requested nor granted"
    if key in known.single:
        note += f"; {plural(known.single[key], 'user')} consented alone"
    return Seen(text, Verdict.FAIL, note)


async def _mail_line(scene: Scene, line: Seen) -> Seen:
    """Let a mailbox decide what a missing Mail.ReadBasic.All is worth."""
    try:
        asked = await scene.mailbox()
    except MicrosoftError as refusal:
        return Seen(line.text, Verdict.UNKNOWN, f"{line.note}; a mailbox: {refusal.happened}")
    if asked is None or not asked.by_app:
        return Seen(line.text, Verdict.UNKNOWN, f"{line.note}; no agent whose mailbox could tell")
    if _opens(asked):
        note = f"{line.note}, yet a mailbox answers: by a role in Exchange or a broader permission"
        return Seen(line.text, Verdict.WARNING, note)
    return Seen(line.text, Verdict.FAIL, f"{line.note}, and no mailbox answers")


def _opens(asked: Mailbox) -> bool:
    return asked.by_app and asked.answer.outcome is Outcome.ADDED


def _judged(scene: Scene, known: _Known, evidence: tuple[Seen, ...]) -> Finding:
    verdict = worst(evidence)
    lines = evidence[: len(PERMISSIONS)]
    pairs = list(zip(PERMISSIONS, lines, strict=True))
    missing = [one for one, line in pairs if line.verdict is Verdict.FAIL]
    by_exchange = (MAIL.id, MAIL.type) not in known.granted and not missing
    more = sum(one.verdict is Verdict.WARNING for one in evidence[len(PERMISSIONS) :])
    unlisted = [
        one
        for one in PERMISSIONS
        if known.requested is not None and (one.id, one.type) not in known.requested
    ]
    cures = _cures(scene, missing, unlisted, more)
    return Finding(
        check=Check.PERMISSIONS,
        verdict=verdict,
        seen=_seen(missing, lines[0], more, by_exchange=by_exchange, unlisted=len(unlisted)),
        checked_at=now(),
        evidence=evidence,
        means=_means(missing, more, by_exchange=by_exchange),
        who="" if verdict is Verdict.PASS else ENTRA_ADMINISTRATOR,
        cure=" ".join([*([_BY_EXCHANGE] if by_exchange else []), *cures]),
        link=scene.admin_center.api_permissions() if unlisted else scene.admin_center.consent(),
    )


def _seen(
    missing: list[Permission], mail: Seen, more: int, *, by_exchange: bool, unlisted: int
) -> str:
    if missing:
        few = len(missing) == 1
        return (
            f"not granted: {missing[0].name}"
            if few
            else f"{len(missing)} of {len(PERMISSIONS)} not granted"
        )
    words = (
        (by_exchange and mail.verdict is Verdict.UNKNOWN, "no mail permission; no agent to ask"),
        (by_exchange and more > 0, f"no {MAIL.name}; {more} more instead"),
        (more > 0, f"all granted, and {more} more than needed"),
        (by_exchange, "mail by Exchange RBAC, rest granted"),
        (unlisted > 0, f"granted; {unlisted} no longer requested"),
    )
    usual = "3 application, 3 delegated: granted"
    return next((said for so, said in words if so), usual)


def _means(missing: list[Permission], more: int, *, by_exchange: bool) -> str:
    said = []
    if missing:
        said = [f"Without {one.name} ({one.type.word}) {_STOPS[one.name]}." for one in missing]
    elif by_exchange:
        said.append(
            "Without Mail.ReadBasic.All a mailbox opens only where a role in Exchange (RBAC for "
            "Applications) or a broader permission lets this app in; its answer decides."
        )
    if more:
        said.append(
            "What goes beyond is not used here; whoever gets hold of the client secret could."
        )
    return " ".join(said) or "Exactly what is needed is granted, and nothing beyond it."


def _cures(
    scene: Scene, missing: list[Permission], unlisted: list[Permission], more: int
) -> list[str]:
    cures = []
    if unlisted:
        names = ", ".join(f"{one.name} ({one.type.word})" for one in unlisted)
        cures.append(
            f"Entra admin center > App registrations > {scene.app_name} > API permissions: add "
            f"{names}."
        )
    if missing or unlisted:
        cures.append(
            "Grant the admin permission again, as a Privileged Role Administrator or Global "
            "Administrator: 1 Connect, the first step, or ttr-tui connect --step consent."
        )
    if more:
        cures.append(
            f"Entra admin center > Enterprise applications > {scene.app_name} > Permissions: "
            "revoke what goes beyond, and remove it under API permissions of the registration."
        )
    return cures


def _unknown(scene: Scene, refusal: MicrosoftError) -> Finding:
    return cannot_be_known(scene, Check.PERMISSIONS, refusal, link=scene.admin_center.consent())


def _withdrawn(scene: Scene, refusal: ConsentNeeded) -> Finding:
    cures = _cures(scene, list(PERMISSIONS), [], 0)
    if refusal.evidence.code == UNKNOWN_APP:
        cures.append(IS_IT_THE_APP)
    return Finding(
        check=Check.PERMISSIONS,
        verdict=Verdict.FAIL,
        seen="nothing is granted (any more)",
        checked_at=now(),
        evidence=(Seen(refusal.happened, Verdict.FAIL), _LIMIT),
        means=refusal.means or "The tenant does not let this app in.",
        who=ENTRA_ADMINISTRATOR,
        cure=" ".join(cures),
        link=scene.admin_center.consent(),
        problem=problem_of(refusal),
    )
