"""The two connections of an open database, each in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from aiosqlite.core import Connection

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

    from ttr_tui.store.connect import Opened

T = TypeVar("T")

ITERATION_CHUNK = 64


async def finish(work: Coroutine[Any, Any, T] | asyncio.Task[T]) -> T:
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


@dataclass(frozen=True, slots=True)
class Connections:
    """What was opened, each connection with a thread of its own."""

    opened: Opened
    writer: Connection
    reader: Connection

    async def close(self) -> None:
        """Close both, after what was asked of them."""
        await self.reader.close()
        await self.writer.close()


async def connect_in_threads(connect: Callable[[], Opened]) -> Connections:
    """Call `connect` in a thread, then give each connection its own."""
    # Connected before aiosqlite's own threads begin: it does not wait for those to end when its
    # connector fails.
    opened = await asyncio.to_thread(connect)
    async with AsyncExitStack() as undo:
        for raw in (opened.writer, opened.reader):
            undo.callback(raw.close)
        writer = await _in_thread(opened.writer)
        reader = await _in_thread(opened.reader)
        undo.pop_all()
    return Connections(opened, writer, reader)


async def _in_thread(raw: RawConnection) -> Connection:
    return await Connection(lambda: raw, ITERATION_CHUNK)
