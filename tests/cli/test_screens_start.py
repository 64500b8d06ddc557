"""The demo and the full screen start on a terminal, and give it back."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import secrets
import signal
import struct
import sys
import termios
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import surroundings
from tests.office import free_port, until
from ttr_tui.sandbox import REDIRECT_PATHS

CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
ALTERNATE, NORMAL = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """A terminal of 80x24 with a program on it."""

    def __init__(self, person: int, program: int, folder: Path) -> None:
        self.person, self.program, self.folder = person, program, folder
        self.seen = ""

    async def start(self, *words: str, **environ: str) -> asyncio.subprocess.Process:
        """Start a command with all three of its streams on this terminal."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        own = {"TERM": "xterm-256color", "TMPDIR": str(temporary)}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ttr_tui", *words,
            env=surroundings(self.folder) | own | environ,
            stdin=self.program, stdout=self.program, stderr=self.program,
            start_new_session=True,
        )  # fmt: skip

    def read(self) -> str:
        """Return everything shown so far."""
        try:
            while part := os.read(self.person, 65536):
                self.seen += part.decode(errors="replace")
        except BlockingIOError:
            pass
        return self.seen

    async def shows(self, words: str) -> None:
        """Wait until `words` were shown, at once or letter by letter."""

        async def there() -> bool | None:
            return words in CONTROL.sub("", self.read()) or None

        await until(there)

    def press(self, keys: bytes) -> None:
        """Type at it."""
        os.write(self.person, keys)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """An empty terminal."""
    person, program = os.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.set_blocking(person, False)
    yield Terminal(person, program, tmp_path)
    os.close(person)
    os.close(program)


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(20):
        return await process.wait()


@pytest.mark.parametrize("number", [None, signal.SIGHUP])
async def test_leaving_the_demo_leaves_nothing_behind(
    terminal: Terminal, number: signal.Signals | None
) -> None:
    """By key or by a dropped line; settings and proxies of the environment change nothing."""
    misleading = {"MS_GRAPH_CLOUD": "mars", "TTR_DATA_DIR": "/nowhere", "HTTPS_PROXY": "http://x:1"}
    process = await terminal.start("demo", "--users", "60", **misleading)
    await terminal.shows("demo: nothing reaches Microsoft")
    assert list((terminal.folder / "tmp").iterdir())
    if number is None:
        terminal.press(b"\x03")
    else:
        process.send_signal(number)
    assert await ended(process) == (0 if number is None else 128 + number)
    assert list((terminal.folder / "tmp").iterdir()) == []
    assert not (terminal.folder / "config").exists()
    shown = terminal.read()
    assert shown.rindex(NORMAL) > shown.rindex(ALTERNATE)
    assert "Traceback" not in shown


async def test_faulty_settings_are_a_screen(terminal: Terminal) -> None:
    """The app opens on them, and can be left."""
    data = str(terminal.folder / "data")
    process = await terminal.start("--env-file", "/dev/null", TTR_DATA_DIR=data)
    await terminal.shows("MS_GRAPH_CLIENT_ID")
    terminal.press(b"\x03")
    assert await ended(process) == 0
    assert terminal.read().rindex(NORMAL) > 0


async def test_a_store_that_cannot_open_is_a_sentence_where_it_stays(terminal: Terminal) -> None:
    """It is told when the terminal was given back."""
    (terminal.folder / "key").touch(mode=0o644)
    (terminal.folder / "key").chmod(0o644)
    process = await terminal.start(
        "--env-file", "/dev/null", TTR_KEY_FILE=str(terminal.folder / "key")
    )
    assert await ended(process) == 2
    shown = terminal.read()
    assert shown.rindex("The store stays closed") > shown.rindex(NORMAL)


async def test_keys_typed_before_the_store_is_open_are_not_lost(terminal: Terminal) -> None:
    """They act on the first screen as if they were typed there; ctrl+c leaves at once."""
    port = free_port()
    environ = {name: f"http://localhost:{port}{path}" for name, path in REDIRECT_PATHS.items()} | {
        "MS_GRAPH_CLIENT_ID": str(uuid.uuid4()),
        "MS_GRAPH_CLIENT_SECRET": secrets.token_urlsafe(30),
        "TTR_DATA_DIR": str(terminal.folder / "data"),
        "TTR_CALLBACK_LISTEN": f"127.0.0.1:{port}",
        "TTR_ENV_FILE": "/dev/null",
    }
    process = await terminal.start(**environ)
    await terminal.shows("The store is being opened.")
    terminal.press(b"Fabrikam")
    await terminal.shows("No company yet.")
    await terminal.shows("Fabrikam")
    terminal.press(b"\x03")
    assert await ended(process) == 0
    terminal.seen = ""
    process = await terminal.start(**environ)
    await terminal.shows("The store is being opened.")
    terminal.press(b"\x03")
    assert await ended(process) == 0
    assert "No company yet." not in terminal.read()
