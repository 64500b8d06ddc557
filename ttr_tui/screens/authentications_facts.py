"""What the page of one authentication says of it, made from plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.model import (
    DELEGATED_PERMISSIONS,
    Authentication,
    AuthenticationKind,
    Company,
    Finding,
    JournalEntry,
    Status,
    Verdict,
)
from ttr_tui.screens.authentications_refusal import refusal_facts
from ttr_tui.screens.authentications_words import SOON, STATES, by_state, ends, state_of
from ttr_tui.screens.readiness_words import SHAPES
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, cells, join, state
from ttr_tui.widgets.paragraphs import LABEL_WIDTH, paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_USE = timedelta(seconds=30)
"""A use that is stored and the journal's line about it lie at most so far apart."""

AT_THE_LATEST = "at the latest"
_ROOM = SENTENCE_WIDTH + 1 - LABEL_WIDTH

NO_DATE = "if nobody uses it; Microsoft tells no date"

LEAVES_PARENT = "its owner signs in: it then leaves its parent and stands among the own sign-ins"

_OVER = (STATES[Status.REFUSED], STATES[Status.EXPIRED])
_MEANS = {
    Status.UNPROVEN: "it is stored, and no use has proven it yet",
    Status.REFUSED: "Microsoft refuses it since {since}",
    Status.EXPIRED: "it has ended",
    Status.BLOCKED: "the customer's Exchange policy keeps the app out of this mailbox",
    Status.NO_MAILBOX: "the mailbox is not there (any more)",
    Status.UNREADABLE: "it cannot be opened with the keys at hand; the others stand",
}


@dataclass
class Known:
    """All a page is made from; `children` counts a Company Master's by their states.

    `last_use` is the journal's latest line about a use; `administrator` what readiness saw last of
    who signed in the Company Master.
    """

    row: Authentication
    company: Company
    master: Authentication | None
    children: Mapping[str, int]
    now: datetime
    last_use: JournalEntry | None = None
    administrator: Finding | None = None


def title(row: Authentication, company: Company) -> str:
    """Return row 4, left."""
    of = text.cut_middle(text.clean(company.name), 30)
    if row.kind is AuthenticationKind.COMPANY_MASTER:
        return f"Company Master of {of}"
    return f"{text.cut_middle(text.clean(row.name or row.address), 30)}, agent of {of}"


def facts(known: Known) -> list[Line]:
    """Return the labelled rows, each only where there is something to say."""
    return [row for label, *values in _facts(known) for row in paragraph(label, *values)]


def _facts(known: Known) -> Iterator[tuple[str, *tuple[Line, ...]]]:
    row = known.row
    yield "State", state(_state(known))
    yield from refusal_facts(row, known.now)
    if row.kind is AuthenticationKind.CHILD:
        yield from _of_a_child(known)
    elif row.person is not None:
        person = row.person
        yield "Signed in by", f"{person.called}   {person.user_principal_name}"
        yield "Asked for", _asked_for(row)
    yield "Since", _since(known)
    yield "Last used", _last_used(known)
    yield "Ends", _ends(known)
    if known.children:
        counted = by_state(known.children)
        many = text.number(sum(known.children.values()))
        many = f"{many} through the app's permission:"
        whole = join(many, " ", counted)
        # A count and its state stay on one row.
        yield ("Children", whole) if cells(whole) <= _ROOM else ("Children", many, counted)
    if row.kind is AuthenticationKind.COMPANY_MASTER:
        yield "Role, licence", state(_role_and_licence(known))
    yield "Tenant", known.company.tenant_id
    object_id = row.object_id or (row.person.object_id if row.person is not None else "")
    if object_id:
        yield "Object", object_id


def _of_a_child(known: Known) -> Iterator[tuple[str, Line]]:
    row, master = known.row, known.master
    yield "Address", row.address
    permission = f" {', '.join(row.scopes)}" if row.scopes else ""
    yield "Reads through", f"the app's permission{permission}; no message text, no password"
    if master is not None:
        who = f", signed in by {master.person.called}" if master.person is not None else ""
        yield "Child of", f"the Company Master{who}"
    yield "Signing in", LEAVES_PARENT


