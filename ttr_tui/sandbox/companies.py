"""Which tenants there are, and the people everybody needs to know in each."""

from __future__ import annotations

from ttr_tui.sandbox import permissions
from ttr_tui.sandbox.people import Directory, Person, guid, mixed
from ttr_tui.sandbox.tenants import Tenant

_KNOWN = (
    ("Contoso Ltd", "contoso", ("Anna Weber", "Björn Lindqvist", "Priya Raman", "Tom Becker")),
    ("Fabrikam GmbH", "fabrikam", ("Łucja Żak", "Max Vogel", "Inés Peña", "Karin Groß")),
    (
        "Northwind Traders",
        "northwind",
        ("Siobhán O'Neill", "Joe Hayes", "Yuki Tanaka", "Ama Mensah"),
    ),
)
_HOME = ("Reply Desk (publisher)", "publisher", ("Nora Finch", "Sam Doyle", "Eli Ward", "Jo Park"))
_SMALLER = 400
_LETTERS = str.maketrans({"ł": "l", "ż": "z", "ñ": "n", "é": "e", "á": "a", "ö": "oe", "ß": "ss"})


def _local(name: str) -> str:
    given, _, surname = name.lower().translate(_LETTERS).partition(" ")
    return f"{given[0]}.{''.join(c for c in surname if c.isalpha())}"


def _account(name: str, domain: str, object_id: str, place: int) -> Person:
    given, _, surname = name.partition(" ")
    address = f"{_local(name)}@{domain}"
    in_full = f"{name.lower().translate(_LETTERS).replace(' ', '.')}@{domain}"
    shared = (f"{_FRONT_DESK}@{domain}",) if place in _AT_THE_FRONT_DESK else ()
    apart = place == _RENAMED
    title, role = _POSTS[place]
    return Person(
        id=object_id,
        display_name=name,
        user_principal_name=address,
        mail=in_full if apart else address,
        aliases=shared if apart else (in_full, *shared),
        given_name=given,
        surname=surname,
        department="IT" if role else "Sales",
        job_title=title,
        office="Berlin",
        draw=_FEW_HUNDRED + 60 * place,
        roles=(role,) if role else (),
    )


_POSTS = (
    ("Head of IT", permissions.PRIVILEGED_ROLE_ADMINISTRATOR),
    ("IT Operations", permissions.GLOBAL_ADMINISTRATOR),
    ("Cloud Engineer", permissions.CLOUD_APPLICATION_ADMINISTRATOR),
    ("Account Manager", ""),
)
_RENAMED = 2
"""Whose address is not the user principal name, and who cannot be written to under that one."""

_FEW_HUNDRED = 138
"""Each has some hundred messages; a multiple of 3 is nobody synchronised from elsewhere."""

_FRONT_DESK, _AT_THE_FRONT_DESK = "front-desk", (1, 3)
"""An alias two accounts have, as a synchronised directory can hold it for a while."""


def _tenant(
    known: tuple[str, str, tuple[str, ...]], seed: int, size: int, *, curious: bool
) -> Tenant:
    name, short, people = known
    domain = f"{short}.example"
    fixed = tuple(
        _account(person, domain, guid(seed, -100 - place), place)
        for place, person in enumerate(people)
    )
    directory = Directory(domain, seed, max(size, len(fixed)), fixed, curious)
    return Tenant(guid(seed, -1), name, domain, directory, seed)


def customers(count: int, users: int, seed: int, *, curious: bool = False) -> list[Tenant]:
    """Make customer tenants; the first has `users` users, the others at most 400."""
    made = []
    for place in range(count):
        known = (
            _KNOWN[place]
            if place < len(_KNOWN)
            else (
                f"Tailspin {place + 1} Inc",
                f"tailspin{place + 1}",
                _KNOWN[place % len(_KNOWN)][2],
            )
        )
        size = users if place == 0 else min(users, _SMALLER)
        made.append(_tenant(known, mixed(seed, place), size, curious=curious))
    return made


def publisher(seed: int) -> Tenant:
    """Make the tenant in which a multi-tenant app is registered."""
    return _tenant(_HOME, mixed(seed, -1), 25, curious=False)
