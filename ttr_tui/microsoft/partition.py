"""A tenant's users in parts that share nobody: by the beginning of the user principal name.

A part is named by the beginnings it holds (`"e,o"`), or, with a `!` behind it, by what is left: of
one beginning (`"s!"`) or of the whole directory (`"!"`). The part without a name is everybody, read
without a filter. The remainder holds what the others leave out, whatever its script.

Graph compares such names without regard to case, joins at most fifteen terms by `or`, and takes
addresses of at most 2,048 characters with an advanced query (facts section 6.2, known issues).
"""

from __future__ import annotations

from string import ascii_lowercase, digits

from ttr_tui.microsoft.directory_user import FIELDS

WHOLE = ""
"""The part that is everybody."""

FIRST_PAGE = f"/users?$top=999&$select={FIELDS}"
"""Where everybody begins: the largest pages Graph gives (facts section 6.1)."""

LARGEST_PAGE = 999

_LONGEST_PATH = 1990
"""Characters; the root of the address comes before it."""

_REST = "!"
_SHARES = {
    "a": 9.0,
    "j": 8.0,
    "m": 10.0,
    "s": 11.0,
    "r": 6.0,
    "t": 5.5,
    "b,q": 5.5,
    "c,x": 7.0,
    "d,u": 7.0,
    "e,o": 6.0,
    "f,n": 6.5,
    "g,h": 7.0,
    "i,v": 5.0,
    "k,y": 6.0,
    "l,z": 7.0,
    "p,w": 6.0,
    ",".join(digits): 2.0,
    _REST: 0.5,
}
"""The first parts, each with what share of a directory it may be: only whose turn is first."""

_NEXT = (
    *("a", "e", "i", "o", "u", "bcdfg", "hjklm", "npqrst", "vwxyz"),
    *(digits, "."),
)


def first_parts() -> tuple[str, ...]:
    """Return the parts a directory is first cut into."""
    return tuple(_SHARES)


def likely_share(part: str) -> float:
    """Return how large a part may be among others of its kind; a guess, of no unit."""
    return _SHARES.get(part, 0.2 if part.endswith(_REST) else 1.0 + part.count(","))


def cut(part: str) -> tuple[str, ...]:
    """Return smaller parts that are together one that is too large; none when it cannot be cut."""
    if part.endswith(_REST) or not part:
        return ()
    starts = part.split(",")
    if len(starts) > 1:
        return tuple(starts)
    smaller = (*(",".join(part + char for char in group) for group in _NEXT), part + _REST)
    return smaller if len(path_of(smaller[-1])) <= _LONGEST_PATH else ()


def path_of(part: str) -> str:
    """Return the path of a part's first page."""
    if part == WHOLE:
        return FIRST_PAGE
    return f"{FIRST_PAGE}&$count=true&$filter={_filter(part).replace(' ', '+')}"


def _filter(part: str) -> str:
    if not part.endswith(_REST):
        return " or ".join(map(_begins, part.split(",")))
    start = part.removesuffix(_REST)
    others = [start + char for group in _NEXT for char in group] if start else _first_starts()
    left_out = [f"not({_begins(other)})" for other in others]
    return " and ".join([_begins(start), *left_out] if start else left_out)


def _first_starts() -> list[str]:
    return [*ascii_lowercase, *digits]


def _begins(start: str) -> str:
    return f"startsWith(userPrincipalName,'{start}')"
