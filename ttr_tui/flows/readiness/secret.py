"""Step 5: the client secret works, and when it ends; certificates of the registration with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from ttr_tui.errors import (
    YOU,
    AnswerBroken,
    ClientRefused,
    MicrosoftError,
    TokenStale,
    TtrError,
    Unreachable,
)
from ttr_tui.flows.readiness.judging import (
    SWITCHED_OFF,
    cannot_be_known,
    not_yet,
    unseen,
    worst,
)
from ttr_tui.flows.readiness.registration import unread
from ttr_tui.model import TYPED_IN, Check, Ending, EndingKind, Finding, Seen, Verdict, now
from ttr_tui.problems import problem_of
from ttr_tui.text import plural, stamp, until

if TYPE_CHECKING:
    from ttr_tui.flows.readiness.scene import Registered, Scene
    from ttr_tui.microsoft.registration import Application, Credential

LEVELS = (1, 7, 14, 30, 60)
"""Days before its end from which each next warning is louder."""

HINT = 3
"""Characters of a secret that Graph tells (facts section 9.3)."""

_OVER = "AADSTS7000222"
"""The client secret has expired (facts section 4.2)."""

_ROTATE = (
    "Make a new client secret under Certificates & secrets of the registration and give it to this "
    "installation; the present one stays until the new one is proven:"
)
_COMMAND = "ttr-tui settings rotate-secret"


@dataclass(frozen=True, slots=True)
class _End:
    """When the secret ends and how that is known; `at` is None where it is not."""

    at: datetime | None
    evidence: tuple[Seen, ...]
    subject: str = ""
    note: str = ""
    problem: TtrError | None = None


async def look(scene: Scene) -> Finding:
    """Ask for a fresh token, and read when the secret that brought it ends."""
    link = scene.admin_center.secrets()
    try:
        await scene.token()
    except ClientRefused as refusal:
        if refusal.evidence.code == SWITCHED_OFF:
            return cannot_be_known(scene, Check.CLIENT_SECRET, refusal, link=link)
        return _refused(scene, refusal)
    except MicrosoftError as refusal:
        return cannot_be_known(scene, Check.CLIENT_SECRET, refusal, link=link)
    works = Seen("a token was issued for it just now", Verdict.PASS)
    registered = await scene.registered()
    end = _end(scene, registered)
    evidence = [works, *end.evidence]
    endings = []
    if end.at is not None:
        endings.append(Ending(EndingKind.CLIENT_SECRET, end.subject, end.at, end.note))
        evidence.append(_level(end.at))
    if registered.application is not None:
        certificates = registered.application.certificates
        endings += [_certificate(one) for one in certificates]
        evidence += [_told(one) for one in certificates]
    return _judged(scene, end, tuple(evidence), tuple(endings))


def _judged(
    scene: Scene, end: _End, evidence: tuple[Seen, ...], endings: tuple[Ending, ...]
) -> Finding:
    verdict = worst(evidence)
    soon = verdict is Verdict.WARNING
    known = end.at is not None
    means = "When it ends, every company of this installation stops at once."
    if verdict is Verdict.UNKNOWN:
        means = "When it ends cannot be known yet: the registration tells that once it can be read."
    return Finding(
        check=Check.CLIENT_SECRET,
        verdict=verdict,
        seen=_seen(end.at, verdict),
        checked_at=now(),
        evidence=evidence,
        means=means,
        who=YOU if soon else "",
        cure=(_ROTATE if known else _TYPE_IT) if soon else "",
        lines=((_COMMAND,) if known else ("TTR_CLIENT_SECRET_ENDS=YYYY-MM-DD",)) if soon else (),
        link=scene.admin_center.secrets(),
        problem=problem_of(end.problem) if end.problem is not None else None,
        endings=endings,
    )


_TYPE_IT = (
    "Look its end up under Certificates & secrets of the registration, and write it into the env "
    "file, so that you are warned in time:"
)


def _seen(at: datetime | None, verdict: Verdict) -> str:
    if at is None:
        return f"works; its end is not known {'yet' if verdict is Verdict.UNKNOWN else 'here'}"
    moment = now()
    if at <= moment:
        return f"works, yet it ended {stamp(at)[:10]}"
    left = until(at, moment)
    date = stamp(at)[:10]
    return f"works; ends {date}" if left == date else f"ends {date}, in {left}"


def _level(at: datetime) -> Seen:
    """Return the line about its end, a warning from 60 days on."""
    left = (at - now()).total_seconds() / 86_400
    text = f"ends {stamp(at)}"
    if left <= 0:
        return Seen(text, Verdict.WARNING, "that is over, and Microsoft still takes it")
    for days in LEVELS:
        if left <= days:
            return Seen(text, Verdict.WARNING, f"within {plural(days, 'day')}")
    return Seen(text, Verdict.PASS, f"more than {LEVELS[-1]} days left")


def _end(scene: Scene, registered: Registered) -> _End:
    """Return when our secret ends: as the registration lists it, else as somebody typed it in."""
    listed = registered.application
    found = _listed(scene, listed) if listed is not None else None
    if found is not None and found.at is not None:
        return found
    why = Seen("passwordCredentials", None, unread(scene, registered))
    if found is not None:
        why = found.evidence[0]
    typed = scene.access.settings.secret_ends
    if typed is None:
        if registered.refusal is not None and _passes(scene, registered.refusal):
            why = unseen(scene, "when it ends", registered.refusal).line
            return _End(None, (why,), problem=registered.refusal)
        asked = Seen("TTR_CLIENT_SECRET_ENDS is not set", Verdict.WARNING)
        return _End(None, (why, asked))
    # It lasts through its last day wherever that is.
    at = datetime.combine(typed, time(23, 59, 59), UTC)
    return _End(at, (why,), "client secret", TYPED_IN)


def _passes(scene: Scene, refusal: TtrError) -> bool:
    """Tell a refusal that will not last from a registration that is closed to us for good."""
    if not_yet(scene, refusal):
        return scene.self_hosted
    return isinstance(refusal, Unreachable | AnswerBroken | TokenStale)


def _listed(scene: Scene, read: Application) -> _End:
    """Match our secret by its first characters: all that Graph tells of any."""
    hint = scene.access.settings.require_microsoft().client_secret.reveal()[:HINT]
    same = [one for one in read.secrets if one.hint == hint]
    living = sorted(one.ends for one in same if one.ends is not None and one.ends > now())
    others = len(read.secrets) - len(same)
    told = Seen("none of the registration's secrets begins like ours", None)
    if not living:
        return _End(None, (told,))
    named = next(one for one in same if one.ends == living[0])
    text = f"{named.name} of the registration begins like ours"
    note = f"{plural(others, 'other secret')} beside it" if others else ""
    if len(living) > 1:
        text = f"{plural(len(living), 'secret')} of the registration begin like ours"
        note = "the earliest end counts"
    return _End(living[0], (Seen(text, None, note),), named.name, "as the registration lists it")


def _certificate(one: Credential) -> Ending:
    note = "of the registration; this installation signs in with the secret"
    return Ending(EndingKind.CERTIFICATE, one.name, one.ends, note)


def _told(one: Credential) -> Seen:
    ends = f"ends {stamp(one.ends)}" if one.ends is not None else "no end is told"
    return Seen(f"certificate {one.name}", None, f"{ends}; not used here")


def _refused(scene: Scene, refusal: ClientRefused) -> Finding:
    return Finding(
        check=Check.CLIENT_SECRET,
        verdict=Verdict.FAIL,
        seen=f"refused ({refusal.evidence.code or 'invalid_client'})",
        checked_at=now(),
        evidence=(Seen(refusal.happened, Verdict.FAIL),),
        means=f"Every company of this installation waits for it. {refusal.means}".strip(),
        who=refusal.who,
        cure=_ROTATE if refusal.evidence.code == _OVER else f"{refusal.cure} {_ROTATE}",
        lines=(_COMMAND,),
        link=scene.admin_center.secrets(),
        problem=problem_of(refusal),
    )
