"""`ttr-tui sandbox` prints settings that point at it; crashes and closed pipes end quietly."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import free_port, surroundings
from ttr_tui.microsoft import Microsoft
from ttr_tui.settings import read_settings


async def test_the_sandbox_prints_an_env_file_that_leads_to_it(tmp_path: Path) -> None:
    """What it prints has no fault, and a tenant of its own answers there; ctrl+c ends it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ttr_tui", "sandbox", "--users", "20",
        "--callback-port", str(free_port()),
        env=surroundings(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(30):
        lines = [(await process.stdout.readline()).decode()]
        while not lines[-1].startswith("TTR_HOSTING="):
            lines.append((await process.stdout.readline()).decode())
        domain = (await process.stderr.readline()).decode().split()[-1].rstrip(".")
    (tmp_path / "env").touch(mode=0o600)
    (tmp_path / "env").write_text("".join(lines))
    settings = read_settings({}, tmp_path / "env")
    assert settings.faults == ()
    microsoft = Microsoft(
        settings.require_microsoft(),
        settings.authority_host,
        settings.graph_base_url,
        settings.ca_file,
    )
    await microsoft.open()
    try:
        found = await microsoft.discover(domain)
    finally:
        await microsoft.close()
    assert found.tenant_id
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        assert await process.wait() == 130


def test_a_fault_of_ours_is_reported_without_what_it_held() -> None:
    """Python's own traceback would show messages; ours shows places."""
    code = (
        "import sys; from ttr_tui.cli import run; sys.argv = ['ttr-tui', 'companies', '--help']\n"
        "try: run()\nexcept SystemExit: pass\n"
        "raise ValueError(sys.stdin.read())"
    )
    secret = secrets.token_urlsafe(20)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], input=secret, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert secret not in done.stderr
    assert "builtins.ValueError" in done.stderr
    assert "What is stored stays as it was." in done.stderr


def test_a_reader_who_leaves_early_is_no_crash(tmp_path: Path) -> None:
    """`ttr-tui settings | head -1` ends without a word of ours."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "ttr_tui", "--env-file", os.devnull, "settings"],
        env=surroundings(tmp_path),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert done.returncode == 1
    assert "stopped because" not in done.stderr
