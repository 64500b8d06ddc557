"""Stray requests at a steady rate, in a process of its own: `python -m … PORT RATE SECONDS`.

Each is sent when its time has come, whether the last one was answered or not, on a connection of
its own. Prints the milliseconds each took, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from benchmarks.machine import cores_for_two

REQUEST = b"GET /nothing-is-here HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def one(port: int, wait: float) -> float:
    """Send one request when its time has come; return how long its answer took."""
    await asyncio.sleep(wait)
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    await reader.read(65_536)
    took = (time.perf_counter() - began) * 1000
    writer.close()
    return took


async def main(port: int, rate: float, seconds: float) -> list[float]:
    """Send all of them; return how long each took."""
    count = max(1, int(rate * seconds))
    return await asyncio.gather(*(one(port, number / rate) for number in range(count)))


if __name__ == "__main__":
    os.sched_setaffinity(0, cores_for_two()[1])
    given = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(main(*given))) + "\n")
