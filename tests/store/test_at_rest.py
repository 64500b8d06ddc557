"""What lies in the data directory: nothing of it can be read without the key."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from tests.store.marking import mark
from tests.store.premises import Premises, add_agents, add_children, agent, connect, person, put_own
from ttr_tui.model import Secret
from ttr_tui.store import Store


def found(markers: list[str], folder: Path) -> list[str]:
    """Return what can be read, as text or UTF-16, in any file or any file's name."""
    seen = []
    for file in folder.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        for marker in markers:
            forms = (marker.encode(), marker.encode("utf-16-le"), marker.encode().hex().encode())
            if any(form in content for form in forms) or marker in file.name:
                seen.append(f"{marker} in {file.name}")
    return seen


async def fill(store: Store) -> list[str]:
    """Put a mark into everything that is stored; return the marks."""
    marks = [secrets.token_urlsafe() for _ in range(8)]
    everything = await connect(store, name=marks[0])
    new = replace(agent(everything.company, marks[1]), address=marks[2])
    await add_children(store, everything.master, [new])
    signing_in = agent(everything.company, marks[3])
    await add_agents(store, [signing_in])
    await put_own(store, signing_in, Secret(marks[4]))
    async with store.transaction() as tx:
        await store.authentications.put_company_master(
            tx,
            everything.company,
            replace(person(), name=marks[5]),
            Secret(marks[6]),
            scopes=(),
            granted_by="anna",
        )
        await store.journal.write(tx, "noted", detail=marks[7])
    copy = await store.directory(everything.company)
    await mark(copy, [marks[1]])
    tokens = [everything.master_token.reveal(), everything.own_token.reveal()]
    return [*marks, *tokens, everything.company.tenant_id, "Bea Lindqvist", "SQLite format"]


async def test_no_marker_is_readable(premises: Premises) -> None:
    """No token, name, address, tenant or SQL stands in any file - database, log, index, sidecar -
    while the store is open, after its log is truncated, and after it is closed.
    """
    async with premises.opened() as store:
        marks = await fill(store)
        names = {file.name for file in premises.files()}
        assert {"store.db", "store.db-wal", "store.id"} <= names
        assert any(name.startswith("directory-") for name in names)
        assert found(marks, premises.folder) == []
        assert await store.erase_traces()
        assert found(marks, premises.folder) == []
    assert found(marks, premises.folder) == []


async def test_tokens_are_sealed_inside_the_encrypted_store_too(premises: Premises) -> None:
    """Whoever opens the database itself finds no refresh token, grant or key in any column."""
    async with premises.opened() as store:
        everything = await connect(store)
    async with premises.database() as db:
        content = ""
        for table in await db.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in await db.rows(f'SELECT * FROM "{table["name"]}"'):  # noqa: S608 - own names
                content += repr(tuple(row))
    assert everything.company.name in content
    assert everything.master_token.reveal() not in content
    assert everything.own_token.reveal() not in content
    assert "Mail.ReadBasic.All" in content
    assert "proven_at" not in content


async def test_files_and_folders_belong_to_their_owner(premises: Premises) -> None:
    """Files are 0600 and folders 0700, also where they were found open to others."""
    premises.data.mkdir(mode=0o755)
    async with premises.opened() as store:
        await fill(store)
        for file in premises.files():
            assert file.stat().st_mode & 0o777 == 0o600, file.name
        assert premises.data.stat().st_mode & 0o777 == 0o700
        assert premises.key_file.parent.stat().st_mode & 0o777 == 0o700
