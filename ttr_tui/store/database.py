"""SQLCipher through aiosqlite: a writing and a reading connection, whole transactions, sentences.

Every database of ours is opened here: with a raw key, in WAL mode, durable (`synchronous=FULL`),
in files only their owner can read. Nothing else in the product knows SQLCipher's errors.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlcipher3.dbapi2 as sqlcipher

from ttr_tui.errors import Gone
from ttr_tui.store.connect import BUSY_SECONDS, Opened, connect_both, told
from ttr_tui.store.connections import Connections, connect_in_threads, finish
from ttr_tui.store.transaction import Transaction

if TYPE_CHECKING:
    from sqlite3 import Row
else:
    # sqlcipher3 brings no types; its Row is sqlite3's, compiled against another library.
    from sqlcipher3.dbapi2 import Row

__all__ = ["Database", "Row", "Transaction"]

CHECKPOINT_PATIENCE_MS = 1000

Params = Sequence[Any] | Mapping[str, Any]
"""What stands for the `?` of a statement, or for its `:names`."""

Version = tuple[int, int]
"""How often the database was opened anew, and SQLite's number of what others have committed."""


class Database:
    """One open SQLCipher file. Writes go one after another, reads see what was committed last.

    One that `moved` tells of goes on in the file that `connect` then opens, before its next read or
    write; what is under way ends where it began.
    """

    def __init__(
        self,
        connections: Connections,
        connect: Callable[[], Opened],
        moved: Callable[[], bool],
    ) -> None:
        self.commits = 0
        self.version_at_open: Version = (0, 0)
        self._connections = connections
        self._connect = connect
        self._moved = moved
        self._edition = 0
        self._writing = asyncio.Lock()
        self._writing_task: asyncio.Task[Any] | None = None
        self._listeners: set[asyncio.Event] = set()
        self.is_looked_at = False
        self._closed = False

    @classmethod
    async def open(cls, path: Path, key: bytes, migrations: Sequence[str]) -> Database:
        """Open (or create, 0600) the database at `path` with the raw 32-byte `key`.

        `migrations` are SQL scripts; number n brings `user_version` to n, each in one transaction.
        Raises StoreBroken for damage, another key or a newer version, StoreError for the disk.
        """
        return await cls.open_with(partial(connect_both, path, key, migrations))

    @classmethod
    async def open_with(
        cls, connect: Callable[[], Opened], moved: Callable[[], bool] = lambda: False
    ) -> Database:
        """Open what `connect` opens, and open it again whenever `moved` says so.

        `connect` is called in a thread, `moved` before each read and write. Raises what `connect`
        raises.
        """
        # At DEBUG aiosqlite logs each statement with its parameters.
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)
        opening = asyncio.ensure_future(connect_in_threads(connect))
        try:
            connections = await finish(opening)
        except asyncio.CancelledError:
            if opening.done() and not opening.cancelled() and opening.exception() is None:
                await finish(opening.result().close())
            raise
        connections.opened.adopt()
        database = cls(connections, connect, moved)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(database.close)
            database.version_at_open = await database.data_version()
            undo.pop_all()
        return database

    @property
    def path(self) -> Path:
        """The file that is open at present."""
        return self._connections.opened.path

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closed

    async def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """Return every row of a query over what is committed. The cursor is closed on return.

        Raises Gone when the database was closed.
        """
        await self.follow()
        return await self._read(sql, params)

    async def row(self, sql: str, params: Params = ()) -> Row | None:
        """Return the first row of a query, or None."""
        rows = await self.rows(sql, params)
        return rows[0] if rows else None

    async def _read(self, sql: str, params: Params = ()) -> list[Row]:
        self._require_open()
        with told(self.path):
            return list(await self._connections.reader.execute_fetchall(sql, params))

    async def follow(self) -> bool:
        """Go on in the file the database was moved to, if it was; return whether.

        Raises what opening it raises: then nothing is read or written any more.
        """
        if self._closed or not self._moved() or asyncio.current_task() is self._writing_task:
            return False
        async with self._writing:
            return await self._go_along()

    async def _go_along(self) -> bool:
        """Open the database anew where it is by now; `_writing` is held, no transaction open."""
        if self._closed or not self._moved():
            return False
        await finish(self._reopen())
        return True

    async def _reopen(self) -> None:
        former, self._connections = self._connections, await connect_in_threads(self._connect)
        self._connections.opened.adopt()
        self._edition += 1
        # What was asked of the former ones is still answered: they close after it.
        await former.close()
        self.wake()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Begin IMMEDIATE; commit on leaving, roll back on any exception or cancellation.

        Raises StoreError when another process writes for longer than the busy time-out, Gone when
        the database was closed.
        """
        task = asyncio.current_task()
        if task is not None and task is self._writing_task:
            raise RuntimeError("a transaction was begun inside another one")
        async with self._writing:
            self._require_open()
            self._writing_task = task
            transaction: Transaction | None = None
            committed = False
            try:
                await self._begin()
                connections = self._connections
                raw = connections.opened.writer
                transaction = Transaction(connections.writer, raw, self.path)
                yield transaction
                await finish(self._commit(transaction.end()))
                committed = True
            finally:
                if transaction is not None:
                    transaction.end()
                self._writing_task = None
                if not committed:
                    # Queued behind whatever statement a cancelled task left under way; does nothing
                    # when no transaction is open.
                    await finish(self._roll_back())

    async def _begin(self) -> None:
        # Whoever moves the store holds this lock until it is moved, so that with the lock in hand
        # one look says for good whether this file still counts.
        await self._go_along()
        while True:
            with told(self.path):
                await self._connections.writer.execute("BEGIN IMMEDIATE")
            if not self._moved():
                return
            await finish(self._roll_back())
            await self._go_along()

    def _require_open(self) -> None:
        if self._closed:
            raise Gone(f"{self.path} was closed meanwhile.", means="Nothing was stored.")

    async def _commit(self, calls: list[Callable[[], None]]) -> None:
        with told(self.path):
            await self._connections.writer.execute("COMMIT")
        self.commits += 1
        self.wake()
        for call in calls:
            call()

    async def _roll_back(self) -> None:
        # A connection that cannot even roll back is broken; what broke it is the error to show.
        with suppress(sqlcipher.Error):
            await self._connections.writer.rollback()

    async def data_version(self) -> Version:
        """Return what changes when any other connection, of any process, has committed."""
        row = await self.row("PRAGMA data_version")
        return self._edition, int(row[0]) if row else 0

    def wake(self) -> None:
        """Set the events of all who listen."""
        for listener in self._listeners:
            listener.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set after own commits, when a listener ends, and on close."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)
            self.wake()

    async def truncate(self) -> bool:
        """Empty the write-ahead log; return whether that is proven (no other reader in the way).

        Runs on the reading connection while no transaction of ours is open, so that no statement of
        this process can be what is in the way.
        """
        async with self._writing:
            self._require_open()
            await self._go_along()
            row = await finish(self._checkpoint())
        log = self.path.with_name(self.path.name + "-wal")
        size = await asyncio.to_thread(lambda: log.stat().st_size if log.exists() else 0)
        return row[0] == 0 and size == 0

    async def _checkpoint(self) -> Row:
        await self._read(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE_MS}")
        try:
            return (await self._read("PRAGMA wal_checkpoint(TRUNCATE)"))[0]
        finally:
            await self._read(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    async def close(self) -> None:
        """Wait for the transaction under way, then close both connections. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await finish(self._close())

    async def _close(self) -> None:
        async with self._writing:
            await self._connections.close()
        self.wake()
