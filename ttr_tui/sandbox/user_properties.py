"""What Graph says about a user, property by property (facts section 6.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ttr_tui.sandbox.calls import GraphRefused
from ttr_tui.sandbox.people import Person

SKU_ID = "6fd2c87f-b296-42f0-b197-1e91e994b900"
"""Office 365 E3, the licence everybody with one has here."""

EXCHANGE_PLAN_ID = "efb87545-963c-4e0d-99df-69c6916d9eb0"

_EPOCH = datetime(2019, 1, 1, tzinfo=UTC)


def _created(person: Person) -> str:
    return (_EPOCH + timedelta(hours=person.draw % 60_000)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _licences(person: Person) -> list[dict[str, object]]:
    return [{"skuId": SKU_ID, "disabledPlans": []}] if person.licensed else []


def _plans(person: Person) -> list[dict[str, object]]:
    if not person.licensed:
        return []
    return [
        {
            "assignedDateTime": _created(person),
            "capabilityStatus": "Enabled",
            "service": "exchange",
            "servicePlanId": EXCHANGE_PLAN_ID,
        }
    ]


def proxies(person: Person) -> list[str]:
    """Return the addresses somebody can be written to: `SMTP:` the primary one, `smtp:` aliases."""
    if person.mail is None:
        return []
    local, _, domain = person.mail.partition("@")
    initial = f"{local}@{domain.partition('.')[0]}.onmicrosoft.example"
    return [f"SMTP:{person.mail}", *(f"smtp:{alias}" for alias in (initial, *person.aliases))]


DEFAULT: dict[str, Callable[[Person], object]] = {
    "businessPhones": lambda person: [f"+49 30 {person.draw % 10**7:07}"] if person.office else [],
    "displayName": lambda person: person.display_name,
    "givenName": lambda person: person.given_name,
    "id": lambda person: person.id,
    "jobTitle": lambda person: person.job_title,
    "mail": lambda person: person.mail,
    "mobilePhone": lambda _: None,
    "officeLocation": lambda person: person.office,
    "preferredLanguage": lambda person: person.language,
    "surname": lambda person: person.surname,
    "userPrincipalName": lambda person: person.user_principal_name,
}

_MORE: dict[str, Callable[[Person], object]] = {
    "accountEnabled": lambda person: person.account_enabled,
    "assignedLicenses": _licences,
    "assignedPlans": _plans,
    "city": lambda person: person.office,
    "companyName": lambda _: None,
    "country": lambda person: person.country,
    "createdDateTime": _created,
    "department": lambda person: person.department,
    "employeeId": lambda _: None,
    "mailNickname": lambda person: person.user_principal_name.partition("@")[0],
    "onPremisesSyncEnabled": lambda person: True if person.draw % 3 else None,
    "proxyAddresses": proxies,
    "showInAddressList": lambda _: None,
    "usageLocation": lambda person: person.country,
    "userType": lambda person: "Guest" if person.kind == "guest" else "Member",
}

ALL = DEFAULT | _MORE

_NOT_HERE = frozenset({"mailboxSettings", "aboutMe", "birthday", "hireDate", "interests", "skills"})


def chosen(select: str) -> dict[str, Callable[[Person], object]]:
    """Return the properties a `$select` names, or the default set.

    Raises GraphRefused: 501 for those a collection cannot give, 400 for what is no property.
    """
    names = [name.strip() for name in select.split(",") if name.strip()]
    for name in names:
        if name in _NOT_HERE:
            raise GraphRefused(501, "NotImplemented", f"The property '{name}' is not supported.")
        if name not in ALL:
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            raise GraphRefused(400, "BadRequest", message)
    return {name: ALL[name] for name in names} if names else DEFAULT


def shown(person: Person, properties: dict[str, Callable[[Person], object]]) -> dict[str, object]:
    """Return somebody with these properties."""
    return {name: read(person) for name, read in properties.items()}
