"""Backups: made while others write, looked into without touching the store, put in its place."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.premises import ANNA, Connected, Premises, connect, delete, person, start_run
from tests.store.test_at_rest import fill, found
from tests.store.test_attempts import REDIRECTS, Press
from tests.store.test_processes import line, other
from tests.store.test_runs import users
from ttr_tui import attempts
from ttr_tui.errors import (
    LinkOver,
    Refused,
    StoreBroken,
    StoreError,
    StoreKeyMissing,
    StoreKeyWrong,
)
from ttr_tui.model import AttemptEnd, Purpose, Secret, now
from ttr_tui.store import (
    BACKUP_FILE_NOTE,
    BACKUP_NOTE,
    BackupSeen,
    Home,
    Restored,
    Store,
    restore_backup,
    verify_backup,
)
from ttr_tui.store.journal import draft_entry
from ttr_tui.store.key_file import append_destroyed, load_store_key, read_destroyed
from ttr_tui.store.keys import StoreKey, new_key


def key_of(premises: Premises) -> StoreKey:
    return load_store_key(premises.key_file, True, premises.data)


def verify(premises: Premises, file: Path, key: StoreKey | None = None) -> BackupSeen:
    key = key or key_of(premises)
    return verify_backup(file, key, read_destroyed(premises.destroyed))


def restore(premises: Premises, file: Path, *, replace: bool = False) -> Restored:
    home = Home(premises.data, premises.key_file, key_is_given=True)
    entry = draft_entry(ANNA, "restored", subject="store", detail=str(file), at=now())
    return restore_backup(home, file, read_destroyed(premises.destroyed), entry, replace=replace)


def content(premises: Premises) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in premises.files()}


def archive(file: Path, members: Sequence[tuple[str, bytes]]) -> None:
    with tarfile.open(file, "w") as made:
        for name, raw in members:
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            made.addfile(member, io.BytesIO(raw))


def of_size(member: str, size: bytes, sidecar: bytes, **sparse: str) -> bytes:
    """Return a backup in which the header of one member tells lies of its size."""
    written = io.BytesIO()
    with tarfile.open(None, "w", written, format=tarfile.PAX_FORMAT) as made:
        for name, raw in (("store.id", sidecar), ("store.db", b"1\n0\n0\n".ljust(512, b"\0"))):
            told = tarfile.TarInfo(name)
            told.size = len(raw)
            if name == member:
                told.pax_headers = {f"GNU.sparse.{key}": value for key, value in sparse.items()}
            made.addfile(told, io.BytesIO(raw))
    archive = bytearray(written.getvalue())
    if size:
        at = archive.index(member.encode())
        archive[at + 124 : at + 136] = size
        archive[at + 148 : at + 156] = b" " * 8
        archive[at + 148 : at + 156] = b"%06o\0 " % sum(archive[at : at + 512])
    return bytes(archive)


@dataclass(frozen=True)
class UnderWay:
    """What is under way in a store: links, a request, a sign-in that waits, a run."""

    link: str
    press: Press
    attempt_id: str


async def begin(store: Store, of: Connected) -> UnderWay:
    pressed, waited = [
        await attempts.open_attempt(store, REDIRECTS, of.company, Purpose.COMPANY_MASTER, ANNA)
        for _ in range(2)
    ]
    press = Press(secrets.token_urlsafe(32), json.dumps({"nonce": secrets.token_urlsafe()}))
    await attempts.add_request(
        store,
        pressed,
        press.state,
        Secret(press.flow),
        browser="cookie",
        redirect_uri=REDIRECTS[Purpose.COMPANY_MASTER],
    )
    payload = Secret("{}")
    await attempts.keep(
        store, waited.id, person(), payload, browser_known=True, browser_from="203.0.113.9"
    )
    await start_run(store, of.company, of.master.id, users(2))
    return UnderWay(pressed.link, press, pressed.id)


async def test_a_backup_holds_the_store_and_never_the_key(premises: Premises) -> None:
    """Its name says when and whose; it is its owner's alone, unreadable, and the store knows of it.
    Verifying it counts, opens its sealed rows, and changes no file.
    """
    async with premises.opened() as store:
        marks = await fill(store)
        file = await store.back_up(premises.folder)
        assert file.name.startswith("ttr-tui-")
        assert file.name.endswith(f"-{store.key_id}.backup")
        assert file.stat().st_mode & 0o777 == 0o600
        raw = file.read_bytes()
        key = key_of(premises)
        secrets_of_key = [key.raw, key.database_key(), key.sealing_key()]
        assert not any(one in raw or one.hex().encode() in raw for one in secrets_of_key)
        assert found(marks, premises.folder) == []
        assert await store.note(BACKUP_FILE_NOTE) == str(file)
        made_at = await store.note(BACKUP_NOTE)
        last = (await store.journal.since())[-1]
        assert (last.what, last.detail) == ("backed up", str(file))
        left = premises.folder / ".ttr-tui-killed"
        left.mkdir()
        os.utime(left, (0, 0))
        await store.back_up(premises.folder / "next.backup")
        assert not left.exists()
        with pytest.raises(Refused, match="there already"):
            await store.back_up(file)
        before = content(premises)
        seen = verify(premises, file)
        assert content(premises) == before
        assert (seen.key_id, seen.unreadable, seen.deleted_since) == (store.key_id, 0, 0)
        assert (seen.counts["companies"], seen.counts["agents"]) == (1, 6)
        assert seen.made_at is not None
        assert seen.made_at.isoformat() == made_at
        assert now() - seen.made_at < timedelta(minutes=1)
    with tarfile.open(file) as made:
        assert made.getnames() == ["store.id", "store.db"]


async def test_a_backup_is_of_one_moment_while_another_process_writes(premises: Premises) -> None:
    """Whatever was committed when it was taken is in it, each transaction wholly or not at all."""
    files = []
    async with premises.opened() as store, other("write", premises) as process:
        for number in range(3):
            said = int(await line(process))
            files.append((said, await store.back_up(premises.folder / f"{number}.backup")))
    elsewhere = Premises(premises.folder / "elsewhere")
    elsewhere.key_file.parent.mkdir(parents=True)
    elsewhere.key_file.write_bytes(premises.key_file.read_bytes())
    for said, file in files:
        restore(elsewhere, file, replace=True)
        async with elsewhere.opened() as store:
            last = int(await store.note("last"))
            assert last >= said
            assert [len(await store.note(f"note {n}")) for n in (last, last + 1)] == [10_000, 0]


async def test_what_is_no_whole_backup_of_ours_is_said(premises: Premises) -> None:
    """Another key is named beside ours; what is cut short, damaged, foreign or built to do harm is
    refused with a sentence, and leaves nothing behind.
    """
    async with premises.opened() as store:
        await connect(store)
        file = await store.back_up(premises.folder / "good.backup")
        with pytest.raises(StoreError, match=r"^/proc cannot be read or written"):
            await store.back_up(Path("/proc"))
    stranger = StoreKey(new_key())
    with pytest.raises(StoreKeyWrong) as wrong:
        verify(premises, file, stranger)
    assert key_of(premises).key_id in wrong.value.happened
    assert stranger.key_id in wrong.value.happened
    raw = file.read_bytes()
    with tarfile.open(file) as made:
        sidecar, database = [made.extractfile(m).read() for m in made.getmembers()]  # type: ignore[union-attr]  # both are files
    forged = json.loads(sidecar) | {"check": stranger.check}
    flipped = bytearray(database)
    flipped[len(flipped) // 2] ^= 1
    bad = premises.folder / "bad.backup"
    for broken in (
        raw[: len(raw) // 2],
        raw[:700],
        raw[:100],
        b"",
        b"nothing of ours" * 1000,
        [("store.id", sidecar), ("store.db", bytes(flipped))],
        [("store.id", sidecar), ("store.db", database[:40000])],
        [("store.id", sidecar), ("store.db", b"")],
        [("store.id", sidecar), ("store.db", secrets.token_bytes(100_000))],
        [("store.id", sidecar), ("../store.db", database)],
        [("store.id", b"{}"), ("store.db", database)],
        [("store.db", database)],
        [("store.id", sidecar), ("store.db", database), ("more", b"")],
        [("store.id", b"[" * 4096), ("store.db", database)],
        [("store.id", b'{"key_id": "\\ud800", "check": "\\ud800"}'), ("store.db", database)],
        of_size("store.db", b"", sidecar, major="1", minor="0", realsize="9" * 10),
        of_size("store.db", b"\x80".ljust(12, b"\xff"), sidecar),
        of_size("store.id", b"\x80".ljust(12, b"\xff"), sidecar),
        of_size("store.db", b"\xff" * 12, sidecar),
    ):
        if isinstance(broken, bytes):
            bad.write_bytes(broken)
        else:
            archive(bad, broken)
        before = content(premises)
        with pytest.raises(StoreBroken, match="is no backup of ttr-tui"):
            verify(premises, bad)
        with pytest.raises(StoreBroken, match="is no backup of ttr-tui"):
            restore(premises, bad, replace=True)
        assert content(premises) == before
    archive(bad, [("store.id", json.dumps(forged).encode()), ("store.db", database)])
    with pytest.raises(StoreBroken, match="is no backup of ttr-tui"):
        verify(premises, bad, stranger)
    with pytest.raises(StoreError, match=r"nowhere\.backup cannot be read"):
        verify(premises, premises.folder / "nowhere.backup")


async def test_restoring_keeps_what_was_there_and_revives_nothing(premises: Premises) -> None:
    """What was deleted since is deleted again; links, requests, waiting sign-ins and runs of that
    time are over; the store that was there is kept aside, and opens with its key.
    """
    async with premises.opened() as store:
        gone, stays = await connect(store, "Gone"), await connect(store, "Stays")
        await store.directory(stays.company)
        open_then = await begin(store, stays)
        file = await store.back_up(premises.folder / "then.backup")
        append_destroyed(premises.destroyed, [gone.master.key_id])
        await delete(store, gone.master.id)
        newer = await connect(store, "Newer")
        with pytest.raises(Refused, match="Another program of ours has the store"):
            await asyncio.to_thread(restore, premises, file, replace=True)
    assert verify(premises, file).deleted_since == 1
    with pytest.raises(Refused, match="There is a store"):
        restore(premises, file)
    restored = restore(premises, file, replace=True)
    assert (restored.links_ended, restored.sign_ins_ended, restored.runs_ended) == (2, 1, 1)
    async with premises.opened() as store:
        assert {one.name for one in await store.companies.list()} == {"Gone", "Stays"}
        assert (await store.authentications.tree(gone.company.id)).master is None
        assert await store.authentications.refresh_token(stays.master) == stays.master_token
        assert (await store.attempts.get(open_then.attempt_id)).ended is AttemptEnd.WITHDRAWN
        with pytest.raises(LinkOver):
            await attempts.peek(store, Purpose.COMPANY_MASTER, open_then.press.state)
        assert await store.runs.open_runs() == []
        assert await store.note(BACKUP_FILE_NOTE) == str(file)
        assert [entry.what for entry in await store.journal.since()][-2:] == [
            "restored",
            "deleted again",
        ]
        await store.directory(stays.company)
    aside = Premises(premises.folder / "aside")
    aside.key_file.parent.mkdir(parents=True)
    aside.key_file.write_bytes(premises.key_file.read_bytes())
    assert restored.kept_aside is not None
    restored.kept_aside.rename(aside.data)
    async with aside.opened() as store:
        tree = await store.authentications.tree(newer.company.id)
        assert tree.master == newer.master


async def test_a_new_server_is_restored_with_the_key_alone(premises: Premises) -> None:
    """Without a store, restoring needs the backup's key and makes no other one."""
    async with premises.opened() as store:
        before = await connect(store)
        file = await store.back_up(premises.folder / "moved.backup")
    fresh = Premises(premises.folder / "fresh")
    with pytest.raises(StoreKeyMissing):
        restore(fresh, file)
    fresh.key_file.parent.mkdir(parents=True)
    fresh.key_file.write_text(new_key().hex())
    with pytest.raises(StoreKeyWrong, match=key_of(premises).key_id):
        restore(fresh, file)
    assert not list(fresh.data.iterdir())
    fresh.key_file.write_bytes(premises.key_file.read_bytes())
    assert restore(fresh, file).kept_aside is None
    async with fresh.opened() as store:
        assert await store.companies.list() == [before.company]
        assert found(["Bea Lindqvist", before.company.tenant_id], fresh.folder) == []
        for one in fresh.data.rglob("*"):
            assert one.stat().st_mode & 0o077 == 0
