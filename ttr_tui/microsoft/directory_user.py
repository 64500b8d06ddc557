"""One user of a directory, out of the fields Graph is asked for and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ttr_tui.microsoft.shapes import records, text, texts
from ttr_tui.model import DirectoryUser, UserKind

if TYPE_CHECKING:
    from ttr_tui.microsoft.user_page import WirePlan, WireUser

FIELDS = (
    "id,displayName,userPrincipalName,mail,accountEnabled,userType,assignedPlans,"
    "department,jobTitle,officeLocation,proxyAddresses"
)
"""What is selected wherever users are read, so that changes are told of the same fields."""

_MOST_ALIASES = 50
"""Alias addresses kept of one user; Exchange allows hundreds, and nobody searches by them."""

_WORKING_PLANS = frozenset({"enabled", "warning"})
_SMTP = "smtp:"


def users_in(found: Sequence[Mapping[str, Any]]) -> list[DirectoryUser]:
    """Return the users of a list; an entry without an id is none."""
    return [user for user in map(directory_user, found) if user.object_id]


class Plan(NamedTuple):
    """A plan of a licence: the service, and whether it works."""

    service: str
    status: str


class Fields(NamedTuple):
    """What Graph tells of a user, without what cannot be stored; empty where it tells nothing."""

    object_id: str
    name: str
    principal: str
    mail: str
    enabled: bool
    type: str
    plans: Sequence[Plan] | None
    department: str
    title: str
    office: str
    proxies: Sequence[str]


def directory_user(record: Mapping[str, Any]) -> DirectoryUser:
    """Return a user of the directory; whatever is null or of another type is empty."""
    return user_of(_fields(record))


def user_of(fields: Fields | WireUser) -> DirectoryUser:
    """Return a user of the directory.

    The address is `mail`, else the user principal name, so that a row never stands without one.
    """
    principal = fields.principal or ""
    address = fields.mail or principal
    licensed = _licensed(fields.plans)
    return DirectoryUser(
        fields.object_id or "",
        fields.name or "",
        principal,
        address,
        fields.department or "",
        fields.title or "",
        _kind(fields, licensed=licensed),
        False,
        fields.office or "",
        _aliases(fields.proxies, address) if fields.proxies else (),
        fields.enabled is not False,
        licensed,
    )


def _fields(record: Mapping[str, Any]) -> Fields:
    plans = record.get("assignedPlans")
    return Fields(
        text(record, "id"),
        text(record, "displayName"),
        text(record, "userPrincipalName"),
        text(record, "mail"),
        record.get("accountEnabled") is not False,
        text(record, "userType"),
        [Plan(text(plan, "service"), text(plan, "capabilityStatus")) for plan in records(plans)]
        if isinstance(plans, list)
        else None,
        text(record, "department"),
        text(record, "jobTitle"),
        text(record, "officeLocation"),
        texts(record.get("proxyAddresses")),
    )


def _aliases(proxies: Sequence[str], address: str) -> tuple[str, ...]:
    """Return the further addresses of a mailbox, each once, whatever its case.

    `SMTP:` marks the primary address, `smtp:` the others; X500 and SIP ones are no mail addresses.
    """
    shown = address.lower()
    found: dict[str, str] = {}
    for proxy in proxies:
        folded = proxy.lower()
        if folded.startswith(_SMTP):
            folded = folded[5:]
            if folded and folded != shown and folded not in found and len(found) < _MOST_ALIASES:
                found[folded] = proxy[5:]
    return tuple(found.values())


def kind_of(record: Mapping[str, Any]) -> UserKind:
    """Return what a user is, the first that fits (facts section 6.1: no certainty about `shared?`).

    A user whose plans Graph does not tell at all is not held to be without a licence: who is shown
    can be left out, who is hidden is missed.
    """
    fields = _fields(record)
    return _kind(fields, licensed=_licensed(fields.plans))


def _kind(fields: Fields | WireUser, *, licensed: bool | None) -> UserKind:
    if fields.type and fields.type.lower() == "guest":
        return UserKind.GUEST
    if fields.enabled is False:
        return UserKind.SHARED if not licensed and fields.mail else UserKind.DISABLED
    return UserKind.NO_LICENCE if licensed is False else UserKind.MEMBER


def _licensed(plans: Sequence[Plan | WirePlan] | None) -> bool | None:
    """Tell whether an Exchange plan works; None when Graph told nothing of plans."""
    if plans is None:
        return None
    for plan in plans:
        service, status = plan.service or "", plan.status or ""
        if service.lower() == "exchange" and status.lower() in _WORKING_PLANS:
            return True
    return False
