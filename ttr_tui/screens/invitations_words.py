"""What the list of invitations says, made from plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.flows.invitations import MISSING, STILL_OPEN, InvitationState, state_of
from ttr_tui.screens.keys import KeyHint
from ttr_tui.widgets.columns import Column, Cut
from ttr_tui.widgets.lines import Line, bold, join, state
from ttr_tui.widgets.paragraphs import paragraph
from ttr_tui.widgets.rows import Row

if TYPE_CHECKING:
    from datetime import datetime

    from ttr_tui.model import Attempt, DirectoryUser

COLUMNS = (
    Column("Name", 21, Cut.NAME, grow=1),
    Column("Address", 22, Cut.ADDRESS, grow=1),
    Column("State", 21, Cut.NEVER),
    Column("Good until", 10, Cut.NEVER, gap=0),
)
STATES: Mapping[InvitationState, str] = {
    InvitationState.WAITS: "!",
    InvitationState.WRONG_PERSON: "!",
    InvitationState.REFUSED: "✗",
    InvitationState.EXPIRED: "✗",
    InvitationState.OPENED: "»",
    InvitationState.NOT_OPENED: "-",
    InvitationState.DONE: "✓",
    InvitationState.WITHDRAWN: "-",
}
"""The shape of each state; the order is that of the list: what needs somebody first."""

RENEWABLE = (*MISSING, InvitationState.WITHDRAWN)
"""States of which a new link can be made; a person who waits is not sent away for it."""

_ORDER = list(STATES)
_MOST_NAMES = 4


def state_words(invitation: Attempt) -> str:
    """Return the state, shape and words."""
    stands = state_of(invitation)
    return f"{STATES[stands]} {stands}"


def in_order(invitations: Sequence[Attempt]) -> list[Attempt]:
    """Return the invitations as they are listed: what needs somebody first, then by name."""
    return sorted(invitations, key=lambda one: (_ORDER.index(state_of(one)), text.fold(name(one))))


def name(invitation: Attempt) -> str:
    """Return whom it is for."""
    return invitation.expected.called if invitation.expected is not None else ""


def address(invitation: Attempt) -> str:
    """Return the address it is for."""
    return invitation.expected.address if invitation.expected is not None else ""


def row_of(invitation: Attempt) -> Row:
    """Return one row of the list."""
    until = text.stamp(invitation.expires_at)[:10]
    cells = (name(invitation), address(invitation), state(state_words(invitation)), until)
    return Row(cells, key=invitation.id)


def fact(invitations: Sequence[Attempt]) -> str:
    """Return row 4, right: how many are open, expired and done."""
    states = Counter(map(state_of, invitations))
    parts = (
        (sum(states[one] for one in STILL_OPEN), "open"),
        (states[InvitationState.EXPIRED], "expired"),
        (states[InvitationState.DONE], "done"),
    )
    return ", ".join(f"{text.number(count)} {word}" for count, word in parts if count)


def facts(
    invitation: Attempt | None, left_out: Sequence[tuple[DirectoryUser, str]], now: datetime
) -> list[Line]:
    """Return the rows below the list: the one at the cursor, and who was left out just now."""
    rows: list[Line] = []
    if invitation is not None:
        rows += [
            join(" ", bold(text.cut_middle(name(invitation), 30)), f"   {address(invitation)}"),
            *paragraph("State", state(_story(invitation, now))),
        ]
    if left_out:
        rows += ["", *paragraph("Left out", _why_left_out(left_out))]
    return rows


def _why_left_out(left_out: Sequence[tuple[DirectoryUser, str]]) -> str:
    if len(left_out) == 1:
        return left_out[0][1]
    names = some([user.name or user.address for user, _ in left_out])
    return (
        f"{text.number(len(left_out))}: {names}. Shared mailboxes and disabled accounts cannot "
        "sign in; O365 Agent Bulk Add adds them as children of the Company Master."
    )


def some(names: Sequence[str]) -> str:
    """Return up to four names, and how many more there are."""
    told = ", ".join(text.clean(one) for one in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{told} and {text.number(more)} more" if more > 0 else told


def hints(
    invitations: Sequence[Attempt], selected: Collection[str], here: Attempt | None
) -> tuple[KeyHint, ...]:
    """Return the keys that work here."""
    acts_on = [one for one in invitations if one.id in selected] or ([here] if here else [])
    renews = sum(state_of(one) in RENEWABLE for one in acts_on)
    withdraws = sum(one.ended is None for one in acts_on)
    missing = sum(state_of(one) in MISSING for one in invitations)
    listed = (
        (KeyHint("enter", "open"), here),
        (KeyHint("space", "select", rank=1), invitations),
        (KeyHint("r", "new link" if renews == 1 else f"{text.number(renews)} new links"), renews),
        (KeyHint("n", f"re-issue {text.number(missing)} missing"), missing),
        (KeyHint("d", f"withdraw {text.number(withdraws)}"), withdraws),
        (KeyHint("e", "export"), invitations),
        (KeyHint("u", "plain", rank=2), invitations),
        (KeyHint("esc", "back", rank=3), True),
    )
    return tuple(hint for hint, works in listed if works)


def plain_links(invitations: Sequence[Attempt]) -> str:
    """Return all links that are open, each alone on its line below its person."""
    lines: list[str] = []
    for one in invitations:
        if state_of(one) in STILL_OPEN:
            until = text.stamp_z(one.expires_at)
            who = f"{text.clean(name(one))}, {text.clean(address(one))}, good until {until}"
            lines += [who, one.link, ""]
    return "\n".join(lines).rstrip("\n")


def _story(invitation: Attempt, now: datetime) -> str:
    shown, stands = state_words(invitation), state_of(invitation)
    until = text.stamp(invitation.expires_at)
    if stands is InvitationState.NOT_OPENED:
        return (
            f"{shown}; the link is good until {until}, in {text.until(invitation.expires_at, now)}"
        )
    if stands is InvitationState.WAITS and invitation.person is not None:
        return f"{shown}: {invitation.person.shown} came; enter shows it"
    if stands in (InvitationState.WRONG_PERSON, InvitationState.REFUSED):
        refusal = invitation.refusal
        why = refusal.happened if refusal is not None else invitation.problem
        return f"{shown}: {why} enter tells more"
    if stands is InvitationState.EXPIRED:
        return f"{shown} {until}; r makes a new link"
    at = invitation.ended_at or invitation.station_at
    return f"{shown} {text.stamp(at)}"
