"""The program in processes of its own, against the sandbox tenant."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.office import open_office
from ttr_tui.model import Company
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator

PATIENCE = 60.0
"""Seconds after which a test gives a process up."""


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    status: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON document it printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document


class Program:
    """`ttr-tui` with an env file that points at a sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.env_file = folder / "env"
        self.secrets: list[str] = [sandbox.client_secret]
        self.port = free_port()
        self.settings = {
            **sandbox.settings(self.port),
            "TTR_DATA_DIR": str(folder / "data"),
            "TTR_KEY_FILE": str(folder / "store.key"),
        }
        (folder / "store.key").touch(mode=0o600)
        (folder / "store.key").write_text(secrets.token_hex(32))
        self.write()

    def write(self, **changed: str) -> None:
        """Write the env file, with some settings changed."""
        lines = [f"{name}={value}\n" for name, value in (self.settings | changed).items()]
        self.env_file.touch(mode=0o600)
        self.env_file.write_text("".join(lines))

    async def start(self, *words: str, terminal: int | None = None) -> asyncio.subprocess.Process:
        """Start a command; with the descriptor of a `terminal` somebody can be asked on it."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ttr_tui",
            "--env-file",
            str(self.env_file),
            *words,
            env=surroundings(self.folder),
            stdin=asyncio.subprocess.DEVNULL if terminal is None else terminal,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if terminal is None else terminal,
        )

    async def finish(self, process: asyncio.subprocess.Process) -> Done:
        """Wait for a command's end; nothing it printed may be a secret."""
        async with asyncio.timeout(PATIENCE):
            out, err = ((part or b"").decode() for part in await process.communicate())
        for secret in self.secrets:
            assert secret not in out + err
        return Done(process.returncode or 0, out, err)

    async def __call__(self, *words: str) -> Done:
        """Run a command to its end."""
        return await self.finish(await self.start(*words))

    async def follow_links(
        self, process: asyncio.subprocess.Process, *, account: str = "", accept: bool = True
    ) -> list[dict[str, Any]]:
        """Read the events `connect --json` prints, and do in a browser what each link asks for."""
        events = []
        async with asyncio.timeout(PATIENCE):
            while line := await _stdout(process).readline():
                events.append(json.loads(line))
                if events[-1].get("event") == "link":
                    browser = Administrator(self.sandbox.ca_file)
                    await browser.follow(events[-1]["link"], account=account, accept=accept)
        return events


def _stdout(process: asyncio.subprocess.Process) -> asyncio.StreamReader:
    assert process.stdout is not None
    return process.stdout


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a process that reads no settings but those it is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MS_GRAPH_", "TTR_", "SSH_"))
    }
    return kept | {"XDG_CONFIG_HOME": str(folder / "config"), "NO_PROXY": "127.0.0.1,localhost"}


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def ttr(sandbox: Sandbox, tmp_path: Path) -> Program:
    """The program beside a running sandbox."""
    return Program(sandbox, tmp_path)


@pytest.fixture
async def connected(ttr: Program) -> Company:
    """The first tenant's company in the program's store, with a Company Master."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        return await office.connected()
