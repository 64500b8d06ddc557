"""A start link or an authorization response that leads nowhere."""

from __future__ import annotations

from ttr_tui.errors.base import YOU, Evidence, TtrError


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
