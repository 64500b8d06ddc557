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
from ttr_tui.query import parse_query
from ttr_tui.store import DirectoryCopy

QUESTIONS = {
    "nothing typed": "",
    "one letter": "m",
    "two letters": "ma",
    "common": "ann",
    "rare": "lindqvist",
    "absent": "zzzqx",
    "several words": "anna sales",
    "in every row": "contoso",
    "a filter": "department:sales",
    "filters and a word": "kind:member enabled:yes ann",
}

SHOWN = 100


async def ask_first(copy: DirectoryCopy, question: str) -> list[DirectoryUser]:
    """Return the first hundred who match, in name order."""
    return (await copy.first(parse_query(question), SHOWN)).users


async def ask_count(copy: DirectoryCopy, question: str) -> int:
    """Return how many match."""
    return await copy.count(parse_query(question))


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
