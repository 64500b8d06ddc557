"""Sockets from a service manager: the port stays open, and its owner is known while it starts."""

from __future__ import annotations

import asyncio
import select
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator

import pytest

from tests.callback.wire import request, send_raw
from tests.cli.conftest import PATIENCE, ROOT, Program, surroundings

MANAGER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="callback")
os.execv(sys.executable, [sys.executable, "-m", "ttr_tui", *sys.argv[2:]])
"""
"""What systemd does for a service with a socket unit (sd_listen_fds(3))."""


@pytest.fixture
def held(ttr: Program) -> Iterator[socket.socket]:
    """The callback's port, bound and held by the service manager."""
    with socket.create_server(("127.0.0.1", ttr.port)) as bound:
        yield bound


async def activate(ttr: Program, held: socket.socket) -> Process:
    """Start the service on the socket that is held for it."""
    descriptor = held.fileno()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", MANAGER, str(descriptor), "--env-file", str(ttr.env_file), "serve",
        pass_fds=[descriptor], env=surroundings(ttr.folder), cwd=ROOT, stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def ended(process: Process) -> tuple[int, str]:
    """Wait for a process; return its exit status and what it said."""
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_who_asks_while_the_service_restarts_is_answered(
    ttr: Program, held: socket.socket
) -> None:
    """The port is never closed and never anybody else's: what comes meanwhile waits."""
    asked = request("GET", "/nowhere")
    service = await activate(ttr, held)
    assert (await send_raw(ttr.port, asked)).startswith(b"HTTP/1.1 404 ")
    service.send_signal(signal.SIGTERM)
    status, said = await ended(service)
    assert status == 0
    assert said.endswith(f"\nListening on 127.0.0.1:{ttr.port}.\n")
    waits = asyncio.create_task(send_raw(ttr.port, asked))
    await asyncio.sleep(0)
    again = await activate(ttr, held)
    assert (await waits).startswith(b"HTTP/1.1 404 ")
    again.send_signal(signal.SIGTERM)
    assert (await ended(again))[0] == 0


async def test_the_command_that_starts_the_service_recognises_it(
    ttr: Program, held: socket.socket
) -> None:
    """Its very question, whose server that is, is what the service is started for."""
    await ttr("companies", "add", "Contoso Ltd", ttr.sandbox.tenants[0].domain)
    asking = asyncio.create_task(ttr.start("connect", "Contoso Ltd", "--yes", "--json"))
    await asyncio.to_thread(select.select, [held], [], [], PATIENCE)
    service = await activate(ttr, held)
    connecting = await asking
    events = await ttr.follow_links(connecting)
    done = await ttr.finish(connecting)
    assert done.status == 0, done.err
    assert "Another program of ours listens" in done.err
    assert events[-1]["event"] == "connected"
    service.send_signal(signal.SIGTERM)
    assert (await ended(service))[0] == 0


async def test_a_socket_on_another_port_is_refused(ttr: Program) -> None:
    """Both places where the port stands are named."""
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        status, said = await ended(await activate(ttr, elsewhere))
    assert status == 1
    assert f"TTR_CALLBACK_LISTEN says 127.0.0.1:{ttr.port}" in said
    assert "ListenStream=" in said
