"""`ttr-tui backup`: make one while the store is in use, and look into one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ttr_tui.cli.opening import DONE, carry_out, carry_out_closed
from ttr_tui.cli.options import Group, json_option
from ttr_tui.cli.records import moment
from ttr_tui.model import now
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.runtime import Runtime
    from ttr_tui.settings import Settings
    from ttr_tui.store import BackupSeen


class _Backup(Group):
    """A group that takes a file where a command could stand: `backup FILE` makes one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Call `make` unless a command or help is named."""
        named = args[0] if args else ""
        if named not in self.commands and named not in ctx.help_option_names:
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(name="backup", cls=_Backup, subcommand_metavar="[make] [FILE] | verify FILE")
def command() -> None:
    """Back up the store, and look into a backup.

    Without a command one is made: ttr-tui backup FILE.

    A backup is encrypted under the store's key and never holds it: keep the key file apart.
    """


@command.command(name="make")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@json_option
@click.pass_context
def make(context: click.Context, file: Path | None, as_json: bool) -> None:
    """Back up the store, while it is in use.

    FILE is a new file, or a directory (without it the present one) in which the backup gets a name
    with its date and the id of its key. Nothing is ever written over.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        written = await runtime.store.back_up(file)
        key_id = runtime.store.key_id
        if out.as_json:
            out.record({"file": str(written), "key_id": key_id})
        else:
            out.line(str(written))
        out.say(
            f"It opens with key {key_id} alone, which is not in it: {runtime.settings.key_file}."
        )
        return DONE

    carry_out(context, work, as_json=as_json)


@command.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def verify(context: click.Context, file: Path, as_json: bool) -> None:
    """Open a backup with the present key, and count what is in it.

    Every page of it is checked. It is unpacked, encrypted as it is, in a private temporary
    directory ($TMPDIR); the store is not touched. Exit status 1 when it does not open or is not
    whole.
    """

    async def work(settings: Settings, out: Output) -> int:
        seen = await asyncio.to_thread(look, settings, file)
        if out.as_json:
            out.record(backup_record(seen))
        else:
            out.facts(backup_facts(seen))
        return DONE

    carry_out_closed(context, work, as_json=as_json)


def look(settings: Settings, file: Path) -> BackupSeen:
    """Look into a backup with the key that the settings name."""
    from ttr_tui.store import read_destroyed, read_store_key, verify_backup  # noqa: PLC0415 - help needs none

    key = read_store_key(settings.key_file, settings.data_dir, None)
    return verify_backup(file.absolute(), key, read_destroyed(settings.destroyed_file))


def backup_record(seen: BackupSeen) -> dict[str, Any]:
    """Return what is in a backup."""
    return {
        "file": str(seen.file),
        "key_id": seen.key_id,
        "made_at": moment(seen.made_at),
        "version": seen.version,
        "counts": seen.counts,
        "unreadable": seen.unreadable,
        "deleted_since": seen.deleted_since,
    }


def backup_facts(seen: BackupSeen) -> list[tuple[str, str]]:
    """Return what is in a backup, for people."""
    made = "not said"
    if seen.made_at is not None:
        days = (now() - seen.made_at).days
        age = f"{plural(days, 'day')} old" if days > 0 else "less than a day old"
        made = f"{stamp(seen.made_at)}, {age}"
    counts = seen.counts
    return [
        ("Backup", str(seen.file)),
        ("Made", made),
        ("Key", f"{seen.key_id}, the key at hand; it opens"),
        ("Whole", "yes, every page"),
        ("Companies", str(counts["companies"])),
        ("Agents", str(counts["agents"])),
        ("Authentications", str(counts["authentications"])),
        ("Links", str(counts["attempts"])),
        ("Journal", plural(counts["journal"], "entry")),
        ("Unreadable", plural(seen.unreadable, "key") if seen.unreadable else ""),
        ("Deleted since", f"{seen.deleted_since}; deleted again when it is restored"),
    ]
