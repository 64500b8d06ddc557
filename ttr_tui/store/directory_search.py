"""What a query asks of the index, and of the rows that are not in it yet.

One MATCH says everything: each word a phrase in any searched text, each filter a phrase in its
column, each facet a token. The rows come in the order of their ids, which is the order of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ttr_tui.model import HIDDEN_KINDS, UserKind
from ttr_tui.query import Filter, Query
from ttr_tui.store import directory_rows as rows
from ttr_tui.store.directory_common import ADDRESSES, Common, token_of
from ttr_tui.store.directory_rows import KIND_CODES, phrase
from ttr_tui.store.storable import storable

_COLUMNS = {
    "name": "in_name",
    "address": "in_address",
    "department": "in_department",
    "title": "in_title",
    "office": "in_office",
}
_KINDS = {
    "member": UserKind.MEMBER,
    "guest": UserKind.GUEST,
    "shared": UserKind.SHARED,
    "disabled": UserKind.DISABLED,
    "unlicensed": UserKind.NO_LICENCE,
}
_HIDDEN_CODES = [KIND_CODES[kind] for kind in HIDDEN_KINDS]
EVERY = frozenset(range(rows.ALL_FACETS))
"""All facets there can be."""


class Word(NamedTuple):
    """What has to stand in a line, or in one of its texts alone."""

    wanted: str
    text: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks of those who are not in the index: all of the words, one of the facets."""

    words: tuple[Word, ...]
    facets: frozenset[int]

    def may_stand_in(self, lines: str) -> bool:
        """Tell whether each word stands anywhere in these lines."""
        return all(word.wanted in lines for word in self.words)

    def fits(self, line: str) -> bool:
        """Tell whether the words stand in a line."""
        for wanted, text in self.words:
            if wanted not in (line if text is None else line.split(rows.BETWEEN)[text]):
                return False
        return True


class Listed(NamedTuple):
    """Who is on one of these lists, or matches `rest` (empty: nobody)."""

    tokens: tuple[str, ...]
    rest: str = ""


_ON_NO_LIST = Listed(())


@dataclass(frozen=True, slots=True)
class Terms:
    """A query: `match` for the index (empty: everybody), `asked` for those beside it.

    `agent` is asked of a bitmap. `nobody`: the query cannot fit anybody. `lists` and `unlisted`
    together are the same as `match`: what there are lists of, and the rest for the index.
    """

    match: str
    asked: Asked
    agent: bool | None
    nobody: bool
    lists: tuple[Listed, ...] = ()
    unlisted: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    match: str
    words: tuple[Word, ...] = ()
    facets: frozenset[int] = EVERY
    listed: Listed = _ON_NO_LIST


def terms_of(query: Query, common: Common, *, hides: bool) -> Terms:
    """Return what `query` asks; with `hides`, of kinds that are not hidden alone.

    `common` are the codes of the index that will be asked.
    """
    terms = [_word(word, common) for word in query.words]
    agent: set[bool] = set()
    for one in query.filters:
        if one.name == "agent":
            agent |= {value == "yes" for value in one.meant}
        else:
            terms += _FACETS[one.name](one) if one.name in _FACETS else _in_column(one, common)
    match = " AND ".join(term.match for term in terms)
    lists = tuple(term.listed for term in terms if term.listed.tokens)
    unlisted = " AND ".join(term.match for term in terms if not term.listed.tokens)
    if hides:
        terms.append(_Term("", facets=_facets(lambda one: one & 7 not in _HIDDEN_CODES)))
        # Leaving out the fewer is several times faster than asking for the many.
        hidden, shown = (_quoted(rows.hidden_token(hidden=which)) for which in (True, False))
        match = f"({match}) NOT {hidden}" if match else shown
    asked = [one for one in query.filters if one.name == "agent"]
    return Terms(
        match,
        Asked(
            tuple(word for term in terms for word in term.words),
            EVERY.intersection(*(term.facets for term in terms)),
        ),
        next(iter(agent)) if len(agent) == 1 else None,
        bool(query.wrong) or _contradicts(asked),
        () if hides else lists,
        "" if hides else unlisted,
    )


def _contradicts(asked: Sequence[Filter]) -> bool:
    return len({one.meant for one in asked}) > 1


def facets_of_kind(code: int) -> frozenset[int]:
    """Return the facets of everybody of a kind."""
    return _facets(lambda one: one & 7 == code)


def _word(word: str, common: Common) -> _Term:
    wanted = storable(word)
    match, listed = _meant(wanted, common, range(len(_COLUMNS)))
    return _Term(match, (Word(phrase(wanted)),), listed=listed)


def _in_column(one: Filter, common: Common) -> Iterable[_Term]:
    column = _COLUMNS[one.name]
    text = list(_COLUMNS).index(one.name)
    for word in one.meant:
        wanted = storable(word)
        match, listed = _meant(wanted, common, [text])
        yield _Term(
            f"{column} : {match}",
            (Word(phrase(wanted), text),),
            listed=Listed(listed.tokens, listed.rest and f"{column} : {listed.rest}"),
        )


def _meant(word: str, common: Common, columns: Sequence[int]) -> tuple[str, Listed]:
    """Return what stands for a word in some texts: itself, or a code of what it stands in."""
    in_addresses, elsewhere = common.meant(word)
    means = {n: [phrase(word), *(in_addresses if n == ADDRESSES else elsewhere)] for n in columns}
    tokens = [
        token_of(one, n) for n, meant in means.items() for one in meant if one in common.listed
    ]
    every = dict.fromkeys(one for meant in means.values() for one in meant)
    rest = [one for one in every if one not in common.listed]
    return _any(*every), Listed(tuple(tokens), _any(*rest) if rest else "")


def _any(*wanted: str) -> str:
    return f"({' OR '.join(map(_quoted, wanted))})"


def _kind(one: Filter) -> Iterable[_Term]:
    codes = [KIND_CODES[_KINDS[value]] for value in one.meant]
    tokens = tuple(rows.kind_token(code) for code in codes)
    facets = _facets(lambda one: one & 7 in codes)
    yield _Term(_any(*tokens), facets=facets, listed=Listed(tokens))


def _enabled(one: Filter) -> Iterable[_Term]:
    values = [value == "yes" for value in one.meant]
    tokens = tuple(rows.enabled_token(enabled=value) for value in values)
    facets = _facets(lambda one: one >> 3 & 1 in values)
    yield _Term(_any(*tokens), facets=facets, listed=Listed(tokens))


def _license(one: Filter) -> Iterable[_Term]:
    values = [value == "yes" for value in one.meant]
    tokens = tuple(rows.licence_token(licensed=value) for value in values)
    facets = _facets(lambda one: one >> 4 & 3 in values)
    yield _Term(_any(*tokens), facets=facets, listed=Listed(tokens))


def _facets(fits: Callable[[int], bool]) -> frozenset[int]:
    return frozenset(filter(fits, EVERY))


_FACETS: dict[str, Callable[[Filter], Iterable[_Term]]] = {
    "kind": _kind,
    "enabled": _enabled,
    "license": _license,
}


def _quoted(wanted: str) -> str:
    return '"' + wanted.replace('"', '""') + '"'
