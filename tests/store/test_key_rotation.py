"""Another store key: everything that lives moves to it, whoever reads, writes or dies meanwhile."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from asyncio.subprocess import Process
from pathlib import Path

import pytest

from tests.store.premises import ANNA, Connected, Premises, connect
from tests.store.test_at_rest import found
from tests.store.test_backups import UnderWay, begin, key_of
from tests.store.test_processes import line, other
from ttr_tui import attempts
from ttr_tui.errors import (
    Refused,
    StoreBroken,
    StoreError,
    StoreKeyWrong,
)
from ttr_tui.model import Purpose, now
from ttr_tui.store import BACKUP_FILE_NOTE, Home, Store, see_key
from ttr_tui.store.connect import connect_reader, told
from ttr_tui.store.journal import draft_entry
from ttr_tui.store.keys import StoreKey, new_key
from ttr_tui.store.restoring import Step as RestoreStep
from ttr_tui.store.rotation import SEALED, Rotation, Step

SIGN_IN = Purpose.COMPANY_MASTER
BELOW_ROOTS = {("tokens", "sealed"), ("directory_keys", "sealed")}


def store_files(premises: Premises) -> list[Path]:
    return sorted(premises.data.glob("store*.db"))


async def works(store: Store, of: Connected, open_then: UnderWay) -> None:
    """Tokens, links, pending answers and waiting sign-ins are what they were."""
    assert await store.authentications.refresh_token(of.master) == of.master_token
    assert await store.authentications.refresh_token(of.own) == of.own_token
    for child in of.children:
        await store.authentications.grant(child)
    link = open_then.link
    by_code = await store.attempts.by_code(SIGN_IN, link.rpartition("/")[2])
    assert (by_code.id, by_code.link) == (open_then.attempt_id, link)
    request = await attempts.peek(store, SIGN_IN, open_then.press.state)
    assert request.flow.reveal() == open_then.press.flow
    assert request.browser_hash == store.attempts.requests.browser_hash("cookie")
    waited = [a for a in await store.attempts.open_of(of.company.id) if a.id != by_code.id]
    assert [(await store.attempts.waiting.get(one.id))[1].reveal() for one in waited] == ["{}"]
    await store.directory(of.company)


def opens(file: Path, key: StoreKey) -> bool:
    try:
        with told(file):
            connect_reader(file, key.database_key()).close()
    except StoreBroken:
        return False
    return True


async def test_everything_moves_while_it_is_used(premises: Premises) -> None:
    """Two open stores read and write across the move and lose nothing; the old key opens nothing
    any more, and the old file is gone. What is written afterwards is seen by both, and by whoever
    opens the store anew.
    """
    async with premises.opened() as mine, premises.opened() as theirs:
        of = await connect(mine)
        open_then = await begin(mine, of)
        await works(theirs, of, open_then)
        old, reads = key_of(premises), 0
        moving = asyncio.ensure_future(mine.rotate_key())
        while not moving.done() or reads < 20:
            reads += 1
            await works(theirs, of, open_then)
            async with theirs.transaction() as tx:
                await theirs.set_note(tx, f"across {reads}", "kept")
        rotated = await moving
        assert (rotated.former_id, rotated.unreadable) == (old.key_id, 0)
        assert rotated.key_id == mine.key_id == theirs.key_id == key_of(premises).key_id
        for store in (mine, theirs):
            await works(store, of, open_then)
            assert [await store.note(f"across {n + 1}") for n in range(reads)] == ["kept"] * reads
            entry = [e for e in await store.journal.since() if e.what == "store key rotated"]
            assert [e.detail for e in entry] == [f"{old.key_id} -> {rotated.key_id}"]
        assert mine.challenge(b"nonce") == theirs.challenge(b"nonce")
        [file] = store_files(premises)
        assert file.name != "store.db"
        assert not opens(file, old)
        assert not any(old.raw.hex().encode() in f.read_bytes() for f in premises.files())
        assert found([of.company.name, of.master_token.reveal()], premises.folder) == []
        assert {f.stat().st_mode & 0o777 for f in premises.files()} == {0o600}
    async with premises.opened() as anew:
        await works(anew, of, open_then)
    seen = see_key(Home(premises.data, premises.key_file, key_is_given=True))
    assert (seen.key_id, seen.since) == (rotated.key_id, rotated.entry.at)


async def test_a_watcher_goes_along(premises: Premises) -> None:
    """Who only watches sees, within a moment, what others write after the move, and after the next
    one; a program that only waits goes along too.
    """
    async with premises.opened() as mine, premises.opened() as theirs:
        waiting = asyncio.ensure_future(theirs.keep_following())
        for round_ in ("first", "second"):
            await mine.rotate_key()
            async with mine.transaction() as tx:
                await mine.set_note(tx, "round", round_)
            async with asyncio.timeout(2):
                async for _ in theirs.watch():
                    if await theirs.note("round") == round_:
                        break
        await mine.rotate_key()
        await asyncio.wait({waiting}, timeout=0.7)
        assert theirs.key_id == mine.key_id
        waiting.cancel()
        assert len(store_files(premises)) == 1


async def test_another_process_writes_across_it_and_loses_nothing(premises: Premises) -> None:
    """Every note that another process was told is committed is there after two moves; it never
    notices more than a pause.
    """
    async with premises.opened() as store, other("write", premises) as process:
        for _ in range(2):
            said = int(await line(process))
            await store.rotate_key()
            for _ in range(10):
                said = int(await line(process))
        process.kill()
        await process.wait()
        last = int(await store.note("last"))
        assert last >= said >= 20
        for number in range(last + 1):
            assert len(await store.note(f"note {number}")) == 10_000
    assert len(store_files(premises)) == 1


async def move_until(process: Process, act: str, premises: Premises, how: str) -> None:
    """Have another process move the store and be killed after a step, or find no room (`full`)."""
    assert process.stdin is not None
    process.stdin.write(f"{act} {premises.folder} {how}\n".encode())
    status = int((await line(process)).removeprefix("status "))
    assert os.waitstatus_to_exitcode(status) == (1 if how == "full" else -signal.SIGKILL)


async def test_killed_at_any_step_the_store_is_whole(premises: Premises) -> None:
    """After kill -9 at each step, and after a disk that takes no more, store and key fit together:
    the old ones before the switch, the new ones after it. An open store goes on writing where it
    counts, and nothing of the other one is left.
    """
    async with other("children", premises) as process:
        for how in (*Step, "full"):
            here = Premises(premises.folder / how.replace(" ", "-"))
            async with here.opened() as store:
                of = await connect(store)
                open_then = await begin(store, of)
                before = store.key_id
                await move_until(process, "rotate", here, how)
                async with store.transaction() as tx:
                    await store.set_note(tx, "after", how)
                await works(store, of, open_then)
                moved = how in (Step.SWITCHED, Step.KEY_INSTALLED, Step.CLEARED)
                assert (store.key_id != before) == moved
                async with here.opened() as anew:
                    assert anew.key_id == store.key_id
                    assert await anew.note("after") == how
                    await works(anew, of, open_then)
            assert len(store_files(here)) == 1
            assert not [f for f in here.files() if f.name.endswith(".next")]


async def test_a_disk_that_fails_behind_the_switch_loses_nothing(premises: Premises) -> None:
    """The name is given, and flushing it is refused: what it names is the store, and stays."""
    home = Home(premises.data, premises.key_file, key_is_given=True)
    entry = draft_entry(ANNA, "store key rotated", subject="store", detail="", at=now())
    async with premises.opened() as store:
        of = await connect(store)
        open_then = await begin(store, of)
        before = store.key_id
        steps = Rotation(home, entry).steps()
        assert next(step for step in steps if step is Step.ANNOUNCED)
        (premises.data / "store.id.next").replace(premises.data / "store.id")
        with pytest.raises(StoreError, match="Input/output error"):
            steps.throw(OSError(errno.EIO, os.strerror(errno.EIO)))
        await works(store, of, open_then)
        assert store.key_id == key_of(premises).key_id != before
    assert len(store_files(premises)) == 1


async def test_nothing_but_our_own_is_erased_beside_the_key(premises: Premises) -> None:
    """A key that an operator made beside the present one, under whatever name, is left alone, and
    so is what a link leads to and what the old key is called elsewhere, across a move.
    """
    async with premises.opened() as store:
        folder = premises.key_file.parent
        theirs = [folder / f"store.key{end}" for end in (".next", ".new", ".old")]
        for file in theirs:
            file.write_text(new_key().hex())
        elsewhere, copy = premises.folder / "elsewhere", premises.folder / "copy of the key"
        elsewhere.write_text("precious")
        copy.hardlink_to(premises.key_file)
        old = copy.read_bytes()
        (folder / ".store.key.next").symlink_to(elsewhere)
        written = [file.read_bytes() for file in theirs]
        async with premises.opened():
            assert not (folder / ".store.key.next").is_symlink()
        (folder / ".store.key.next").symlink_to(elsewhere)
        await store.rotate_key()
        assert [file.read_bytes() for file in theirs] == written
        assert (elsewhere.read_text(), copy.read_bytes()) == ("precious", old)
        assert key_of(premises).key_id == store.key_id


async def test_killed_while_restoring_one_of_the_two_is_there(premises: Premises) -> None:
    """After kill -9 at each step, and with no room left, the store that was there or the backup is
    whole; what was there is never lost, and nothing half done is left.
    """
    async with other("children", premises) as process:
        for how in (*RestoreStep, "full"):
            here = Premises(premises.folder / how.replace(" ", "-"))
            file = here.folder / "then.backup"
            async with here.opened() as store:
                await store.back_up(file)
                of = await connect(store)
            await move_until(process, "restore", here, how)
            async with here.opened() as store:
                there = [] if how == RestoreStep.SWITCHED else [of.company]
                assert await store.companies.list() == there
                assert await store.note(BACKUP_FILE_NOTE) == str(file)
            assert len(store_files(here)) == 1
            assert not list(here.data.glob(".restoring-*"))
            kept = list(here.data.glob("replaced-*"))
            assert len(kept) == (how not in (RestoreStep.UNPACKED, "full"))
            for aside in kept:
                async with apart(here, aside).opened() as store:
                    assert await store.authentications.refresh_token(of.master) == of.master_token


def apart(here: Premises, aside: Path) -> Premises:
    """What was kept aside, as a store of its own with the key it had."""
    moved = Premises(here.folder / "apart")
    moved.key_file.parent.mkdir(parents=True)
    moved.key_file.write_bytes(here.key_file.read_bytes())
    aside.rename(moved.data)
    return moved


async def test_a_key_we_cannot_replace_is_the_operators(premises: Premises) -> None:
    """Without a key of theirs it is refused, and nothing moves. With one the store moves to it,
    what runs stops with a sentence that names both, and goes on when the key is in place.
    """
    # No name is left for a key beside it: as little can be written there as beside a credential.
    given = Premises(premises.folder / "given")
    long = "k" * 252
    given.key_file.parent.mkdir(parents=True)
    key_file = given.key_file.with_name(long)
    key_file.write_text(new_key().hex())
    given.key_file.symlink_to(key_file)
    new = StoreKey(new_key())
    async with given.opened() as mine, given.opened() as theirs:
        before = mine.key_id
        with pytest.raises(Refused, match=r"cannot be replaced: File name too long"):
            await mine.rotate_key()
        with pytest.raises(Refused, match="already"):
            await mine.rotate_key(key_of(given))
        assert [f.name for f in store_files(given)] == ["store.db"]
        rotated = await mine.rotate_key(new)
        assert (rotated.installed, rotated.key_id) == (False, new.key_id)
        with pytest.raises(StoreKeyWrong, match=f"moved to key {new.key_id}.*from key {before}"):
            await theirs.keep_following()
        with pytest.raises(StoreKeyWrong):
            await theirs.companies.list()
        with pytest.raises(StoreKeyWrong):
            await given.open(key_is_given=True)
        key_file.write_text(new.raw.hex())
        assert await theirs.companies.list() == []
        assert theirs.key_id == new.key_id


async def test_every_sealed_column_is_known(premises: Premises) -> None:
    """Whatever is stored as bytes is sealed anew, or hangs below a root's key, which is."""
    async with premises.opened() as store:
        columns = await store._db.rows(
            "SELECT m.name, c.name AS column_name FROM sqlite_master AS m"
            " JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND c.type = 'BLOB'"
        )
    known = {(table, column) for table, _, column in SEALED}
    assert {(row["name"], row["column_name"]) for row in columns} == known | BELOW_ROOTS
