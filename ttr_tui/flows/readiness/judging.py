"""How evidence becomes a finding, and what is said where something could not be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.errors import (
    ENTRA_ADMINISTRATOR,
    AnswerBroken,
    ClientRefused,
    ConsentNeeded,
    ForeignHost,
    PermissionMissing,
    SettingsFaulty,
    TokenStale,
    TtrError,
    Unreachable,
)
from ttr_tui.model import Check, Finding, Seen, Verdict, now
from ttr_tui.problems import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ttr_tui.flows.readiness.scene import Scene

OWNER = "an owner of the registration, or an Application Administrator"
"""Who can change an app registration."""

LIST_COLUMN = 37
"""Cells of the list's last column: what was seen is said within them where that can be."""

UNKNOWN_APP = "AADSTS700016"
"""The tenant knows no app by this id (facts section 4.2)."""

SWITCHED_OFF = "AADSTS7000112"
"""The app is switched off in the tenant (facts section 4.2)."""

NOT_LET_IN = frozenset({UNKNOWN_APP, SWITCHED_OFF, "AADSTS7000229"})
"""Refusals of the app itself, whoever signed in (facts sections 3 and 4.2)."""

NOT_GRANTED = "nobody has granted the permission yet"

_WEIGHT = (Verdict.PASS, Verdict.UNKNOWN, Verdict.WARNING, Verdict.FAIL)

_SHORT = (
    (SettingsFaulty, "the settings are faulty"),
    (Unreachable, "Microsoft gave no answer"),
    (TokenStale, "Microsoft rejects our token (401)"),
    (PermissionMissing, "Microsoft denies reading it (403)"),
    (ForeignHost, "the answer leads to another host"),
    (AnswerBroken, "the answer cannot be used"),
    (ClientRefused, "the client secret is refused"),
)


def worst(evidence: Iterable[Seen]) -> Verdict:
    """Return the verdict of a check by its lines; without any that counts it is not known."""
    counted = [seen.verdict for seen in evidence if seen.verdict is not None]
    return max(counted, key=_WEIGHT.index) if counted else Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Part:
    """One line of evidence with its own words: for the list, and on what to do about it."""

    line: Seen
    short: str = ""
    means: str = ""
    who: str = ""
    cure: str = ""
    problem: TtrError | None = None


def decisive(parts: Iterable[Part]) -> Part:
    """Return the first part whose verdict is the worst of all."""
    counted = [part for part in parts if part.line.verdict is not None]
    verdict = worst(part.line for part in counted)
    return next(part for part in counted if part.line.verdict is verdict)


def unseen(scene: Scene, text: str, problem: TtrError) -> Part:
    """Return the part for a read that failed."""
    short = why_not(scene, problem)
    line = Seen(text, Verdict.UNKNOWN, short)
    return Part(line, short, problem.means, problem.who, problem.cure, problem)


def why_not(scene: Scene, error: TtrError) -> str:
    """Return in a few words why something could not be seen."""
    not_let_in = isinstance(error, ConsentNeeded)
    if not_let_in and scene.was_granted:
        return "the permission was taken back"
    if not_let_in and error.evidence.code == UNKNOWN_APP:
        return "no permission yet, or a wrong app id"
    if not_yet(scene, error):
        return NOT_GRANTED
    if error.evidence.code == SWITCHED_OFF:
        return "the app is switched off there"
    refused = f"Microsoft refused ({error.evidence.code or type(error).__name__})"
    return next((words for kind, words in _SHORT if isinstance(error, kind)), refused)


def not_yet(scene: Scene, error: TtrError) -> bool:
    """Tell a refusal for want of a permission that nobody has granted so far."""
    return isinstance(error, ConsentNeeded | PermissionMissing) and not scene.was_granted


def cannot_be_known(
    scene: Scene,
    check: Check,
    error: TtrError,
    *,
    lines: tuple[str, ...] = (),
    link: str = "",
) -> Finding:
    """Return the finding of a check that was kept from seeing anything."""
    early = not_yet(scene, error)
    denied = isinstance(error, PermissionMissing)
    return Finding(
        check=check,
        verdict=Verdict.UNKNOWN,
        seen=why_not(scene, error),
        checked_at=now(),
        evidence=(Seen(error.happened, Verdict.UNKNOWN),),
        means=_NOT_YET if early else _DENIED if denied else error.means,
        who=ENTRA_ADMINISTRATOR if early else error.who,
        cure=_granting(error) if early else error.cure,
        lines=lines,
        link=link,
        problem=problem_of(error),
    )


def _granting(error: TtrError) -> str:
    return f"{_GRANT} {IS_IT_THE_APP}" if error.evidence.code == UNKNOWN_APP else _GRANT


_NOT_YET = (
    "This cannot be known yet: the tenant answers only an app that its administrator let in, and "
    "what was granted takes some minutes to show."
)
_DENIED = "Reading it takes Directory.Read.All, which is not granted any more or not in effect yet."
_GRANT = "Grant the admin permission: 1 Connect, the first step, or ttr-tui connect."
IS_IT_THE_APP = "Where that was done: is MS_GRAPH_CLIENT_ID this app's own id?"
"""What to look at besides where the tenant knows no app by our id."""
