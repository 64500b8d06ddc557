"""Microsoft, or the way there."""

from __future__ import annotations

from ttr_tui.errors.base import YOU, Evidence, TtrError


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
