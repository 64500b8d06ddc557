"""The words of Connect's two steps; what is said of their link is in `link_words`."""

from __future__ import annotations

from datetime import datetime

from ttr_tui import text
from ttr_tui.model import Attempt, Purpose, Station
from ttr_tui.screens.connect_state import GRANT, ConnectState

STEPS = ("Grant admin permission", "Sign in the Company Master")


def step_words(shown: ConnectState, step: int, now: datetime) -> str:
    """Return a step's state."""
    attempt = shown.attempts[step]
    if step == GRANT and shown.company.consent_proven_at is not None:
        return f"✓ granted {text.stamp(shown.company.consent_proven_at)}, proven by use"
    if attempt is not None and not (shown.done(step) and _is_idle(attempt)):
        return _attempt_words(attempt)
    if step == GRANT:
        return "- not granted"
    master = shown.master
    if master is None:
        return "- not signed in"
    if not shown.signed_in:
        return f"✗ {master.status} since {text.ago(master.status_since, now)}"
    since = text.stamp(master.signed_in_again_at or master.since)
    who = text.cut_middle(text.clean(master.person.called), 24) if master.person else ""
    return f"✓ signed in {since}" + (f", {who}" if who else "")


def _is_idle(attempt: Attempt) -> bool:
    """Return whether nothing goes on with a link: nobody has come, or who came was erased."""
    idle = (Station.WAITING, Station.IDENTITY_CHECKED)
    return attempt.person is None and attempt.station in idle


def _attempt_words(attempt: Attempt) -> str:
    if attempt.person is not None:
        return "» waits for your word"
    if attempt.station is Station.IDENTITY_CHECKED:
        return "- erased; the link still works"
    if attempt.problem and attempt.station is Station.CAME_BACK:
        consent = attempt.purpose is Purpose.ADMIN_CONSENT
        return "✗ came back, not granted" if consent else "✗ came back refused"
    if attempt.station is Station.WAITING:
        return "» waiting for the browser"
    if attempt.station is Station.CAME_BACK and attempt.purpose is Purpose.ADMIN_CONSENT:
        return "» came back, being proven"
    return f"» {attempt.station}"


def without_link(shown: ConnectState, step: int) -> str:
    """Return what stands in the link's place when none is out."""
    name = shown.company.name
    if step == GRANT:
        if shown.granted:
            return (
                f"The permission is granted and proven for {name}. r makes a link to grant it "
                "again, for instance after permissions were added to the registration."
            )
        return "No link is out. r makes one."
    if shown.signed_in:
        return (
            f"{name} is connected. enter opens O365 Agent Bulk Add. Signing in again replaces the "
            "Company Master, and its children stay: r makes a link for it."
        )
    return "No link is out. r makes one."
