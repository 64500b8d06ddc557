"""One run of the benchmarks: its sizes, its folder, its tenant, and the figures so far."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.figures import Beside, Figure, Target
from benchmarks.offices import Office, connect
from benchmarks.sizes import Sizes
from benchmarks.tenant import Tenant


@dataclass
class Bench:
    """What every group is given; `peers` is the peers' interpreter, if they are to be measured."""

    sizes: Sizes
    folder: Path
    million: bool = False
    peers: Path | None = None
    figures: list[Figure] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    group: str = ""
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    _running: list[Tenant] = field(default_factory=list)

    @cached_property
    def tenant(self) -> Tenant:
        """The tenant in small, in a process of its own; started when it is first needed."""
        return self.start_tenant(self.sizes.users)

    def start_tenant(self, users: int) -> Tenant:
        """Start a tenant of that many users; it ends with the run."""
        self.say(f"a tenant of {users:,} users")
        tenant = Tenant.start(users)
        self._running.append(tenant)
        return tenant

    @cached_property
    def connected(self) -> Office:
        """An installation that is connected to the tenant and has read nothing of it yet."""
        return self.connect(self.tenant, "connected")

    def connect(self, tenant: Tenant, name: str) -> Office:
        """Make an installation and connect it to a tenant."""
        self.say("an installation, connected")
        return asyncio.run(connect(tenant, self.folder / name))

    @cached_property
    def filled(self) -> Office:
        """The same with the tenant's directory read."""
        self.say("the same with the directory read")
        office = self.copy_of(self.connected, "filled")
        asyncio.run(office.read_directory())
        return office

    def copy_of(self, office: Office, name: str) -> Office:
        """Copy an installation, so that what is measured begins where the last round began."""
        return office.copied(self.folder / name)

    def say(self, words: str) -> None:
        """Tell whoever waits what is going on."""
        sys.stderr.write(f"  {words}\n")
        sys.stderr.flush()

    def leave_out(self, what: str, why: str) -> None:
        """Note what could not be measured here."""
        self.left_out.append(f"{self.group}: {what}: {why}")
        self.say(f"left out: {what}: {why}")

    def add(
        self,
        name: str,
        unit: str,
        values: Sequence[float],
        beside: Beside | None = None,
        target: Target | None = None,
        note: str = "",
    ) -> None:
        """Keep a figure, and tell it."""
        figure = Figure(self.group, name, unit, values, beside, target, note, self.load)
        self.figures.append(figure)
        record = figure.record()
        ratio = f", {record['ratio']:.3g} of {beside.name}" if beside and record["ratio"] else ""
        self.say(f"{name}: {record['median']:.4g} {unit}{ratio}")
        self.load = os.getloadavg()[0]

    def close(self) -> None:
        """End the tenants."""
        for tenant in self._running:
            tenant.stop()


def in_turn(rounds: int, ways: Mapping[str, Callable[[], Any]]) -> dict[str, list[Any]]:
    """Call each way once a round, one after the other, so that a busy moment hits all of them."""
    results: dict[str, list[Any]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            results[name].append(way())
    return results
