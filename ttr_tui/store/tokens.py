"""Sealed material: keys of root authentications, refresh tokens, grants of children.

    store's sealing key  seals  the key of each root authentication (table `keys`)
    a root's key         seals  its refresh token, its children's grants (table `tokens`)
                                and its company's directory key (table `directory_keys`)

Without a root's key row nothing of what hangs below it can be opened again.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ttr_tui.errors import RowUnreadable
from ttr_tui.model import Grant, Proof
from ttr_tui.store.database import Database, Row, Transaction
from ttr_tui.store.keys import HeldKey, new_key, seal, sealer, unreadable, unseal
from ttr_tui.store.times import from_micros, to_micros

OPENED_AT_ONCE = 2000
"""So many are read and opened at once to see whether they can be: it goes on behind a screen."""

_ROOT_WITH_SEALED = """
    SELECT a.id, 0 AS agent, t.sealed FROM authentications AS a
    LEFT JOIN tokens AS t ON t.root = a.number AND t.authentication = a.number
    WHERE a.id = ?1 AND ?2 = 0 LIMIT ?3
"""
_CHILDREN_WITH_SEALED = """
    SELECT a.id, a.agent, t.sealed FROM authentications AS a
    LEFT JOIN tokens AS t ON t.root = a.parent AND t.authentication = a.number
    WHERE a.parent = (SELECT number FROM authentications WHERE id = ?1) AND a.agent > ?2
    ORDER BY a.agent LIMIT ?3
"""

SEALED_OF_AGENTS = """
    SELECT a.agent, a.id, k.id AS key_id, k.sealed AS key, t.sealed FROM authentications AS a
    LEFT JOIN keys AS k ON k.authentication = coalesce(a.parent, a.number)
    LEFT JOIN tokens AS t ON t.root = coalesce(a.parent, a.number) AND t.authentication = a.number
    WHERE a.agent IN (SELECT value FROM json_each(?))
"""
_TOKENS = ("tokens", "sealed")
"""Table and column of sealed material."""

Source = Database | Transaction


@dataclass(frozen=True, slots=True)
class RootKey:
    """The opened key of one root authentication; `number` is the root's row."""

    id: str
    number: int
    raw: bytes = field(repr=False)


