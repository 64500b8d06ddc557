"""A command that runs: its output as it comes, signals to it, and how it ended."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass


@dataclass
class Running:
    """A started command; `process_id` is its own."""

    process_id: int
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader
    report: asyncio.StreamReader
    pipes: AsyncExitStack

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.process_id, number)

    async def wait(self) -> int:
        """Wait for its end; return its exit status, negative when a signal killed it."""
        return int(await self.report.readline())


async def reader_of(descriptor: int, pipes: AsyncExitStack) -> asyncio.StreamReader:
    """Read a pipe in this event loop; it is closed with `pipes`."""
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    pipes.callback(transport.close)
    return reader
