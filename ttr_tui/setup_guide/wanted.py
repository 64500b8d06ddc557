"""What an installation is to be set up as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ttr_tui.model import Hosting

_AUDIENCES = {
    Hosting.SELF: (
        "AzureADMyOrg",
        "Accounts in this organizational directory only (Single tenant)",
    ),
    Hosting.SAAS: (
        "AzureADMultipleOrgs",
        "Accounts in any organizational directory (Multitenant)",
    ),
}

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The choices of a set-up.

    `redirects` are the five redirect URLs by their setting's name, in the guide's order; `cloud` a
    name `MS_GRAPH_CLOUD` takes. `ticked` ticks the boxes for access and ID tokens, as the former
    guide asked. `secret_ends` is the end that the commands give a new client secret.
    """

    redirects: Mapping[str, str]
    secret_ends: date
    hosting: Hosting = Hosting.SELF
    cloud: str = GLOBAL
    ticked: bool = False

    @property
    def audience(self) -> str:
        """The manifest's `signInAudience`."""
        return _AUDIENCES[self.hosting][0]

    @property
    def audience_words(self) -> str:
        """The same as the Entra admin center says it."""
        return _AUDIENCES[self.hosting][1]
