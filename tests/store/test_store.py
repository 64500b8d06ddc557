"""Opening and closing the whole store."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from tests.store.premises import Premises, connect
from ttr_tui.errors import StoreBroken, StoreError, StoreKeyMissing, StoreKeyWrong
from ttr_tui.store.keys import new_key


async def test_what_was_stored_is_there_in_the_next_process(premises: Premises) -> None:
    """Companies, trees and tokens come back after the store was closed and opened again."""
    async with premises.opened() as store:
        before = await connect(store)
    async with premises.opened() as store:
        tree = await store.authentications.tree(before.company.id)
        assert (tree.master, tree.own) == (before.master, [before.own])
        assert await store.authentications.refresh_token(before.master) == before.master_token


async def test_two_first_openings_at_once_make_one_store(premises: Premises) -> None:
    """Who starts on an empty server at the same moment shares one key and one store."""
    opened = await asyncio.gather(*(premises.open() for _ in range(4)))
    one, other, *_ = opened
    assert len({store.key_id for store in opened}) == 1
    made = await connect(one)
    assert await other.authentications.refresh_token(made.master) == made.master_token
    for store in opened:
        await store.close()


async def test_a_wrong_key_opens_nothing_and_changes_nothing(premises: Premises) -> None:
    """With another key in the file, nothing opens and no byte changes."""
    async with premises.opened() as store:
        await connect(store)
    right = premises.key_file.read_text()
    premises.key_file.write_text(new_key().hex())
    before = {file: file.read_bytes() for file in premises.files()}
    with pytest.raises(StoreKeyWrong):
        await premises.open()
    assert {file: file.read_bytes() for file in premises.files()} == before
    premises.key_file.write_text(right)
    async with premises.opened() as store:
        assert len(await store.companies.list()) == 1


async def test_a_missing_key_opens_nothing_and_makes_nothing(premises: Premises) -> None:
    """Without the key file nothing opens, and no new key appears beside the old store."""
    async with premises.opened():
        pass
    premises.key_file.unlink()
    for given in (False, True):
        with pytest.raises(StoreKeyMissing):
            await premises.open(key_is_given=given)
    assert not premises.key_file.exists()


async def test_a_wrong_key_is_known_without_the_sidecar(premises: Premises) -> None:
    """The database itself refuses a wrong key when the sidecar was lost; a right one mends it."""
    async with premises.opened():
        pass
    sidecar = premises.data / "store.id"
    text, right = sidecar.read_text(), premises.key_file.read_text()
    sidecar.unlink()
    premises.key_file.write_text(new_key().hex())
    with pytest.raises(StoreBroken, match=r"store\.id"):
        await premises.open()
    assert not sidecar.exists()
    premises.key_file.write_text(right)
    async with premises.opened():
        assert sidecar.read_text() == text


async def test_a_sidecar_that_fits_nothing_opens_nothing(premises: Premises) -> None:
    """One that names a file that is not there, or elsewhere, is said, and so are two stores without
    one: nothing is made, opened or removed.
    """
    async with premises.opened() as store:
        await store.rotate_key()
    sidecar = premises.data / "store.id"
    named = json.loads(sidecar.read_text())
    [file] = premises.data.glob("store-*.db")
    for wrong in ("store-" + "0" * 16 + "-" + "0" * 8 + ".db", "../store.db", "directory-1.db", ""):
        sidecar.write_text(json.dumps(named | {"file": wrong}))
        before = {one: one.read_bytes() for one in premises.files()}
        with pytest.raises(StoreBroken, match=r"store\.id"):
            await premises.open()
        assert {one: one.read_bytes() for one in premises.files()} == before
    sidecar.unlink()
    shutil.copy(file, premises.data / "store.db")
    with pytest.raises(StoreBroken, match="which of the 2 files"):
        await premises.open()
    assert len(list(premises.data.glob("store*.db"))) == 2
    (premises.data / "store.db").unlink()
    async with premises.opened():
        assert json.loads(sidecar.read_text()) == named


async def test_a_damaged_store_is_said(premises: Premises) -> None:
    """A store whose file is no database any more is refused with a sentence."""
    async with premises.opened():
        pass
    (premises.data / "store.db").write_bytes(bytes(100_000))
    with pytest.raises(StoreBroken, match=r"store\.db is damaged"):
        await premises.open()


async def test_a_place_that_cannot_be_used_is_said(premises: Premises) -> None:
    """A file where the data directory should be is a sentence."""
    premises.data.write_text("in the way")
    with pytest.raises(StoreError, match="data cannot be read or written"):
        await premises.open()


async def test_a_moved_store_opens(premises: Premises) -> None:
    """Data directory and key may be moved to another place together."""
    async with premises.opened() as store:
        before = await connect(store)
    elsewhere = Premises(premises.folder / "elsewhere")
    shutil.copytree(premises.data, elsewhere.data)
    shutil.copytree(premises.key_file.parent, elsewhere.key_file.parent)
    async with elsewhere.opened() as store:
        assert await store.companies.list() == [before.company]


async def test_only_the_same_store_answers_a_challenge(premises: Premises) -> None:
    """Two processes of one store answer alike; another store answers otherwise."""
    stranger = Premises(premises.folder / "other")
    stranger.data.mkdir(parents=True)
    async with premises.opened() as one, premises.opened() as same, stranger.opened() as other:
        nonce = new_key()
        assert one.challenge(nonce) == same.challenge(nonce)
        assert one.challenge(nonce) != other.challenge(nonce)
        assert one.challenge(nonce) != one.challenge(new_key())


async def test_notes_are_kept(premises: Premises) -> None:
    """A plain fact is replaced by its next value, and empty when it was never kept."""
    async with premises.opened() as store:
        assert await store.note("authority") == ""
        for value in ("one", "two"):
            async with store.transaction() as tx:
                await store.set_note(tx, "authority", value)
    async with premises.opened() as store:
        assert await store.note("authority") == "two"


async def test_closing_twice_is_harmless(premises: Premises) -> None:
    """A store may be closed again after it was closed."""
    store = await premises.open()
    await store.close()
    await store.close()
