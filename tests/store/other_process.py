"""Another program of ours on the same store: `python -m tests.store.other_process ACT FOLDER`.

`write` commits one numbered note after the other, saying each on standard output once it is
committed, until it is killed; `once` commits a single one; `hold` keeps a transaction open until
its standard input ends.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sys
from pathlib import Path

from tests.store.premises import Premises


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


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
