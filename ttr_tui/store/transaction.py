"""One write transaction: what a caller may do between its beginning and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aiosqlite.core import Connection

from ttr_tui.store.connect import told
from ttr_tui.store.connections import finish

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection
    from sqlite3 import Row

T = TypeVar("T")


class Transaction:
    """One write transaction; usable only inside its `async with`."""

    def __init__(self, connection: Connection, raw: RawConnection, path: Path) -> None:
        self._connection = connection
        self._raw = raw
        self._path = path
        self._after: list[Callable[[], None]] = []
        self._over = False

    async def execute(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
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

    async def run(self, work: Callable[[RawConnection], T]) -> T:
        """Have `work` done in the connection's thread, with the connection itself.

        For many small statements at once. It is seen to its end even when the awaiting task is
        cancelled.
        """
        self._check()
        with told(self._path):
            # In another thread than SQLite's other calls its memory would grow in two places.
            result: T = await finish(self._connection._execute(work, self._raw))  # type: ignore[no-untyped-call]  # noqa: SLF001
            return result

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
