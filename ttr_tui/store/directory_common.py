"""What many users share is one code in the index: domains, and words like a company's or a title.

A word that stands in every row would have each of its trigrams in every row, to be checked one
after the other whenever it is searched. So the index has `anna.smith@` and a code in the place of
`anna.smith@contoso.com`, and a code for `headquarters`; each code is one trigram. What is searched
means what it meant: the word itself, or a code of what it stands in.

Which words are common is found out when an order is built, and holds as long as the order does.
Only the index has codes: rows and arrivals keep their texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ttr_tui.store.directory_rows import BEGINNING, COLUMNS, FACET, words_of

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

SHARE = 100
"""One in so many users makes a word common."""

MOST = 100
"""Codes of an order; each that a searched word stands in is a list more to be read."""

SHORTEST = 5
"""Letters of a common word; the code of a shorter one would take no less room."""

_STRETCHES, _STRETCH = 40, 64
"""Users who are asked what is common: some from each part of the list."""

_INNERMOST = 3
"""Letters from which on a word is found anywhere, not at beginnings alone."""

_FIRST_CODE = 0x100


@dataclass(frozen=True, slots=True)
class Common:
    """The codes of an order, by word and by domain."""

    words: dict[str, str] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)

    def coded(self, text: str) -> str:
        """Return a searched text as the index has it."""
        words = text.split(BEGINNING)
        codes = []
        for n, word in enumerate(words):
            if word in self.words:
                codes.append(self.words[word])
                # One and two letters are looked for at beginnings.
                words[n] = word[:2]
            elif "@" in word:
                local, _, domain = word.rpartition("@")
                if local and domain in self.domains:
                    words[n] = local + self.domains[domain]
        return BEGINNING.join(words) + "".join(codes)

    def meant(self, word: str) -> list[str]:
        """Return what else to look for in the index, where `word` is looked for."""
        if len(word) < _INNERMOST:
            return []
        local, at, begun = word.rpartition("@")
        domains = self.domains.items()
        if at:
            return [local + code for domain, code in domains if begun and domain.startswith(begun)]
        words = self.words.items()
        return [code for text, code in (*words, *domains) if word in text]


def common_of(raw: RawConnection, epoch: int) -> Common:
    """Return the codes of an order."""
    common = Common()
    rows = raw.execute("SELECT n, word FROM common WHERE epoch = ?", (epoch,)).fetchall()
    for n, word in rows:
        code = chr(_FIRST_CODE + n)
        if word.startswith("@"):
            common.domains[word[1:]] = f"@{FACET}{code}"
        else:
            common.words[word] = f"{FACET}{FACET}{code}"
    return common


def find_common(raw: RawConnection, epoch: int) -> None:
    """Write down what is common among those of whom the order `epoch` will be made."""
    raw.execute("DELETE FROM common WHERE epoch <> ?", (epoch - 1,))
    shared: Counter[str] = Counter()
    asked = 0
    for columns in _some(raw):
        asked += 1
        shared.update(set(_words(columns)))
    most = [word for word, count in shared.most_common(MOST) if count * SHARE >= asked]
    raw.executemany(
        "INSERT INTO common (epoch, n, word) VALUES (?, ?, ?)",
        ((epoch, n, word) for n, word in enumerate(most)),
    )


def _words(columns: Sequence[str]) -> Iterator[str]:
    """Yield what could be common of a user: words, and domains with their `@`."""
    for word in (word for text in columns for word in words_of(text)):
        local, at, domain = word.rpartition("@")
        if not at and len(word) >= SHORTEST:
            yield word
        elif local and domain:
            yield at + domain


def _some(raw: RawConnection) -> Iterable[Sequence[str]]:
    """Yield the texts of some users, as many from each part of the list and of the arrivals."""
    columns = COLUMNS.removeprefix("object_id, ").removesuffix(", facets")
    for table in ("users", "arrivals"):
        first, last = raw.execute(f"SELECT min(rid), max(rid) FROM {table}").fetchall()[0]  # noqa: S608 - our own words
        after = -1
        for n in range(_STRETCHES if first else 0):
            rows = raw.execute(
                f"SELECT rid, {columns} FROM {table} WHERE rid > ? ORDER BY rid LIMIT ?",  # noqa: S608 - our own words
                (max(after, first - 1 + (last - first) * n // _STRETCHES), _STRETCH),
            ).fetchall()
            after = rows[-1][0] if rows else after
            yield from (tuple(row)[1:] for row in rows)
