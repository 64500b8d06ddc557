"""What a deletion cannot end: what is still granted at Microsoft, until when, who ends it, where.

Lifetimes are Microsoft's (facts: access tokens 60 to 90 minutes; refresh tokens 90 days unused).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ttr_tui import text
from ttr_tui.widgets.lines import SENTENCE_WIDTH, Line, join, plain, state, wrap
from ttr_tui.widgets.paragraphs import LABEL_WIDTH, paragraph

if TYPE_CHECKING:
    from ttr_tui.flows.revocation import RevocationPlan
    from ttr_tui.settings import Settings

ACCESS_TOKENS_LAST = timedelta(minutes=90)
REFRESH_TOKENS_LAST = timedelta(days=90)

CONSENT = "the consent: with the client secret the app may read the headers of every mailbox"
BACKUPS = "backups made before; restored here, these rows are dropped"

WHERE_CONSENT_ENDS = (
    "Entra admin center > Enterprise applications > the app with the client id below > Properties "
    "> Delete ends it."
)
MOST_TOLD = 20
"""Up to so many people are named in the message."""

_VALUE_WIDTH = SENTENCE_WIDTH + 1 - LABEL_WIDTH


def still_granted(plan: RevocationPlan, at: datetime) -> list[Line]:
    """Return the rows about what is still granted at Microsoft, and about backups."""
    until = text.stamp(at + ACCESS_TOKENS_LAST)
    until = until[11:] if until[:10] == text.stamp(at)[:10] else until
    granted = [CONSENT, f"access tokens, until {until} at the latest"]
    names = people(plan)
    if names:
        date = text.stamp(at + REFRESH_TOKENS_LAST)[:10]
        granted.append(f"{_refresh_tokens(names)}, until {date} at the latest")
    return [
        *paragraph("Still granted at Microsoft", *flagged(granted)),
        *paragraph("Elsewhere", *flagged([BACKUPS])),
    ]


def flagged(sentences: list[str]) -> list[Line]:
    """Return each sentence behind a `!`, wrapped below its own first word."""
    rows: list[Line] = []
    for sentence in sentences:
        first, *rest = wrap(sentence, _VALUE_WIDTH - 2)
        rows += [join(state("! "), first), *(join("  ", row) for row in rest)]
    return rows


def who_and_what(plan: RevocationPlan) -> list[Line]:
    """Return who can end what is left, and where."""
    domain = text.clean(plan.company.domain)
    if _others_work_on(plan):
        first = "Nothing while others work through the consent. To end it: "
    else:
        first = ""
    path = "Entra admin center > Enterprise applications > this app > Properties > Delete"
    do = f"{first}{path} ends the consent"
    names = people(plan)
    if names:
        who = names[0] if len(names) == 1 else "each of them"
        whose = "that token" if len(names) == 1 else "those tokens"
        do += f"; Users > {who} > Revoke sessions ends {whose}"
    keys = () if first else ("c copies the message to send; u prints it with the links.",)
    return [
        *paragraph("Who can act", f"a Privileged Role Administrator of {domain}"),
        *paragraph("What to do", f"{do}. 4 Readiness shows when the consent is gone.", *keys),
    ]


def message(plan: RevocationPlan, at: datetime, settings: Settings) -> list[str]:
    """Return the message for the administrator who ends what is left: ids, UTC times, links."""
    company = plan.company
    names = people(plan)
    client_id = settings.registration.client_id if settings.registration is not None else ""
    link = plan.admin_center
    were = "was" if plan.count == 1 else "were"
    deleted = f"{text.plural(plan.count, 'authentication')} of {company.name} {were} deleted"
    lines = [
        "",
        f"{deleted} from TTR at {text.stamp_z(at)}.",
        "TTR cannot end the following; a Privileged Role Administrator can:",
        "",
        f"- The consent. {_consent_words(plan)} {WHERE_CONSENT_ENDS}",
        f"- Access tokens. By {text.stamp_z(at + ACCESS_TOKENS_LAST)} they have ended.",
    ]
    date = text.stamp_z(at + REFRESH_TOKENS_LAST)[:10]
    told = names if len(names) <= MOST_TOLD else [f"each of {text.plural(len(names), 'person')}"]
    lines += [
        f"- The refresh token of {name}. It ends by {date} at the latest; Users > {name} > Revoke "
        "sessions ends it now."
        for name in told
    ]
    lines += ["", f"Tenant     {company.tenant_id}", f"Client id  {client_id}"]
    subject = f"Subject: Access of TTR to {company.domain}: what is left to end at Microsoft"
    wrapped = [plain(row) for line in lines for row in wrap(text.clean(line))]
    return [text.clean(subject), *wrapped, *(["", link] if link else [])]


def people(plan: RevocationPlan) -> list[str]:
    """Return the names of those whose refresh tokens go, cleaned."""
    return [text.clean(name) for name in plan.people]


def _refresh_tokens(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]}'s refresh token"
    return f"the refresh tokens of {text.plural(len(names), 'person')}"


def _others_work_on(plan: RevocationPlan) -> bool:
    return not plan.with_master and plan.children_stay > 0


def _consent_words(plan: RevocationPlan) -> str:
    words = "With its client secret the app may read the headers of every mailbox."
    if _others_work_on(plan):
        children = text.plural(plan.children_stay, "mailbox")
        return f"{words} {children} of {plan.company.name} are measured through it still."
    return words
