"""SQLCipher through aiosqlite: a writing and a reading connection, whole transactions, sentences.

Every database of ours is opened here: with a raw key, in WAL mode, durable (`synchronous=FULL`),
in files only their owner can read. Nothing else in the product knows SQLCipher's errors.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlcipher3.dbapi2 as sqlcipher
from aiosqlite.core import Connection

from ttr_tui.errors import Gone
from ttr_tui.store.connect import BUSY_SECONDS, connect_reader, connect_writer, told

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection
    from sqlite3 import Row
else:
    # sqlcipher3 brings no types; its Row is sqlite3's, compiled against another library.
    from sqlcipher3.dbapi2 import Row

__all__ = ["Database", "Row", "Transaction"]

T = TypeVar("T")

ITERATION_CHUNK = 64
CHECKPOINT_PATIENCE_MS = 1000


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end even when the awaiting task is cancelled, then go on cancelling.

    A commit or rollback that was begun must be seen through: half of one is a held lock.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()


async def _connect(connect: Callable[[], RawConnection], undo: AsyncExitStack) -> Connection:
    # Connected before aiosqlite's own thread begins: it does not wait for that one to end when its
    # connector fails.
    raw = await asyncio.to_thread(connect)
    connection = await Connection(lambda: raw, ITERATION_CHUNK)
    undo.push_async_callback(lambda: finish(connection.close()))
    return connection


class Transaction:
    """One write transaction; usable only inside its `async with`."""

    def __init__(self, connection: Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._after: list[Callable[[], None]] = []
        self._over = False

    async def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Execute one statement that returns no rows; return how many rows it changed."""
        self._check()
        with told(self._path):
            cursor = await self._connection.execute(sql, params)
            return cursor.rowcount

    async def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement for each of `rows` in a single hop; return the rows changed.

        `rows` is iterated in the connection's thread.
        """
        self._check()
        with told(self._path):
            cursor = await self._connection.executemany(sql, rows)
            return cursor.rowcount

    async def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query (or of a statement with RETURNING), own writes included."""
        self._check()
        with told(self._path):
            return list(await self._connection.execute_fetchall(sql, params))

    async def row(self, sql: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row, or None."""
        rows = await self.rows(sql, params)
        return rows[0] if rows else None

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` called once the transaction is committed, and never if it is not."""
        self._check()
        self._after.append(call)

    def end(self) -> list[Callable[[], None]]:
        """Close the transaction to further use; return what is to be called after its commit."""
        self._over = True
        return self._after

    def _check(self) -> None:
        if self._over:
            raise RuntimeError("this transaction is over")


class Database:
    """One open SQLCipher file. Writes go one after another, reads see what was committed last."""

    def __init__(self, path: Path, writer: Connection, reader: Connection) -> None:
        self.path = path
        self.commits = 0
        self.version_at_open = 0
        self._writer = writer
        self._reader = reader
        self._writing = asyncio.Lock()
        self._writing_task: asyncio.Task[Any] | None = None
        self._listeners: set[asyncio.Event] = set()
        self._closed = False

    @classmethod
    async def open(cls, path: Path, key: bytes, migrations: Sequence[str]) -> Database:
        """Open (or create, 0600) the database at `path` with the raw 32-byte `key`.

        `migrations` are SQL scripts; number n brings `user_version` to n, each in one transaction.
        Raises StoreBroken for damage, another key or a newer version, StoreError for the disk.
        """
        # At DEBUG aiosqlite logs each statement with its parameters.
        logging.getLogger("aiosqlite").setLevel(logging.WARNING)
        async with AsyncExitStack() as undo:
            with told(path):
                writer = await finish(
                    _connect(partial(connect_writer, path, key, migrations), undo)
                )
                reader = await finish(_connect(partial(connect_reader, path, key), undo))
            database = cls(path, writer, reader)
            database.version_at_open = await database.data_version()
            undo.pop_all()
        return database

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closed

    async def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        """Return every row of a query over what is committed. The cursor is closed on return.

        Raises Gone when the database was closed.
        """
        self._require_open()
        with told(self.path):
            return list(await self._reader.execute_fetchall(sql, params))

    async def row(self, sql: str, params: Sequence[Any] = ()) -> Row | None:
        """Return the first row of a query, or None."""
        rows = await self.rows(sql, params)
        return rows[0] if rows else None

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
            transaction = Transaction(self._writer, self.path)
            committed = False
            try:
                with told(self.path):
                    await self._writer.execute("BEGIN IMMEDIATE")
                yield transaction
                await finish(self._commit(transaction.end()))
                committed = True
            finally:
                transaction.end()
                self._writing_task = None
                if not committed:
                    # Queued behind whatever statement a cancelled task left under way; does nothing
                    # when no transaction is open.
                    await finish(self._roll_back())

    def _require_open(self) -> None:
        if self._closed:
            raise Gone(f"{self.path} was closed meanwhile.", means="Nothing was stored.")

    async def _commit(self, calls: list[Callable[[], None]]) -> None:
        with told(self.path):
            await self._writer.execute("COMMIT")
        self.commits += 1
        for listener in self._listeners:
            listener.set()
        for call in calls:
            call()

    async def _roll_back(self) -> None:
        # A connection that cannot even roll back is broken; what broke it is the error to show.
        with suppress(sqlcipher.Error):
            await self._writer.rollback()

    async def data_version(self) -> int:
        """Return a number that moves when any other connection, of any process, has committed."""
        row = await self.row("PRAGMA data_version")
        return int(row[0]) if row else 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set after each own commit, and on close."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    async def truncate(self) -> bool:
        """Empty the write-ahead log; return whether that is proven (no other reader in the way).

        Runs on the reading connection while no transaction of ours is open, so that no statement of
        this process can be what is in the way.
        """
        async with self._writing:
            self._require_open()
            row = await finish(self._checkpoint())
        log = self.path.with_name(self.path.name + "-wal")
        size = await asyncio.to_thread(lambda: log.stat().st_size if log.exists() else 0)
        return row is not None and row[0] == 0 and size == 0

    async def _checkpoint(self) -> Row | None:
        await self.rows(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE_MS}")
        try:
            return await self.row("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            await self.rows(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")

    async def close(self) -> None:
        """Wait for the transaction under way, then close both connections. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await finish(self._close())

    async def _close(self) -> None:
        async with self._writing:
            await self._reader.close()
            await self._writer.close()
        for listener in self._listeners:
            listener.set()