def _role_and_licence(known: Known) -> str:
    """Return what readiness saw of the administrator, as of its time: nothing is asked here."""
    row, found = known.row, known.administrator
    if found is None:
        return "? not checked yet: 4 checks them"
    if found.checked_at < (row.signed_in_again_at or row.since):
        return "? not checked since this sign-in: 4 checks them"
    seen = f"{SHAPES[found.verdict]} as readiness saw them {text.stamp(found.checked_at)}"
    if found.verdict is Verdict.PASS:
        return f"{seen} (4 opens it)"
    return f"{seen}: {text.clean(found.seen).rstrip('.')} (4 opens it)"


def _asked_for(row: Authentication) -> str:
    """Return what every sign-in asks for, and what of it was not granted.

    Microsoft never lists offline_access among what it granted: the refresh token itself tells.
    """
    granted = {scope.rpartition("/")[2].casefold() for scope in (*row.scopes, "offline_access")}
    asked = ", ".join(DELEGATED_PERMISSIONS)
    missing = [one for one in DELEGATED_PERMISSIONS if one.casefold() not in granted]
    return f"{asked}; not granted: {', '.join(missing)}" if missing else asked


def _state(known: Known) -> str:
    row, now = known.row, known.now
    shown = state_of(row, now)
    if row.status is Status.UNREADABLE:
        return f"{shown}: {_MEANS[row.status]}. {_cure(row)}"
    if shown == SOON:
        return f"{shown}: nobody has used it for long; using it once keeps it"
    if row.status is Status.HEALTHY and shown == STATES[Status.HEALTHY]:
        return _healthy(row, shown, now)
    means = _MEANS.get(row.status, "nobody has used it for 90 days")
    said = f"{shown}: {means.format(since=text.stamp(row.status_since))}"
    if row.refusal is not None:
        # It stands below, whole.
        return said
    return f"{said}. {text.clean(row.status_reason)}" if row.status_reason else said


def _healthy(row: Authentication, shown: str, now: datetime) -> str:
    if row.last_used is None:
        return shown
    answered = "its mailbox answered" if row.parent_id else "Microsoft accepted it"
    return f"{shown}: {answered} at {_when(row.last_used, now)}"


def _cure(row: Authentication) -> str:
    if row.kind is AuthenticationKind.CHILD:
        return "Delete it and add the agent again in O365 Agent Bulk Add, or let its owner sign in."
    return "Signing in again replaces it."


def _since(known: Known) -> str:
    row = known.row
    told = _stamped(row.since, known.now)
    if row.granted_by:
        told += f", by {row.granted_by}"
    if row.signed_in_again_at is not None:
        told += f"; signed in again {text.stamp(row.signed_in_again_at)[:10]}"
    return told


def _last_used(known: Known) -> str:
    row, use = known.row, known.last_use
    if row.last_used is None:
        return "never"
    told = _stamped(row.last_used, known.now)
    if use is not None and abs(use.at - row.last_used) < SAME_USE:
        told += f", by {use.subject}"
    return told


def _ends(known: Known) -> str:
    row, now = known.row, known.now
    if row.kind is AuthenticationKind.CHILD:
        parent = known.master
        if parent is None or parent.expires_at is None or state_of(parent, now) in _OVER:
            return "with its parent, which must sign in again to add more; deleted with it"
        date = text.stamp(parent.expires_at)[:10]
        return f"when the Company Master is deleted; that one ends {date} {AT_THE_LATEST}"
    if row.expires_at is None:
        return "not known; Microsoft tells no date"
    if state_of(row, now) in _OVER:
        return "ended; signing in again begins anew"
    date = text.stamp(row.expires_at)[:10]
    return f"{date} {AT_THE_LATEST}, {ends(row, now)}, {NO_DATE}"


def _stamped(moment: datetime, now: datetime) -> str:
    stamp, ago = text.stamp(moment), text.ago(moment, now)
    return f"{stamp}, {ago} ago" if ago != stamp[:10] else stamp


def _when(moment: datetime, now: datetime) -> str:
    """Return the time of day and the age; the date too when it is not today's."""
    stamp = text.stamp(moment)
    shown = stamp[11:] if stamp[:10] == text.stamp(now)[:10] else stamp
    ago = text.ago(moment, now)
    return f"{shown}, {ago} ago" if ago != stamp[:10] else shown
