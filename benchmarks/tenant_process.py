"""The tenant in small as a process of its own: `python -m benchmarks.tenant_process USERS`.

It is told what to do by lines of JSON on its standard input, and answers each with one line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.people import Person


class Orders:
    """What whoever started the process can ask of the tenant."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._counted_from = 0
        self._changes = 0

    def settings(self, port: int) -> dict[str, str]:
        """Return the settings of a product that listens on this port."""
        return self._sandbox.settings(port)

    def latency(self, seconds: float) -> None:
        """Let every answer about users take that much longer."""
        self._sandbox.dials.at = "graph GET /v1.0/users"
        self._sandbox.dials.slow_seconds = seconds

    def change(self, count: int) -> None:
        """Move that many users to another department."""
        directory = self._sandbox.tenants[0].directory
        self._changes += 1
        people: list[Person] = directory.people[-count:]
        for person in people:
            person.department = f"Department {self._changes}"
            directory.changed(person)

    def count(self) -> int:
        """Return how many requests about users came since this was asked last."""
        about = [line for line in self._sandbox.seen if "/users" in line]
        fresh = len(about) - self._counted_from
        self._counted_from = len(about)
        return fresh


async def main(users: int) -> None:
    """Run a tenant until the standard input ends."""
    async with Sandbox(users=users, hosting="self") as sandbox:
        orders = Orders(sandbox)
        known: dict[str, Callable[..., Any]] = {
            "settings": orders.settings,
            "latency": orders.latency,
            "change": orders.change,
            "count": orders.count,
        }
        tenant = sandbox.tenants[0]
        _answer({"domain": tenant.domain, "name": tenant.name})
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            name, *arguments = json.loads(line)
            _answer(known[name](*arguments))


def _answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
