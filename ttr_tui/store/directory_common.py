"""What many users share is one code in the index: domains, and words of names, titles and offices.

A word that stands in every row would have each of its trigrams in every row, to be checked one
after the other whenever it is searched. So the index has `anna.smith@` and a code in the place of
`anna.smith@contoso.com`, and a code for `headquarters`; each code is one trigram. A guest's address
here (`user_gmail.com#EXT#@contoso.onmicrosoft.com`) has one in the place of all behind its last
`_`. What is searched means what it meant: the word itself, or a code of what it stands in.

Which words are common is found out when an order is built, and holds as long as the order does.
Only the index has codes: rows and arrivals keep their texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_rows import BEGINNING, COLUMNS, FACET, words_of

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

ENDING, WORD, LISTED = 400, 100, 20
"""One in so many users makes an ending common, and a word; and has who has the word, or begins with
the letter, listed (`directory_lists.py`) as all are who have a common ending."""

NAME, ADDRESSES = 0, 1
"""Which of the searched texts has names, and which one has codes of endings, not of words."""

MOST = 120
"""Codes of an order, with first letters; each is one list more for a word that stands in it."""

SHORTEST = 5
"""Letters of a common word; the code of a shorter one would take no less room."""

_STRETCHES, _STRETCH = 40, 64
"""Users who are asked what is common: some from each part of the list."""

_INNERMOST = 3
"""Letters from which on a word is found anywhere, not at beginnings alone."""

_GUEST = "#ext#@"
_FIRST_CODE = 0x100


@dataclass(frozen=True, slots=True)
class Common:
    """The codes of an order, by word and by ending; and what it has lists of: codes, beginnings.

    An ending begins with its `@` or `_`, of which it has no other.
    """

    words: dict[str, str] = field(default_factory=dict)
    endings: dict[str, str] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    _known: dict[tuple[int, str], tuple[str, list[str]]] = field(default_factory=dict)

    def coded(self, texts: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return a user's searched texts as the index has them, and the tokens of its lists."""
        coded, tokens = [], []
        for n, text in enumerate(texts):
            if n == ADDRESSES:
                found = self._with_endings(text)
            elif n == NAME:
                found = self._with_words(text, n)
            else:
                # Departments, titles and offices repeat.
                found = self._known.get((n, text)) or self._with_words(text, n)
                self._known[n, text] = found
            coded.append(found[0])
            tokens += found[1]
        return coded, tokens

    def _with_words(self, text: str, column: int) -> tuple[str, list[str]]:
        words, codes = text.split(BEGINNING), []
        for n, word in enumerate(words):
            if word in self.words:
                codes.append(self.words[word])
                # One and two letters are looked for at beginnings.
                words[n] = word[:2]
        return BEGINNING.join(words) + "".join(codes), self._tokens(words, codes, column)

    def _with_endings(self, text: str) -> tuple[str, list[str]]:
        words, codes = text.split(BEGINNING), []
        for n, word in enumerate(words):
            for ending in _endings(word):
                if ending in self.endings:
                    codes.append(self.endings[ending])
                    words[n] = word.removesuffix(ending) + codes[-1]
                    break
        return BEGINNING.join(words), self._tokens(words, codes, ADDRESSES)

    def _tokens(self, words: Iterable[str], codes: Iterable[str], column: int) -> list[str]:
        begun = {BEGINNING + word[:1] for word in words}
        return [token_of(one, column) for one in self.listed.intersection(begun.union(codes))]

    def meant(self, word: str) -> tuple[list[str], list[str]]:
        """Return what else to look for where `word` is looked for: in addresses, in other texts."""
        if len(word) < _INNERMOST:
            return [], []
        in_addresses = []
        for ending, code in self.endings.items():
            local, parted, begun = word.rpartition(ending[0])
            if word in ending[1:]:
                in_addresses.append(code)
            elif parted and begun and ending.startswith(begun, 1):
                in_addresses.append(local + code)
        return in_addresses, [code for text, code in self.words.items() if word in text]


def _endings(word: str) -> list[str]:
    """Return what of an address others may share, the longest first."""
    endings = []
    for mark in "_@":
        local, parted, rest = word.rpartition(mark)
        if local and rest and (mark == "@" or _GUEST in rest):
            endings.append(parted + rest)
    return endings


def token_of(listed: str, column: int) -> str:
    """Return the token of the list of those who have a code, or a beginning, in a text."""
    return f"{column}{listed}"


def common_of(raw: RawConnection, new: str = "") -> Common:
    """Return the codes of an order; `new` is put before the table's name."""
    common = Common()
    rows = raw.execute(f"SELECT n, word, listed FROM {new}common").fetchall()  # noqa: S608 - our own words
    for n, word, listed in rows:
        letter = chr(_FIRST_CODE + n)
        if len(word) == 1:
            code = BEGINNING + word
        elif "@" in word:
            code = common.endings[word] = f"{word[0]}{FACET}{letter}"
        else:
            code = common.words[word] = f"{FACET}{FACET}{letter}"
        if listed:
            common.listed.add(code)
    return common


def find_common(raw: RawConnection) -> None:
    """Write down what is common among those of whom the new order will be made."""
    shared: Counter[str] = Counter()
    asked = 0
    for columns in _some(raw):
        asked += 1
        shared.update(set(_words(columns)))
    most = [one for one, count in shared.most_common() if count * _least(one) >= asked]
    raw.executemany(
        "INSERT INTO new_common (n, word, listed) VALUES (?, ?, ?)",
        (
            (n, one, _least(one) == ENDING or shared[one] * LISTED >= asked)
            for n, one in enumerate(most[:MOST])
        ),
    )


def _least(one: str) -> int:
    if "@" in one and len(one) > 1:
        return ENDING
    return LISTED if len(one) == 1 else WORD


def _words(columns: Sequence[str]) -> Iterator[str]:
    """Yield what could be common of a user: words, endings of addresses, first letters."""
    for word in (word for text in columns for word in words_of(text)):
        yield word[0]
        yield from _endings(word)
        if "@" not in word and len(word) >= SHORTEST:
            yield word


def _some(raw: RawConnection) -> Iterable[Sequence[str]]:
    """Yield the texts of some users, as many from each part of the list and of the arrivals."""
    first, last = raw.execute("SELECT min(rid), max(rid) FROM users").fetchall()[0]
    after = -1
    for n in range(_STRETCHES if first else 0):
        rows = raw.execute(
            f"SELECT rid, {COLUMNS} FROM users WHERE rid > ? ORDER BY rid LIMIT ?",  # noqa: S608 - our own words
            (max(after, first - 1 + (last - first) * n // _STRETCHES), _STRETCH),
        ).fetchall()
        after = rows[-1][0] if rows else after
        yield from (tuple(row)[2:-1] for row in rows)
    for some in arrivals.sample(raw, _STRETCHES, _STRETCH):
        yield from (tuple(map(str, columns[1:-1])) for columns in some)
