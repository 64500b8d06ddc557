"""Reading connections of a local copy, each with a thread of its own: no search waits for another.

Whoever is cancelled has the statement under way interrupted. Rows are fetched whole, so that no
cursor stays open, which would hold the write-ahead log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlcipher3.dbapi2 as sqlcipher

from ttr_tui.errors import Gone
from ttr_tui.store.connect import Opened, connect_both, connect_reader, told

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection

T = TypeVar("T")

FRONT_KIB, BEHIND_KIB, WRITING_KIB, LEAST_KIB = 4096, 4096, 2048, 1024
"""Page caches: who reads everything reads each page once."""


def connect(path: Path, key: bytes, scripts: Sequence[str]) -> Opened:
    """Connect to a copy for writing, and for reading its state."""
    opened = connect_both(path, key, scripts, shrinks=True)
    opened.writer.execute(f"PRAGMA cache_size = -{WRITING_KIB}")
    # What is erased for good is the key; zeroes would double what a new order writes.
    opened.writer.execute("PRAGMA secure_delete = FAST").fetchall()
    opened.reader.execute(f"PRAGMA cache_size = -{LEAST_KIB}")
    return opened


class Reader:
    """One connection, opened when it is first used."""

    def __init__(self, path: Path, key: bytes, cache_kib: int) -> None:
        self._path = path
        self._key = key
        self._cache_kib = cache_kib
        self._raw: RawConnection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="directory")
        self._at_work: object = None
        self._stopped: object = None
        self._closed = False

    async def run(self, work: Callable[[RawConnection], T]) -> T:
        """Return what `work` returns; it is interrupted when the awaiting task is cancelled.

        Raises Gone when the copy was closed, StoreError and StoreBroken for the disk.
        """
        if self._closed:
            raise Gone(f"{self._path} was closed meanwhile.", means="Nothing was stored.")
        job = self._thread.submit(self._work, work)
        try:
            return await asyncio.wrap_future(job)
        except asyncio.CancelledError:
            # Before it began it is cancelled; else what it is doing is stopped.
            self._stopped = work
            if not job.cancel() and self._at_work is work and self._raw is not None:
                self._raw.interrupt()
            raise

    async def close(self) -> None:
        """Interrupt what is under way, and close. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._raw is not None:
            self._raw.interrupt()
        await asyncio.wrap_future(self._thread.submit(self._end))
        self._thread.shutdown(wait=False)

    def _work(self, work: Callable[[RawConnection], T]) -> T:
        with told(self._path):
            if self._raw is None:
                self._raw = connect_reader(self._path, self._key)
                self._raw.execute(f"PRAGMA cache_size = -{self._cache_kib}")
            while True:
                self._at_work = work
                try:
                    return _in_one_snapshot(self._raw, work)
                except sqlcipher.OperationalError as error:
                    if error.sqlite_errorcode != sqlcipher.SQLITE_INTERRUPT:
                        raise
                    # Else it was meant for the one before, which had just ended.
                    if self._closed or self._stopped is work:
                        raise Gone(f"{self._path} was closed, or nobody waits.") from error
                finally:
                    self._at_work = None

    def _end(self) -> None:
        if self._raw is not None:
            self._raw.close()


def _in_one_snapshot(raw: RawConnection, work: Callable[[RawConnection], T]) -> T:
    raw.execute("BEGIN")
    try:
        return work(raw)
    finally:
        raw.rollback()


class Readers:
    """The first screenful has a connection of its own; whatever may take longer another one."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._front = Reader(path, key, FRONT_KIB)
        self._behind = Reader(path, key, BEHIND_KIB)
        self._background = Reader(path, key, LEAST_KIB)

    async def at_once(self, work: Callable[[RawConnection], T]) -> T:
        """Do what takes milliseconds."""
        return await self._front.run(work)

    async def behind(self, work: Callable[[RawConnection], T]) -> T:
        """Do what somebody waits for who can go on meanwhile: counts, whole lists."""
        return await self._behind.run(work)

    async def background(self, work: Callable[[RawConnection], T]) -> T:
        """Do what nobody waits for."""
        return await self._background.run(work)

    async def close(self) -> None:
        """Close all. May be called twice."""
        await self._front.close()
        await self._behind.close()
        await self._background.close()
