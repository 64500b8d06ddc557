"""Reading a directory: how long beside the bare bytes, at what cost beside other clients."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.bench import Bench, in_turn
from benchmarks.figures import Beside, at_most, ratio_at_most
from benchmarks.offices import Office
from benchmarks.reader import session_of
from benchmarks.tenant import Tenant

Took = dict[str, float]

PEERS = Path(__file__).parent / "peers"
PATIENCE = 900.0


def run(bench: Bench) -> None:
    """Measure polls of the large directory, plain, split and again, and the peers'."""
    users = bench.sizes.users
    for latency in bench.sizes.latencies:
        _at(bench, latency)
    bench.tenant.latency(0.0)
    _changes(bench)
    if bench.peers is None:
        bench.leave_out("O365 and msgraph-sdk", "not asked for (make bench PEERS=1)")
        return
    _beside(bench, bench.tenant, bench.connected, "o365", f"O365, {users:,} users")
    few = bench.start_tenant(bench.sizes.slow_users)
    office = bench.connect(few, "few")
    _beside(bench, few, office, "msgraph", f"msgraph-sdk, {bench.sizes.slow_users:,} users")


def _at(bench: Bench, latency: float) -> None:
    """Measure at one latency; each poll fills an empty copy."""
    bench.tenant.latency(latency)
    raw = bench.copy_of(bench.connected, "raw")
    ways: dict[str, Callable[[], Took]] = {
        "raw": partial(_read, "raw", raw),
        "plain": lambda: _read("plain", bench.copy_of(bench.connected, "ours")),
        "ours": lambda: _read("ours", bench.copy_of(bench.connected, "ours")),
    }
    took = in_turn(bench.sizes.rounds, ways)
    seconds = {name: [one["seconds"] for one in several] for name, several in took.items()}
    what = f"{bench.sizes.users:,} users, {latency * 1000:.0f} ms a page"
    bench.add(
        f"first poll page after page, {what}",
        "s",
        seconds["plain"],
        Beside("the raw bytes of the same pages", seconds["raw"], paired=True),
        ratio_at_most(1.05) if latency else None,
    )
    bench.add(
        f"first poll as it is, {what}",
        "s",
        seconds["ours"],
        Beside("the same page after page", seconds["plain"], paired=True),
        ratio_at_most(0.16) if latency >= 0.3 else None,
        "a large directory is read in parts, a few at once",
    )
    if not latency:
        _cost(bench, took["ours"])


def _cost(bench: Bench, took: Sequence[Took]) -> None:
    """Keep what a poll takes of the machine, until it is complete and until it is in order."""
    for until, name in (("complete", ""), ("in name order", " in order")):
        cpu = [one[f"cpu{name}"] for one in took]
        bench.add(f"processor time of a first poll until {until}", "s", cpu)
        growth = [one[f"memory{name}"] for one in took]
        target = None if name else at_most(20)
        bench.add(f"memory a first poll adds at most until {until}", "MiB", growth, target=target)


def _changes(bench: Bench) -> None:
    """Measure opening Bulk Add again, when some users have changed."""
    office = bench.copy_of(bench.filled, "again")
    requests: list[int] = []

    def ours() -> Took:
        bench.tenant.change(bench.sizes.changes)
        bench.tenant.count()
        took = _read("ours", office)
        requests.append(bench.tenant.count())
        return took

    def link() -> Took:
        return _read("link", office, lambda: bench.tenant.change(bench.sizes.changes))

    took = in_turn(bench.sizes.rounds, {"link": link, "ours": ours})
    what = f"{bench.sizes.changes} changes among {bench.sizes.users:,} users"
    floor = Beside(
        "one bare request for them", [one["seconds"] for one in took["link"]], paired=True
    )
    bench.add(
        f"poll again, {what}", "s", [one["seconds"] for one in took["ours"]], floor, at_most(0.5)
    )
    bench.add(f"requests for {what}", "", [float(one) for one in requests], target=at_most(3))


def _beside(bench: Bench, tenant: Tenant, office: Office, peer: str, called: str) -> None:
    """Measure what another client takes for the same users; it stores nothing."""
    tenant.latency(0.0)
    token = asyncio.run(_token(office))
    rounds = min(bench.sizes.rounds, 5 if peer == "o365" else 3)
    ways: dict[str, Callable[[], Took]] = {
        "theirs": partial(_peer, bench, office, peer, token),
        "ours": lambda: _read("ours", bench.copy_of(office, "ours")),
    }
    took = in_turn(rounds, ways)
    if median(one["users"] for one in took["theirs"]) != tenant.users:
        bench.leave_out(called, "it did not read all users")
        return
    goal = ratio_at_most(0.1) if peer == "o365" else None
    for what, unit, name in (("processor time", "s", "cpu"), ("wall", "s", "seconds")):
        theirs = Beside(called, [one[name] for one in took["theirs"]], paired=True)
        ours = [one[name] for one in took["ours"]]
        target = goal if name == "cpu" else None
        bench.add(f"{what} of a poll, stored", unit, ours, theirs, target, "they store nothing")


def _read(way: str, office: Office, between: Callable[[], None] | None = None) -> Took:
    command = [sys.executable, "-m", "benchmarks.reader", way, str(office.written())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if between is not None and process.stdout is not None:
        process.stdout.readline()
        between()
    out, _ = process.communicate("\n", timeout=PATIENCE)
    if process.returncode:
        raise RuntimeError(f"reading the directory failed: {way}")
    took: Took = json.loads(out)
    return took


def _peer(bench: Bench, office: Office, peer: str, token: str) -> Took:
    where = (office.settings["MS_GRAPH_BASE_URL"], office.settings["TTR_CA_FILE"])
    command = [str(bench.peers), str(PEERS / f"read_with_{peer}.py"), *where]
    done = subprocess.run(
        command, input=f"{token}\n", capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    if done.returncode:
        return {"users": 0.0, "seconds": 0.0, "cpu": 0.0}
    took: Took = json.loads(done.stdout)
    return took


async def _token(office: Office) -> str:
    async with await session_of({**office.environ, "BENCH_DOMAIN": office.domain}) as session:
        return session.headers["Authorization"].partition(" ")[2]
