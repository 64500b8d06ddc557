"""Finding: who a query fits, as bitmaps and windows of row ids.

Everything here runs in a thread, on a reading connection. Whole lists are gathered within SQLite;
bitmaps of everybody, of each hidden kind and of the agents are kept until somebody changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ttr_tui.model import HIDDEN_KINDS, UserKind
from ttr_tui.query import Query
from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_agents import agents_in, rows_of
from ttr_tui.store.directory_common import Common, common_of
from ttr_tui.store.directory_lists import EVERYBODY, listed
from ttr_tui.store.directory_numbers import BitMap, fetch_bitmap, fetch_rids, united
from ttr_tui.store.directory_places import ARRIVED
from ttr_tui.store.directory_rows import KIND_CODES, id_of, kind_token
from ttr_tui.store.directory_search import Asked, Listed, Terms, facets_of_kind, terms_of

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

FEW = 60
"""Row ids that are looked up one by one; more are picked out of all that match."""

_IN_INDEX = "SELECT rowid AS rid FROM search WHERE search MATCH ?"
_EVERYBODY = "SELECT id AS rid FROM search_docsize WHERE 1"
_FEWER = 50
"""One in so many are sooner asked of the index for the rest, too, than found on long lists."""

_HAS, _MOST_LISTS = "has ", 32
"""Lists that are kept: of a million users one takes up to 2 MB."""

_LOWEST, _HIGHEST = 1, ARRIVED - 1
_STRETCH, _LONGER_STRETCH = 500, 4_000


@dataclass(slots=True)
class Kept:
    """What is kept of one edition of the copy: its bitmaps, and the codes of its index."""

    edition: tuple[int, int] = (-1, -1)
    common: Common = field(default_factory=Common)
    bitmaps: dict[str, Any] = field(default_factory=dict)

    def forget_orders(self) -> None:
        """Forget lists in another order than that of names: one of a million takes 4 MB."""
        for name in list(self.bitmaps):
            if name.startswith("by "):
                self.bitmaps.pop(name, None)

    def remember(self, name: str, found: Any) -> None:
        """Keep one list more in name order, and forget the first of many."""
        self.bitmaps[name] = found
        held = [one for one in list(self.bitmaps) if one.startswith(_HAS)]
        for one in held[:-_MOST_LISTS]:
            self.bitmaps.pop(one, None)


class Keeping:
    """Keeps what was found of the latest edition, for all connections; no bitmap is changed."""

    def __init__(self) -> None:
        self._kept = Kept()

    def of(self, raw: RawConnection) -> Kept:
        """Return what is kept of the edition that this connection sees."""
        query = "SELECT p.edition, a.edition FROM poll AS p, agent_rows AS a"
        edition = tuple(raw.execute(query).fetchall()[0])
        kept = self._kept
        if kept.edition != edition:
            kept = self._kept = Kept(edition, common_of(raw))
        return kept


def everybody(raw: RawConnection, kept: Kept) -> Any:
    """Return all row ids."""
    if "everybody" not in kept.bitmaps:
        kept.bitmaps["everybody"] = listed(raw, EVERYBODY) | arrivals.all_rids(raw)
    return kept.bitmaps["everybody"]


def of_kind(raw: RawConnection, kept: Kept, kind: UserKind) -> Any:
    """Return the row ids of a kind."""
    if kind.value not in kept.bitmaps:
        code = KIND_CODES[kind]
        some = _holders(raw, kept, kind_token(code))
        kept.bitmaps[kind.value] = some | _fresh(raw, Asked((), facets_of_kind(code)))
    return kept.bitmaps[kind.value]


def _holders(raw: RawConnection, kept: Kept, token: str) -> Any:
    """Return who has a token, of those who have a place."""
    found = kept.bitmaps.get(_HAS + token)
    if found is None:
        found = listed(raw, token)
        kept.remember(_HAS + token, found)
    return found


def agents(raw: RawConnection, kept: Kept) -> Any:
    """Return the row ids of those who are agents."""
    if "agents" not in kept.bitmaps:
        kept.bitmaps["agents"] = agents_in(raw)
    return kept.bitmaps["agents"]


def rids_of(raw: RawConnection, object_ids: Collection[str]) -> dict[str, int]:
    """Return the row ids of those of `object_ids` who are in the copy."""
    numbers = {id_of(one): one for one in object_ids}
    found = {numbers[one]: rid for one, rid in rows_of(raw, numbers).items()}
    return {one: found[one] for one in dict.fromkeys(object_ids) if one in found}


def all_of(raw: RawConnection, kept: Kept, query: Query) -> Any:
    """Return the bitmap of everybody the query fits, hidden kinds included."""
    terms = terms_of(query, kept.common, hides=False)
    if terms.nobody:
        return BitMap()
    plain = not terms.match
    found = everybody(raw, kept).copy() if plain else _both(raw, kept, terms)
    for some in _limits(raw, query):
        found &= some
    if terms.agent is not None:
        who = agents(raw, kept)
        found = found & who if terms.agent else found - who
    return found


def first_of(raw: RawConnection, kept: Kept, query: Query, limit: int) -> list[int]:
    """Return the first `limit` row ids of whom the query fits; the unplaced stand last."""
    terms = terms_of(query, kept.common, hides=query.hides)
    if terms.nobody:
        return []
    among, without = _narrowed(raw, kept, query, terms)
    if among is not None and not among:
        return []
    if among is None and without is None:
        found = _index_window(raw, terms, (_LOWEST, _HIGHEST), limit)
    else:
        found = _among_some(raw, kept, query, (among, without), limit)
    if len(found) < limit:
        anybody = among is None and without is None
        fresh = arrivals.find(raw, terms.asked, limit if anybody else -1)
        found += [rid for rid in fresh if _passes(rid, among, without)]
    return found[:limit]


def _limits(raw: RawConnection, query: Query) -> list[Any]:
    limits: list[Any] = []
    if query.among is not None:
        limits.append(query.among if isinstance(query.among, BitMap) else BitMap(query.among))
    if query.only is not None:
        limits.append(BitMap(rids_of(raw, query.only).values()))
    return limits


def _narrowed(raw: RawConnection, kept: Kept, query: Query, terms: Terms) -> tuple[Any, Any]:
    """Return among whom to look, and without whom; None where it does not matter."""
    limits = _limits(raw, query)
    if terms.agent:
        limits.append(agents(raw, kept))
    without = agents(raw, kept) if terms.agent is False else None
    if not limits:
        return None, without
    return limits[0].intersection(*limits[1:]), without


def _passes(rid: int, among: Any, without: Any) -> bool:
    return (among is None or rid in among) and (without is None or rid not in without)


def _index_window(
    raw: RawConnection, terms: Terms, bounds: tuple[int, int], limit: int
) -> list[int]:
    if terms.match:
        query = f"{_IN_INDEX} AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?"
        params: tuple[Any, ...] = (terms.match, *bounds, limit)
    else:
        query = f"{_EVERYBODY} AND id BETWEEN ? AND ? ORDER BY id LIMIT ?"
        params = (*bounds, limit)
    return [row[0] for row in raw.execute(query, params).fetchall()]


def _among_some(
    raw: RawConnection, kept: Kept, query: Query, limits: tuple[Any, Any], limit: int
) -> list[int]:
    """Return the first who match and pass, of those who have a place."""
    terms = terms_of(query, kept.common, hides=query.hides)
    rids = _index_window(raw, terms, (_LOWEST, _HIGHEST), _STRETCH)
    found = [rid for rid in rids if _passes(rid, *limits)]
    if len(rids) < _STRETCH or len(found) >= limit:
        return found
    among, without = limits
    whoever = terms_of(query, kept.common, hides=False)
    if not whoever.unlisted:
        some = _placed(raw, kept, whoever)
        for kind in HIDDEN_KINDS if query.hides else ():
            some = some - _holders(raw, kept, kind_token(KIND_CODES[kind]))
        some = some if among is None else some & among
        return list((some if without is None else some - without)[:limit])
    if among is not None and len(among) <= FEW:
        return _looked_up(raw, terms, limits, limit)
    return found + _streamed(raw, terms, limits, (rids[-1] + 1, limit - len(found)))


def _looked_up(raw: RawConnection, terms: Terms, limits: tuple[Any, Any], limit: int) -> list[int]:
    """Return the first of a few who match and pass, each looked for in the index."""
    found: list[int] = []
    for rid in limits[0]:
        if _passes(rid, *limits) and _index_window(raw, terms, (rid, min(rid, _HIGHEST)), 1):
            found.append(rid)
            if len(found) == limit:
                break
    return found


def _streamed(
    raw: RawConnection, terms: Terms, limits: tuple[Any, Any], window: tuple[int, int]
) -> list[int]:
    """Return the first who pass, reading on from where the last stretch ended.

    `window` is the row id to begin at and how many are wanted.
    """
    found: list[int] = []
    (low, limit), stretch = window, _LONGER_STRETCH
    among, without = limits
    while len(found) < limit:
        query = f"{_IN_INDEX} AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?"
        rids = fetch_rids(raw, query, (terms.match, low, _HIGHEST, stretch))
        some = BitMap(rids) if among is None else BitMap(rids) & among
        found += some if without is None else some - without
        if len(rids) < stretch:
            break
        low, stretch = rids[-1] + 1, stretch * 4
    return found


def _both(raw: RawConnection, kept: Kept, terms: Terms) -> Any:
    """Return who matches, of those who have a place and of those who have none."""
    return _placed(raw, kept, terms) | _fresh(raw, terms.asked)


def _placed(raw: RawConnection, kept: Kept, terms: Terms) -> Any:
    """Return who matches of those who have a place, not by agents."""
    if not terms.match:
        return _holders(raw, kept, EVERYBODY)
    some = []
    if terms.unlisted:
        some = [fetch_bitmap(raw, _IN_INDEX, (terms.unlisted,))]
    if terms.lists and some and len(some[0]) * _FEWER < len(everybody(raw, kept)):
        return fetch_bitmap(raw, _IN_INDEX, (terms.match,))
    return BitMap.intersection(*some, *(_on_lists(raw, kept, one) for one in terms.lists))


def _on_lists(raw: RawConnection, kept: Kept, one: Listed) -> Any:
    found = united(_holders(raw, kept, token) for token in one.tokens)
    return found | fetch_bitmap(raw, _IN_INDEX, (one.rest,)) if one.rest else found


def _fresh(raw: RawConnection, asked: Asked) -> Any:
    return BitMap(arrivals.find(raw, asked))


def hidden_counts(raw: RawConnection, kept: Kept, found: Any) -> dict[UserKind, int]:
    """Return how many of a bitmap are of each hidden kind."""
    if not found:
        return dict.fromkeys(HIDDEN_KINDS, 0)
    return {kind: found.intersection_cardinality(of_kind(raw, kept, kind)) for kind in HIDDEN_KINDS}
