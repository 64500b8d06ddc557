"""Questions to a local copy; alone, a process that asks all of them: `python -m … SETTINGS`.

SETTINGS is a file of JSON. Prints the MiB that asking added.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from benchmarks.machine import resident
from benchmarks.offices import company_of, opened
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


async def added(settings: dict[str, str]) -> float:
    """Ask everything once; return the MiB that were added to what the open program takes."""
    async with opened(settings) as runtime:
        company = await company_of(runtime)
        before = resident(os.getpid())
        copy = await runtime.store.directory(company)
        for question in QUESTIONS.values():
            await ask_first(copy, question)
            await ask_count(copy, question)
        return resident(os.getpid()) - before


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(asyncio.run(added(given))) + "\n")