class Tokens:
    """Opens and seals; the only one who sees a root's key."""

    def __init__(self, store_key: HeldKey) -> None:
        self._store_key = store_key

    async def make_root_key(self, tx: Transaction, number: int) -> RootKey:
        """Make a key for a root authentication, in place of one it may have."""
        root = RootKey(secrets.token_hex(16), number, new_key())
        await tx.execute("DELETE FROM keys WHERE authentication = ?", (number,))
        await tx.execute(
            "INSERT INTO keys (id, authentication, sealed) VALUES (?, ?, ?)",
            (
                root.id,
                number,
                self._store_key.seal(_key_place(root.id), root.raw),
            ),
        )
        return root

    async def root_key(self, source: Source, authentication_id: str) -> RootKey:
        """Open the key of a root authentication; raise RowUnreadable, also when it has none."""
        row = await source.row(
            "SELECT k.id, k.authentication, k.sealed FROM keys AS k"
            " JOIN authentications AS a ON a.number = k.authentication WHERE a.id = ?",
            (authentication_id,),
        )
        if row is None:
            raise unreadable(("authentications", authentication_id, "key"))
        raw = self._store_key.unseal(_key_place(row["id"]), row["sealed"])
        return RootKey(row["id"], row["authentication"], raw)

    async def put(
        self, tx: Transaction, root: RootKey, authentication_id: str, generation: int, plain: bytes
    ) -> None:
        """Seal and store the material of a root, in place of what is there."""
        await tx.execute(
            "INSERT INTO tokens (root, authentication, sealed, generation) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (root, authentication) DO UPDATE"
            " SET sealed = excluded.sealed, generation = excluded.generation",
            (
                root.number,
                root.number,
                seal(root.raw, _token_place(authentication_id), plain),
                generation,
            ),
        )

    async def open(self, source: Source, root_id: str, authentication_id: str) -> bytes:
        """Return the material of one authentication, sealed under its root's key.

        Raises RowUnreadable.
        """
        root = await self.root_key(source, root_id)
        row = await source.row(
            "SELECT t.sealed FROM tokens AS t JOIN authentications AS a"
            " ON a.number = t.authentication WHERE t.root = ? AND a.id = ?",
            (root.number, authentication_id),
        )
        if row is None:
            raise unreadable(_token_place(authentication_id))
        return unseal(root.raw, _token_place(authentication_id), row["sealed"])

    async def unreadable_below(self, source: Source, root_id: str) -> set[str]:
        """Return the ids of a root and its children whose material does not open."""
        try:
            root = await self.root_key(source, root_id)
        except RowUnreadable:
            root = None
        closed: set[str] = set()
        sql, last = _ROOT_WITH_SEALED, 0
        while rows := await source.rows(sql, (root_id, last, OPENED_AT_ONCE)):
            if sql == _CHILDREN_WITH_SEALED:
                last = rows[-1]["agent"]
            sql = _CHILDREN_WITH_SEALED
            pairs = [(str(row["id"]), row["sealed"]) for row in rows]
            closed |= await asyncio.to_thread(_closed, root, pairs)
        return closed

    async def unreadable_of(self, source: Source, agents: Collection[int]) -> set[int]:
        """Return which of these agents, by number, have an authentication that does not open."""
        closed: set[int] = set()
        # In the order in which they lie on disk.
        numbers = sorted(agents)
        for start in range(0, len(numbers), OPENED_AT_ONCE):
            wanted = json.dumps(numbers[start : start + OPENED_AT_ONCE])
            rows = await source.rows(SEALED_OF_AGENTS, (wanted,))
            closed |= await asyncio.to_thread(self._closed_among, rows)
        return closed

    def _closed_among(self, rows: Sequence[Row]) -> set[int]:
        keys: dict[str | None, bytes | None] = {None: None}
        closed = set()
        for agent, authentication_id, key_id, key, sealed in rows:
            if key_id not in keys:
                keys[key_id] = self._opened_key(key_id, key)
            if not _opens(keys[key_id], authentication_id, sealed):
                closed.add(int(agent))
        return closed

    def _opened_key(self, key_id: str, sealed: bytes) -> bytes | None:
        try:
            return self._store_key.unseal(_key_place(key_id), sealed)
        except RowUnreadable:
            return None


def sealed_grants(
    root: RootKey, children: Iterable[tuple[str, str]], company_id: str, proof: Proof
) -> list[bytes]:
    """Return the sealed grants of children, named by their ids and object ids; all of one size."""
    common = (company_id, proof.granted_by, proof.permission, to_micros(proof.proven_at))
    after = json.dumps(common, separators=(",", ":")).removeprefix("[")
    plain = [(child, f"[{json.dumps(mailbox)},{after}".encode()) for child, mailbox in children]
    size = max((len(grant) for _, grant in plain), default=0)
    table, column = _TOKENS
    sealed = sealer(root.raw, table, column)
    return [sealed(child, grant.ljust(size)) for child, grant in plain]


def read_grant(plain: bytes) -> Grant:
    """Return the grant of bytes that `sealed_grants` sealed."""
    object_id, company_id, granted_by, permission, proven_at = json.loads(plain)
    return Grant(company_id, object_id, granted_by, permission, from_micros(proven_at))


def _closed(root: RootKey | None, pairs: Sequence[tuple[str, bytes | None]]) -> set[str]:
    raw = None if root is None else root.raw
    return {one for one, sealed in pairs if not _opens(raw, one, sealed)}


def _opens(raw: bytes | None, authentication_id: str, sealed: bytes | None) -> bool:
    if raw is None:
        return False
    try:
        unseal(raw, _token_place(authentication_id), sealed or b"")
    except RowUnreadable:
        return False
    return True


def _key_place(key_id: str) -> tuple[str, str, str]:
    return ("keys", key_id, "sealed")


def _token_place(authentication_id: str) -> tuple[str, str, str]:
    table, column = _TOKENS
    return (table, authentication_id, column)
