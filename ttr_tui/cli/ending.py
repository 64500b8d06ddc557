"""Work of a command in an event loop that ends well when a signal comes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection
from functools import partial

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A key, a polite kill, a dropped line: all is closed, and the status is 128 and the number."""


STOPPING = (signal.SIGINT, signal.SIGTERM)
"""What tells a service to stop: doing so is its end as planned."""


def run_to_end(work: Callable[[], Awaitable[int]], planned: Collection[signal.Signals] = ()) -> int:
    """Run `work` in an event loop and return its exit status, or a signal's when one ended it.

    A `planned` signal is no failure: the status is 0.
    """
    return asyncio.run(_guarded(work, planned))


async def _guarded(work: Callable[[], Awaitable[int]], planned: Collection[signal.Signals]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work())
    received: list[signal.Signals] = []
    for number in ENDING:
        loop.add_signal_handler(number, partial(_end, task, received, number))
    try:
        return await task
    except asyncio.CancelledError:
        if not received:
            raise
        return 0 if received[0] in planned else 128 + received[0]
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)


def _end(task: asyncio.Future[int], received: list[signal.Signals], number: signal.Signals) -> None:
    """Cancel the work once; a second signal changes nothing while it closes what it opened."""
    if not received:
        task.cancel()
    received.append(number)
