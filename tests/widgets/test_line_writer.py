"""A line that takes nothing holds up nobody."""

from __future__ import annotations

import os
import select
from threading import Event
from time import monotonic

from ttr_tui.widgets.line_writer import END_SECONDS, LineWriter

MUCH = "x" * 10_000


def read_all(source: int, caught_up: Event) -> int:
    count = 0
    while not caught_up.is_set():
        if select.select([source], [], [], 0.01)[0]:
            count += len(os.read(source, 65_536))
    return count


def test_what_a_dead_line_does_not_take_is_dropped_and_drawn_anew() -> None:
    """Writing never waits; once the line is read again, that is told, and what follows arrives."""
    source, sink = os.pipe()
    caught_up = Event()
    with os.fdopen(sink, "w") as file:
        writer = LineWriter(file, caught_up.set)
        writer.start()
        began = monotonic()
        for _ in range(300):
            writer.write(MUCH)
        assert monotonic() - began < 1.0
        assert not caught_up.is_set()
        assert read_all(source, caught_up) < 300 * len(MUCH)
        writer.write("drawn anew")
        writer.stop()
        assert os.read(source, 65_536).endswith(b"drawn anew")
    os.close(source)


def test_the_end_does_not_wait_for_a_dead_line() -> None:
    """A program that is told to end ends."""
    source, sink = os.pipe()
    file = os.fdopen(sink, "w")
    writer = LineWriter(file, Event().set)
    writer.start()
    for _ in range(300):
        writer.write(MUCH)
    began = monotonic()
    writer.stop()
    assert monotonic() - began < END_SECONDS + 1.0
    os.set_blocking(source, False)
    while writer.is_alive():
        try:
            os.read(source, 65_536)
        except BlockingIOError:
            writer.join(0.01)
    file.close()
    os.close(source)
