"""Deleting authentications: keys, tokens and what hangs below, all in the caller's transaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from ttr_tui.store.database import Database, Transaction

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

_KEYS_OF_ROOTS = """
    SELECT id FROM keys WHERE authentication IN (
        SELECT number FROM authentications
        WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?)))
"""
_CHILDREN_BY_THEMSELVES = """
    SELECT c.id FROM authentications AS c JOIN authentications AS p ON p.number = c.parent
    WHERE c.id IN (SELECT value FROM json_each(?1))
        AND p.id NOT IN (SELECT value FROM json_each(?1))
"""
_BROUGHT_BACK = """
    SELECT id FROM authentications WHERE id IN (SELECT value FROM json_each(?1))
    UNION
    SELECT a.id FROM authentications AS a JOIN keys AS k ON k.authentication = a.number
    WHERE k.id IN (SELECT value FROM json_each(?1))
"""
# A sign-in that waited for the operator's word is named by its attempt's id.
_WAITED = """
    DELETE FROM kept_sign_ins
    WHERE replace(attempt_id, '-', '') IN (SELECT value FROM json_each(?))
"""
_STILL_WAIT = _WAITED.replace("DELETE FROM", "SELECT count(*) FROM")
_WAITING = """
    SELECT replace(k.attempt_id, '-', '')
    FROM kept_sign_ins AS k JOIN attempts AS a ON a.id = k.attempt_id
    WHERE a.company_id = ?
"""
# Agents and companies that were removed, with their names and addresses: when they had no
# authentication. One that has some is not what was removed.
_REMOVED = (
    """
    DELETE FROM agents WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM authentications AS a WHERE a.agent = agents.number)
    """,
    """
    DELETE FROM companies WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM authentications AS a WHERE a.company_id = companies.id)
    """,
)
_STAND_AGAIN = """
    SELECT (SELECT count(*) FROM agents WHERE id IN (SELECT value FROM json_each(?1)))
        + (SELECT count(*) FROM companies WHERE id IN (SELECT value FROM json_each(?1)))
"""
# The key of a company's directory copy goes with the key it is sealed under (ON DELETE CASCADE).
_DELETE = (
    """
    DELETE FROM tokens WHERE root IN (
        SELECT number FROM authentications
        WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?)))
    """,
    """
    DELETE FROM keys WHERE authentication IN (
        SELECT number FROM authentications
        WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?)))
    """,
    """
    DELETE FROM authentications WHERE parent IN (
        SELECT number FROM authentications
        WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?)))
    """,
    """
    DELETE FROM tokens WHERE (root, authentication) IN (
        SELECT parent, number FROM authentications
        WHERE parent IS NOT NULL AND id IN (SELECT value FROM json_each(?)))
    """,
    "DELETE FROM leases WHERE authentication_id IN (SELECT value FROM json_each(?))",
    "DELETE FROM authentications WHERE id IN (SELECT value FROM json_each(?))",
)
# What is sealed under a key is unusable without it, however many rows that are.
_MAKE_UNUSABLE = (
    _DELETE[1],
    """
    DELETE FROM tokens WHERE (root, authentication) IN (
        SELECT number, number FROM authentications
        WHERE parent IS NULL AND id IN (SELECT value FROM json_each(?)))
    """,
    _DELETE[4],
)
_SOME_CHILDREN = """
    SELECT a.number, a.id, g.address
    FROM authentications AS a JOIN agents AS g ON g.number = a.agent
    WHERE a.parent = (SELECT number FROM authentications WHERE id = ?) ORDER BY a.agent LIMIT ?
"""
_SWEEP = (
    """
    DELETE FROM tokens WHERE (root, authentication) IN (
        SELECT parent, number FROM authentications
        WHERE number IN (SELECT value FROM json_each(?)))
    """,
    "DELETE FROM authentications WHERE number IN (SELECT value FROM json_each(?))",
)
# A new sign-in in the meantime has a key again, and stays.
_ROOTS_WITHOUT_KEY = """
    SELECT id FROM authentications AS a WHERE parent IS NULL
        AND id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM keys AS k WHERE k.authentication = a.number)
