"""The root of the tree, who can act, and Microsoft's identifiers of a refusal."""

from __future__ import annotations

import re
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
