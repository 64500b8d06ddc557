"""`$filter` and `$search` on users, as far as anybody here asks (facts section 6.2)."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
_MOST_ORS = 15
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


def _term(text: str) -> tuple[Condition, int, bool]:
    for pattern, make in _TERMS:
        match = pattern.match(text)
        if match:
            test, advanced = make(match)
            return Condition(test, _start_of(match)), match.end(), advanced
    raise _unclear()


def _start_of(match: re.Match[str]) -> str | None:
    """Return what a user principal name must begin with, when that is all a term asks."""
    if match.re is not _FUNCTION or match[1].lower() != "startswith":
        return None
    return str(_literal(match[3])) if match[2] == "userPrincipalName" else None


def _unclear() -> Exception:
    return unsupported("Unsupported or invalid query filter clause specified.")


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a filter: one person's `test`, or all at once where only names are asked for.

    `start` is the beginning of the user principal name a single term asks for; `joined` is how
    `parts` are put together.
    """

    test: Test
    start: str | None = None
    joined: str = ""
    parts: tuple[Condition, ...] = ()

    def places(self, names: NameIndex) -> set[int] | None:
        """Return the places of all who fit, or None when people must be looked at one by one."""
        if self.start is not None:
            return names.beginning(self.start)
        found = [part.places(names) for part in self.parts]
        if not found or None in found:
            return None
        sets = [places for places in found if places is not None]
        if self.joined == "not":
            return names.all - sets[0]
        return set.union(*sets) if self.joined == "or" else set.intersection(*sets)


class NameIndex:
    """User principal names in order, so that those with one beginning stand together."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.all = set(range(len(people)))
        named = sorted((p.user_principal_name.lower(), place) for place, p in enumerate(people))
        self._names = [name for name, _ in named]
        self._places = [place for _, place in named]

    def beginning(self, start: str) -> set[int]:
        """Return the places of those whose name begins so."""
        low = bisect_left(self._names, start)
        return set(self._places[low : bisect_left(self._names, start + chr(sys.maxunicode), low)])


class _Reader:
    """Reads one filter: `not` before `and` before `or`, and parentheses."""

    def __init__(self, text: str, *, advanced: bool) -> None:
        self._rest = text.strip()
        self._advanced = advanced
        self._ors = 1

    def whole(self) -> Condition:
        condition = self._any()
        if self._rest:
            raise _unclear()
        return condition

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._word("or"):
            self._ors += 1
            parts.append(self._all())
        if self._ors > _MOST_ORS:
            raise unsupported(
                "Too many child clauses specified in search filter expression containing 'OR' "
                f"operators: {self._ors}. Max allowed: {_MOST_ORS}."
            )
        if len(parts) == 1:
            return parts[0]
        return Condition(lambda p: any(part.test(p) for part in parts), None, "or", tuple(parts))

    def _all(self) -> Condition:
        parts = [self._single()]
        while self._word("and"):
            parts.append(self._single())
        if len(parts) == 1:
            return parts[0]
        return Condition(lambda p: all(part.test(p) for part in parts), None, "and", tuple(parts))

    def _single(self) -> Condition:
        if self._word("not"):
            self._require_advanced()
            inner = self._single()
            return Condition(lambda p: not inner.test(p), None, "not", (inner,))
        if self._rest.startswith("("):
            self._rest = self._rest[1:].lstrip()
            inner = self._any()
            if not self._rest.startswith(")"):
                raise _unclear()
            self._rest = self._rest[1:].lstrip()
            return inner
        condition, length, needs_more = _term(self._rest)
        if needs_more:
            self._require_advanced()
        self._rest = self._rest[length:].lstrip()
        return condition

    def _word(self, word: str) -> bool:
        found = re.match(rf"{word}(?=[\s(])\s*", self._rest, re.IGNORECASE)
        if found:
            self._rest = self._rest[found.end() :]
        return found is not None

    def _require_advanced(self) -> None:
        if not self._advanced:
            raise unsupported("Unsupported Query. Use ConsistencyLevel: eventual and $count=true.")


def read_filter(text: str, *, advanced: bool) -> Condition:
    """Return the condition a `$filter` stands for: terms with `not`, `and`, `or`, parentheses.

    Raises GraphRefused 400 for what is not understood, for more than fifteen terms joined by `or`,
    and for what needs an advanced query when `advanced` is false.
    """
    return _Reader(text, advanced=advanced).whole()


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