"""
STATEMENTS = (
    _KEYS_OF_ROOTS,
    _CHILDREN_BY_THEMSELVES,
    _BROUGHT_BACK,
    *_DELETE,
    *_MAKE_UNUSABLE,
    *_SWEEP,
    _ROOTS_WITHOUT_KEY,
)
"""Everything a deletion asks the database."""


async def destroyed_ids(source: Database | Transaction, ids: Collection[str]) -> list[str]:
    """Return what names the material that deleting `ids` destroys.

    That is the ids of roots' keys, and of children that are chosen without their parent. A restored
    older copy of the store loses the rows that these name.
    """
    chosen = await asyncio.to_thread(json.dumps, list(ids))
    destroyed: list[str] = []
    for statement in (_KEYS_OF_ROOTS, _CHILDREN_BY_THEMSELVES):
        row = await source.row(f"SELECT json_group_array(id) FROM ({statement})", (chosen,))  # noqa: S608 - our own words
        destroyed += await asyncio.to_thread(json.loads, row[0] if row else "[]")
    return destroyed


async def waiting_ids(source: Database | Transaction, company_id: str) -> list[str]:
    """Return what names the company's sign-ins that wait for the operator's word.

    They go when its Company Master is deleted; `delete_destroyed` knows them by these.
    """
    return [str(row[0]) for row in await source.rows(_WAITING, (company_id,))]


async def delete(tx: Transaction, ids: Collection[str]) -> list[str]:
    """Delete these authentications, a Company Master's children with it; return destroyed ids.

    Agents stay. Ids that are not there (any more) are passed over.
    """
    chosen = json.dumps(list(ids))
    destroyed = await destroyed_ids(tx, ids)
    for statement in _DELETE:
        await tx.execute(statement, (chosen,))
    return destroyed


async def make_unusable(tx: Transaction, ids: Collection[str]) -> None:
    """Destroy the keys of these root authentications and their own tokens; their rows stay.

    Nothing that hangs on them opens any more. It takes no longer for a hundred thousand.
    """
    chosen = json.dumps(list(ids))
    for statement in _MAKE_UNUSABLE:
        await tx.execute(statement, (chosen,))


async def sweep_children(tx: Transaction, root_id: str, most: int) -> list[tuple[str, str]]:
    """Delete up to `most` children of a root; return their ids, each with its address."""
    rows = await tx.rows(_SOME_CHILDREN, (root_id, most))
    numbers = json.dumps([row["number"] for row in rows])
    for statement in _SWEEP:
        await tx.execute(statement, (numbers,))
    return [(str(row["id"]), str(row["address"])) for row in rows]


async def sweep_roots(tx: Transaction, ids: Collection[str]) -> None:
    """Delete those of these root authentications that have no key any more."""
    rows = await tx.rows(_ROOTS_WITHOUT_KEY, (json.dumps(list(ids)),))
    await delete(tx, [str(row["id"]) for row in rows])


async def delete_destroyed(tx: Transaction, destroyed: Collection[str]) -> int:
    """Delete authentications, waiting sign-ins, agents and companies that `destroyed` names; return
    their number.

    They are there again when an older copy of the store was restored.
    """
    named = json.dumps(list(destroyed))
    waited = await tx.execute(_WAITED, (named,))
    rows = await tx.rows(_BROUGHT_BACK, (named,))
    if rows:
        await delete(tx, [str(row[0]) for row in rows])
    removed = [await tx.execute(statement, (named,)) for statement in _REMOVED]
    return len(rows) + waited + sum(removed)


def count_brought_back(raw: RawConnection, destroyed: Collection[str]) -> int:
    """Return how many rows of a copy of the store `delete_destroyed` would delete."""
    named = json.dumps(list(destroyed))
    brought_back = raw.execute(f"SELECT count(*) FROM ({_BROUGHT_BACK})", (named,)).fetchone()[0]  # noqa: S608 - as above
    waited = raw.execute(_STILL_WAIT, (named,)).fetchone()[0]
    stand_again = raw.execute(_STAND_AGAIN, (named,)).fetchone()[0]
    return int(brought_back) + int(waited) + int(stand_again)
