"""`ttr-tui keys`: which key the store has, and moving it to another one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ttr_tui.cli.asking import agree
from ttr_tui.cli.opening import DONE, carry_out, carry_out_closed
from ttr_tui.cli.options import Group, json_option, yes_option
from ttr_tui.cli.records import moment
from ttr_tui.text import plural, stamp

if TYPE_CHECKING:
    from ttr_tui.cli.output import Output
    from ttr_tui.runtime import Runtime
    from ttr_tui.settings import Settings
    from ttr_tui.store import Rotated


@click.group(name="keys", cls=Group)
def command() -> None:
    """Show which key the store has, or move it to another."""


@command.command(name="show")
@json_option
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Show the key's id, where it lies, and that it opens the store.

    The key itself is never shown.
    """

    async def work(settings: Settings, out: Output) -> int:
        from ttr_tui.store import Home, see_key  # noqa: PLC0415 - help needs none of it

        seen = await asyncio.to_thread(
            see_key, Home(settings.data_dir, settings.key_file, key_is_given=True)
        )
        if out.as_json:
            out.record(
                {
                    "key_id": seen.key_id,
                    "key_file": str(seen.key_file),
                    "store": str(seen.store_file),
                    "since": moment(seen.since),
                }
            )
        else:
            out.facts(
                [
                    ("Key", seen.key_id),
                    ("Lies in", str(seen.key_file)),
                    ("Opens", str(seen.store_file)),
                    ("Since", stamp(seen.since) if seen.since else ""),
                ]
            )
        return DONE

    carry_out_closed(context, work, as_json=as_json)


@command.command(name="rotate")
@click.option(
    "--new-key",
    "new_file",
    type=click.Path(path_type=Path),
    help="Move to the key in this file, not to one made now.",
)
@yes_option
@json_option
@click.pass_context
def rotate(context: click.Context, new_file: Path | None, yes: bool, as_json: bool) -> None:
    """Move the store to a new key, while it is in use.

    What runs goes along; links that are out go on working. The new key takes the old one's place.
    Where that cannot be written (a credential of the service), make a key and name it with
    --new-key: the store moves to it, and you put it in place (docs/backup.md).

    Backups made before open with the old key alone. It is not kept here: copy it first if you need
    them.
    """

    async def work(runtime: Runtime, out: Output) -> int:
        from ttr_tui.store import read_new_key  # noqa: PLC0415 - help needs none of it

        new = await asyncio.to_thread(read_new_key, new_file) if new_file else None
        store, key_file = runtime.store, runtime.settings.key_file
        out.say(
            f"Backups made so far open with key {store.key_id} alone. It is not kept: copy "
            f"{key_file} to a safe place first, for as long as you keep them."
        )
        await agree(out, f"Move the store from key {store.key_id} to a new one?", yes=yes)
        rotated = await store.rotate_key(new)
        _print(out, rotated, new_file)
        return DONE

    carry_out(context, work, as_json=as_json)


def _print(out: Output, rotated: Rotated, new_file: Path | None) -> None:
    if out.as_json:
        out.record(
            {
                "former_key_id": rotated.former_id,
                "key_id": rotated.key_id,
                "key_file": str(rotated.key_file),
                "installed": rotated.installed,
                "unreadable": rotated.unreadable,
            }
        )
    else:
        unreadable = f"{plural(rotated.unreadable, 'row')}, as before" if rotated.unreadable else ""
        out.facts(
            [
                ("Key", f"{rotated.key_id}, in the place of {rotated.former_id}"),
                ("Lies in", str(rotated.key_file if rotated.installed else new_file)),
                ("Unreadable", unreadable),
            ]
        )
    if not rotated.installed:
        out.say(
            f"Now put {new_file} in the place of {rotated.key_file}, which cannot be written from "
            "here, and restart the service: until then nothing opens the store."
        )
    elif new_file is not None:
        out.say(f"{new_file} holds the key too: delete it.")
    out.say(
        f"Backups made before need key {rotated.former_id}. Back up the key file, apart from the "
        "data, and make a new backup now: ttr-tui backup FILE."
    )
