"""One user as the local copy keeps it: the columns, what tells a change, and what is searched.

Each word of a searched text has two marks before it, so that the beginnings of words are trigrams
like all others: `a` is looked up as mark, mark, a, and `an` as mark, a, n. Inner beginnings (the
`neil` of `o'neil`, each letter of scripts that do not part words) stand behind the text, two
letters each. What can be filtered by is a token of its own in a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from ttr_tui.model import HIDDEN_KINDS, DirectoryUser, UserKind
from ttr_tui.store.storable import storable
from ttr_tui.text import fold

KIND_CODES = {
    UserKind.MEMBER: 0,
    UserKind.GUEST: 1,
    UserKind.SHARED: 2,
    UserKind.DISABLED: 3,
    UserKind.NO_LICENCE: 4,
}
"""How a kind is written: one digit each."""

_KINDS = {code: kind for kind, code in KIND_CODES.items()}
_HIDDEN_CODES = {KIND_CODES[kind] for kind in HIDDEN_KINDS}

COLUMNS = (
    "object_id, name, user_principal_name, address, department, title, office, aliases, facets"
)
"""The columns of a user behind its row id."""

EACH = COLUMNS.split(", ")
"""The same, one by one."""

TEXTS = "in_name, in_address, in_department, in_title, in_office"
"""The searched texts of a user."""

MARK = "\x1f"
"""Stands before each word; whitespace, so that no field and no word can hold it."""

BEGINNING = MARK + MARK
"""Parts the words of a searched text, and stands before the first."""

BETWEEN = "\x1d"
"""Stands between the searched texts of a user."""

FACET = "\x1e"
"""Begins a token; whitespace as well."""

ALL_FACETS = 64
"""How many facets there can be; each is less than that."""

_LICENSED = {None: 2, True: 1, False: 0}
_LICENCES = {code: licensed for licensed, code in _LICENSED.items()}

# Letters of which each may begin a word: Thai, Lao, Khmer and Burmese, Han, kana and Hangul.
_UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_INNER = re.compile(rf"(?<=[\W_])[^\W_]|(?<!^)[{_UNPARTED}]")


Columns = tuple[str | int, ...]
"""A user's COLUMNS."""


class Person(NamedTuple):
    """One user as the copy keeps them: the number of the object id, and the columns."""

    id: int
    columns: Columns

    @property
    def key(self) -> tuple[str, str]:
        """What the list is ordered by."""
        return sort_key(str(self.columns[1])), str(self.columns[0])

    @property
    def digest(self) -> int:
        """What tells whether anything of the columns has changed."""
        return _number("\0".join(map(str, self.columns)))


def id_of(object_id: str) -> int:
    """Return the number by which a user's row is found: 64 bits of BLAKE2b."""
    return _number(storable(object_id))


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def people_of(users: Iterable[DirectoryUser]) -> list[Person]:
    """Return what is written of a page; of a user who comes twice, the last."""
    return list({one.id: one for one in map(_person, users)}.values())


def _person(user: DirectoryUser) -> Person:
    written: tuple[str, ...] = (
        user.object_id,
        user.name,
        user.user_principal_name,
        user.address,
        user.department,
        user.title,
        user.office,
        *user.aliases,
    )
    if not "".join(written).isprintable():
        written = tuple(map(storable, written))
    columns: Columns = (*written[:7], "\n".join(written[7:]), facets_of(user))
    return Person(_number(written[0]), columns)


def person_of(columns: Columns) -> Person:
    """Return the user of columns that were read."""
    return Person(_number(str(columns[0])), columns)


def facets_of(user: DirectoryUser) -> int:
    """Return kind, enabled and licensed as one number: 3, 1 and 2 bits."""
    return KIND_CODES[user.kind] | user.enabled << 3 | _LICENSED[user.licensed] << 4


