"""Step 4: the six permissions, requested and granted by (id, type), and whatever goes beyond."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    ConsentNeeded,
    MicrosoftError,
    PermissionMissing,
)
from ttr_tui.flows.readiness import beyond
from ttr_tui.flows.readiness.judging import (
    IS_IT_THE_APP,
    UNKNOWN_APP,
    cannot_be_known,
    worst,
)
from ttr_tui.flows.readiness.permission_words import (
    BY_EXCHANGE,
    LIMIT,
    MAIL,
    cures,
    list_words,
    means,
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
    except PermissionMissing as refusal:
        if scene.was_granted and await _users_are_denied(scene):
            return _directory_denied(scene, refusal)
        return _unknown(scene, refusal)
    except MicrosoftError as refusal:
        return _unknown(scene, refusal)
    lines = [_line(one, known) for one in PERMISSIONS]
    if lines[0].verdict is Verdict.FAIL:
        lines[0] = await _mail_line(scene, lines[0])
    registered = await scene.registered()
    if known.requested is None:
        lines.append(Seen("what is requested", None, unread(scene, registered)))
    return _judged(scene, known, (*lines, *more, LIMIT))


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
    to_do = cures(scene, missing, unlisted, more)
    return Finding(
        check=Check.PERMISSIONS,
        verdict=verdict,
        seen=list_words(missing, lines[0], more, by_exchange=by_exchange, unlisted=len(unlisted)),
        checked_at=now(),
        evidence=evidence,
        means=means(missing, more, by_exchange=by_exchange),
        who="" if verdict is Verdict.PASS else ENTRA_ADMINISTRATOR,
        cure=" ".join([*([BY_EXCHANGE] if by_exchange else []), *to_do]),
        link=scene.admin_center.api_permissions() if unlisted else scene.admin_center.consent(),
    )


def _unknown(scene: Scene, refusal: MicrosoftError) -> Finding:
    return cannot_be_known(scene, Check.PERMISSIONS, refusal, link=scene.admin_center.consent())


async def _users_are_denied(scene: Scene) -> bool:
    try:
        await scene.first_user()
    except PermissionMissing:
        return True
    except MicrosoftError:
        return False
    return False


def _directory_denied(scene: Scene, refusal: PermissionMissing) -> Finding:
    """Return the finding where neither grants nor users can be read: both take a permission."""
    names = ("Directory.Read.All", "User.Read.All")
    denied = [Seen(f"application {name}", Verdict.FAIL, "not in effect (403)") for name in names]
    missing = [one for one in PERMISSIONS if one.name in names]
    return Finding(
        check=Check.PERMISSIONS,
        verdict=Verdict.FAIL,
        seen="no directory permission is granted",
        checked_at=now(),
        evidence=(*denied, Seen("the other four", None, "listed nowhere without these"), LIMIT),
        means=means(missing, 0, by_exchange=False),
        who=ENTRA_ADMINISTRATOR,
        cure=" ".join(cures(scene, missing, [], 0)),
        link=scene.admin_center.consent(),
        problem=problem_of(refusal),
    )


def _withdrawn(scene: Scene, refusal: ConsentNeeded) -> Finding:
    to_do = cures(scene, list(PERMISSIONS), [], 0)
    if refusal.evidence.code == UNKNOWN_APP:
        to_do.append(IS_IT_THE_APP)
    return Finding(
        check=Check.PERMISSIONS,
        verdict=Verdict.FAIL,
        seen="nothing is granted (any more)",
        checked_at=now(),
        evidence=(Seen(refusal.happened, Verdict.FAIL), LIMIT),
        means=refusal.means or "The tenant does not let this app in.",
        who=ENTRA_ADMINISTRATOR,
        cure=" ".join(to_do),
        link=scene.admin_center.consent(),
        problem=problem_of(refusal),
    )
