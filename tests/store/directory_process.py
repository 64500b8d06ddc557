"""Another program of ours at a directory's copy: `python -m tests.store.directory_process FILE`.

It reads the key from its standard input, says `open`, and puts those who arrived in order until it
is killed or done.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ttr_tui.store.directory_build import Build
from ttr_tui.store.directory_copy import DirectoryCopy


async def main(file: Path, key: bytes) -> None:
    copy = await DirectoryCopy.open(file, key)
    print("open", flush=True)  # noqa: T201 - whoever began it waits for that
    await Build(copy._db, copy._readers, lambda: False).run()
    await copy.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), bytes.fromhex(sys.stdin.readline())))
