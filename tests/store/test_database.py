"""One database: how it is opened, what it says when it cannot be, and what is on the disk."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ttr_tui.errors import Conflict, Gone, StoreBroken, StoreError
from ttr_tui.store.database import Database
from ttr_tui.store.keys import new_key

TABLE = "CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT;\n"
KEY = new_key()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A database with one table."""
    database = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    yield database
    await database.close()


async def words(db: Database) -> list[str]:
    return [row["word"] for row in await db.rows("SELECT word FROM words ORDER BY rowid")]


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def put(db: Database, word: str) -> None:
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO words VALUES (?)", (word,))


async def test_the_safe_settings_are_in_force(db: Database) -> None:
    """Both connections are durable, wipe what they delete, and never spill to plain files."""
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "page_size": 16384,
        "busy_timeout": 10000,
    }
    async with db.transaction() as tx:
        for name, value in expected.items():
            for row in (await tx.row(f"PRAGMA {name}"), await db.row(f"PRAGMA {name}")):
                assert row is not None
                assert str(row[0]) == str(value), name


async def test_files_belong_to_their_owner(db: Database, tmp_path: Path) -> None:
    """Database, log and index are 0600 whatever the umask; one found open to others is closed."""
    await put(db, "word")
    modes = {file.name: file.stat().st_mode & 0o777 for file in files(tmp_path)}
    assert modes == {"words.db": 0o600, "words.db-wal": 0o600, "words.db-shm": 0o600}
    await db.close()
    (tmp_path / "words.db").chmod(0o644)
    again = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    assert (tmp_path / "words.db").stat().st_mode & 0o777 == 0o600
    await again.close()


async def test_nothing_is_readable_on_the_disk(db: Database, tmp_path: Path) -> None:
    """Neither table names nor values nor SQLite's own header stand in any file, nor does plain
    SQLite open it.
    """
    marker = secrets.token_urlsafe()
    await put(db, marker)
    for _ in range(2):
        for file in files(tmp_path):
            content = file.read_bytes()
            assert marker.encode() not in content
            assert b"words" not in content
            assert b"SQLite format" not in content
        assert await db.truncate()
    plain = sqlite3.connect(tmp_path / "words.db")
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM words")
    plain.close()


