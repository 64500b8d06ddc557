"""The tenant's process as the benchmarks hold it: started, told what to do, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.machine import cores_for_two


@dataclass(frozen=True)
class Tenant:
    """A running tenant; `name` and `domain` are those of its only company."""

    process: subprocess.Popen[str]
    name: str
    domain: str
    users: int

    @classmethod
    def start(cls, users: int) -> Tenant:
        """Start one on the last core, apart from what is measured."""
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.tenant_process", str(users)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.sched_setaffinity(process.pid, cores_for_two()[1])
        found = _read(process)
        return cls(process, found["name"], found["domain"], users)

    def stop(self) -> None:
        """End it."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process.wait(timeout=30)

    def settings(self, port: int) -> dict[str, str]:
        """Return the settings of a product that listens on this port."""
        found: dict[str, str] = self._ask("settings", port)
        return found

    def latency(self, seconds: float) -> None:
        """Let every answer about users take that much longer."""
        self._ask("latency", seconds)

    def change(self, count: int) -> None:
        """Change that many users."""
        self._ask("change", count)

    def count(self) -> int:
        """Return how many requests about users came since this was asked last."""
        found: int = self._ask("count")
        return found

    def _ask(self, name: str, *arguments: object) -> Any:
        if self.process.stdin is None:
            raise RuntimeError("the tenant was started without a way to speak to it")
        self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.process.stdin.flush()
        return _read(self.process)


def _read(process: subprocess.Popen[str]) -> Any:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError("the tenant's process has ended")
    return json.loads(line)


def token_of(settings: dict[str, str], domain: str) -> tuple[str, dict[str, str]]:
    """Return where and how an application token of the tenant is asked for: URL and form."""
    form = {
        "grant_type": "client_credentials",
        "client_id": settings["MS_GRAPH_CLIENT_ID"],
        "client_secret": settings["MS_GRAPH_CLIENT_SECRET"],
        "scope": f"{settings['MS_GRAPH_BASE_URL']}/.default",
    }
    url = f"{settings['MS_GRAPH_AUTHORITY_HOST']}/{domain}/oauth2/v2.0/token"
    return url, form
