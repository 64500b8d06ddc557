"""Several processes on one store: killed at any moment, seen by one another, waiting in turn."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.store.premises import Premises, company
from ttr_tui.store import Store

PROJECT = Path(__file__).parents[2]


@asynccontextmanager
async def other(act: str, premises: Premises) -> AsyncIterator[Process]:
    """Another process; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.store.other_process", act, str(premises.folder)),
        cwd=PROJECT,
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()


def wait_for_file(file: Path) -> None:
    deadline = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("lines", [0, 1, 25])
async def test_killed_while_writing_the_store_opens(premises: Premises, lines: int) -> None:
    """After kill -9 between any two statements the store opens whole: what was said to be committed
    is there, each transaction wholly or not at all.
    """
    async with other("write", premises) as process:
        said = [await line(process) for _ in range(lines)]
        if not lines:
            await asyncio.to_thread(wait_for_file, premises.data / "store.db-wal")
        process.kill()
        await process.wait()
    async with premises.database() as db:
        check = await db.rows("PRAGMA integrity_check")
        assert [row[0] for row in check] == ["ok"]
    async with premises.opened() as store:
        last = await store.note("last")
        assert not said or int(last) >= int(said[-1])
        if last:
            for number in range(int(last) + 1):
                assert len(await store.note(f"note {number}")) == 10_000
            assert await store.note(f"note {int(last) + 1}") == ""


async def test_another_process_write_is_seen(premises: Premises) -> None:
    """What another process commits is noticed by `watch` and can be read then."""
    async with premises.opened() as store:

        async def look() -> str:
            async for _ in store.watch():
                if note := await store.note("other"):
                    return note
            return "closed"

        looking = asyncio.ensure_future(look())
        async with other("once", premises) as process:
            await process.wait()
        assert await asyncio.wait_for(looking, 2) == "was here"


async def test_a_writer_waits_for_another_process(premises: Premises) -> None:
    """A transaction begun while another process writes waits, and goes through after it."""
    async with premises.opened() as store:
        async with other("hold", premises) as process:
            assert await line(process) == "holding"
            writing = asyncio.ensure_future(add(store))
            await asyncio.wait({writing}, timeout=0.2)
            assert not writing.done()
            assert await store.companies.list() == []
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.wait_for(writing, 9)
        assert len(await store.companies.list()) == 1
        assert await store.note("held") == "uncommitted"


async def test_a_killed_writer_blocks_nobody(premises: Premises) -> None:
    """The lock of a process killed in its transaction is free, and its writes are not there."""
    async with premises.opened() as store:
        async with other("hold", premises) as process:
            assert await line(process) == "holding"
            process.kill()
            await process.wait()
        await asyncio.wait_for(add(store), 5)
        assert await store.note("held") == ""


async def add(store: Store) -> None:
    async with store.transaction() as tx:
        await store.companies.add(tx, company())
