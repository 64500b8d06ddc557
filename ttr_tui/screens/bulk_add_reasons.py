"""Why somebody was not added: what it means, who can act, what to do, the message to send."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.errors import ENTRA_ADMINISTRATOR, EXCHANGE_ADMINISTRATOR, YOU
from ttr_tui.model import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from ttr_tui.model import Company, RunItem

MOST_IN_MESSAGE = 50
"""Addresses named one by one in a message to send."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of outcome in words; empty `means` stands for what the run wrote down."""

    words: str
    means: str
    who: str
    do: str


REASONS: Mapping[Outcome, Reason] = {
    Outcome.BLOCKED: Reason(
        "✗ blocked by the customer's Exchange policy",
        "The mailbox exists. An application access policy in Exchange Online keeps this app out "
        "of it.",
        EXCHANGE_ADMINISTRATOR,
        "Add it to the policy's group, which takes effect within hours. Then select it here and "
        "press r. c copies the message to send.",
    ),
    Outcome.NO_MAILBOX: Reason(
        "✗ no mailbox",
        "",
        ENTRA_ADMINISTRATOR,
        "Where one is wanted, give the user a licence with Exchange Online, wait until the mailbox "
        "is there, then select it here and press r. c copies the message to send.",
    ),
    Outcome.FAILED: Reason(
        "✗ failed",
        "",
        YOU,
        "Press r. When it fails again, c copies what is known, to send to us.",
    ),
    Outcome.WAITING: Reason(
        "» waiting",
        "Nobody asked this mailbox: the run was stopped before.",
        YOU,
        "Press r to go on with the run.",
    ),
    Outcome.ALREADY: Reason(
        "- already an agent",
        "",
        YOU,
        "Nothing: it was left as it is. 3 shows its authentication.",
    ),
    Outcome.ADDED: Reason("✓ added", "It is an agent now.", YOU, "Nothing."),
}

ORDER = (
    Outcome.BLOCKED,
    Outcome.FAILED,
    Outcome.NO_MAILBOX,
    Outcome.WAITING,
    Outcome.ALREADY,
)
"""What needs somebody stands first."""

SHORT: Mapping[Outcome, str] = {
    Outcome.BLOCKED: "✗ blocked",
    Outcome.FAILED: "✗ failed",
    Outcome.NO_MAILBOX: "✗ no mailbox",
    Outcome.WAITING: "» waiting",
    Outcome.ALREADY: "- agent already",
}
"""Outcomes as the list's column has them."""

_MESSAGE: Mapping[Outcome, tuple[str, str]] = {
    Outcome.BLOCKED: (
        "{many} kept out of TTR by an Exchange policy",
        (
            "An application access policy in Exchange Online keeps the app TTR (timetoreply) out "
            "of {these}. Please add {them} to the policy's group, and tell us when it is done; "
            "the change takes effect within hours."
        ),
    ),
    Outcome.NO_MAILBOX: (
        "{many} without Exchange Online",
        (
            "TTR (timetoreply) was asked to measure {these}, and Exchange Online has no mailbox "
            "for {them}. Please assign a licence with Exchange Online, or tell us that it is not "
            "wanted."
        ),
    ),
}


def means(item: RunItem) -> str:
    """Return what a user's outcome means."""
    return REASONS[item.outcome].means or item.reason or "Nothing more is known."


def who_can_act(outcome: Outcome, company: Company) -> str:
    """Return who can act, as a screen names them."""
    who = REASONS[outcome].who
    return who if who == YOU else f"{who} of {text.clean(company.domain)}"


def message_to_send(
    company: Company, run_id: int, items: Sequence[RunItem], moment: datetime
) -> str:
    """Return the message about users of one outcome, to be sent to who can act."""
    outcome = items[0].outcome
    one = len(items) == 1
    subject, body = _MESSAGE.get(
        outcome,
        (
            "{many} that TTR could not add",
            "TTR (timetoreply) could not add {these}; the reasons stand behind them.",
        ),
    )
    words = {
        "many": text.plural(len(items), "mailbox"),
        "these": "this mailbox" if one else "these mailboxes",
        "them": "it" if one else "them",
    }
    lines = [
        f"Subject: {subject.format(**words)}",
        "",
        *textwrap.wrap(body.format(**words), 76),
        "",
    ]
    lines += [_line(item, outcome) for item in items[:MOST_IN_MESSAGE]]
    if len(items) > MOST_IN_MESSAGE:
        lines.append(f"  and {text.number(len(items) - MOST_IN_MESSAGE)} more")
    return "\n".join(
        [
            *lines,
            "",
            f"  Tenant  {text.clean(company.domain)}, {company.tenant_id}",
            f"  Run     {run_id}, {text.stamp_z(moment)}",
        ]
    )


def _line(item: RunItem, outcome: Outcome) -> str:
    named = f"  {text.clean(item.name)}   {text.clean(item.address)}"
    return named if outcome in _MESSAGE else f"{named}\n    {text.clean(item.reason)}"
