"""The journal: written with the act it tells of, sent to the system's log, never failing it."""

from __future__ import annotations

import asyncio
import os
import select
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.store.premises import ANNA, NOON, Premises
from ttr_tui.model import Actor, JournalEntry
from ttr_tui.store import Store
from ttr_tui.store.database import Database
from ttr_tui.store.journal import Journal
from ttr_tui.store.syslog import LONGEST_LINE, Syslog


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that listens as syslog or journald does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "log"))
        receiver.setblocking(False)
        yield receiver


@pytest.fixture
async def db(premises: Premises) -> AsyncIterator[Database]:
    async with premises.opened():
        pass
    async with premises.database() as database:
        yield database


def journal(db: Database, tmp_path: Path, actor: Actor = ANNA, at: datetime = NOON) -> Journal:
    return Journal(db, actor, Syslog(tmp_path / "log"), lambda: at)


def lines(listener: socket.socket) -> list[str]:
    heard = []
    with suppress(BlockingIOError):
        while True:
            heard.append(listener.recv(100_000).decode())
    return heard


async def test_an_entry_says_who_what_when_and_how(db: Database, tmp_path: Path) -> None:
    """An entry keeps the actor, the origin, the act, its subject, its outcome and the time."""
    async with db.transaction() as tx:
        number = await journal(db, tmp_path).write(
            tx, "renamed", company_name="Contoso", subject="it", outcome="refused", detail="why"
        )
    expected = JournalEntry(
        number, NOON, "anna", "203.0.113.7", "renamed", "Contoso", "it", "refused", "why"
    )
    assert await journal(db, tmp_path).since() == [expected]


async def test_an_act_that_fails_leaves_no_entry(
    db: Database, tmp_path: Path, listener: socket.socket
) -> None:
    """An entry of a transaction that is rolled back is neither in the journal nor in syslog."""
    with suppress(LookupError):
        async with db.transaction() as tx:
            await journal(db, tmp_path).write(tx, "never")
            assert lines(listener) == []
            raise LookupError
    assert await journal(db, tmp_path).since() == []
    assert lines(listener) == []


async def test_each_entry_is_sent_to_syslog_once(
    db: Database, tmp_path: Path, listener: socket.socket
) -> None:
    """After the commit each entry is one line of facility AUTH under the product's name."""
    async with db.transaction() as tx:
        await journal(db, tmp_path).write(tx, "one", company_name="Contoso", detail='say "so"')
        await journal(db, tmp_path, Actor("root")).write(tx, "two")
    first, second = lines(listener)
    assert first == (
        f'<38>ttr-tui[{os.getpid()}]: journal="1" who="anna" from="203.0.113.7" what="one"'
        ' company="Contoso" outcome="done" detail="say \\"so\\""'
    )
    assert 'who="root" from="local" what="two"' in second


async def test_a_line_of_syslog_cannot_be_forged(
    db: Database, tmp_path: Path, listener: socket.socket
) -> None:
    """Line ends, ESC and bidi controls from outside are visible text; long ones are cut."""
    async with db.transaction() as tx:
        await journal(db, tmp_path).write(tx, "one", detail="a\n<38>sshd: \x1b[2J\u202eb")
        await journal(db, tmp_path).write(tx, "two", detail="x" * 5000)
    first, second = lines(listener)
    assert first.isprintable()
    assert "<U+202E>" in first
    assert len(second) < LONGEST_LINE + 100


async def test_without_syslog_the_act_goes_on(
    db: Database, tmp_path: Path, listener: socket.socket, capfd: pytest.CaptureFixture[str]
) -> None:
    """No socket, a dead one, and one that does not read hold nothing up and write nothing to the
    terminal.
    """
    deaf = tmp_path / "deaf"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(deaf))
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        entry = JournalEntry(1, NOON, "anna", "", "x", "", "", "done", "x" * 1500)
        while Syslog(deaf).send(entry):
            pass
    dead = tmp_path / "log"
    listener.close()
    for path in (tmp_path / "none", dead, deaf):
        told = Journal(db, ANNA, Syslog(path), lambda: NOON)
        async with db.transaction() as tx:
            await told.write(tx, "done all the same")
    assert len(await journal(db, tmp_path).since()) == 3
    assert capfd.readouterr() == ("", "")


async def test_many_subjects_of_one_act_have_an_entry_each(
    db: Database, tmp_path: Path, listener: socket.socket
) -> None:
    """One act on many gives one entry each, numbered on, in their order, here and in syslog."""
    told = journal(db, tmp_path)
    async with db.transaction() as tx:
        first = await told.write(tx, "before")
        await told.write_each(tx, "deleted", ["Bea", "A\ud800"], company_name="Contoso", detail="d")
        assert await told.write(tx, "after") == first + 3
    _, bea, mended, _ = await told.since()
    assert bea == JournalEntry(
        first + 1, NOON, "anna", "203.0.113.7", "deleted", "Contoso", "Bea", "done", "d"
    )
    assert mended.subject == "A\ufffd"
    heard = lines(listener)
    async with asyncio.timeout(5):
        while len(heard) < 4:
            await asyncio.to_thread(select.select, [listener], [], [], 1)
            heard += lines(listener)
    assert [line for line in heard if 'subject="Bea"' in line]


async def test_acts_of_one_transaction_are_told_one_after_the_other(
    db: Database, tmp_path: Path, listener: socket.socket
) -> None:
    """Syslog hears of many in the order in which they stand in the journal."""
    told = journal(db, tmp_path)
    subjects = [f"No {number:02}" for number in range(8)]
    async with db.transaction() as tx:
        for start in range(0, len(subjects), 2):
            some = subjects[start : start + 2]
            await told.write_each(tx, "deleted", some, company_name="Contoso", detail="d")
    heard: list[str] = []
    async with asyncio.timeout(5):
        while len(heard) < len(subjects):
            await asyncio.to_thread(select.select, [listener], [], [], 1)
            heard += lines(listener)
    assert [line.partition('subject="')[2][:5] for line in heard] == subjects


async def test_a_system_without_a_log_is_told_nothing(tmp_path: Path) -> None:
    """With no path at all - a demo, a test - no socket is looked for."""
    assert not Syslog(None).send(JournalEntry(1, NOON, "anna", "", "x", "", "", "done", ""))


async def test_a_span_of_the_journal(db: Database, tmp_path: Path) -> None:
    """From a time on, that time included; with a limit the last ones; always oldest first."""
    for hours in range(5):
        async with db.transaction() as tx:
            await journal(db, tmp_path, at=NOON + timedelta(hours=hours)).write(tx, str(hours))
    told = journal(db, tmp_path)
    since = NOON + timedelta(hours=2)
    assert [entry.what for entry in await told.since(since)] == ["2", "3", "4"]
    assert [entry.what for entry in await told.since(since, limit=2)] == ["3", "4"]
    assert [entry.what for entry in await told.since(limit=2)] == ["3", "4"]
    assert len(await told.since()) == 5


async def test_entries_of_many_writers_keep_their_order(store: Store) -> None:
    """Numbers go up in the order of the commits."""

    async def write(what: int) -> int:
        async with store.transaction() as tx:
            return await store.journal.write(tx, str(what))

    numbers = await asyncio.gather(*(write(what) for what in range(20)))
    assert sorted(numbers) == [entry.id for entry in await store.journal.since()]
