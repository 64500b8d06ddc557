"""Local copies of directories: under their Company Master's key, and gone with it."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from tests.store.marking import mark, marked
from tests.store.people import user
from tests.store.premises import NOON, Connected, Premises, add_company, connect, delete, put_master
from ttr_tui.errors import NotConnected, StoreError
from ttr_tui.store import DirectoryCopy, Store

MARKED = user(1)


async def mark_one(copy: DirectoryCopy) -> None:
    """Put one user into a copy, selected."""
    await copy.begin_poll(1)
    await copy.put_page([MARKED], "")
    await copy.finish_poll(NOON)
    await mark(copy, [MARKED.object_id])


def copies(premises: Premises) -> set[str]:
    return {file.name for file in premises.data.glob("directory-*")}


async def test_a_company_has_one_copy(connected: Connected, premises: Premises) -> None:
    """Asked for again, the same open copy is given; another company's is another file."""
    store = connected.store
    copy = await store.directory(connected.company)
    assert await store.directory(connected.company) is copy
    other = await connect(store, "Other")
    assert await store.directory(other.company) is not copy
    assert f"directory-{connected.company.id}.db" in copies(premises)
    assert f"directory-{other.company.id}.db" in copies(premises)


async def test_what_is_in_it_survives_a_restart(premises: Premises) -> None:
    """The copy opens again in the next process, with the key kept under the Company Master's."""
    async with premises.opened() as store:
        company = (await connect(store)).company
        await mark_one(await store.directory(company))
    async with premises.opened() as store:
        assert await marked(await store.directory(company)) == {MARKED.object_id}


async def test_no_copy_without_a_company_master(store: Store, premises: Premises) -> None:
    """Without a Company Master there is no key to keep a copy under, and no file is made."""
    company = await add_company(store)
    with pytest.raises(NotConnected):
        await store.directory(company)
    assert copies(premises) == set()


async def test_the_copy_stays_over_a_new_sign_in(connected: Connected) -> None:
    """Signing in again keeps the key, so the copy stays."""
    store = connected.store
    await mark_one(await store.directory(connected.company))
    await put_master(store, connected.company)
    assert await marked(await store.directory(connected.company)) == {MARKED.object_id}


async def test_the_copy_dies_with_its_company_master(connected: Connected) -> None:
    """After the deletion the copy cannot be opened, and a new Company Master begins an empty one,
    though the old file is still there.
    """
    store = connected.store
    await mark_one(await store.directory(connected.company))
    await delete(store, connected.master.id)
    with pytest.raises(NotConnected):
        await store.directory(connected.company)
    await put_master(store, connected.company)
    assert await marked(await store.directory(connected.company)) == set()


async def test_dropping_removes_every_file(connected: Connected, premises: Premises) -> None:
    """Database, log and index are unlinked, an open copy is closed, and doing it twice is fine."""
    store = connected.store
    copy = await store.directory(connected.company)
    await mark_one(copy)
    assert len(copies(premises)) == 3
    await store.drop_directory(connected.company.id)
    await store.drop_directory(connected.company.id)
    assert copies(premises) == set()
    with pytest.raises(StoreError):
        await marked(copy)
    assert await marked(await store.directory(connected.company)) == set()


async def test_a_damaged_copy_is_made_anew(premises: Premises) -> None:
    """A copy is a cache: one that does not open is replaced by an empty one."""
    async with premises.opened() as store:
        company = (await connect(store)).company
        await mark_one(await store.directory(company))
    file = premises.data / f"directory-{company.id}.db"
    file.write_bytes(bytes(40_000))
    async with premises.opened() as store:
        assert await marked(await store.directory(company)) == set()


async def test_a_copy_without_a_key_is_removed_at_the_next_start(premises: Premises) -> None:
    """Files that a crash left behind, or that an older store does not know, go; others stay."""
    async with premises.opened() as store:
        everything, other = await connect(store), await connect(store, "Other")
        await store.directory(everything.company)
        await store.directory(other.company)
    file = premises.data / f"directory-{everything.company.id}.db"
    kept = premises.folder / "kept.db"
    shutil.copy(file, kept)
    async with premises.opened() as store:
        await delete(store, everything.master.id)
        await store.drop_directory(everything.company.id)
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(kept, f"{file}{suffix}")
    async with premises.opened():
        assert copies(premises) == {f"directory-{other.company.id}.db"}


async def test_a_copy_is_closed_when_another_process_deletes(premises: Premises) -> None:
    """A process that still has the copy open lets go of it once it sees that its key is gone."""
    async with premises.opened() as ours:
        everything = await connect(ours)
        copy = await ours.directory(everything.company)

        async def look() -> None:
            async for _ in ours.watch():
                if await ours.authentications.get(everything.master.id) is None:
                    return

        async with premises.opened() as theirs:
            await delete(theirs, everything.master.id)
        await asyncio.wait_for(look(), 5)
        with pytest.raises(StoreError):
            await marked(copy)


async def test_a_companys_id_is_no_path(connected: Connected) -> None:
    """An id that would name a file elsewhere is a bug, and no file is touched."""
    with pytest.raises(ValueError, match="no file name"):
        await connected.store.drop_directory("../store")
