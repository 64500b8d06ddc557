"""Where connecting a company stands: both steps, the link that is out, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ttr_tui.model import Attempt, Purpose
from ttr_tui.screens.session import NEEDS_YOU

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ttr_tui.model import Authentication, Company
    from ttr_tui.store import Store

GRANT, SIGN_IN = 0, 1
PURPOSES = (Purpose.ADMIN_CONSENT, Purpose.COMPANY_MASTER)


@dataclass(frozen=True, slots=True)
class ConnectState:
    """What the screen shows, as loaded at one moment. `attempts` has one for each step, or None."""

    company: Company
    master: Authentication | None
    attempts: tuple[Attempt | None, Attempt | None]

    @property
    def granted(self) -> bool:
        """Whether the permission was proven by use."""
        return self.company.consent_proven_at is not None

    @property
    def signed_in(self) -> bool:
        """Whether a Company Master is stored that Microsoft accepts, as far as is known."""
        return self.master is not None and self.master.status not in NEEDS_YOU

    def done(self, step: int) -> bool:
        """Whether a step is behind us."""
        return self.granted if step == GRANT else self.signed_in

    @property
    def first_open(self) -> int:
        """The step that comes next; the last one when both are done."""
        return GRANT if not self.granted and not self.signed_in else SIGN_IN

    @property
    def waiting(self) -> Attempt | None:
        """The sign-in that waits for the person's word."""
        attempt = self.attempts[SIGN_IN]
        return attempt if attempt is not None and attempt.person is not None else None


async def load_connect(
    store: Store, company: Company, redirects: Mapping[Purpose, str]
) -> ConnectState:
    """Load it. Of several open attempts of a step counts the one that waits, else the last.

    A link made for a redirect that is no longer configured leads nowhere, and is left out.
    """
    fresh = await store.companies.get(company.id)
    master = await store.authentications.company_master(company.id)
    found: list[Attempt | None] = []
    for purpose in PURPOSES:
        open_ones = await store.attempts.open_of(company.id, purpose)
        served = redirects.get(purpose, "")
        attempts = [
            attempt
            for attempt in open_ones
            if attempt.person is not None or attempt.link.startswith(f"{served}/")
        ]
        waiting = [attempt for attempt in attempts if attempt.person is not None]
        found.append((waiting or attempts)[-1] if attempts else None)
    return ConnectState(fresh, master, (found[GRANT], found[SIGN_IN]))
