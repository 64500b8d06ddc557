"""The program in processes of its own, against the sandbox tenant."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.forks import ask
from tests.cli.running import Running, reader_of
from tests.office import open_office, until
from ttr_tui.model import Company
from ttr_tui.sandbox import Sandbox
from ttr_tui.sandbox.browser import Administrator
from ttr_tui.sandbox.people import Kind, Person

ROOT = Path(__file__).parent.parent.parent

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

    def __init__(self, sandbox: Sandbox, folder: Path, forks: socket.socket) -> None:
        self.sandbox, self.folder, self.forks = sandbox, folder, forks
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

    async def start(self, *words: str, terminal: int | None = None) -> Running:
        """Start a command; with the descriptor of a `terminal` somebody can be asked on it."""
        nothing = os.open(os.devnull, os.O_RDWR)
        out, out_end = os.pipe()
        err, err_end = os.pipe()
        streams = (nothing, out_end, err_end)
        if terminal is not None:
            streams = (terminal, out_end, terminal)
        options = ["--env-file", str(self.env_file)]
        report = ask(self.forks, [*options, *words], surroundings(self.folder), streams)
        for end in (nothing, out_end, err_end):
            os.close(end)
        pipes = AsyncExitStack()
        report_reader = await reader_of(report, pipes)
        async with asyncio.timeout(PATIENCE):
            process_id = int(await report_reader.readline())
        out_reader, err_reader = await reader_of(out, pipes), await reader_of(err, pipes)
        return Running(process_id, out_reader, err_reader, report_reader, pipes)

    async def finish(self, process: Running) -> Done:
        """Wait for a command's end; nothing it printed may be a secret."""
        async with process.pipes, asyncio.timeout(PATIENCE):
            out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
            done = Done(await process.wait(), out.decode(), err.decode())
        for secret in self.secrets:
            assert secret not in done.out + done.err
        return done

    async def __call__(self, *words: str) -> Done:
        """Run a command to its end."""
        return await self.finish(await self.start(*words))

    async def follow_links(
        self, process: Running, *, account: str = "", accept: bool = True
    ) -> list[dict[str, Any]]:
        """Read the events `connect --json` prints, and do in a browser what each link asks for."""
        events = []
        async with asyncio.timeout(PATIENCE):
            while line := await process.stdout.readline():
                events.append(json.loads(line))
                if events[-1].get("event") == "link":
                    browser = Administrator(self.sandbox.ca_file)
                    await browser.follow(events[-1]["link"], account=account, accept=accept)
        return events

    async def event(self, process: Running, wanted: str) -> dict[str, Any]:
        """Read the events a command prints up to the wanted one."""
        async with asyncio.timeout(PATIENCE):
            while line := await process.stdout.readline():
                event: dict[str, Any] = json.loads(line)
                if event.get("event") == wanted:
                    return event
        raise AssertionError((await self.finish(process)).err)

    def members(self, count: int) -> list[Person]:
        """Some people of the first tenant who can sign in, none of them an administrator."""
        people = self.sandbox.tenants[0].directory.people
        able = [one for one in people if one.kind is Kind.MEMBER and one.licensed and not one.roles]
        return able[:count]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a process that reads no settings but those it is given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MS_GRAPH_", "TTR_", "SSH_"))
    }
    return kept | {"XDG_CONFIG_HOME": str(folder / "config"), "NO_PROXY": "127.0.0.1,localhost"}


async def shown(person: int, words: str) -> None:
    """Wait until the terminal shows `words`."""
    os.set_blocking(person, False)
    seen = ""

    async def there() -> bool | None:
        nonlocal seen
        try:
            seen += os.read(person, 4096).decode()
        except BlockingIOError:
            return None
        return words in seen or None

    await until(there)


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def forks() -> Iterator[socket.socket]:
    """Where commands are started, see `forks.py`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        server = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "tests.cli.forks", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
        )
        yield ours
        ours.shutdown(socket.SHUT_RDWR)
        server.wait(PATIENCE)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal: the end a person sits at, and the end a program has."""
    person, program = os.openpty()
    yield person, program
    os.close(person)
    os.close(program)


@pytest.fixture
def ttr(sandbox: Sandbox, tmp_path: Path, forks: socket.socket) -> Program:
    """The program beside a running sandbox."""
    return Program(sandbox, tmp_path, forks)


@pytest.fixture
async def connected(ttr: Program) -> Company:
    """The first tenant's company in the program's store, with a Company Master."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        return await office.connected()


@pytest.fixture
async def granted(ttr: Program) -> Company:
    """The first tenant's company in the program's store, with admin permission and nobody yet."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        company = await office.add_company()
        await office.grant(company)
        return company
