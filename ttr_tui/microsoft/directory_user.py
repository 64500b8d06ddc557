"""One user of a directory, out of the fields Graph is asked for and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ttr_tui.microsoft.shapes import storable, text
from ttr_tui.model import DirectoryUser, UserKind

FIELDS = (
    "id,displayName,userPrincipalName,mail,accountEnabled,userType,assignedPlans,"
    "department,jobTitle,officeLocation,proxyAddresses"
)
"""What is selected wherever users are read, so that changes are told of the same fields."""

_MOST_ALIASES = 50
"""Alias addresses kept of one user; Exchange allows hundreds, and nobody searches by them."""

_WORKING_PLANS = frozenset({"enabled", "warning"})
_SMTP = "smtp:"


def users_in(records: Sequence[Mapping[str, Any]]) -> list[DirectoryUser]:
    """Return the users of a list; an entry without an id is none."""
    return [user for user in map(directory_user, records) if user.object_id]


def directory_user(record: Mapping[str, Any]) -> DirectoryUser:
    """Return a user of the directory; whatever is null or of another type is empty.

    The address is `mail`, else the user principal name, so that a row never stands without one.
    """
    name = text(record, "userPrincipalName")
    address = text(record, "mail") or name
    licensed = _has_mailbox_plan(record.get("assignedPlans"))
    return DirectoryUser(
        object_id=text(record, "id"),
        name=text(record, "displayName"),
        user_principal_name=name,
        address=address,
        department=text(record, "department"),
        title=text(record, "jobTitle"),
        kind=_kind(record, licensed=licensed),
        office=text(record, "officeLocation"),
        aliases=_aliases(record, address),
        enabled=record.get("accountEnabled") is not False,
        licensed=licensed,
    )


def _aliases(record: Mapping[str, Any], address: str) -> tuple[str, ...]:
    """Return the further addresses of a mailbox, each once, whatever its case.

    `SMTP:` marks the primary address, `smtp:` the others; X500 and SIP ones are no mail addresses.
    """
    proxies = record.get("proxyAddresses")
    if not isinstance(proxies, list):
        return ()
    shown = address.lower()
    found: dict[str, str] = {}
    for proxy in proxies:
        if isinstance(proxy, str) and proxy[:5].lower() == _SMTP:
            alias = storable(proxy[5:])
            folded = alias.lower()
            if folded and folded != shown and folded not in found and len(found) < _MOST_ALIASES:
                found[folded] = alias
    return tuple(found.values())


def kind_of(record: Mapping[str, Any]) -> UserKind:
    """Return what a user is, the first that fits (facts section 6.1: no certainty about `shared?`).

    A user whose plans Graph does not tell at all is not held to be without a licence: who is shown
    can be left out, who is hidden is missed.
    """
    return _kind(record, licensed=_has_mailbox_plan(record.get("assignedPlans")))


def _kind(record: Mapping[str, Any], *, licensed: bool | None) -> UserKind:
    disabled = record.get("accountEnabled") is False
    if text(record, "userType").lower() == "guest":
        return UserKind.GUEST
    if disabled and not licensed and text(record, "mail"):
        return UserKind.SHARED
    if disabled:
        return UserKind.DISABLED
    return UserKind.NO_LICENCE if licensed is False else UserKind.MEMBER


def _has_mailbox_plan(plans: object) -> bool | None:
    """Tell whether an Exchange plan works; None when Graph told nothing of plans."""
    if not isinstance(plans, list):
        return None
    return any(
        str(plan.get("service")).lower() == "exchange"
        and str(plan.get("capabilityStatus")).lower() in _WORKING_PLANS
        for plan in plans
        if isinstance(plan, dict)
    )
