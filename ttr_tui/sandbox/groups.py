"""The groups of a tenant: who is in them, directly and through other groups.

One for each department, every fourth of them dynamic; one of those groups; one with everybody; two
of one name; one that holds nobody; one whose membership is hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ttr_tui.sandbox import names
from ttr_tui.sandbox.people import Kind, Person, guid
from ttr_tui.sandbox.tenants import Tenant

HIDDEN = "HiddenMembership"

Belongs = Callable[[Person], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """A group: `belongs` tells its own members, `inner` are the ids of the groups in it."""

    id: str
    name: str
    nickname: str
    belongs: Belongs
    inner: tuple[str, ...] = ()
    mail: str | None = None
    rule: str | None = None
    visibility: str | None = None

    def entity(self) -> dict[str, object]:
        """Return the group as Graph shows it."""
        types = ["DynamicMembership"] if self.rule else []
        return {
            "id": self.id,
            "displayName": self.name,
            "description": None,
            "groupTypes": [*types, "Unified"] if self.mail else types,
            "mail": self.mail,
            "mailEnabled": self.mail is not None,
            "mailNickname": self.nickname,
            "membershipRule": self.rule,
            "securityEnabled": self.mail is None,
            "visibility": self.visibility,
        }


def groups_of(tenant: Tenant) -> list[Group]:
    """Return the groups of a tenant, the same every time."""
    teams = [_team(tenant, place) for place in range(len(names.DEPARTMENTS))]
    inside = tuple(team.id for team in teams[:3])
    return [
        *teams,
        Group(_id(tenant, 100), "Customer Facing", "customers", _one(tenant), inside),
        Group(_id(tenant, 101), "Everything", "everything", _nobody, (_id(tenant, 100),)),
        Group(
            _id(tenant, 102), "Everybody", "everybody", _anybody,
            rule="(user.objectId -ne null)",
        ),
        Group(_id(tenant, 103), "Front Desk", "desk", _of(Kind.SHARED)),
        Group(
            _id(tenant, 104), "Front Desk", "frontdesk", _of(Kind.MEMBER),
            mail=f"front-desk-team@{tenant.domain}",
        ),
        Group(_id(tenant, 105), "Nobody Yet", "nobody", _nobody),
        Group(_id(tenant, 106), "Works Council", "council", _of(Kind.MEMBER), visibility=HIDDEN,
              mail=f"council@{tenant.domain}"),
    ]  # fmt: skip


def within(groups: list[Group], group: Group) -> list[Group]:
    """Return the groups in a group, at whatever depth, without itself."""
    by_id = {each.id: each for each in groups}
    found: dict[str, Group] = {}
    waiting = list(group.inner)
    while waiting:
        inner = by_id[waiting.pop()]
        if inner.id not in found and inner.id != group.id:
            found[inner.id] = inner
            waiting += inner.inner
    return list(found.values())


def _id(tenant: Tenant, place: int) -> str:
    return guid(tenant.seed, -300 - place)


def _team(tenant: Tenant, place: int) -> Group:
    department = names.DEPARTMENTS[place]
    return Group(
        _id(tenant, place),
        f"Team {department}",
        f"team{place}",
        lambda person: person.department == department,
        rule=None if place % 4 else f'(user.department -eq "{department}")',
    )


def _of(kind: Kind) -> Belongs:
    return lambda person: person.kind is kind


def _one(tenant: Tenant) -> Belongs:
    return lambda person: person is tenant.ordinary


def _anybody(_: Person) -> bool:
    return True


def _nobody(_: Person) -> bool:
    return False
