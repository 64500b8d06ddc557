"""Everything with a date on one list, soonest first: of a company, and of the installation.

Read from the store, the settings and our own certificate's file: no network, so that it can be
asked at any time. A date that should be known and is not stays on the list, as not known.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from ttr_tui.callback.certificates import certificate_end
from ttr_tui.model import (
    Authentication,
    AuthenticationKind,
    Check,
    Ending,
    EndingKind,
    Purpose,
    Status,
    Verdict,
    now,
)
from ttr_tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ttr_tui.access import Access
    from ttr_tui.model import Company
    from ttr_tui.store.endings import OpenLinks, Root

DAY = timedelta(days=1)
_NO_DATE = datetime.max.replace(tzinfo=UTC)

NOTICE: Mapping[EndingKind, tuple[int, ...]] = {
    EndingKind.CLIENT_SECRET: (60, 30, 14, 7, 1),
    EndingKind.CERTIFICATE: (60, 30, 14, 7, 1),
    EndingKind.TLS_CERTIFICATE: (30, 14, 7, 1),
    EndingKind.AUTHENTICATION: (14, 7, 1),
    EndingKind.SIGN_IN_FREQUENCY: (1,),
}
"""How many days before its end each kind warns, and warns again more urgently. The other kinds are
told without a warning (a link), or are dates by which something was to be done anew."""

ONLY_WARN = {EndingKind.SIGN_IN_FREQUENCY, EndingKind.BACKUP, EndingKind.KEEP_ALIVE}
"""An estimate, and what is overdue: nothing has ended when the date has passed."""

UNUSED = "90 days unused at the latest; Microsoft tells no date, and each use begins them anew"

_LINK_NAMES = {
    Purpose.ADMIN_CONSENT: "link for the admin permission",
    Purpose.COMPANY_MASTER: "link for the Company Master",
    Purpose.AGENT: "link for an agent",
    Purpose.INVITATION: "invitation",
    Purpose.REAUTHENTICATION: "link to sign in again",
}


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a date, and what that date means today.

    `days` are the whole days left, rounded down: negative once it is over, None without a date.
    `level` is the notice that was reached (`NOTICE`), in days before the end; None for none.
    """

    ending: Ending
    verdict: Verdict
    days: int | None
    level: int | None = None


async def forecast(access: Access, company: Company, warn: int | None = None) -> tuple[Due, ...]:
    """Return all that has a date and concerns a company, soonest first, undated things last.

    `warn` replaces the days of notice of every kind that ends. Needs no network; raises store
    errors only.
    """
    shared = await of_installation(access, warn)
    return in_order([*shared, *await of_company(access, company, warn)])


async def of_installation(access: Access, warn: int | None = None) -> tuple[Due, ...]:
    """Return what all companies share: the registration's secret, the callback's certificate."""
    moment = now()
    endings = [*await _registration(access), *await _callback_certificates(access)]
    return in_order(judged(ending, moment, warn) for ending in endings)


async def of_company(access: Access, company: Company, warn: int | None = None) -> tuple[Due, ...]:
    """Return what is a company's own: sign-ins, each with its children, and open links."""
    moment = now()
    roots = await access.store.endings.roots(company.id)
    links = await access.store.endings.links(company.id, moment)
    endings = [*map(_unused, roots), *map(_link, links)]
    return in_order(judged(ending, moment, warn) for ending in endings)


def judged(ending: Ending, moment: datetime, warn: int | None = None) -> Due:
    """Return what an end means at `moment`: over, within its notice, far off, or not known."""
    if ending.at is None:
        return Due(ending, Verdict.UNKNOWN, None)
    left = ending.at - moment
    over = Verdict.WARNING if ending.kind in ONLY_WARN else Verdict.FAIL
    if left <= timedelta(0):
        return Due(ending, over, left // DAY)
    notice = NOTICE.get(ending.kind, ())
    if warn is not None and notice:
        notice = (warn,)
    level = min((days for days in notice if left <= days * DAY), default=None)
    return Due(ending, Verdict.PASS if level is None else Verdict.WARNING, left // DAY, level)


def in_order(due: Iterable[Due]) -> tuple[Due, ...]:
    """Return it soonest first; what has no date comes last."""
    return tuple(sorted(due, key=when))


def when(due: Due) -> datetime:
    """Return its date, by which it is put in order."""
    return due.ending.at or _NO_DATE


async def _registration(access: Access) -> list[Ending]:
    """Return the ends of client secret and certificates: as last read, else as typed in."""
    kinds = (EndingKind.CLIENT_SECRET, EndingKind.CERTIFICATE)
    read = await _last_seen(access, Check.CLIENT_SECRET, kinds)
    if any(ending.kind is EndingKind.CLIENT_SECRET for ending in read):
        return read
    typed = access.settings.secret_ends
    at = datetime.combine(typed, time.min, UTC) if typed else None
    note = "as TTR_CLIENT_SECRET_ENDS says" if typed else "not known: set TTR_CLIENT_SECRET_ENDS"
    return [Ending(EndingKind.CLIENT_SECRET, "", at, note), *read]


async def _last_seen(access: Access, check: Check, kinds: Iterable[EndingKind]) -> list[Ending]:
    """Return the dates of these kinds that a check read last, for whichever company it did."""
    for finding in await access.store.findings.newest(check):
        found = [one for one in finding.endings if one.kind in kinds and one.at is not None]
        if found:
            return found
    return []


async def _callback_certificates(access: Access) -> list[Ending]:
    """Return the end of our own certificate, and of those that browsers were last shown."""
    seen = await _last_seen(access, Check.ENV_FILE, (EndingKind.TLS_CERTIFICATE,))
    if access.settings.tls is None:
        return seen
    path = access.settings.tls[0]
    at = await asyncio.to_thread(certificate_end, path)
    note = "in the file now" if at else "no date can be read there"
    ours = Ending(EndingKind.TLS_CERTIFICATE, str(path), at, note)
    return [ours, *(one for one in seen if one.at != at)]


def _unused(root: Root) -> Ending:
    """Return when a sign-in dies of disuse; one that is refused has ended when that was seen."""
    one = root.authentication
    children = f"{plural(root.children, 'child')} with it" if root.children else ""
    over = one.status in (Status.REFUSED, Status.EXPIRED)
    told = f"{one.status}: {one.status_reason}" if over else UNUSED
    note = "; ".join(filter(None, (children, told)))
    at = one.status_since if over else one.expires_at
    return Ending(EndingKind.AUTHENTICATION, _called(one), at, note)


def _called(one: Authentication) -> str:
    if one.kind is AuthenticationKind.COMPANY_MASTER:
        return ", ".join(filter(None, (one.user_principal_name, one.name)))
    return ", ".join(filter(None, (one.name, one.address)))


def _link(links: OpenLinks) -> Ending:
    """Return the end of the links of one kind and day: the first one's."""
    name = _LINK_NAMES[links.purpose]
    if links.waits:
        note = "signed in and waits for your word; erased then"
        name = "sign-in"
    else:
        note = "good for one sign-in until then"
    whose = f", {links.whose}" if links.whose else ""
    subject = f"{name}{whose}" if links.count == 1 else plural(links.count, name, _many(name))
    return Ending(EndingKind.INVITATION, subject, links.at, note)


def _many(name: str) -> str:
    return name.replace("link", "links", 1) if name.startswith("link") else f"{name}s"
