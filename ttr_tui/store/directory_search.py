"""What a query asks of the index, and of the rows that are not in it yet.

One MATCH says everything: each word a phrase in any searched text, each filter a phrase in its
column, each facet a token. The rows come in the order of their ids, which is the order of names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ttr_tui.model import HIDDEN_KINDS, UserKind
from ttr_tui.query import Filter, Query
from ttr_tui.store import directory_rows as rows
from ttr_tui.store.directory_common import Common
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
_ALL_TEXTS = " || ".join(_COLUMNS.values())


@dataclass(frozen=True, slots=True)
class Terms:
    """A query as SQL: `match` for the index (empty: everybody), `where` for those beside it.

    `agent` is asked of a bitmap. `nobody`: the query cannot fit anybody.
    """

    match: str
    where: str
    params: tuple[str, ...]
    agent: bool | None
    nobody: bool


@dataclass(frozen=True, slots=True)
class _Term:
    match: str
    where: str
    params: tuple[str, ...] = ()


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
    if hides:
        terms.append(_Term("", f"facets & 7 NOT IN ({', '.join(map(str, _HIDDEN_CODES))})"))
        # Leaving out the fewer is several times faster than asking for the many.
        hidden, shown = (_quoted(rows.hidden_token(hidden=which)) for which in (True, False))
        match = f"({match}) NOT {hidden}" if match else shown
    asked = [one for one in query.filters if one.name == "agent"]
    return Terms(
        match,
        " AND ".join(["1", *(term.where for term in terms)]),
        tuple(param for term in terms for param in term.params),
        next(iter(agent)) if len(agent) == 1 else None,
        bool(query.wrong) or _contradicts(asked),
    )


def _contradicts(asked: Sequence[Filter]) -> bool:
    return len({one.meant for one in asked}) > 1


def _word(word: str, common: Common) -> _Term:
    wanted = storable(word)
    return _Term(_meant(wanted, common), f"instr({_ALL_TEXTS}, ?)", (phrase(wanted),))


def _in_column(one: Filter, common: Common) -> Iterable[_Term]:
    column = _COLUMNS[one.name]
    for word in one.meant:
        wanted = storable(word)
        match = f"{column} : {_meant(wanted, common)}"
        yield _Term(match, f"instr({column}, ?)", (phrase(wanted),))


def _meant(word: str, common: Common) -> str:
    """Return what stands for a word in the index: itself, or the code of what it stands in."""
    return f"({' OR '.join(map(_quoted, [phrase(word), *common.meant(word)]))})"


def _kind(one: Filter) -> Iterable[_Term]:
    codes = [KIND_CODES[_KINDS[value]] for value in one.meant]
    match = " OR ".join(_quoted(rows.kind_token(code)) for code in codes)
    yield _Term(f"({match})", f"facets & 7 IN ({', '.join(map(str, codes))})")


def _enabled(one: Filter) -> Iterable[_Term]:
    values = [value == "yes" for value in one.meant]
    match = " OR ".join(_quoted(rows.enabled_token(enabled=value)) for value in values)
    yield _Term(f"({match})", f"facets >> 3 & 1 IN ({', '.join(str(int(v)) for v in values)})")


def _license(one: Filter) -> Iterable[_Term]:
    values = [value == "yes" for value in one.meant]
    match = " OR ".join(_quoted(rows.licence_token(licensed=value)) for value in values)
    yield _Term(f"({match})", f"facets >> 4 & 3 IN ({', '.join(str(int(v)) for v in values)})")


_FACETS: dict[str, Callable[[Filter], Iterable[_Term]]] = {
    "kind": _kind,
    "enabled": _enabled,
    "license": _license,
}


def _quoted(wanted: str) -> str:
    return '"' + wanted.replace('"', '""') + '"'
