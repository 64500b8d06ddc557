"""Putting a backup in the place of the store, so that nothing is lost and nothing old comes alive.

The backup is opened and looked through first. It becomes the store in the one moment in which
`store.id` is replaced; a process that dies before leaves the store that was there, one that dies
after leaves the restored one. What was there is kept aside, whole, in a directory with a date.

What was under way when the backup was made is over: leases, sign-ins that waited for the operator's
word, requests, bulk-add runs, and links that were out - one of them may have been withdrawn since.
What was deleted since is deleted again when the store is opened (`key_file.read_destroyed`).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ttr_tui import errors
from ttr_tui.model import AttemptEnd, JournalEntry, Station
from ttr_tui.store.backup_file import workplace
from ttr_tui.store.backups import BackupSeen, look_into
from ttr_tui.store.connect import (
    PRIVATE_DIRECTORY,
    alone,
    connect_writer,
    make_private_directory,
    told,
)
from ttr_tui.store.copying import change_database
from ttr_tui.store.home import Home
from ttr_tui.store.journal import insert_entry
from ttr_tui.store.keys import StoreKey
from ttr_tui.store.migrations import store_migrations
from ttr_tui.store.owners import somebody_lives
from ttr_tui.store.private_files import flush, flush_directory, take_name, unlink_database
from ttr_tui.store.sidecar import (
    SIDECAR_FILE,
    STORE_FILE,
    UNPACKED,
    Sidecar,
    announce,
    discard_unpacked,
    new_file_name,
    store_files,
    sweep,
    switch,
)
from ttr_tui.store.times import to_micros

if TYPE_CHECKING:
    from sqlite3 import Connection as RawConnection


class Step(StrEnum):
    """What is done, and on the disk."""

    UNPACKED = "unpacked"
    KEPT_ASIDE = "kept aside"
    ANNOUNCED = "announced"
    SWITCHED = "switched"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; where the store that was there lies now, None when there was none.

    `links_ended` links were out, `sign_ins_ended` waited for the operator's word, `runs_ended`
    were under way when the backup was made.
    """

    seen: BackupSeen
    kept_aside: Path | None
    links_ended: int
    sign_ins_ended: int
    runs_ended: int
    entry: JournalEntry


def restore_backup(
    home: Home, file: Path, destroyed: Collection[str], entry: JournalEntry, *, replace: bool
) -> Restored:
    """Make the backup `file` the store at `home`; `entry` is journalled in it.

    Raises Refused while a program of ours has the store open, and without `replace` where a store
    is; StoreKeyMissing; what `look_into` raises; StoreError. Then what was there is unchanged.
    """
    for step in restoring(home, file, destroyed, entry, replace=replace):
        if isinstance(step, Restored):
            return step
    raise RuntimeError("restoring ended before its end")


def restoring(
    home: Home, file: Path, destroyed: Collection[str], entry: JournalEntry, *, replace: bool
) -> Iterator[Step | Restored]:
    """Do as `restore_backup`, one step for each item; the last one is what was restored."""
    data_dir = home.data_dir
    with told(data_dir):
        make_private_directory(data_dir)
    with told(data_dir), alone(data_dir):
        there = _what_is_there(data_dir)
        _require_place(data_dir, there, replace=replace)
        discard_unpacked(data_dir)
        with workplace(data_dir, UNPACKED) as work:
            key = home.key_at_hand()
            seen = look_into(file, work, key, destroyed)
            ended = _end_what_was_under_way(work, key, entry)
            yield Step.UNPACKED
            aside = _keep_aside(data_dir, there, entry) if there else None
            yield Step.KEPT_ASIDE
            present = data_dir / new_file_name(key)
            take_name(work / STORE_FILE, present)
            announce(data_dir, Sidecar.of(key, present.name))
            yield Step.ANNOUNCED
            switch(data_dir)
            yield Step.SWITCHED
            sweep(data_dir, present)
            for copy in data_dir.glob("directory-*.db"):
                unlink_database(copy)
        yield Restored(seen, aside, *ended)


def _what_is_there(data_dir: Path) -> list[Path]:
    sidecar = data_dir / SIDECAR_FILE
    return [*([sidecar] if sidecar.exists() else []), *store_files(data_dir)]


def _require_place(data_dir: Path, there: list[Path], *, replace: bool) -> None:
    if somebody_lives(data_dir):
        raise errors.Refused(
            f"Another program of ours has the store in {data_dir} open.",
            means="Nothing was changed.",
            cure="End every ttr-tui, the service too, and restore then.",
        )
    if there and not replace:
        raise errors.Refused(
            f"There is a store in {data_dir} already.",
            means="Nothing was changed.",
            cure="With --replace it is kept aside, and the backup takes its place.",
        )


def _end_what_was_under_way(
    work: Path, key: StoreKey, entry: JournalEntry
) -> tuple[int, int, int, JournalEntry]:
    moment = to_micros(entry.at)

    def change(raw: RawConnection) -> tuple[int, int, int, JournalEntry]:
        open_links = "SELECT count(*) FROM attempts WHERE ended IS NULL AND expires_at > ?"
        links = int(raw.execute(open_links, (moment,)).fetchone()[0])
        waited = raw.execute("DELETE FROM kept_sign_ins").rowcount
        runs = raw.execute(
            "UPDATE runs SET ended_at = ?, stopped = 1, lease_owner = NULL, lease_until = 0"
            " WHERE ended_at IS NULL",
            (moment,),
        ).rowcount
        raw.execute(
            "UPDATE attempts SET ended_at = ?,"
            " ended = CASE WHEN station IN (?, ?) THEN ? ELSE ? END WHERE ended IS NULL",
            (moment, Station.STORED, Station.PROVEN, AttemptEnd.DONE, AttemptEnd.WITHDRAWN),
        )
        raw.execute(
            "UPDATE authorization_requests SET spent_at = coalesce(spent_at, ?),"
            " flow_sealed = NULL",
            (moment,),
        )
        for table in ("leases", "directory_keys", "changes"):
            raw.execute(f"DELETE FROM {table}")  # noqa: S608 - own words
        return links, waited, runs, insert_entry(raw, entry)

    database = work / STORE_FILE
    with closing(connect_writer(database, key.database_key(), store_migrations())) as raw:
        ended = change_database(raw, change)
    flush(database)
    return ended


def _keep_aside(data_dir: Path, there: list[Path], entry: JournalEntry) -> Path:
    """Give what is there a second name in a directory of its own; the first goes at the end."""
    name = f"replaced-{entry.at.astimezone():%Y-%m-%d-%H%M%S}"
    taken = len(list(data_dir.glob(f"{name}*")))
    aside = data_dir / (f"{name}-{taken}" if taken else name)
    aside.mkdir(mode=PRIVATE_DIRECTORY)
    for file in there:
        for suffix in ("", "-wal", "-shm"):
            source = file.with_name(file.name + suffix)
            if source.exists():
                os.link(source, aside / source.name)
    flush_directory(aside)
    flush_directory(data_dir)
    return aside
