"""The operator's word about a sign-in that waits."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ttr_tui import attempts
from ttr_tui.errors import LinkOver, NotConfirmed
from ttr_tui.flows.sign_in.storing import Came, journal, prove, store, taken_over
from ttr_tui.model import Attempt, Authentication, Person, Station

if TYPE_CHECKING:
    from ttr_tui.access import Access
    from ttr_tui.model import Company


async def confirm(access: Access, attempt: Attempt, typed_name: str = "") -> Authentication:
    """Store the sign-in that waits on the attempt, and prove it by one refresh.

    The word counts for `attempt.person`, who was shown, and for nobody who waits there since.
    Signing in again replaces the row and keeps its key, so that children stay. Another
    administrator than before is a take-over: `typed_name` must then be the company's name.

    Raises NotConfirmed, LinkOver (nothing waits any more), AgentElsewhere, and what the first
    refresh raises; the sign-in is stored by then.
    """
    company = await access.store.companies.get(attempt.company_id)
    # Looked at inside the transaction: nobody else's word can come in between.
    async with access.store.transaction() as tx:
        person, payload = await attempts.kept(access.store, attempt.id)
        _require_shown(attempt, person)
        former = await taken_over(access, company, person) if attempt.for_master else None
        _require_typed(company, former, person, typed_name)
        came = Came(person, payload, access.actor.name)
        stored = await store(access, tx, company, attempt, came)
        await access.store.attempts.settle(tx, attempt.id, Station.STORED)
        before = f"taken over from {former.user_principal_name or former.shown}" if former else ""
        await journal(access, tx, company, stored, before)
    await prove(access, company, attempt, stored)
    return await access.authentication(stored.id)


async def refuse(access: Access, attempt: Attempt) -> None:
    """Erase the sign-in that waits: the operator does not know `attempt.person`.

    Raises NotConfirmed when somebody else waits there since.
    """
    company = await access.store.companies.get(attempt.company_id)
    who = attempt.person.user_principal_name or attempt.person.shown if attempt.person else ""
    async with access.store.transaction() as tx:
        with suppress(LinkOver):  # nobody waits: it was decided elsewhere, or is too old
            _require_shown(attempt, (await attempts.kept(access.store, attempt.id))[0])
        await access.store.attempts.waiting.forget(tx, attempt.id)
        await access.store.journal.write(
            tx,
            "sign-in not confirmed",
            company_name=company.name,
            subject=who,
            outcome="refused",
            detail="the operator did not confirm the person; what came was erased",
        )


def _require_shown(attempt: Attempt, person: Person) -> None:
    if attempt.person != person:
        raise NotConfirmed(
            f"{person.shown} waits by now, and that is not who you were asked about.",
            means="Nothing was stored and nothing was erased.",
            cure="Look again who signed in.",
        )


def _require_typed(
    company: Company, former: Person | None, person: Person, typed_name: str
) -> None:
    if former is not None and typed_name.strip().casefold() != company.name.casefold():
        raise NotConfirmed(
            f"{person.shown} would take over from {former.shown}, and the company's name was not "
            "typed.",
            cure=f"Type {company.name} to confirm.",
        )
