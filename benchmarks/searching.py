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
from pathlib import Path
from secrets import token_bytes

from benchmarks import people, plain
from benchmarks.bench import Bench
from benchmarks.figures import Beside, at_most
from benchmarks.looking import QUESTIONS, ask_count, ask_first
from benchmarks.offices import wait_for_order
from ttr_tui.model import now
from ttr_tui.store import DirectoryCopy


def run(bench: Bench) -> None:
    """Measure at the size of the run, and at a million users if that was asked for."""
    _at(bench, bench.sizes.users, counts_in=16.0)
    if bench.million:
        _at(bench, bench.sizes.million, counts_in=None)
    else:
        bench.leave_out(f"{bench.sizes.million:,} users", "not asked for (make bench MILLION=1)")


def _at(bench: Bench, users: int, counts_in: float | None) -> None:
    folder = bench.folder / f"search-{users}"
    folder.mkdir(mode=0o700)
    key = token_bytes(32)
    bench.say(f"a local copy of {users:,} users")
    asyncio.run(_built(bench, folder, key, users))
    size = sum(file.stat().st_size for file in folder.glob("copy.db*")) / 2**20
    text = (folder / "lines").stat().st_size / 2**20
    bench.add(f"size on disk, {users:,} users", "MiB", [size], Beside("the bare text", [text]))
    _questions(bench, folder, key, users, counts_in)
    _memory(bench, folder, key, users)
    shutil.rmtree(folder)


async def _built(bench: Bench, folder: Path, key: bytes, users: int) -> None:
    """Build the copy, as a poll does, beside one plain table and one file of lines."""
    copy = await DirectoryCopy.open(folder / "copy.db", key)
    await copy.begin_poll(users)
    putting = 0.0
    with closing(plain.opened(folder / "plain.db")) as raw, (folder / "lines").open("w") as lines:
        floor = 0.0
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
    await copy.close()
    beside = Beside("one table in plain SQLite, no sync", [floor])
    bench.add(f"storing {users:,} users", "s", [putting], beside)
    bench.add("the same until all of it stands in order", "s", [whole], beside)


def _questions(bench: Bench, folder: Path, key: bytes, users: int, counts_in: float | None) -> None:
    """Measure every kind of question, beside fzf on the same lines and a bare look-up."""
    rounds = bench.sizes.rounds
    floor = plain.look_up_a_hundred(folder / "plain.db", users, 50)
    bare = Beside("a hundred rows by their ids in plain SQLite", floor)
    firsts, counts, opened = asyncio.run(_asked(folder / "copy.db", key, rounds))
    bench.add(f"opening a copy of {users:,} users", "ms", opened)
    fzf = shutil.which("fzf")
    if fzf is None:
        bench.leave_out("fzf --filter", "it is not installed")
    for name, question in QUESTIONS.items():
        what = f"{name} ({question!r}), {users:,} users"
        bench.add(f"first hundred, {what}", "ms", firsts[name], bare, at_most(16))
        peer = None
        if fzf is not None and ":" not in question:
            times = [_fzf(fzf, question, folder / "lines") for _ in range(min(rounds, 3))]
            peer = Beside("fzf --filter, the whole process", times)
        target = at_most(counts_in) if counts_in else None
        bench.add(f"exact count, {what}", "ms", counts[name], peer, target)


async def _asked(
    file: Path, key: bytes, rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]], list[float]]:
    """Return the milliseconds to the first hundred and to the count of each, and to open."""
    firsts: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    counts: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    opened = []
    for _ in range(rounds):
        began = time.perf_counter()
        copy = await DirectoryCopy.open(file, key)
        opened.append((time.perf_counter() - began) * 1000)
        await ask_first(copy, "")
        for name, question in QUESTIONS.items():
            firsts[name].append(await _timed(lambda: ask_first(copy, question)))  # noqa: B023
            counts[name].append(await _timed(lambda: ask_count(copy, question)))  # noqa: B023
        await copy.close()
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


def _memory(bench: Bench, folder: Path, key: bytes, users: int) -> None:
    """Measure what searching adds to a process that has opened the copy's modules only."""
    added = []
    for _ in range(min(bench.sizes.rounds, 3)):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.looking", str(folder / "copy.db")],
            input=f"{key.hex()}\n",
            capture_output=True,
            text=True,
            check=True,
        )
        added.append(float(json.loads(done.stdout)))
    bench.add(f"memory of searching {users:,} users", "MiB", added, target=at_most(40))
