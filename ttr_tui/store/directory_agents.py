"""Who is an agent: the numbers of all, and a bitmap of the rows of those who are in the copy.

The bitmap is true as of a move of row ids, as the selection is. Whoever is new to the copy is
looked for among the agents.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ttr_tui.store import directory_arrivals as arrivals
from ttr_tui.store.directory_numbers import BitMap, follow, last_move
from ttr_tui.store.directory_rows import id_of

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

_AMONG = "SELECT a.id FROM json_each(?) AS j CROSS JOIN agents AS a ON a.id = j.value"


def rows_of(raw: RawConnection, ids: Collection[int]) -> dict[int, int]:
    """Return the row ids of those of these numbers who are in the copy."""
    rows = raw.execute(
        "SELECT i.id, i.rid FROM json_each(?) AS j CROSS JOIN ids AS i ON i.id = j.value",
        (json.dumps(sorted(ids)),),
    ).fetchall()
    found = {row[0]: row[1] for row in rows}
    return found | arrivals.rids_of(raw, set(ids) - found.keys())


def agents_in(raw: RawConnection) -> Any:
    """Return the row ids of the agents who are in the copy."""
    rids, since = raw.execute("SELECT rids, since FROM agent_rows").fetchall()[0]
    found = BitMap.deserialize(rids) if rids else BitMap()
    follow(raw, found, since)
    return found


def agents_are(raw: RawConnection, object_ids: Collection[str]) -> bool:
    """Tell whether these, and nobody else, are known as agents."""
    ids = json.dumps([id_of(one) for one in object_ids])
    row = raw.execute(
        f"SELECT (SELECT count(*) FROM agents), (SELECT count(*) FROM ({_AMONG}))",  # noqa: S608 - our own words
        (ids,),
    ).fetchall()[0]
    return bool(row[0] == row[1] == len(object_ids))


def set_agents(raw: RawConnection, object_ids: Collection[str]) -> None:
    """Have these, and nobody else, be agents; only what differs is written."""
    known = {row[0] for row in raw.execute("SELECT id FROM agents").fetchall()}
    wanted = {id_of(one) for one in object_ids}
    gone, new = known - wanted, wanted - known
    if not gone and not new:
        return
    raw.executemany("DELETE FROM agents WHERE id = ?", ((one,) for one in gone))
    raw.executemany("INSERT INTO agents (id) VALUES (?)", ((one,) for one in sorted(new)))
    found = agents_in(raw) - BitMap(rows_of(raw, gone).values())
    _keep(raw, found | BitMap(rows_of(raw, new).values()))
    raw.execute("UPDATE agent_rows SET edition = edition + 1")


def agents_came(raw: RawConnection, rids: Mapping[int, int]) -> None:
    """Have those who are new to the copy, by number, be agents if they are."""
    if rids and raw.execute("SELECT 1 FROM agents LIMIT 1").fetchall():
        found = raw.execute(_AMONG, (json.dumps(list(rids)),)).fetchall()
        if found:
            _keep(raw, agents_in(raw) | BitMap([rids[row[0]] for row in found]))


def agents_followed(raw: RawConnection) -> None:
    """Write the bitmap down as of now: moves are about to be forgotten."""
    _keep(raw, agents_in(raw))


def _keep(raw: RawConnection, found: Any) -> None:
    raw.execute("UPDATE agent_rows SET rids = ?, since = ?", (found.serialize(), last_move(raw)))
