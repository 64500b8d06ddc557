"""What a readiness check found, and everything that has an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ttr_tui.model.attempts import Problem


class Verdict(StrEnum):
    """What is known of one thing; nothing is called pass that was not seen."""

    PASS = "pass"  # noqa: S105 - a verdict
    WARNING = "warning"
    FAIL = "fail"
    UNKNOWN = "not known"


class Check(StrEnum):
    """The seven set-up steps, in the guide's order, and then the proof by use."""

    REGISTRATION = "app registration"
    REDIRECTS = "redirect URLs"
    AUTHENTICATION_SETTINGS = "authentication settings"
    PERMISSIONS = "API permissions"
    CLIENT_SECRET = "client secret"  # noqa: S105 - a step's name
    ADMINISTRATOR = "the administrator"
    ENV_FILE = "env file"
    POLLING = "the domain can be polled"
    MAILBOX = "a mailbox, without body"


SETUP_STEPS = tuple(Check)[:7]
"""The steps of the set-up guide; the other checks prove them by use."""


class EndingKind(StrEnum):
    """What can end by itself."""

    CLIENT_SECRET = "client secret"  # noqa: S105 - a kind of ending
    CERTIFICATE = "certificate"
    TLS_CERTIFICATE = "callback TLS certificate"
    AUTHENTICATION = "authentication"
    SIGN_IN_FREQUENCY = "sign-in frequency"
    INVITATION = "invitation"
    BACKUP = "backup"
    KEEP_ALIVE = "keep-alive"


TYPED_IN = "as TTR_CLIENT_SECRET_ENDS says"
"""The note of a secret's end that nobody read: somebody typed it into the settings."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Something with a date: `subject` names which one, `note` says how sure the date is.

    `at` is None where there should be a date and none is known (a backup that was never made).
    """

    kind: EndingKind
    subject: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of evidence: what was seen, what that means for the check, and a word on it.

    `verdict` is None for what is only told.
    """

    text: str
    verdict: Verdict | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check of one company.

    `seen` is the line of the list; for `Verdict.UNKNOWN` it says why it cannot be known (yet).
    `lines` are to be copied whole (a URL, a command); `link` is the page of the Entra admin center
    where it is mended, empty where there is none. `problem` is the refusal that was in the way.
    `endings` are the dates that were read on the way.
    """

    check: Check
    verdict: Verdict
    seen: str
    checked_at: datetime
    evidence: tuple[Seen, ...] = ()
    means: str = ""
    who: str = ""
    cure: str = ""
    lines: tuple[str, ...] = ()
    link: str = ""
    problem: Problem | None = None
    endings: tuple[Ending, ...] = ()
