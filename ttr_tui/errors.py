"""The one tree of errors: each is a sentence, with what it means, who can act and what to do.

    TtrError
    ├── SettingsFaulty            the env file or the environment is wrong
    ├── Refused                   the operator asked for what cannot be done (exit status 1)
    │   ├── CompanyUnknown, CompanyExists, CompanyInUse, CompanyElsewhere
    │   ├── NotConnected          no Company Master, or none that Microsoft accepts
    │   └── NotConfirmed, WrongUse
    ├── StoreError
    │   ├── StoreKeyMissing, StoreKeyWrong, StoreBroken
    │   ├── RowUnreadable         one row cannot be opened; the others stand
    │   ├── Conflict              what was to be stored contradicts what is stored
    │   └── Gone                  what a late result belonged to was deleted meanwhile
    ├── AttemptError              a start link or an authorization response
    │   ├── LinkUnknown, LinkOver, StateUnknown, StateExpired, StateSpent
    │   ├── ConsentDenied, SignInDenied, ResponseIncomplete
    │   ├── PasteUnusable         what was pasted is no answer of Microsoft's, or was cut off
    │   └── IdentityWrong         the ID token is not what was asked for
    │       ├── WrongTenant
    │       └── WrongPerson       somebody of the tenant, but not who was asked for
    ├── MicrosoftError
    │   ├── Unreachable           no answer, TLS failure, 5xx: not a refusal
    │   ├── AnswerBroken          truncated JSON, HTML, a page that repeats
    │   ├── ForeignHost           an answer leads to a host that is not configured
    │   ├── TenantUnknown
    │   ├── TokenRefused          the token endpoint said no
    │   │   ├── SignInNeeded      a person must sign in again
    │   │   ├── ConsentNeeded     the app is not consented in this tenant
    │   │   └── ClientRefused     the client secret or registration is refused
    │   └── GraphRefused          Graph said no
    │       ├── TokenStale        401: the access token is not accepted (any more)
    │       └── PermissionMissing 403
    └── ListenFailed              the callback server cannot listen

A bug is not in this tree: it crashes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

YOU = "you"
ENTRA_ADMINISTRATOR = "the Entra administrator"
EXCHANGE_ADMINISTRATOR = "the Exchange administrator"
MAILBOX_OWNER = "the mailbox's owner"
US = "us"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Microsoft's own identifiers of one refusal, for a support request."""

    code: str = ""
    correlation_id: str = ""
    trace_id: str = ""
    timestamp: str = ""

    @classmethod
    def of(cls, description: str) -> Evidence:
        """Read the identifiers out of an `error_description` (facts section 4.1)."""
        return cls(
            code=_found(r"\b(AADSTS\d{4,9})\b", description),
            correlation_id=_found(r"Correlation ID:\s*([0-9A-Fa-f-]{36})", description),
            trace_id=_found(r"Trace ID:\s*([0-9A-Fa-f-]{36})", description),
            timestamp=_found(r"Timestamp:\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)", description),
        )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


