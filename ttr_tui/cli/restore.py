"""`ttr-tui restore`: a backup becomes the store; what was there is kept aside."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.asking import agree
from ttr_tui.cli.backup import backup_facts, backup_record, look
from ttr_tui.cli.opening import DONE, carry_out_closed
from ttr_tui.cli.options import json_option, yes_option
from ttr_tui.model import now
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.settings import Settings
    from ttr_tui.store import BackupSeen, Restored


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Also where a store is; that one is kept aside.")
@yes_option
@json_option
@click.pass_context
def command(context: click.Context, file: Path, replace: bool, yes: bool, as_json: bool) -> None:
    """Put a backup in the place of the store.

    It is verified first, and needs the key it was made under. Every other ttr-tui, the service too,
    must have ended. What was deleted since the backup is deleted again. Links that were out then,
    sign-ins that waited for your word and bulk adds under way are over: make new ones.
    """

    async def work(settings: Settings, out: Output) -> int:
        seen = await asyncio.to_thread(look, settings, file)
        if not as_json:
            for label, told in filter(all, backup_facts(seen)):
                out.say(f"{label}: {told}")
        if not settings.destroyed_file.exists():
            out.say(
                f"{settings.destroyed_file} is not there: what was deleted since this backup comes "
                "back. Put it there first if there is one."
            )
        await agree(out, f"Restore this backup into {settings.data_dir}?", yes=yes)
        restored = await _restore(settings, seen, replace=replace)
        _print(out, settings, restored)
        return DONE

    carry_out_closed(context, work, as_json=as_json)


async def _restore(settings: Settings, seen: BackupSeen, *, replace: bool) -> Restored:
    from ttr_tui.process import who_is_here  # noqa: PLC0415 - help needs none of it
    from ttr_tui.store import Home, Store, Syslog, read_destroyed, restore_backup  # noqa: PLC0415 - as above
    from ttr_tui.store.journal import draft_entry  # noqa: PLC0415 - as above

    actor = who_is_here(os.environ)
    made = stamp(seen.made_at) if seen.made_at else "an unknown day"
    entry = draft_entry(
        actor, "restored", subject="store", detail=f"{seen.file}, of {made}", at=now()
    )
    home = Home(settings.data_dir, settings.key_file, key_is_given=True)
    destroyed = read_destroyed(settings.destroyed_file)
    restored = await asyncio.to_thread(
        restore_backup, home, seen.file, destroyed, entry, replace=replace
    )
    Syslog().send(restored.entry)
    # Opening it deletes again what was deleted since.
    store = await Store.open(
        settings.data_dir,
        settings.key_file,
        key_is_given=True,
        destroyed_file=settings.destroyed_file,
        actor=actor,
    )
    await store.close()
    return restored


def _print(out: Output, settings: Settings, restored: Restored) -> None:
    aside = restored.kept_aside
    if out.as_json:
        out.record(
            {
                **backup_record(restored.seen),
                "data_dir": str(settings.data_dir),
                "kept_aside": str(aside) if aside else None,
                "links_ended": restored.links_ended,
                "sign_ins_ended": restored.sign_ins_ended,
                "runs_ended": restored.runs_ended,
            }
        )
        return
    out.facts(
        [
            ("Restored", f"{restored.seen.file} into {settings.data_dir}"),
            ("Deleted again", plural(restored.seen.deleted_since, "row")),
            ("Ended", _ended(restored)),
            ("Kept aside", f"{aside}: delete it when you are sure" if aside else ""),
        ]
    )


def _ended(restored: Restored) -> str:
    ended = (
        plural(restored.links_ended, "link") + " that were out",
        plural(restored.sign_ins_ended, "sign-in") + " that waited",
        plural(restored.runs_ended, "bulk add") + " under way",
    )
    return ", ".join(ended)
