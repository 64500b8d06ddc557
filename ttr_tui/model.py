"""Plain values every layer speaks in: frozen, without I/O, without behaviour that decides anything.

Times are aware `datetime` values in UTC; durations are seconds unless a name says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

COMPANY_MASTER_NAME = "Company Master"
"""The user principal name under which an administrator's authentication is stored."""

APPLICATION_PERMISSIONS = ("Mail.ReadBasic.All", "User.Read.All", "Directory.Read.All")
"""Application permissions the product needs (Graph app roles; facts section 10)."""

DELEGATED_PERMISSIONS = ("Mail.ReadBasic", "User.Read", "offline_access")
"""Delegated permissions every sign-in asks for (facts section 10)."""


def now() -> datetime:
    """Return the present moment in UTC, to the second's fraction."""
    return datetime.now(UTC)


class Secret:
    """A string that never shows itself: `repr`, `str` and formatting give a placeholder.

    `reveal()` hands it out, and is the only way to it, so that every use can be found by name.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the secret itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


class Hosting(StrEnum):
    """Whose app registration the installation uses."""

    SELF = "self"
    SAAS = "saas"


class Purpose(StrEnum):
    """What an authorization request is for; each has its own configured redirect URL."""

    AGENT = "agent"
    INVITATION = "invitation"
    REAUTHENTICATION = "reauthentication"
    COMPANY_MASTER = "company_master"
    ADMIN_CONSENT = "admin_consent"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sits here: the login name and where the session came from (empty when local)."""

    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """A customer company, pinned to one Microsoft 365 tenant, one authority and one Graph host."""

    id: str
    name: str
    domain: str
    tenant_id: str
    authority_host: str
    graph_base_url: str
    created_at: datetime
    consent_proven_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in, as Microsoft's ID token names them. `tenant_id` and `object_id` identify."""

    object_id: str
    tenant_id: str
    subject: str
    name: str
    user_principal_name: str


class AuthenticationKind(StrEnum):
    """A Company Master, a child of one, or an agent's own sign-in."""

    COMPANY_MASTER = "company_master"
    CHILD = "child"
    OWN = "own"


class Status(StrEnum):
    """What is known of an authentication (the vocabulary of the screens)."""

    HEALTHY = "healthy"
    UNPROVEN = "unproven"
    REFUSED = "refused"
    EXPIRED = "expired"
    BLOCKED = "blocked"
    NO_MAILBOX = "no mailbox"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Agent:
    """A monitored mailbox of one company; `object_id` is its user's id in the tenant."""

    id: str
    company_id: str
    tenant_id: str
    object_id: str
    name: str
    address: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Authentication:
    """A stored credential, without its secret.

    `user_principal_name` is `Company Master` for a Company Master; `person` is who signed in
    (absent for a child). `generation` counts replacements: a write that saw an older one is late.
    """

    id: str
    company_id: str
    kind: AuthenticationKind
    user_principal_name: str
    name: str
    address: str
    status: Status
    status_reason: str
    status_since: datetime
    since: datetime
    generation: int
    key_id: str
    agent_id: str | None = None
    object_id: str | None = None
    parent_id: str | None = None
    person: Person | None = None
    signed_in_again_at: datetime | None = None
    last_used: datetime | None = None
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    granted_by: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a child holds instead of a Microsoft token: our leave to read one mailbox."""

    company_id: str
    object_id: str
    granted_by: str
    permission: str
    proven_at: datetime


class UserKind(StrEnum):
    """What a directory user is, the first that fits (users without certainty keep the mark)."""

    GUEST = "guest"
    SHARED = "shared?"
    DISABLED = "disabled"
    NO_LICENCE = "no licence"
    MEMBER = "member"


HIDDEN_KINDS = (UserKind.GUEST, UserKind.DISABLED, UserKind.NO_LICENCE)
"""Kinds Bulk Add hides until asked; each hidden user is counted under exactly one."""


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """One user of a tenant's directory, with only the fields that are shown."""

    object_id: str
    name: str
    user_principal_name: str
    address: str
    department: str
    title: str
    kind: UserKind
    is_agent: bool = False


class Outcome(StrEnum):
    """What became of one user in a bulk-add run."""

    WAITING = "waiting"
    ADDED = "added"
    ALREADY = "already an agent"
    NO_MAILBOX = "no mailbox"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RunItem:
    """One user of a bulk-add run and what became of them."""

    object_id: str
    name: str
    address: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A bulk-add run: journalled before its first request, so that a crash loses nothing."""

    id: int
    company_id: str
    parent_id: str
    started_at: datetime
    started_by: str
    ended_at: datetime | None = None
    stopped: bool = False
    counts: Mapping[Outcome, int] = field(default_factory=dict)


class Station(StrEnum):
    """Where an attempt stands; the order is the order of the live line."""

    WAITING = "waiting"
    OPENED = "opened"
    AT_MICROSOFT = "at Microsoft"
    CAME_BACK = "came back"
    IDENTITY_CHECKED = "identity checked"
    STORED = "stored"
    PROVEN = "proven"


class AttemptEnd(StrEnum):
    """Why an attempt is over."""

    DONE = "done"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to grant permission or sign in, from its start link to its end.

    `problem` is the last sentence that concerns it (a refusal, what it waits for); `person` is who
    came back and waits for the operator's word, at the longest until `person_until`.
    """

    id: str
    company_id: str
    purpose: Purpose
    link: str
    station: Station
    station_at: datetime
    created_at: datetime
    expires_at: datetime
    asked_by: str
    request_expires_at: datetime | None = None
    person: Person | None = None
    browser_known: bool = False
    browser_from: str = ""
    problem: str = ""
    ended: AttemptEnd | None = None
    ended_at: datetime | None = None
    person_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Ours, pending or spent: what the store keeps of one press of the start page's button."""

    id: str
    attempt_id: str
    company_id: str
    purpose: Purpose
    redirect_uri: str
    expires_at: datetime
    flow: Secret
    browser_hash: str = ""
    spent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """Theirs, untrusted: the parameters a browser brought to a redirect URL."""

    parameters: Mapping[str, str]

    @property
    def state(self) -> str:
        return self.parameters.get("state", "")

    @property
    def code(self) -> str:
        return self.parameters.get("code", "")

    @property
    def error(self) -> str:
        return self.parameters.get("error", "")

    @property
    def error_description(self) -> str:
        return self.parameters.get("error_description", "")

    def __repr__(self) -> str:
        return f"AuthorizationResponse({sorted(self.parameters)})"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Who did what, when, from where, and how it ended; never a secret."""

    id: int
    at: datetime
    who: str
    origin: str
    what: str
    company_name: str
    subject: str
    outcome: str
    detail: str