class TtrError(Exception):
    """What happened, as a sentence; `means`, `who` and `cure` may be empty where that is plain.

    `who` is one of the constants above; `evidence` is set for refusals by Microsoft.
    """

    def __init__(
        self,
        happened: str,
        *,
        means: str = "",
        who: str = YOU,
        cure: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(happened)
        self.happened = happened
        self.means = means
        self.who = who
        self.cure = cure
        self.evidence = evidence or Evidence()

    def sentence(self) -> str:
        """Return everything there is to say, as one line of sentences."""
        return " ".join(part for part in (self.happened, self.means, self.cure) if part)


class SettingsFaulty(TtrError):
    """The settings are wrong; `faults` are the sentences, one each."""

    def __init__(self, happened: str, faults: Sequence[str], *, cure: str = "") -> None:
        super().__init__(happened, cure=cure)
        self.faults = tuple(faults)


class Refused(TtrError):
    """The operator asked for something that cannot be done as things stand."""


class CompanyUnknown(Refused):
    """No company goes by that name or id."""


class CompanyExists(Refused):
    """A company of that name is there already."""


class CompanyInUse(Refused):
    """The company cannot be removed while authentications live."""


class CompanyElsewhere(Refused):
    """The company belongs to another authority or Graph host than the settings name."""


class NotConnected(Refused):
    """The company has no Company Master that Microsoft accepts."""


class NotConfirmed(Refused):
    """What was typed, or who came, is not what was expected."""


class WrongUse(Refused):
    """The command line holds what no command takes, or lacks what one needs."""


class StoreError(TtrError):
    """The store cannot do it."""


class StoreKeyMissing(StoreError):
    """A store is there, its key is not."""


class StoreKeyWrong(StoreError):
    """The key at hand is another one than the store's."""


class StoreBroken(StoreError):
    """The store's files are damaged or of a newer version."""


class RowUnreadable(StoreError):
    """One row cannot be opened with the keys at hand."""


class Conflict(StoreError):
    """What was to be stored contradicts what is stored (a name taken, a row it hangs on gone)."""


class Gone(StoreError):
    """What a late result belonged to was deleted or replaced meanwhile; nothing was stored."""


class AttemptError(TtrError):
    """A start link or an authorization response that leads nowhere.

    `link` is the start link whose button can be pressed again, where one lives; else empty.
    """

    def __init__(
        self,
        happened: str,
        *,
        link: str = "",
        means: str = "",
        who: str = YOU,
        cure: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(happened, means=means, who=who, cure=cure, evidence=evidence)
        self.link = link


class LinkUnknown(AttemptError):
    """No start link has that code."""


class LinkOver(AttemptError):
    """The start link is withdrawn, used up or past its day."""


class StateUnknown(AttemptError):
    """The response's `state` is none of ours."""


class StateExpired(AttemptError):
    """The request behind this `state` is older than ten minutes."""


class StateSpent(AttemptError):
    """The request behind this `state` was answered before."""


class ConsentDenied(AttemptError):
    """Microsoft's answer to the grant of admin permission is a refusal."""


class SignInDenied(AttemptError):
    """Microsoft's answer to the sign-in is a refusal."""


class ResponseIncomplete(AttemptError):
    """The response carries neither an error nor a code."""


class PasteUnusable(AttemptError):
    """What was pasted is neither an answer of Microsoft's, nor a code, nor an error's number."""


class IdentityWrong(AttemptError):
    """The ID token is not the one that was asked for; nothing was stored."""


class WrongTenant(IdentityWrong):
    """An account of another tenant signed in; nothing was stored."""


class WrongPerson(IdentityWrong):
    """Another person of the tenant signed in than was asked for; nothing was stored."""


class MicrosoftError(TtrError):
    """Microsoft, or the way there."""


class Unreachable(MicrosoftError):
    """No usable answer: network, TLS, time limit or a server's trouble. Not a refusal."""


class AnswerBroken(MicrosoftError):
    """The answer is not what its protocol says."""


class ForeignHost(MicrosoftError):
    """An answer leads to a host that is not configured; it was not followed."""


class TenantUnknown(MicrosoftError):
    """No tenant goes by that domain or id."""


class TokenRefused(MicrosoftError):
    """The token endpoint refused."""


class SignInNeeded(TokenRefused):
    """A person must sign in again."""


class ConsentNeeded(TokenRefused):
    """The app is not (or no longer) consented in the tenant."""


class ClientRefused(TokenRefused):
    """The app's own credentials or registration are refused: every company is concerned."""


class GraphRefused(MicrosoftError):
    """Graph refused; `status` and `code` are Graph's."""

    def __init__(  # noqa: PLR0913 - the base's fields and Graph's two
        self,
        happened: str,
        *,
        status: int = 0,
        code: str = "",
        means: str = "",
        who: str = YOU,
        cure: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        super().__init__(happened, means=means, who=who, cure=cure, evidence=evidence)
        self.status = status
        self.code = code


class TokenStale(GraphRefused):
    """401: the access token is not accepted (any more)."""


class PermissionMissing(GraphRefused):
    """403: the permission is not granted."""


class ListenFailed(TtrError):
    """The callback server cannot listen; `ours`: a server of this store answers there already."""

    def __init__(
        self, happened: str, *, ours: bool = False, means: str = "", cure: str = ""
    ) -> None:
        super().__init__(happened, means=means, cure=cure)
        self.ours = ours
