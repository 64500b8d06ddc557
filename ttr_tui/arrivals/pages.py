"""What the pages of an attempt say: what is asked, and what became of it."""

from __future__ import annotations

import json

from ttr_tui.callback import FinishPage, StartPage
from ttr_tui.errors import TtrError
from ttr_tui.model import (
    PERMISSIONS,
    Attempt,
    AttemptEnd,
    Company,
    PermissionType,
    Purpose,
    Station,
)

_TITLES = {
    Purpose.ADMIN_CONSENT: "Grant admin permission",
    Purpose.COMPANY_MASTER: "Sign in the Company Master",
    Purpose.AGENT: "Sign in for your mailbox",
    Purpose.INVITATION: "Connect your mailbox",
    Purpose.REAUTHENTICATION: "Sign in again",
}
CLOSE_THIS_PAGE = "You can close this page."
WHY = "timetoreply measures how fast mailboxes answer. For that it reads when mail came and went."

ROLES = "a Privileged Role Administrator or Global Administrator"
"""Who may grant application permissions for a whole tenant (facts section 1.6)."""

_ROLE_WHILE_GRANTING = (
    "That role is needed only to grant: it may be removed once the permission is proven. Who then "
    "signs in as the Company Master needs a Microsoft 365 licence."
)
_LICENCE_NO_ROLE = (
    "The account that signs in here needs a Microsoft 365 licence. Once the permission is proven "
    "it needs no administrator's role any more, and removing that role is recommended."
)


def start_page(attempt: Attempt, company: Company) -> StartPage:
    """Return what the page behind an attempt's start link says."""
    consents = attempt.purpose is Purpose.ADMIN_CONSENT
    asks = [one for one in PERMISSIONS if consents or one.type is PermissionType.DELEGATED]
    return StartPage(
        company_name=company.name,
        domain=company.domain,
        title=_TITLES[attempt.purpose],
        asks=tuple(f"{one.name}: {one.allows}" for one in asks),
        for_whom=_for_whom(attempt),
        until=attempt.expires_at,
        why=" ".join(filter(None, (WHY, _role_and_licence(attempt)))),
    )


def _for_whom(attempt: Attempt) -> str:
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        return ROLES
    if attempt.expected is not None and attempt.expected.called.strip():
        return f"{attempt.expected.shown}, and nobody else"
    return f"the administrator who granted the permission, as {ROLES}"


def _role_and_licence(attempt: Attempt) -> str:
    """Return what the administrator's account needs, and what it needs no longer."""
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        return _ROLE_WHILE_GRANTING
    return _LICENCE_NO_ROLE if attempt.for_master else ""


def kept_refusal(problem: TtrError) -> str:
    """Return a refusal as it is kept for the same browser's reload."""
    lines = [line for line in (problem.happened, problem.means, problem.cure) if line]
    return json.dumps({"title": "Nothing was stored", "sentences": lines})


def refusal_page(kept: str) -> FinishPage:
    """Return the page of a refusal that was kept."""
    page = json.loads(kept)
    return FinishPage(page["title"], tuple(page["sentences"]), good=False)


def outcome_page(attempt: Attempt, company: Company) -> FinishPage:
    """Return what became of an attempt, as it stands now."""
    if attempt.purpose is Purpose.ADMIN_CONSENT:
        return _consent_page(attempt, company)
    return _sign_in_page(attempt, company)


def _consent_page(attempt: Attempt, company: Company) -> FinishPage:
    if attempt.station is Station.PROVEN:
        said = f"Microsoft shows the permission for {company.name}, and it works."
        return FinishPage("Permission granted", (said,), good=True)
    if attempt.problem:
        return FinishPage("Not granted yet", (attempt.problem,), good=False)
    return FinishPage(
        "Proving the permission",
        (
            "Microsoft has answered. The permission is now proven by using it.",
            "That can take some minutes, until Microsoft has put it into effect everywhere.",
            "You can close this page; the terminal shows how it ends.",
        ),
        good=True,
        pending=True,
    )


def _sign_in_page(attempt: Attempt, company: Company) -> FinishPage:
    if attempt.signed_in is not None:
        return _signed_in_page(attempt, company)
    if attempt.ended is AttemptEnd.DONE:
        said = f"The sign-in for {company.name} came through another link, and is stored."
        return FinishPage("Signed in", (said,), good=True, closing=CLOSE_THIS_PAGE)
    if attempt.person is None or attempt.ended in {AttemptEnd.REFUSED, AttemptEnd.WITHDRAWN}:
        said = "The sign-in was not confirmed in the terminal. What came was erased."
        return FinishPage("Nothing was stored", (said,), good=False)
    where = " and go back to the terminal" if attempt.for_master else ""
    return FinishPage(
        "Waiting for the terminal" if attempt.for_master else "Waiting for a confirmation",
        (
            f"You signed in as {attempt.person.shown}.",
            f"Nothing is stored before whoever set this up for {company.name} confirms it.",
            f"You can close this page{where}.",
        ),
        good=True,
        pending=True,
    )


def _signed_in_page(attempt: Attempt, company: Company) -> FinishPage:
    who = attempt.signed_in.called if attempt.signed_in is not None else ""
    first = (attempt.problem,) if attempt.problem and not attempt.ended else ()
    if attempt.for_master:
        said = f"{who} is signed in as the Company Master of {company.name}."
        return FinishPage("Signed in", (said, *first), good=not first)
    said = f"{who} is signed in for {company.name}; nothing else is to be done."
    return FinishPage("Signed in", (said, *first), good=not first, closing=CLOSE_THIS_PAGE)
