"""A tenant's users in parts that share nobody: by the beginning of the user principal name.

A part is named by the beginnings it holds (`"e,o"`), or, with a `!` behind it, by what is left: of
one beginning (`"s!"`) or of the whole directory (`"!"`). The part without a name is everybody, read
without a filter. The remainder holds what the others leave out, whatever its script.

Graph compares such names without regard to case, joins at most fifteen terms by `or`, and takes
addresses of at most 2,048 characters with an advanced query (facts section 6.2, known issues).
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_lowercase, digits

from ttr_tui.microsoft.directory_user import FIELDS

WHOLE = ""
"""The part that is everybody."""

FIRST_PAGE = f"/users?$top=999&$select={FIELDS}"
"""Where everybody begins: the largest pages Graph gives (facts section 6.1)."""

LARGEST_PAGE = 999

_LONGEST_PATH = 1990
"""Characters; the root of the address comes before it."""

_MOST_TERMS = 15
_REST = "!"

STARTS: tuple[str, ...] = (*ascii_lowercase, ",".join(digits), _REST)
"""The parts a directory is counted by before it is cut; together they are everybody."""

_NEXT = (
    *("a", "e", "i", "o", "u", "bcdfg", "hjklm", "npqrst", "vwxyz"),
    *(digits, "."),
)


def balanced(counts: Mapping[str, int], parts: int) -> tuple[str, ...]:
    """Return about as many parts of about the same size, made of counted ones (STARTS)."""
    sizes = [0] * parts
    held: list[list[str]] = [[] for _ in range(parts)]
    starts = [one for one in counts if not one.endswith(_REST)]
    # Those of many terms while there is room for them, then the largest.
    for one in sorted(starts, key=lambda one: (-one.count(","), -counts[one])):
        terms = one.split(",")
        room = [n for n in range(parts) if len(held[n]) + len(terms) <= _MOST_TERMS]
        smallest = min(room, key=lambda n: sizes[n])
        held[smallest] += terms
        sizes[smallest] += counts[one]
    rest = [one for one in counts if one.endswith(_REST)]
    return (*(",".join(some) for some in held if some), *rest)


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
    return FIRST_PAGE if part == WHOLE else f"{FIRST_PAGE}{_counted(part)}"


def count_path(part: str) -> str:
    """Return the path of an answer that tells how many users a part holds, and no more of them."""
    return f"/users?$top=1&$select=id{_counted(part)}"


def _counted(part: str) -> str:
    return f"&$count=true&$filter={_filter(part).replace(' ', '+')}"


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
