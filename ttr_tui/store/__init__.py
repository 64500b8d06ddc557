"""What is kept, and nothing of it readable at rest: one encrypted store, and its rooms.

`Store.open` opens it with the store key; below it each kind of row has a room of its own. Writes
take the transaction they belong to, so that an act and its journal entry stand or fall together.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from pathlib import Path
from typing import NoReturn

from ttr_tui.model import Actor, Company, now
from ttr_tui.store.agents import Agents
from ttr_tui.store.alarms import Alarms
from ttr_tui.store.attempts import Attempts
from ttr_tui.store.authentications import Authentications
from ttr_tui.store.backup_file import backup_path
from ttr_tui.store.backups import (
    BACKUP_FILE_NOTE,
    BACKUP_NOTE,
    BackupSeen,
    backup_notes,
    verify_backup,
    write_backup,
)
from ttr_tui.store.branches import Branches
from ttr_tui.store.changes import Change, Changes
from ttr_tui.store.companies import Companies, CompanySummary
from ttr_tui.store.connect import make_private_directory, told
from ttr_tui.store.connections import finish
from ttr_tui.store.database import Database, Transaction
from ttr_tui.store.departures import Departures, Occupant, UserGone
from ttr_tui.store.directories import Directories
from ttr_tui.store.directory_copy import (
    CopyState,
    DirectoryCopy,
    Marks,
    Matches,
    Part,
    Query,
    Unfinished,
)
from ttr_tui.store.endings import Endings
from ttr_tui.store.findings import Findings
from ttr_tui.store.home import Home
from ttr_tui.store.journal import Journal
from ttr_tui.store.key_file import read_destroyed, read_store_key
from ttr_tui.store.key_seen import KeySeen, see_key
from ttr_tui.store.keys import StoreKey
from ttr_tui.store.owners import Owners
from ttr_tui.store.restoring import Restored, restore_backup
from ttr_tui.store.revocations import Revocation, Revocations, Stage
from ttr_tui.store.roots import Refusal, Roots
from ttr_tui.store.rotation import KEY_SINCE_NOTE, Rotated, Rotation, read_new_key
from ttr_tui.store.runs import Runs
from ttr_tui.store.syslog import Syslog
from ttr_tui.store.tokens import Tokens
from ttr_tui.store.tree import AuthenticationTree
from ttr_tui.store.turns import Turns
from ttr_tui.store.watching import watch

__all__ = [
    "BACKUP_FILE_NOTE",
    "BACKUP_NOTE",
    "KEY_SINCE_NOTE",
    "AuthenticationTree",
    "BackupSeen",
    "Change",
    "CompanySummary",
    "CopyState",
    "DirectoryCopy",
    "Home",
    "KeySeen",
    "Marks",
    "Matches",
    "Occupant",
    "Part",
    "Query",
    "Refusal",
    "Restored",
    "Revocation",
    "Rotated",
    "Stage",
    "Store",
    "Syslog",
    "Transaction",
    "Unfinished",
    "UserGone",
    "read_destroyed",
    "read_new_key",
    "read_store_key",
    "restore_backup",
    "see_key",
    "verify_backup",
]

FOLLOW_EVERY_SECONDS = 0.5
"""How often a program that only waits looks whether the store was moved; costs microseconds."""


class Store:
    """The open store. Rooms: companies, agents, authentications, attempts, runs, revocations,
    journal.
    """

    def __init__(
        self,
        db: Database,
        home: Home,
        destroyed_file: Path,
        journal: Journal,
        owners: Owners,
    ) -> None:
        key = home.held
        tokens = Tokens(key)
        self._home = home
        self._owners = owners
        self.owner = owners.name
        self.made = home.made
        self.companies = Companies(db)
        self.agents = Agents(db)
        self.authentications = Authentications(db, tokens, live=owners.live)
        self.branches = Branches(db, tokens)
        self.attempts = Attempts(db, key)
        self.alarms = Alarms(db)
        self.findings = Findings(db)
        self.roots = Roots(db)
        self.departures = Departures(db)
        self.turns = Turns(db, owners.name, owners.live)
        self.changes = Changes(db, owners.name, owners.live)
        self.endings = Endings(db)
        self.runs = Runs(db, live=owners.live)
        self.revocations = Revocations(db, self.authentications, destroyed_file)
        self.journal = journal
        self._db = db
        self._key = key
        self._directories = Directories(db, tokens, home.data_dir)
        self._destroyed_file = destroyed_file

    @classmethod
    async def open(
        cls,
        data_dir: Path,
        key_file: Path,
        *,
        key_is_given: bool,
        destroyed_file: Path,
        actor: Actor,
        syslog: Syslog | None = None,
    ) -> Store:
        """Open the store in `data_dir`, at the very first run making it and its key.

        The journal's entries also go to `syslog`, the system's own unless another is given.

        Authentications whose keys were destroyed are deleted again: a restored older copy brings
        them back. Raises StoreKeyMissing, StoreKeyWrong (creating nothing), StoreBroken and
        StoreError.
        """
        with told(data_dir):
            await asyncio.to_thread(make_private_directory, data_dir)
        home = Home(data_dir, key_file, key_is_given=key_is_given)
        destroyed = await asyncio.to_thread(read_destroyed, destroyed_file)
        async with AsyncExitStack() as undo:
            owners = await asyncio.to_thread(Owners, data_dir)
            undo.callback(owners.leave)
            db = await Database.open_with(home.connect, home.moved)
            journal = Journal(db, actor, syslog)
            store = cls(db, home, destroyed_file, journal, owners)
            undo.push_async_callback(store.close)
            await store._lose_destroyed(destroyed)
            await store._directories.remove_orphans()
            undo.pop_all()
        return store

    @property
    def key_id(self) -> str:
        """The id of the store's key as it is at present."""
        return self._key.present.key_id

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a write transaction: committed on leaving, rolled back on any exception."""
        return self._db.transaction()

    async def watch(self) -> AsyncIterator[None]:
        """Yield after every change of the store since it was opened, by whichever process.

        Several changes at once count as one. Ends when the store is closed.
        """
        async with aclosing(watch(self._db)) as changes:
            async for _ in changes:
                await self._directories.forget_stale()
                yield

    def challenge(self, nonce: bytes) -> bytes:
        """Return what only a process with this store's key can answer to `nonce`."""
        return hmac.digest(self._key.present.challenge_key(), nonce, "sha256")

    async def erase_traces(self) -> bool:
        """Truncate the write-ahead log; return whether nothing deleted is left in it, proven."""
        return await self._db.truncate()

    async def follow(self) -> None:
        """Go on in the present file, under the present key, if the store was moved to another.

        Every read and write does so by itself. Raises StoreKeyWrong when the key at hand is not the
        one it was moved to.
        """
        await self._db.follow()

    async def keep_following(self) -> NoReturn:
        """Follow the store wherever it moves, until cancelled; raise what `follow` raises."""
        while True:
            await asyncio.sleep(FOLLOW_EVERY_SECONDS)
            await self.follow()

    async def rotate_key(self, new: StoreKey | None = None) -> Rotated:
        """Move the store to a new key while it is used, here and elsewhere (`rotation`).

        With `new`, a key the operator made. Raises Refused, and StoreError kinds: nothing moved.
        """
        rotation = Rotation(self._home, self.journal.draft("store key rotated"), new)
        rotated = await finish(asyncio.to_thread(rotation.run))
        self.journal.tell(rotated.entry)
        if rotated.installed:
            await self.follow()
        return rotated

    async def back_up(self, wanted: Path | None = None) -> Path:
        """Write a backup to a new file, or into a directory; return the file.

        Consistent while others write, encrypted, without the key. Journalled, and noted under
        BACKUP_NOTE and BACKUP_FILE_NOTE. Raises Refused for a file that is there, and StoreError
        kinds.
        """
        await self.follow()
        at = now()
        file = await asyncio.to_thread(backup_path, wanted, self.key_id, at)
        await finish(asyncio.to_thread(write_backup, self._home, file, at))
        async with self.transaction() as tx:
            for name, value in backup_notes(file, at):
                await self.set_note(tx, name, value)
            await self.journal.write(tx, "backed up", subject="store", detail=str(file))
        return file

    async def directory(self, company: Company) -> DirectoryCopy:
        """Return the local copy of a company's directory, made when there is none.

        Raises NotConnected without a Company Master, RowUnreadable when its key does not open.
        """
        return await self._directories.open(company)

    async def drop_directory(self, company_id: str) -> None:
        """Remove the local copy of a company's directory, files and key."""
        await self._directories.drop(company_id)

    async def note(self, name: str) -> str:
        """Return a plain fact kept under `name`, empty when there is none."""
        row = await self._db.row("SELECT value FROM notes WHERE name = ?", (name,))
        return "" if row is None else str(row["value"])

    async def set_note(self, tx: Transaction, name: str, value: str) -> None:
        """Keep a plain fact (never a secret) under `name`, in place of what was there."""
        await tx.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", (name, value))

    async def close(self) -> None:
        """Close everything. May be called twice."""
        await self._directories.close()
        await self._db.close()
        self._owners.leave()

    async def _lose_destroyed(self, destroyed: frozenset[str]) -> None:
        if not destroyed:
            return
        async with self._db.transaction() as tx:
            count = await self.authentications.delete_destroyed(tx, destroyed)
            if not count:
                return
            await self.journal.write(
                tx,
                "deleted again",
                subject="store",
                detail=f"{count} rows under destroyed keys, as an older copy brings them back",
            )
        await self._db.truncate()
