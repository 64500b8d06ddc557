"""Questions to a local copy; alone, a process that asks all of them: `python -m … FILE`.

It is given the copy's key on its standard input, and prints the MiB that asking added.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from benchmarks.machine import resident
from ttr_tui.model import DirectoryUser
from ttr_tui.store import DirectoryCopy, Query

QUESTIONS = {
    "nothing typed": "",
    "one letter": "m",
    "two letters": "ma",
    "common": "ann",
    "rare": "lindqvist",
    "absent": "zzzqx",
    "several words": "anna sales",
    "in every row": "contoso",
}

SHOWN = 100


async def ask_first(copy: DirectoryCopy, question: str) -> list[DirectoryUser]:
    """Return the first hundred who match, in name order."""
    matches = await copy.search(Query(question))
    return await copy.rows(matches.rids[:SHOWN])


async def ask_count(copy: DirectoryCopy, question: str) -> int:
    """Return how many match."""
    return len((await copy.search(Query(question))).rids)


async def wait_for_index(copy: DirectoryCopy) -> None:
    """Wait until all of a copy stands in its index."""
    await ask_first(copy, "")


async def added(file: Path, key: bytes) -> float:
    """Ask everything once; return the MiB that were added to what the modules take."""
    before = resident(os.getpid())
    copy = await DirectoryCopy.open(file, key)
    for question in QUESTIONS.values():
        await ask_first(copy, question)
        await ask_count(copy, question)
    after = resident(os.getpid())
    await copy.close()
    return after - before


if __name__ == "__main__":
    given = bytes.fromhex(sys.stdin.readline().strip())
    sys.stdout.write(json.dumps(asyncio.run(added(Path(sys.argv[1]), given))) + "\n")
