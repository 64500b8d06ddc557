"""The people of a tenant: made from a seed, the same every time, in every script.

A directory is made when it is first looked at; 100,000 people take about a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from ttr_tui.sandbox import names

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Kind(StrEnum):
    """What an entry of the directory is in truth; Graph does not say."""

    MEMBER = "member"
    GUEST = "guest"
    DISABLED = "disabled"
    SHARED = "shared"
    ROOM = "room"
    UNLICENSED = "unlicensed"
    MACHINE = "machine"


_SHARES = (
    (82, Kind.MEMBER),
    (88, Kind.GUEST),
    (91, Kind.DISABLED),
    (94, Kind.SHARED),
    (96, Kind.ROOM),
    (98, Kind.UNLICENSED),
    (100, Kind.MACHINE),
)
_LICENSED = frozenset({Kind.MEMBER, Kind.DISABLED})
_WITH_MAILBOX = _LICENSED | {Kind.SHARED, Kind.ROOM}
_CLOSED = frozenset({Kind.DISABLED, Kind.SHARED, Kind.ROOM})


@dataclass(slots=True, eq=False)
class Person:
    """One user of a tenant, as the directory knows it."""

    id: str
    display_name: str
    user_principal_name: str
    mail: str | None
    kind: Kind = Kind.MEMBER
    given_name: str | None = None
    surname: str | None = None
    department: str | None = None
    job_title: str | None = None
    office: str | None = None
    language: str | None = None
    country: str | None = None
    account_enabled: bool = True
    licensed: bool = True
    draw: int = 0
    roles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def mailbox(self) -> bool:
        """Whether Exchange Online holds a mailbox for it."""
        return self.kind in _WITH_MAILBOX


def mixed(seed: int, index: int) -> int:
    """Return 64 well-mixed bits for a place in a sequence (SplitMix64)."""
    z = (seed + (index + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def guid(seed: int, index: int) -> str:
    """Return a GUID for a place in a sequence."""
    h = f"{mixed(seed, 2 * index):016x}{mixed(~seed & _MASK, 2 * index + 1):016x}"
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


@dataclass(eq=False)
class Directory:
    """All users of a tenant, in the order Graph lists them.

    `fixed` come first and count in `size`. Changes after that are remembered in order, for
    `/users/delta`.
    """

    domain: str
    seed: int
    size: int
    fixed: tuple[Person, ...] = ()
    curious: bool = False
    changes: list[str] = field(default_factory=list)
    removed: dict[str, Person] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)
    restored: set[str] = field(default_factory=set)
    touched: dict[int, set[str]] = field(default_factory=dict)
    _people: list[Person] = field(default_factory=list)
    _by_name: dict[str, Person] = field(default_factory=dict)

    @property
    def people(self) -> list[Person]:
        """Everybody who is there, in listing order."""
        if not self._people:
            self._people = list(self._made())
            for person in self._people:
                self._by_name[person.id] = person
                self._by_name[person.user_principal_name.lower()] = person
        return self._people

    def find(self, name: str) -> Person | None:
        """Return who has this object id or user principal name."""
        for person in self.fixed:
            if name.lower() in {person.id, person.user_principal_name.lower()}:
                return None if person.id in self.removed else person
        return self._by_name.get(name.lower()) if self.people else None

    def changed(self, person: Person, *properties: str) -> None:
        """Remember that somebody's entry changed, so that delta tells it.

        With `properties` it is told only to those who track one of them.
        """
        if properties:
            self.touched[len(self.changes)] = set(properties)
        self.changes.append(person.id)

    def rename(self, person: Person, user_principal_name: str) -> None:
        """Give somebody another user principal name."""
        del self._by_name[person.user_principal_name.lower()]
        person.user_principal_name = user_principal_name
        self._by_name[user_principal_name.lower()] = person
        self.changed(person, "userPrincipalName")

    def add(self, person: Person) -> None:
        """Put somebody into the directory, at its end."""
        self.people.append(person)
        self._by_name[person.id] = person
        self._by_name[person.user_principal_name.lower()] = person
        self.changes.append(person.id)

    def restore(self, object_id: str) -> None:
        """Bring back somebody who was deleted. Raises KeyError when nobody was, or for good."""
        if object_id in self.purged:
            raise KeyError(object_id)
        self.add(self.removed.pop(object_id))
        self.restored.add(object_id)

    def purge(self, object_id: str) -> None:
        """Delete for good somebody who was deleted. Raises KeyError when nobody was."""
        self.removed[object_id]
        self.purged.add(object_id)
        self.changes.append(object_id)

    def remove(self, person: Person) -> None:
        """Delete somebody from the directory."""
        self.people.remove(person)
        del self._by_name[person.id]
        del self._by_name[person.user_principal_name.lower()]
        self.removed[person.id] = person
        self.changes.append(person.id)

    def _made(self) -> Iterator[Person]:
        yield from self.fixed
        taken: dict[str, int] = {
            address.partition("@")[0]: 1
            for person in self.fixed
            for address in (person.user_principal_name, person.mail or "", *person.aliases)
        }
        odd = names.CURIOUS if self.curious else ()
        for index in range(len(self.fixed), self.size):
            person = self._person(index, taken)
            if index - len(self.fixed) < len(odd):
                person.display_name = odd[index - len(self.fixed)]
            yield person

    def _person(self, index: int, taken: dict[str, int]) -> Person:
        draw = mixed(self.seed, index)
        curious = self.curious and index - len(self.fixed) < len(names.CURIOUS)
        share, draw = draw % 100, draw // 100
        kind = Kind.MEMBER if curious else next(k for limit, k in _SHARES if share < limit)
        person = _thing(kind, draw) if kind in _THINGS else _human(kind, draw)
        person.id = guid(self.seed, index)
        self._address(person, taken)
        return person

    def _address(self, person: Person, taken: dict[str, int]) -> None:
        local = person.user_principal_name
        number = taken.get(local, 0) + 1
        taken[local] = number
        local = local if number == 1 else f"{local}{number}"
        if person.kind is Kind.GUEST:
            person.mail = f"{local}@partner{person.draw % 7}.example"
            person.user_principal_name = f"{person.mail.replace('@', '_')}#EXT#@{self.domain}"
            return
        person.user_principal_name = f"{local}@{self.domain}"
        without = person.kind is Kind.MACHINE or (
            person.kind is Kind.UNLICENSED and person.draw % 2
        )
        person.mail = None if without else person.user_principal_name


_THINGS = frozenset({Kind.SHARED, Kind.ROOM, Kind.MACHINE})


def _human(kind: Kind, draw: int) -> Person:
    culture = names.CULTURES[draw % len(names.CULTURES)]
    draw //= len(names.CULTURES)
    given, given_latin = culture.given[draw % len(culture.given)]
    draw //= len(culture.given)
    surname, surname_latin = culture.surnames[draw % len(culture.surnames)]
    draw //= len(culture.surnames)
    shown = f"{surname} {given}" if culture.surname_first else f"{given} {surname}"
    department = names.DEPARTMENTS[draw % len(names.DEPARTMENTS)]
    draw //= len(names.DEPARTMENTS)
    title = names.TITLES[draw % len(names.TITLES)]
    draw //= len(names.TITLES)
    return Person(
        id="",
        display_name=shown,
        user_principal_name=f"{given_latin}.{surname_latin}",
        mail=None,
        kind=kind,
        given_name=given,
        surname=surname,
        department=department if draw % 12 and kind is not Kind.GUEST else None,
        job_title=title if draw % 10 else None,
        office=names.OFFICES[draw % len(names.OFFICES)] if draw % 5 else None,
        language=culture.language if draw % 3 else None,
        country=culture.country,
        account_enabled=kind not in _CLOSED,
        licensed=kind in _LICENSED,
        draw=draw,
    )


def _thing(kind: Kind, draw: int) -> Person:
    if kind is Kind.ROOM:
        shown = f"{names.ROOMS[draw % len(names.ROOMS)]} {draw % 9 + 1}.{draw % 31:02}"
    else:
        choices = names.SHARED if kind is Kind.SHARED else names.MACHINES
        shown = choices[draw % len(choices)]
    local = "".join(c for c in shown.lower().replace(" ", "-") if c.isascii())
    return Person(
        id="",
        display_name=shown,
        user_principal_name=local,
        mail=None,
        kind=kind,
        account_enabled=kind not in _CLOSED,
        licensed=False,
        draw=draw,
    )
