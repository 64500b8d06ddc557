"""Another program of ours on the same store: `python -m tests.store.other_process ACT FOLDER`.

`write` commits one numbered note after the other, saying each on standard output once it is
committed, until it is killed; `once` commits a single one; `hold` keeps a transaction open until
its standard input ends.

`children` reads lines `ACT FOLDER HOW` and, in a child of its own, moves that store to a new key
(`rotate`) or restores `FOLDER/then.backup` in its place (`restore`). HOW is the step after which
the child is killed (SIGKILL), or `full`: no file may grow beyond 100 kB. It says how each ended.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.store.premises import ANNA, NOON, Premises
from ttr_tui.errors import StoreError
from ttr_tui.store import Home
from ttr_tui.store.journal import draft_entry
from ttr_tui.store.restoring import restoring
from ttr_tui.store.rotation import Rotation


async def main(act: str, folder: Path) -> None:
    async with Premises(folder).opened() as store:
        if act == "once":
            async with store.transaction() as tx:
                await store.set_note(tx, "other", "was here")
        elif act == "hold":
            async with store.transaction() as tx:
                await store.set_note(tx, "held", "uncommitted")
                say("holding")
                await asyncio.to_thread(sys.stdin.read)
        else:
            for number in itertools.count():
                async with store.transaction() as tx:
                    await store.set_note(tx, "last", str(number))
                    await store.set_note(tx, f"note {number}", secrets.token_hex(5000))
                say(str(number))


def move_in_children() -> None:
    for line in sys.stdin:
        act, folder, how = line.strip().split(" ", 2)
        child = os.fork()
        if child == 0:
            move(act, Premises(Path(folder)), how)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say(f"status {status}")


def move(act: str, premises: Premises, how: str) -> None:
    home = Home(premises.data, premises.key_file, key_is_given=True)
    entry = draft_entry(ANNA, act, subject="", detail="", at=NOON)
    steps: Iterator[object] = Rotation(home, entry).steps()
    if act == "restore":
        file = premises.folder / "then.backup"
        steps = restoring(home, file, (), entry, replace=True)
    if how == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        for step in steps:
            if step == how:
                os.kill(os.getpid(), signal.SIGKILL)
    except StoreError:
        os._exit(1)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "children":
        move_in_children()
    else:
        asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
