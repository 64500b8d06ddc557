"""Writing children: an agent's authentication that hangs on a Company Master and holds a grant."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ttr_tui.errors import Gone
from ttr_tui.model import Authentication, Proof
from ttr_tui.store.agents import KNOWN
from ttr_tui.store.database import Transaction
from ttr_tui.store.ids import new_ids
from ttr_tui.store.storable import storable
from ttr_tui.store.times import to_micros
from ttr_tui.store.tokens import RootKey, Tokens, sealed_grants

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

# One statement for all of them takes a third of one for each. Values of one size lie side by side;
# who is left out leaves a gap among the numbers.
_INSERT_CHILDREN = """
    INSERT INTO authentications (number, id, company_id, kind, agent, parent, status, status_since,
        since, last_used, scopes, granted_by)
    SELECT :first + wanted.key, CAST(substr(:ids, wanted.key * 32 + 1, 32) AS TEXT), :company,
        'child', g.number, :root, 'healthy', :proven, :proven, :proven, :permission, :granted_by
    FROM json_each(:wanted) AS wanted
    CROSS JOIN agents AS g ON g.tenant_id = :tenant AND g.object_id = wanted.value
    WHERE g.company_id = :company ON CONFLICT (agent) DO NOTHING
"""
_INSERT_GRANTS = """
    INSERT INTO tokens (root, authentication, sealed, generation)
    SELECT :root, number, substr(:sealed, (number - :first) * :size + 1, :size), 1
    FROM authentications WHERE number >= :first
    ON CONFLICT (root, authentication) DO UPDATE
    SET sealed = excluded.sealed, generation = excluded.generation
"""


@dataclass(frozen=True, slots=True)
class _Parent:
    """The Company Master of new children, with its key, its company and that one's tenant."""

    root: RootKey
    company_id: str
    tenant_id: str


async def add_children(
    tx: Transaction,
    tokens: Tokens,
    master: Authentication,
    object_ids: Collection[str],
    proof: Proof,
) -> dict[str, str]:
    """Give each of the agents of these users a child of `master` that holds a grant.

    Returns who was left out, by object id: agents of another company, or authenticated ones of
    this, with their company's id. Raises Gone, storing nothing, when the Company Master, its key or
    an agent was deleted meanwhile; RowUnreadable when its key does not open.
    """
    parent = await _living_parent(tx, tokens, master)
    return await tx.run(partial(_add, parent=parent, object_ids=object_ids, proof=proof))


async def _living_parent(tx: Transaction, tokens: Tokens, master: Authentication) -> _Parent:
    # The key, not the generation: signing in again keeps the key, and a run under way goes on.
    row = await tx.row(
        "SELECT k.id, c.tenant_id FROM keys AS k"
        " JOIN authentications AS a ON a.number = k.authentication"
        " JOIN companies AS c ON c.id = a.company_id"
        " WHERE a.id = ? AND a.kind = 'company_master'",
        (master.id,),
    )
    if row is None or row["id"] != master.key_id:
        raise Gone("The Company Master was deleted meanwhile.", means="Nobody was added.")
    root = await tokens.root_key(tx, master.id)
    return _Parent(root, master.company_id, row["tenant_id"])


def _add(
    raw: RawConnection, parent: _Parent, object_ids: Collection[str], proof: Proof
) -> dict[str, str]:
    """Write children and grants; the sealing leaves the event loop alone."""
    wanted = list(dict.fromkeys(object_ids))
    if not wanted:
        return {}
    ids = new_ids(len(wanted))
    sealed = sealed_grants(parent.root, zip(ids, wanted, strict=True), parent.company_id, proof)
    last = raw.execute("SELECT coalesce(max(number), 0) FROM authentications").fetchone()[0]
    params = {
        "first": last + 1,
        "ids": "".join(ids).encode(),
        "wanted": json.dumps(wanted),
        "company": parent.company_id,
        "tenant": parent.tenant_id,
        "root": parent.root.number,
        "proven": to_micros(proof.proven_at),
        "permission": proof.permission,
        "granted_by": storable(proof.granted_by),
        "sealed": b"".join(sealed),
        "size": len(sealed[0]),
    }
    added = raw.execute(_INSERT_CHILDREN, params).rowcount
    raw.execute(_INSERT_GRANTS, params)
    return {} if added == len(wanted) else _left_out(raw, parent, wanted, last)


def _left_out(
    raw: RawConnection, parent: _Parent, wanted: Sequence[str], last: int
) -> dict[str, str]:
    """Return who had an authentication up to number `last`, or is an agent of another company."""
    known = raw.execute(KNOWN, (json.dumps(wanted), parent.tenant_id)).fetchall()
    if len(known) < len(wanted):
        raise Gone("An agent was removed meanwhile.", means="Nobody was added.")
    return {
        object_id: company_id
        for object_id, company_id, held in known
        if company_id != parent.company_id or (held is not None and held <= last)
    }
