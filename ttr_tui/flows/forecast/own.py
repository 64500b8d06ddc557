"""What is a company's own and has a date: its sign-ins and the links that are out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ttr_tui.access.notes import SIGN_IN_FREQUENCY_NOTE
from ttr_tui.model import AuthenticationKind, Ending, EndingKind, Purpose, Status, now
from ttr_tui.text import plural, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ttr_tui.access import Access
    from ttr_tui.model import Authentication, Company
    from ttr_tui.store.endings import OpenLinks, Root

OVER = (Status.REFUSED, Status.EXPIRED)
"""A sign-in of which nothing is left to end."""

UNUSED = "90 days unused at the latest; Microsoft tells no date, and each use begins them anew"

_LINK_NAMES = {
    Purpose.ADMIN_CONSENT: "link for the admin permission",
    Purpose.COMPANY_MASTER: "link for the Company Master",
    Purpose.AGENT: "link for an agent",
    Purpose.INVITATION: "invitation",
    Purpose.REAUTHENTICATION: "link to sign in again",
}


async def endings(access: Access, company: Company) -> list[Ending]:
    """Return them in no order; children are counted at their Company Master's end."""
    roots = await access.store.endings.roots(company.id)
    links = await access.store.endings.links(company.id, now())
    lasted = await access.store.note(SIGN_IN_FREQUENCY_NOTE.format(company.id))
    asked = _asked_again(roots, timedelta(seconds=int(lasted))) if lasted else ()
    return [*map(_unused, roots), *asked, *map(_link, links)]


def _unused(root: Root) -> Ending:
    """Return when a sign-in dies of disuse; one that is refused has ended when that was seen."""
    one = root.authentication
    children = f"{plural(root.children, 'child')} with it" if root.children else ""
    over = one.status in OVER
    told = f"{one.status}: {one.status_reason}" if over else UNUSED
    note = "; ".join(filter(None, (children, told)))
    at = one.status_since if over else one.expires_at
    return Ending(EndingKind.AUTHENTICATION, _called(one), at, note)


def _asked_again(roots: Iterable[Root], lasted: timedelta) -> Iterator[Ending]:
    """Return when the tenant's policy will ask for a new sign-in, judged by the last time it did.

    Conditional access cannot be read with our permissions: how long a sign-in lasted is all there
    is to go by.
    """
    note = (
        f"an estimate: conditional access once ended a sign-in after {span(lasted.total_seconds())}"
    )
    for root in roots:
        one = root.authentication
        if one.status not in OVER:
            at = (one.signed_in_again_at or one.since) + lasted
            yield Ending(EndingKind.SIGN_IN_FREQUENCY, _called(one), at, note)


def _called(one: Authentication) -> str:
    if one.kind is AuthenticationKind.COMPANY_MASTER:
        return ", ".join(filter(None, (one.user_principal_name, one.name)))
    return ", ".join(filter(None, (one.name, one.address)))


def _link(links: OpenLinks) -> Ending:
    """Return the end of the links of one kind and day: the first one's."""
    name, note = _LINK_NAMES[links.purpose], "good for one sign-in until then"
    if links.waits:
        name, note = "sign-in", "waits for your word; erased then"
    whose = f", {links.whose}" if links.whose else ""
    subject = f"{name}{whose}" if links.count == 1 else plural(links.count, name, _many(name))
    return Ending(EndingKind.INVITATION, subject, links.at, note)


def _many(name: str) -> str:
    return name.replace("link", "links", 1) if name.startswith("link") else f"{name}s"
