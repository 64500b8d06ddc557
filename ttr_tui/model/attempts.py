"""Attempts: a start link, its requests, and what browsers bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ttr_tui.model.companies import Person, Purpose
from ttr_tui.model.secret import Secret

AGENT_PURPOSES = (Purpose.AGENT, Purpose.INVITATION, Purpose.REAUTHENTICATION)
"""Sign-ins of a mailbox's owner; a Company Master is re-authenticated by the last one, too."""


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
class Expected:
    """Who must come. `object_id` pins them; it is empty while Graph could not be asked for it.

    Only the object id decides. The rest is for showing, and to suggest an account to Microsoft.
    """

    object_id: str
    name: str
    address: str
    user_principal_name: str = ""

    @property
    def called(self) -> str:
        """The name, else the address, else the object."""
        return self.name or self.address or f"object {self.object_id}"

    @property
    def shown(self) -> str:
        """Name and address, as far as they are known, else the object."""
        return ", ".join(filter(None, (self.name, self.address))) or f"object {self.object_id}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as it is kept: the words of an error of `errors`, by its class's name `kind`."""

    kind: str
    happened: str
    means: str = ""
    who: str = ""
    cure: str = ""
    code: str = ""
    correlation_id: str = ""
    trace_id: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What stops a whole company: said once, however many sign-ins it concerns (`times`)."""

    company_id: str
    cause: str
    problem: Problem
    since: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to grant permission or sign in, from its start link to its end.

    `agent_id` and `expected` say whose sign-in it is for, where that is not the administrator's of
    the company. `problem` is the last sentence that concerns it (a refusal, what it waits for);
    `refusal` is the same whole, when it was an error. `person` is who came back and waits for the
    operator's word, at the longest until `person_until`; `signed_in` is whose sign-in was stored in
    the end.
    """

    id: str
    company_id: str
    purpose: Purpose
    link: str = field(repr=False)
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
    signed_in: Person | None = None
    agent_id: str = ""
    expected: Expected | None = None
    refusal: Problem | None = None

    @property
    def for_agent(self) -> bool:
        """Whether a mailbox's owner signs in, and not an administrator for the company."""
        return self.purpose in AGENT_PURPOSES and not self.for_master

    @property
    def for_master(self) -> bool:
        """Whether what is stored from it is the company's Company Master."""
        again = self.purpose is Purpose.REAUTHENTICATION and not self.agent_id
        return self.purpose is Purpose.COMPANY_MASTER or again


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
        """Return the value that binds it to a request of ours, or nothing."""
        return self.parameters.get("state", "")

    @property
    def code(self) -> str:
        """Return the authorization code, or nothing."""
        return self.parameters.get("code", "")

    @property
    def error(self) -> str:
        """Return the OAuth error (RFC 6749 section 4.1.2.1), or nothing."""
        return self.parameters.get("error", "")

    @property
    def error_description(self) -> str:
        """Return what Microsoft says of the error, or nothing."""
        return self.parameters.get("error_description", "")

    def __repr__(self) -> str:
        return f"AuthorizationResponse({sorted(self.parameters)})"
