"""One reading of a directory in a fresh process: `python -m benchmarks.reader WAY SETTINGS`.

WAY is `raw` (the bytes of the same pages, one after the other, with nothing done to them), `ours`
(a poll into the local copy), `plain` (the same, page after page however large the directory is) or
`link` (one request for what changed). SETTINGS is a file of JSON. Prints what it took as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.machine import cores_for_two, cpu_seconds, forget_peak, resident
from benchmarks.offices import company_of, opened, wait_for_order
from benchmarks.tenant import token_of
from ttr_tui.flows import polling
from ttr_tui.microsoft.partition import FIRST_PAGE
from ttr_tui.process import leave_imports_alone

NEXT_LINK = re.compile(rb'"@odata\.nextLink": ?"([^"]+)"')
DELTA_LINK = re.compile(rb'"@odata\.deltaLink": ?"([^"]+)"')


class Watch:
    """What a piece of work takes: seconds, processor seconds, and the memory it adds (MiB)."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        forget_peak(self._pid)
        self._memory = resident(self._pid)
        self._cpu = cpu_seconds(self._pid)
        self._began = time.perf_counter()

    def reading(self) -> dict[str, float]:
        """Return what it took so far."""
        return {
            "seconds": time.perf_counter() - self._began,
            "cpu": cpu_seconds(self._pid) - self._cpu,
            "memory": resident(self._pid, "VmHWM") - self._memory,
        }


async def session_of(settings: dict[str, str]) -> aiohttp.ClientSession:
    """Return an aiohttp session that holds an application token of the only tenant."""
    context = ssl.create_default_context(cafile=settings["TTR_CA_FILE"])
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
    url, form = token_of(settings, settings["BENCH_DOMAIN"])
    async with session.post(url, data=form) as answer:
        token = (await answer.json())["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    return session


async def read_raw(settings: dict[str, str]) -> dict[str, float]:
    """Read the bytes of every page, and look for nothing in them but the next link."""
    async with await session_of(settings) as session:
        watch = Watch()
        link, pages = f"{settings['MS_GRAPH_BASE_URL']}/v1.0{FIRST_PAGE}", 0
        while link:
            async with session.get(link) as answer:
                body = await answer.read()
            found = NEXT_LINK.search(body)
            link, pages = (found[1].decode() if found else ""), pages + 1
        return {**watch.reading(), "pages": pages}


async def read_link(settings: dict[str, str]) -> dict[str, float]:
    """Take a delta link, say so, and fetch it once something was changed."""
    async with await session_of(settings) as session:
        graph = settings["MS_GRAPH_BASE_URL"]
        async with session.get(f"{graph}/v1.0/users/delta?$deltatoken=latest") as answer:
            found = DELTA_LINK.search(await answer.read())
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        watch = Watch()
        async with session.get(found[1].decode() if found else graph) as answer:
            await answer.read()
        return watch.reading()


async def read_ours(
    settings: dict[str, str], split_from: int = polling.SPLIT_FROM
) -> dict[str, float]:
    """Poll the directory as the product does, from the moment its token is accepted."""
    leave_imports_alone()
    async with opened(settings) as runtime:
        company = await company_of(runtime)
        await runtime.access.app_token(company)
        copy = await runtime.store.directory(company)
        await copy.state()
        watch = Watch()
        progress = await polling.poll(runtime.access, company, split_from=split_from)
        took = watch.reading()
        await wait_for_order(copy)
        in_order = {f"{name} in order": value for name, value in watch.reading().items()}
        return {**took, **in_order, "users": progress.read}


WAYS: dict[str, Callable[[dict[str, str]], Coroutine[Any, Any, dict[str, float]]]] = {
    "raw": read_raw,
    "ours": read_ours,
    "plain": partial(read_ours, split_from=sys.maxsize),
    "link": read_link,
}


if __name__ == "__main__":
    os.sched_setaffinity(0, cores_for_two()[0])
    given: dict[str, str] = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    result = asyncio.run(WAYS[sys.argv[1]](given))
    sys.stdout.write(json.dumps(result) + "\n")
