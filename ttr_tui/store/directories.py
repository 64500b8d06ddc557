"""Which companies have a local copy of their directory, where it lies, and with which key.

A copy's key is sealed under its Company Master's key: with that key destroyed the copy is
unreadable, even before its files are gone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from ttr_tui.errors import NotConnected, RowUnreadable, StoreBroken
from ttr_tui.model import Company
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.directory_copy import DirectoryCopy
from ttr_tui.store.keys import new_key, seal, unseal
from ttr_tui.store.private_files import unlink_database
from ttr_tui.store.tokens import RootKey, Tokens


@dataclass(frozen=True, slots=True)
class _Open:
    sealed: bytes
    copy: DirectoryCopy


class Directories:
    """The local copies, each opened once; they are caches, and made anew when they do not open."""

    def __init__(self, db: Database, tokens: Tokens, data_dir: Path) -> None:
        self._db = db
        self._tokens = tokens
        self._data_dir = data_dir
        self._open: dict[str, _Open] = {}
        self._opening = asyncio.Lock()

    async def open(self, company: Company) -> DirectoryCopy:
        """Return the company's copy, open; make an empty one when there is none that opens.

        Raises NotConnected without a Company Master, RowUnreadable when its key does not open.
        """
        async with self._opening:
            sealed, key = await self._key_of(company)
            known = self._open.get(company.id)
            if known is not None:
                if known.sealed == sealed:
                    return known.copy
                await self._close(company.id)
            path = self._path(company.id)
            try:
                copy = await DirectoryCopy.open(path, key)
            except StoreBroken:
                await asyncio.to_thread(unlink_database, path)
                copy = await DirectoryCopy.open(path, key)
            self._open[company.id] = _Open(sealed, copy)
            return copy

    async def drop(self, company_id: str) -> None:
        """Close and unlink a company's copy and forget its key; nothing happens without one."""
        async with self._opening:
            await self._close(company_id)
            async with self._db.transaction() as tx:
                await tx.execute("DELETE FROM directory_keys WHERE company_id = ?", (company_id,))
            await asyncio.to_thread(unlink_database, self._path(company_id))

    async def forget_stale(self) -> None:
        """Close copies whose key is no more: another process deleted their Company Master."""
        if not self._open:
            return
        rows = await self._db.rows("SELECT sealed FROM directory_keys")
        living = {row["sealed"] for row in rows}
        async with self._opening:
            for company_id, known in list(self._open.items()):
                if known.sealed not in living:
                    await self._close(company_id)

    async def remove_orphans(self) -> None:
        """Unlink copies that no key belongs to (a crash, or a restored older store)."""
        # Files first: a key is stored before its file is made.
        files = await asyncio.to_thread(lambda: list(self._data_dir.glob("directory-*.db*")))
        rows = await self._db.rows("SELECT company_id FROM directory_keys")
        living = {self._path(row["company_id"]) for row in rows}
        copies = {file.with_name(file.name.partition(".")[0] + ".db") for file in files}
        for copy in copies - living:
            await asyncio.to_thread(unlink_database, copy)

    async def close(self) -> None:
        """Close every copy."""
        async with self._opening:
            for company_id in list(self._open):
                await self._close(company_id)

    async def _close(self, company_id: str) -> None:
        known = self._open.pop(company_id, None)
        if known is not None:
            await known.copy.close()

    async def _key_of(self, company: Company) -> tuple[bytes, bytes]:
        """Return the copy's key, sealed and opened."""
        root = await self._master_key(self._db, company)
        found = await _read_key(self._db, company.id, root)
        if found is not None:
            return found
        async with self._db.transaction() as tx:
            root = await self._master_key(tx, company)
            # Another process may have been first.
            found = await _read_key(tx, company.id, root)
            return found or await _make_key(tx, company.id, root)

    async def _master_key(self, source: Database | Transaction, company: Company) -> RootKey:
        master = await source.row(
            "SELECT a.id FROM authentications AS a JOIN keys AS k ON k.authentication = a.number"
            " WHERE a.company_id = ? AND a.kind = 'company_master'",
            (company.id,),
        )
        # Whose key is gone is being deleted: its row only waits to be swept.
        if master is None:
            raise NotConnected(
                f"{company.name} has no Company Master.",
                means="The copy of its directory is kept under the Company Master's key.",
                cure="Connect the company first.",
            )
        return await self._tokens.root_key(source, master["id"])

    def _path(self, company_id: str) -> Path:
        if not company_id.replace("-", "").isalnum():
            raise ValueError("a company's id is no file name")
        return self._data_dir / f"directory-{company_id}.db"


async def _read_key(
    source: Database | Transaction, company_id: str, root: RootKey
) -> tuple[bytes, bytes] | None:
    row = await source.row(
        "SELECT sealed FROM directory_keys WHERE company_id = ? AND key_id = ?",
        (company_id, root.id),
    )
    if row is None:
        return None
    try:
        return row["sealed"], unseal(root.raw, _place(company_id), row["sealed"])
    except RowUnreadable:
        return None


async def _make_key(tx: Transaction, company_id: str, root: RootKey) -> tuple[bytes, bytes]:
    key = new_key()
    sealed = seal(root.raw, _place(company_id), key)
    await tx.execute(
        "INSERT OR REPLACE INTO directory_keys (company_id, key_id, sealed) VALUES (?, ?, ?)",
        (company_id, root.id, sealed),
    )
    return sealed, key


def _place(company_id: str) -> tuple[str, str, str]:
    return ("directory_keys", company_id, "sealed")
