"""The floor beneath the store: plain SQLite, no encryption, no sync, nothing but the rows."""

from __future__ import annotations

import secrets
import sqlite3
import time
import uuid
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ttr_tui.model import DirectoryUser

SEALED_BYTES = 200
"""About what a child's sealed grant takes."""

TABLES = """
    PRAGMA synchronous = OFF;
    CREATE TABLE agents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, company TEXT,
        tenant TEXT, object_id TEXT, name TEXT, address TEXT, created INTEGER,
        UNIQUE (tenant, object_id));
    CREATE INDEX agents_of_company ON agents (company);
    CREATE TABLE authentications (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, company TEXT,
        kind TEXT, agent INTEGER UNIQUE, parent INTEGER, status TEXT, since INTEGER);
    CREATE INDEX children_of_parent ON authentications (parent);
    CREATE TABLE tokens (root INTEGER, authentication INTEGER, sealed BLOB,
        PRIMARY KEY (root, authentication)) WITHOUT ROWID;
    CREATE TABLE items (run INTEGER, place INTEGER, object_id TEXT, name TEXT, address TEXT,
        outcome TEXT, PRIMARY KEY (run, place)) WITHOUT ROWID;
    CREATE TABLE users (rid INTEGER PRIMARY KEY, object_id TEXT, name TEXT, address TEXT,
        department TEXT, title TEXT);
"""


def opened(file: Path) -> sqlite3.Connection:
    """Return an empty database with the tables of the floor."""
    raw = sqlite3.connect(file, isolation_level=None)
    raw.executescript(TABLES)
    return raw


def add_agents(raw: sqlite3.Connection, users: Sequence[DirectoryUser]) -> float:
    """Insert agents, their authentications and sealed bytes at once; return the seconds."""
    ids = [(uuid.uuid4().hex, uuid.uuid4().hex) for _ in users]
    sealed = secrets.token_bytes(SEALED_BYTES)
    began = time.perf_counter()
    raw.execute("BEGIN")
    raw.executemany(
        "INSERT INTO agents (id, company, tenant, object_id, name, address, created)"
        " VALUES (?, 'company', 'tenant', ?, ?, ?, 1)",
        ((one[0], user.object_id, user.name, user.address) for one, user in zip(ids, users)),  # noqa: B905 - as many
    )
    raw.executemany(
        "INSERT INTO authentications (id, company, kind, agent, parent, status, since)"
        " VALUES (?, 'company', 'child', ?, 1, 'healthy', 1)",
        ((one[1], number) for number, one in enumerate(ids, 1)),
    )
    raw.executemany(
        "INSERT INTO tokens VALUES (1, ?, ?)", ((number, sealed) for number in range(len(ids)))
    )
    raw.execute("COMMIT")
    return time.perf_counter() - began


def add_items(raw: sqlite3.Connection, users: Sequence[DirectoryUser]) -> float:
    """Insert a row for each user of a run at once; return the seconds."""
    began = time.perf_counter()
    raw.execute("BEGIN")
    raw.executemany(
        "INSERT INTO items VALUES (1, ?, ?, ?, ?, 'waiting')",
        ((n, user.object_id, user.name, user.address) for n, user in enumerate(users)),
    )
    raw.execute("COMMIT")
    return time.perf_counter() - began


def delete_all(raw: sqlite3.Connection) -> float:
    """Delete every authentication with its sealed bytes; return the seconds."""
    began = time.perf_counter()
    raw.execute("BEGIN")
    raw.execute("DELETE FROM tokens WHERE root = 1")
    raw.execute("DELETE FROM authentications WHERE parent = 1")
    raw.execute("COMMIT")
    return time.perf_counter() - began


def look_up_a_hundred(file: Path, count: int, rounds: int) -> list[float]:
    """Return the milliseconds in which a hundred of `count` users are read by their row ids."""
    with closing(sqlite3.connect(file)) as raw:
        times = []
        for number in range(rounds):
            first = number * 7919 % max(count - 100, 1)
            began = time.perf_counter()
            raw.execute(
                "SELECT * FROM users WHERE rid BETWEEN ? AND ?", (first, first + 99)
            ).fetchall()
            times.append((time.perf_counter() - began) * 1000)
        return times


def add_users(raw: sqlite3.Connection, users: Sequence[DirectoryUser]) -> float:
    """Insert a page of users; return the seconds."""
    began = time.perf_counter()
    raw.execute("BEGIN")
    raw.executemany(
        "INSERT INTO users (object_id, name, address, department, title) VALUES (?, ?, ?, ?, ?)",
        ((u.object_id, u.name, u.address, u.department, u.title) for u in users),
    )
    raw.execute("COMMIT")
    return time.perf_counter() - began


def line_of(user: DirectoryUser) -> str:
    """Return a user as one line of text."""
    return f"{user.name}\t{user.address}\t{user.department}\t{user.title}\t{user.office}\n"
