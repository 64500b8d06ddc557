"""Transactions: whole or not at all, one after the other, whatever is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.store.test_database import KEY, TABLE, put, words
from ttr_tui.errors import StoreError
from ttr_tui.store import connect
from ttr_tui.store.database import Database, Transaction


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one table."""
    database = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    yield database
    await database.close()


@asynccontextmanager
async def failing(db: Database) -> AsyncIterator[Transaction]:
    """A transaction in which something goes wrong at the end."""
    with suppress(LookupError):
        async with db.transaction() as tx:
            yield tx
            raise LookupError


async def test_an_exception_takes_everything_back(db: Database) -> None:
    """What a failed transaction wrote is not there, and the next one works."""
    async with failing(db) as tx:
        await tx.execute("INSERT INTO words VALUES ('half')")
    await put(db, "whole")
    assert await words(db) == ["whole"]


async def test_reads_see_what_is_committed(db: Database) -> None:
    """Readers see nothing of a transaction under way; the transaction sees its own writes."""
    async with db.transaction() as tx:
        assert await tx.execute("INSERT INTO words VALUES ('new')") == 1
        assert await words(db) == []
        assert len(await tx.rows("SELECT * FROM words")) == 1
    assert await words(db) == ["new"]


async def test_counts_of_changed_rows_are_told(db: Database) -> None:
    """Statements tell how many rows they changed: late writes are judged by it."""
    async with db.transaction() as tx:
        insert = "INSERT INTO words VALUES (?) ON CONFLICT DO NOTHING"
        assert await tx.executemany(insert, [("a",), ("b",), ("a",)]) == 2
        assert await tx.execute("UPDATE words SET word = word || '!'") == 2
        assert await tx.execute("DELETE FROM words WHERE word = 'nothing'") == 0
        assert await tx.row("SELECT * FROM words WHERE word = 'nothing'") is None


async def test_calls_come_after_the_commit_and_only_then(db: Database) -> None:
    """What waits for a commit sees it done, and is not called when it fails."""
    seen: list[int] = []
    async with db.transaction() as tx:
        tx.after_commit(lambda: seen.append(db.commits))
        await tx.execute("INSERT INTO words VALUES ('a')")
        assert seen == []
    assert seen == [1]
    async with failing(db) as tx:
        tx.after_commit(lambda: seen.append(-1))
    assert seen == [1]
    assert db.commits == 1


async def test_a_transaction_does_not_outlive_its_block(db: Database) -> None:
    """Writing with a transaction that is over is a bug and crashes, however it ended."""
    kept: list[Transaction] = []
    async with db.transaction() as tx:
        kept.append(tx)
    async with failing(db) as tx:
        kept.append(tx)
    for tx in kept:
        with pytest.raises(RuntimeError, match="over"):
            await tx.execute("INSERT INTO words VALUES ('late')")


async def test_a_transaction_inside_another_crashes_at_once(db: Database) -> None:
    """A task that would wait for itself is told so."""
    async with db.transaction():
        with pytest.raises(RuntimeError, match="inside another"):
            async with db.transaction():
                pass
    await put(db, "fine")


async def test_writers_wait_for_one_another(db: Database) -> None:
    """Many tasks that read and then write lose no update."""
    await put(db, "0")

    async def count_up() -> None:
        async with db.transaction() as tx:
            row = await tx.row("SELECT word FROM words")
            assert row is not None
            await asyncio.sleep(0)
            await tx.execute("UPDATE words SET word = ?", (str(int(row[0]) + 1),))

    await asyncio.gather(*(count_up() for _ in range(50)))
    assert await words(db) == ["50"]


@pytest.mark.parametrize("steps", range(12))
async def test_cancelled_at_any_step_nothing_stays_open(db: Database, steps: int) -> None:
    """A task cancelled at any of its steps leaves all of its work or none, and no lock behind."""
    reached: list[str] = []

    async def write() -> None:
        async with db.transaction() as tx:
            reached.append("begun")
            await tx.execute("INSERT INTO words VALUES ('a')")
            await tx.execute("INSERT INTO words VALUES ('b')")
        reached.append("done")

    task = asyncio.ensure_future(write())
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    found = await words(db)
    assert found in ([], ["a", "b"])
    assert db.commits == (1 if found else 0)
    async with asyncio.timeout(5):
        await put(db, "next")
    assert await words(db) == [*found, "next"]


async def test_cancelled_while_it_writes_nothing_stays_open(db: Database) -> None:
    """A task cancelled while a long statement runs in the other thread is rolled back after it."""
    started = asyncio.Event()

    async def write() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO words VALUES ('first')")
            started.set()
            rows = ((f"{number}",) for number in range(50_000))
            await tx.executemany("INSERT INTO words VALUES (?)", rows)

    task = asyncio.ensure_future(write())
    await started.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await words(db) == []
    await put(db, "next")
    assert await words(db) == ["next"]


@pytest.mark.parametrize("steps", range(4))
async def test_a_commit_under_way_is_seen_through(db: Database, steps: int) -> None:
    """Cancelled while the other thread commits, a transaction is committed, counted and told."""
    called: list[str] = []
    leaving = asyncio.Event()

    async def write() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO words VALUES ('kept')")
            tx.after_commit(lambda: called.append("told"))
            leaving.set()

    task = asyncio.ensure_future(write())
    await leaving.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await words(db) == ["kept"]
    assert called == ["told"]
    assert db.commits == 1


async def test_another_writer_is_waited_for_and_then_named(db: Database, tmp_path: Path) -> None:
    """Beside a writer that does not end, the sentence says that the store is busy."""
    other = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    async with other.transaction() as tx:
        await tx.execute("INSERT INTO words VALUES ('other')")
        # The patience of ten seconds is a setting of the connection.
        await db._connections.writer.execute_fetchall("PRAGMA busy_timeout = 50")
        with pytest.raises(StoreError, match=f"more than {connect.BUSY_SECONDS} s"):
            await put(db, "mine")
    await put(db, "mine")
    assert await words(other) == ["other", "mine"]
    await other.close()


@pytest.mark.parametrize("milliseconds", [0, 5, 10, 20, 40])
async def test_an_opening_that_is_cancelled_leaves_nothing_behind(
    tmp_path: Path, milliseconds: int
) -> None:
    """Cancelled while it opens, a database leaves no thread that would keep the process alive."""
    before = set(threading.enumerate())
    task = asyncio.ensure_future(Database.open(tmp_path / "words.db", KEY, [TABLE]))
    await asyncio.wait({task}, timeout=milliseconds / 1000)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await (await task).close()
    for thread in set(threading.enumerate()) - before:
        if "connection" in thread.name:
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()
    again = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    await again.close()
