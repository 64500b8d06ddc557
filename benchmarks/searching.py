"""Searching a local copy: from a word to the first hundred names, and to the exact count."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks import painting, people, plain
from benchmarks.bench import Bench
from benchmarks.figures import Beside, at_most
from benchmarks.looking import QUESTIONS, ask_count, ask_first
from benchmarks.offices import Office, company_of, wait_for_order
from ttr_tui.model import now

LINES, PLAIN = "lines", "plain.db"
"""The same users as text, and in a plain table."""


def run(bench: Bench) -> None:
    """Measure at the size of the run, and at a million users if that was asked for."""
    _at(bench, bench.sizes.users, counts_in=16.0)
    if bench.million:
        _at(bench, bench.sizes.million, counts_in=None)
    else:
        bench.leave_out(f"{bench.sizes.million:,} users", "not asked for (make bench MILLION=1)")


def _at(bench: Bench, users: int, counts_in: float | None) -> None:
    office = bench.copy_of(bench.connected, f"search-{users}")
    bench.say(f"a local copy of {users:,} users")
    asyncio.run(_built(bench, office, users))
    size = office.size_of_copy / 2**20
    text = (office.folder / LINES).stat().st_size / 2**20
    bench.add(f"size on disk, {users:,} users", "MiB", [size], Beside("the bare text", [text]))
    _questions(bench, office, users, counts_in)
    _memory(bench, office, users)
    painting.run(bench, office, users, counts_in)
    shutil.rmtree(office.folder)


async def _built(bench: Bench, office: Office, users: int) -> None:
    """Build the copy, as a poll does, beside one plain table and one file of lines."""
    putting = floor = 0.0
    async with office.opened() as runtime:
        copy = await runtime.store.directory(await company_of(runtime))
        await copy.begin_poll(users)
        with (
            closing(plain.opened(office.folder / PLAIN)) as raw,
            (office.folder / LINES).open("w") as lines,
        ):
            for page in people.pages(users):
                started = time.perf_counter()
                await copy.put_page(page, "next")
                putting += time.perf_counter() - started
                floor += plain.add_users(raw, page)
                lines.writelines(plain.line_of(user) for user in page)
        started = time.perf_counter()
        await copy.finish_poll(now())
        putting += time.perf_counter() - started
        started = time.perf_counter()
        await wait_for_order(copy)
        whole = putting + time.perf_counter() - started
        await office.wait_for_room()
    beside = Beside("one table in plain SQLite, no sync", [floor])
    bench.add(f"storing {users:,} users", "s", [putting], beside)
    bench.add("the same until all of it stands in order", "s", [whole], beside)


def _questions(bench: Bench, office: Office, users: int, counts_in: float | None) -> None:
    """Measure every kind of question, beside fzf on the same lines and a bare look-up."""
    rounds = bench.sizes.rounds
    floor = plain.look_up_a_hundred(office.folder / PLAIN, users, 50)
    bare = Beside("a hundred rows by their ids in plain SQLite", floor)
    firsts, counts, opened = asyncio.run(_asked(office, rounds))
    bench.add(f"opening a copy of {users:,} users", "ms", opened)
    fzf = shutil.which("fzf")
    if fzf is None:
        bench.leave_out("fzf --filter", "it is not installed")
    for name, question in QUESTIONS.items():
        what = f"{name} ({question!r}), {users:,} users"
        bench.add(f"first hundred, {what}", "ms", firsts[name], bare, at_most(16))
        peer = None
        if fzf is not None and ":" not in question:
            times = [_fzf(fzf, question, office.folder / LINES) for _ in range(min(rounds, 3))]
            peer = Beside("fzf --filter, the whole process", times)
        target = at_most(counts_in) if counts_in else None
        bench.add(f"exact count, {what}", "ms", counts[name], peer, target)


async def _asked(
    office: Office, rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]], list[float]]:
    """Return the milliseconds to the first hundred and to the count of each, and to open."""
    firsts: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    counts: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    opened = []
    for _ in range(rounds):
        async with office.opened() as runtime:
            company = await company_of(runtime)
            began = time.perf_counter()
            copy = await runtime.store.directory(company)
            opened.append((time.perf_counter() - began) * 1000)
            await ask_first(copy, "")
            for name, question in QUESTIONS.items():
                firsts[name].append(await _timed(partial(ask_first, copy, question)))
                counts[name].append(await _timed(partial(ask_count, copy, question)))
    return firsts, counts, opened


async def _timed(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


def _fzf(fzf: str, question: str, lines: Path) -> float:
    with lines.open("rb") as source:
        began = time.perf_counter()
        subprocess.run(
            [fzf, "--exact", f"--filter={question}"],
            stdin=source,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        return (time.perf_counter() - began) * 1000


def _memory(bench: Bench, office: Office, users: int) -> None:
    """Measure what opening a copy and searching it adds to a program that has its store open."""
    words = [sys.executable, "-m", "benchmarks.looking", str(office.written())]
    added = [
        float(json.loads(subprocess.run(words, capture_output=True, check=True).stdout))
        for _ in range(min(bench.sizes.rounds, 3))
    ]
    bench.add(f"memory of searching {users:,} users", "MiB", added, target=at_most(40))
