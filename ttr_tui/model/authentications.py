"""Agents and their stored credentials, without the secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ttr_tui.model.attempts import Problem
from ttr_tui.model.companies import Person


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

    `refusal` is the last refusal of a root, whole, while Microsoft has not accepted it since;
    `refusal_class` its class (an `advice.Act`), `refusals` how often in a row, `next_try_at` when
    keep-alive asks again. All of them are empty for a child.
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
    refusal: Problem | None = None
    refusal_class: str = ""
    refusals: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What the grants of mailboxes that answered together have in common."""

    granted_by: str
    permission: str
    proven_at: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What a child holds instead of a Microsoft token: our leave to read one mailbox."""

    company_id: str
    object_id: str
    granted_by: str
    permission: str
    proven_at: datetime
