"""Settling: rows that came lately move into the trees that stand in random order.

These are the ids, the name order and the trigram index. A batch of any size rewrites nearly every
page of them, so it is done behind the list, thousands of rows at a time; until then a row is found
among the fresh ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.directory_rows import id_hash, sort_key_of

BATCH = 5_000
"""Rows settled in one transaction: about 0.15 s, during which no page can be stored."""


async def settle(db: Database, at_least: int) -> bool:
    """Settle one batch of fresh rows if there are `at_least` that many; return whether it was."""
    async with db.transaction() as tx:
        row = await tx.row(
            "SELECT max(rid) AS last, count(*) AS count"
            " FROM (SELECT rid FROM fresh ORDER BY rid LIMIT ?)",
            (BATCH,),
        )
        if row is None or row["count"] < at_least:
            return False
        last = (row["last"],)
        await tx.execute(
            "INSERT INTO identities (id_hash, rid, digest)"
            " SELECT id_hash, rid, digest FROM fresh WHERE rid <= ? ORDER BY id_hash",
            last,
        )
        await tx.execute(
            "INSERT INTO places (sort_key, object_id, rid, kind)"
            " SELECT sort_key, object_id, rid, kind FROM fresh WHERE rid <= ?"
            " ORDER BY sort_key, object_id",
            last,
        )
        await tx.execute(
            "INSERT INTO search (rowid, folded) SELECT rid, folded FROM texts"
            " WHERE rid IN (SELECT rid FROM fresh WHERE rid <= ?)",
            last,
        )
        await tx.execute("DELETE FROM fresh WHERE rid <= ?", last)
    return True


async def unsettle(tx: Transaction, rids: Sequence[int]) -> None:
    """Take rows out of those trees, before they are changed or removed."""
    rows = await tx.rows(
        "SELECT t.rid, t.folded, u.object_id FROM json_each(?) AS j"
        " CROSS JOIN texts AS t ON t.rid = j.value CROSS JOIN users AS u ON u.rid = t.rid"
        " WHERE t.rid NOT IN (SELECT rid FROM fresh)",
        (json.dumps(list(rids)),),
    )
    await tx.executemany(
        "DELETE FROM identities WHERE id_hash = ?", ((id_hash(row["object_id"]),) for row in rows)
    )
    await tx.executemany(
        "DELETE FROM places WHERE sort_key = ? AND object_id = ?",
        ((sort_key_of(row["folded"]), row["object_id"]) for row in rows),
    )
    await tx.executemany("DELETE FROM search WHERE rowid = ?", ((row["rid"],) for row in rows))