def line_of(columns: Columns, folded: dict[str, str] | None = None) -> str:
    """Return what is searched of a user, in one line: TEXTS with a mark between.

    `folded` remembers departments, titles and offices, which repeat, within a page.
    """
    _, name, principal, address, department, title, office, aliases, *_ = map(str, columns)
    known = {} if folded is None else folded
    for text in (department, title, office):
        if text not in known:
            known[text] = _marked(words_of(text))
    addresses = (principal,) if address == principal else (principal, address)
    if aliases:
        addresses = (*addresses, *aliases.split("\n"))
    words = dict.fromkeys(word for one in addresses for word in words_of(one))
    own = (_marked(words_of(name)), _marked(words))
    return BETWEEN.join((*own, known[department], known[title], known[office]))


def words_of(text: str) -> list[str]:
    """Return the folded words of a text."""
    if text.isascii():
        return text.lower().split()
    return [folded for word in text.split() for folded in _folded(word)]


@lru_cache(8_192)
def _folded(word: str) -> tuple[str, ...]:
    # Words repeat, and folding one takes 10 µs; of some letters it makes several words.
    return tuple(fold(word).split())


def _marked(words: Collection[str]) -> str:
    marked = BEGINNING.join(["", *words])
    more: list[str] = []
    done = ""
    for word in words:
        # Domains begin with the same letters in every row.
        local = word.partition("@")[0] or word
        if local != done and not (local.isalnum() and local.isascii()):
            more += _inner(local)
            done = local
    if not more:
        return marked
    begun = dict.fromkeys(BEGINNING + two for two in more)
    return marked + "".join([one for one in begun if one not in marked])


def _inner(word: str) -> list[str]:
    """Return the first two letters of each beginning within a word."""
    head, dot, tail = word.partition(".")
    if dot and tail.isalnum() and head.isalnum() and word.isascii():
        return [tail[:2]]
    return [word[at.start() : at.start() + 2] for at in _INNER.finditer(word)]


def sort_key(name: str) -> str:
    """Return what a name is ordered by."""
    return " ".join(words_of(name))


def phrase(word: str) -> str:
    """Return what to look for in a searched text, for a folded word of any length."""
    return MARK * (3 - len(word)) + word


def kind_token(code: int) -> str:
    """Return the token of a kind."""
    return f"{FACET}k{code}"


def hidden_token(*, hidden: bool) -> str:
    """Return the token of the kinds that are hidden, or of those that are not."""
    return f"{FACET}h{hidden:d}"


def enabled_token(*, enabled: bool) -> str:
    """Return the token of those who can sign in, or of those who cannot."""
    return f"{FACET}e{enabled:d}"


def licence_token(*, licensed: bool | None) -> str:
    """Return the token of a licence, of none, or of not knowing."""
    return f"{FACET}l{_LICENSED[licensed]}"


def tokens_of(facets: int) -> tuple[str, ...]:
    """Return a user's tokens: kind, hidden, enabled, licensed."""
    code = facets & 7
    return (
        kind_token(code),
        hidden_token(hidden=code in _HIDDEN_CODES),
        enabled_token(enabled=bool(facets & 8)),
        f"{FACET}l{facets >> 4 & 3}",
    )


def read_user(columns: Sequence[str | int]) -> DirectoryUser:
    """Return the user of COLUMNS."""
    object_id, name, principal, address, department, title, office, aliases = map(str, columns[:8])
    facets = int(columns[8])
    return DirectoryUser(
        object_id,
        name,
        principal,
        address,
        department,
        title,
        _KINDS[facets & 7],
        office=office,
        aliases=tuple(aliases.split("\n")) if aliases else (),
        enabled=bool(facets & 8),
        licensed=_LICENCES[facets >> 4 & 3],
    )


def kind_of(facets: int) -> UserKind:
    """Return the kind within facets."""
    return _KINDS[facets & 7]


def no_longer_there() -> DirectoryUser:
    """Return what stands in a list for a row that was removed since the list was made.

    Its object id is empty, so that it can be neither selected nor added.
    """
    return DirectoryUser("", "(no longer in the directory)", "", "", "", "", UserKind.DISABLED)
