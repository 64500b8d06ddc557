"""The callback server while the screen is busy, and the keys while the callback server is."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count, cycle

from benchmarks.bench import Bench
from benchmarks.beside import bare_server
from benchmarks.figures import Beside, at_most, percentile
from benchmarks.offices import free_port
from benchmarks.strokes import (
    DOWN,
    HOME,
    PAGE_DOWN,
    SOON,
    TRUE_COLOUR,
    Line,
    Stroke,
    app_on,
    bulk_add_on,
)

RATE = 100.0
STRAYS = 200.0
"""Requests a second."""

TYPING = 0.12
"""Seconds between two letters of a fast typist."""

HELD = 1 / 33
"""Seconds between two repetitions of a key that is held down."""

Busy = Callable[[Callable[[], bool]], None]
"""What is done to the screen for as long as it is told to go on."""


def run(bench: Bench) -> None:
    """Measure the callback's 99th percentile in every state, and a key's 95th under strays."""
    with _bare() as port:
        values = [_ninety_ninth(bench, port, _nothing) for _ in range(bench.sizes.rounds)]
    bare = Beside("a bare aiohttp server", values)
    office = bench.copy_of(bench.filled, "probed")
    states = (("idle", _nothing, 10.0), ("filtering", _filter, 10.0), ("paging", _page, 40.0))
    with bulk_add_on(office, TRUE_COLOUR, bench.sizes.pace) as line:
        _until_it_listens(office.port)
        for name, busy, most in states:
            values = [
                _ninety_ninth(bench, office.port, partial(busy, line))
                for _ in range(bench.sizes.rounds)
            ]
            bench.add(f"callback, 99th percentile, {name}", "ms", values, bare, at_most(most))
        _keys(bench, line, office.port)
    values = [_loading(bench) for _ in range(bench.sizes.rounds)]
    bench.add("callback, 99th percentile, loading users", "ms", values, bare, at_most(40))


def _ninety_ninth(bench: Bench, port: int, busy: Busy) -> float:
    """Probe the callback while something is done; return the 99th percentile in milliseconds."""
    with _probe(port, RATE, bench.sizes.seconds) as probe:
        busy(lambda: probe.poll() is None)
        return percentile(_answer(probe), 0.99)


@contextmanager
def _probe(port: int, rate: float, seconds: float) -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, "-m", "benchmarks.probe", str(port), str(rate), str(seconds)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        yield process


def _answer(probe: subprocess.Popen[str]) -> list[float]:
    out, _ = probe.communicate(timeout=120)
    took: list[float] = json.loads(out)
    return took


def _nothing(*_: object) -> None:
    """Leave the screen alone."""


def _page(line: Line, going: Callable[[], bool]) -> None:
    """Hold page-down, from the top again at times."""
    for number in count():
        if not going():
            return
        line.send(HOME if number % 200 == 0 else PAGE_DOWN)
        line.read_for(HELD)


def _filter(line: Line, going: Callable[[], bool]) -> None:
    """Type a word into the search and take it back, again and again."""
    line.press("/", SOON)
    for letter in cycle("schmidt\x7f\x7f\x7f\x7f\x7f\x7f\x7f"):
        if not going():
            break
        line.send(letter)
        line.read_for(TYPING)
    line.press_each(["\x1b", "\x1b"], SOON)


def _keys(bench: Bench, line: Line, port: int) -> None:
    """Measure keys while strays hit the callback, beside keys while nothing does."""
    line.press(HOME, SOON)
    quiet = [stroke.last for stroke in line.press_each([DOWN] * (bench.sizes.keys * 3), 0.04)]
    values, alone = [], percentile(quiet, 0.95)
    for _ in range(bench.sizes.rounds):
        line.press(HOME, SOON)
        strokes: list[Stroke] = []
        with _probe(port, STRAYS, bench.sizes.seconds) as probe:
            while probe.poll() is None:
                strokes.append(line.press(DOWN, 0.04))
            _answer(probe)
        values.append(percentile([stroke.last for stroke in strokes], 0.95))
    beside = Beside("the same without strays", [alone])
    name = f"a key, 95th percentile, {STRAYS:.0f} stray requests a second"
    bench.add(name, "ms", values, beside, at_most(20))


def _loading(bench: Bench) -> float:
    """Return the 99th percentile while a whole directory is read."""
    office = bench.copy_of(bench.connected, "loading")
    with app_on(office, TRUE_COLOUR, bench.sizes.pace) as line, ExitStack() as stack:
        _until_it_listens(office.port)
        probe = stack.enter_context(_probe(office.port, RATE, bench.sizes.seconds))
        line.send("2")
        while probe.poll() is None:
            line.read_for(0.05)
        return percentile(_answer(probe), 0.99)


@contextmanager
def _bare() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", bare_server.__name__, str(port)])
    try:
        _until_it_listens(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("nobody listens")
