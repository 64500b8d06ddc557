"""`$filter` and `$search` on users, as far as anybody here asks (facts section 6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from ttr_tui.sandbox import user_properties
from ttr_tui.sandbox.calls import unsupported
from ttr_tui.sandbox.people import Person

Test = Callable[[Person], bool]

_COMPARISON = re.compile(r"(\w+)\s+(eq|ne)\s+('(?:[^']|'')*'|true|false|null)", re.IGNORECASE)
_FUNCTION = re.compile(
    r"(startsWith|endsWith)\(\s*(\w+)\s*,\s*('(?:[^']|'')*')\s*\)", re.IGNORECASE
)
_EXCHANGE = re.compile(
    r"assignedPlans/any\((\w+):\1/service eq 'exchange' and \1/capabilityStatus eq 'Enabled'\)"
)
_ADDRESSES = re.compile(
    r"proxyAddresses/any\(\s*(?P<each>\w+)\s*:\s*(?:(?P=each)\s+eq\s+(?P<whole>'(?:[^']|'')*')"
    r"|(?P<how>startsWith|endsWith)\(\s*(?P=each)\s*,\s*(?P<part>'(?:[^']|'')*')\s*\))\s*\)",
    re.IGNORECASE,
)
_LICENCES = re.compile(r"assignedLicenses/\$count (eq|ne) 0")
_CLAUSE = re.compile(r'"(\w+):([^"]*)"')
_COLLECTIONS = {"businessPhones", "proxyAddresses", "assignedLicenses", "assignedPlans"}
_SEARCHED = {"displayName", "mail", "userPrincipalName", "givenName", "surname"}


def _literal(text: str) -> object:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'").lower()
    return {"true": True, "false": False}.get(text.lower())


def _reader(name: str) -> Callable[[Person], object]:
    if name not in user_properties.ALL or name in _COLLECTIONS:
        raise unsupported(f"Property '{name}' does not exist or cannot be filtered.")
    read = user_properties.ALL[name]

    def folded(person: Person) -> object:
        value = read(person)
        return value.lower() if isinstance(value, str) else value

    return folded


def _compared(match: re.Match[str]) -> tuple[Test, bool]:
    read, wanted = _reader(match[1]), _literal(match[3])
    if match[2].lower() == "eq":
        return lambda person: read(person) == wanted, False
    return lambda person: read(person) != wanted, True


def _called(match: re.Match[str]) -> tuple[Test, bool]:
    read, wanted = _reader(match[2]), str(_literal(match[3]))
    if match[1].lower() == "startswith":
        return lambda person: str(read(person) or "").startswith(wanted), False
    return lambda person: str(read(person) or "").endswith(wanted), True


def _written(address: str) -> str:
    """Return an address as it is compared: `SMTP:` and `smtp:` differ, the rest does not."""
    kind, colon, rest = address.partition(":")
    return f"{kind}{colon}{rest.lower()}" if colon else address.lower()


def _addressed(match: re.Match[str]) -> tuple[Test, bool]:
    text = (match["whole"] or match["part"])[1:-1].replace("''", "'")
    how = (match["how"] or "").lower()
    wanted = _written(text)

    def fits(address: str) -> bool:
        if not how:
            return _written(address) == wanted
        return (
            _written(address).startswith(wanted)
            if how == "startswith"
            else address.lower().endswith(text.lower())
        )

    return lambda p: any(fits(each) for each in user_properties.proxies(p)), how == "endswith"


def _licensed(match: re.Match[str]) -> tuple[Test, bool]:
    without = match[1] == "eq"
    return lambda person: person.licensed is not without, True


def _exchange(_: re.Match[str]) -> tuple[Test, bool]:
    return lambda person: person.licensed, True


_TERMS = (
    (_ADDRESSES, _addressed),
    (_EXCHANGE, _exchange),
    (_LICENCES, _licensed),
    (_COMPARISON, _compared),
    (_FUNCTION, _called),
)


def _term(text: str) -> tuple[Test, int, bool]:
    for pattern, make in _TERMS:
        match = pattern.match(text)
        if match:
            test, advanced = make(match)
            return test, match.end(), advanced
    raise unsupported("Unsupported or invalid query filter clause specified.")


def read_filter(text: str, *, advanced: bool) -> Test:
    """Return the test a `$filter` stands for: comparisons joined by `and` and `or`.

    Raises GraphRefused 400 for what is not understood, and for what needs an advanced query
    when `advanced` is false.
    """
    groups: list[list[Test]] = [[]]
    rest = text.strip()
    while True:
        test, length, needs_more = _term(rest)
        if needs_more and not advanced:
            raise unsupported("Unsupported Query. Use ConsistencyLevel: eventual and $count=true.")
        groups[-1].append(test)
        rest = rest[length:].strip()
        if not rest:
            return lambda person: any(all(test(person) for test in group) for group in groups)
        word, _, rest = rest.partition(" ")
        if word == "or":
            groups.append([])
        elif word != "and":
            raise unsupported("Unsupported or invalid query filter clause specified.")
        rest = rest.strip()


def read_search(text: str) -> Test:
    """Return the test a `$search` stands for: quoted clauses joined by OR.

    A clause finds a token of its property by its beginning. Raises GraphRefused 400 otherwise.
    """
    clauses = _CLAUSE.findall(text)
    if not clauses or _CLAUSE.sub("", text).replace("OR", "").strip():
        raise unsupported("Syntax error: every clause of $search stands in double quotes.")
    if any(name not in _SEARCHED for name, _ in clauses):
        raise unsupported("$search is not supported on this property.")

    def finds(person: Person) -> bool:
        for name, wanted in clauses:
            value = str(user_properties.ALL[name](person) or "").lower()
            if any(token.startswith(wanted.lower()) for token in re.split(r"[\s@.]+", value)):
                return True
            if value.startswith(wanted.lower()):
                return True
        return False

    return finds