async def test_another_key_is_refused_without_a_word_on_the_terminal(
    db: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A wrong key is a sentence; SQLCipher's own complaint does not reach the screen."""
    await put(db, "word")
    with pytest.raises(StoreBroken, match="damaged, or was made with another key"):
        await Database.open(tmp_path / "words.db", new_key(), [TABLE])
    assert capfd.readouterr() == ("", "")
    assert await words(db) == ["word"]


async def test_damage_is_said(db: Database, tmp_path: Path) -> None:
    """A flipped byte in a page is noticed and said, not read."""
    await put(db, "word")
    assert await db.truncate()
    await db.close()
    file = tmp_path / "words.db"
    content = bytearray(file.read_bytes())
    content[16384 + 500] ^= 1
    file.write_bytes(content)
    again = await Database.open(file, KEY, [TABLE])
    with pytest.raises(StoreBroken):
        await words(again)
    await again.close()


async def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    """The disk's own errors come as sentences that name the file."""
    with pytest.raises(StoreError, match=r"gone/words\.db cannot be read or written"):
        await Database.open(tmp_path / "gone" / "words.db", KEY, [TABLE])


async def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    """Each migration runs once; a later version adds to what an earlier one made."""
    path = tmp_path / "words.db"
    first = await Database.open(path, KEY, [TABLE])
    await put(first, "kept")
    await first.close()
    second = await Database.open(path, KEY, [TABLE, "ALTER TABLE words ADD COLUMN language TEXT;"])
    row = await second.row("SELECT * FROM words")
    assert row is not None
    assert dict(row) == {"word": "kept", "language": None}
    version = await second.row("PRAGMA user_version")
    assert version is not None
    assert version[0] == 2
    await second.close()


async def test_a_failing_migration_leaves_the_version_before_it(tmp_path: Path) -> None:
    """A migration is one transaction: what failed half-way left nothing, and is a crash."""
    path = tmp_path / "words.db"
    halfway = "CREATE TABLE more (a TEXT);\n-- a comment; with a semicolon\nCREATE TABLE words (b);"
    with pytest.raises(Exception, match="already exists"):
        await Database.open(path, KEY, [TABLE, halfway])
    db = await Database.open(path, KEY, [TABLE])
    names = await db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert [row["name"] for row in names] == ["words"]
    await db.close()


async def test_a_trigger_in_a_migration_stays_whole(tmp_path: Path) -> None:
    """Statements are cut where SQLite says they end, not at every semicolon."""
    trigger = (
        "CREATE TRIGGER twice AFTER INSERT ON words WHEN new.word = 'a'\n"
        "BEGIN\n  INSERT INTO words VALUES ('b');\n  INSERT INTO words VALUES ('c');\nEND;\n"
    )
    db = await Database.open(tmp_path / "words.db", KEY, [TABLE + trigger])
    await put(db, "a")
    assert await words(db) == ["a", "b", "c"]
    await db.close()


async def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    """A file of a newer program is not touched, and both versions are named."""
    path = tmp_path / "words.db"
    newer = await Database.open(path, KEY, [TABLE, "CREATE TABLE future (a TEXT);"])
    await newer.close()
    before = path.read_bytes()
    with pytest.raises(StoreBroken, match="version 2, this program knows 1"):
        await Database.open(path, KEY, [TABLE])
    assert path.read_bytes() == before


async def test_a_broken_rule_of_the_tables_is_a_conflict(db: Database) -> None:
    """A uniqueness that does not hold is a Conflict, and the transaction leaves nothing."""
    await put(db, "once")

    async def twice() -> None:
        async with db.transaction() as tx:
            await tx.execute("INSERT INTO words VALUES ('other')")
            await tx.execute("INSERT INTO words VALUES ('once')")

    with pytest.raises(Conflict):
        await twice()
    assert await words(db) == ["once"]


async def test_a_full_disk_is_a_sentence(db: Database) -> None:
    """When no page can be had any more, the sentence says so and nothing was stored."""

    async def fill() -> None:
        async with db.transaction() as tx:
            await tx.rows("PRAGMA max_page_count = 1")
            rows = [(secrets.token_hex(4000),) for _ in range(100)]
            await tx.executemany("INSERT INTO words VALUES (?)", rows)

    with pytest.raises(StoreError, match="is full"):
        await fill()
    assert await words(db) == []


async def test_a_faulty_statement_crashes(db: Database) -> None:
    """A bug in our own SQL is not dressed up as trouble with the disk."""
    with pytest.raises(Exception, match="no such table") as raised:
        await db.rows("SELECT * FROM nowhere")
    assert not isinstance(raised.value, StoreError)


async def test_reading_connection_cannot_write(db: Database) -> None:
    """What is asked outside a transaction cannot change anything."""
    with pytest.raises(StoreError):
        await db.rows("INSERT INTO words VALUES ('x') RETURNING word")
    assert await words(db) == []


async def test_truncation_is_proven(db: Database, tmp_path: Path) -> None:
    """The log is said to be empty only when no reader elsewhere still holds a part of it."""
    await put(db, "one")
    other = await Database.open(tmp_path / "words.db", KEY, [TABLE])
    async with other.transaction() as tx:
        await tx.rows("SELECT * FROM words")
        await tx.execute("INSERT INTO words VALUES ('two')")
        assert not await db.truncate()
    assert await db.truncate()
    assert (tmp_path / "words.db-wal").stat().st_size == 0
    assert await words(other) == ["one", "two"]
    await other.close()


async def test_after_close_nothing_is_stored(db: Database) -> None:
    """What comes after the end is told that it is too late; closing twice is harmless."""
    await db.close()
    await db.close()
    with pytest.raises(Gone):
        await db.rows("SELECT 1")
    with pytest.raises(Gone):
        await put(db, "late")
    with pytest.raises(Gone):
        await db.truncate()
