"""`ttr-tui serve`: other programs use it, it carries on what was left, and it ends as a service."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from tests.cli.conftest import Program
from tests.cli.running import Running
from tests.flows.test_bulk_add import members, polled
from tests.office import open_office, until
from ttr_tui.cli import serve
from ttr_tui.cli.output import Output
from ttr_tui.flows import bulk_add
from ttr_tui.model import Company, Outcome
from ttr_tui.settings import read_settings


async def serving(ttr: Program) -> Running:
    """Start the service and wait until it says that it listens."""
    service = await ttr.start("serve")
    said = [(await service.stderr.readline()).decode() for _ in range(2)]
    assert said[0].startswith("not Microsoft: ")
    assert said[1] == f"Listening on 127.0.0.1:{ttr.port}.\n"
    return service


async def stopped(ttr: Program, service: Running, number: signal.Signals) -> int:
    """Send the service a signal and return its exit status, once everything is closed."""
    service.send_signal(number)
    done = await ttr.finish(service)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", ttr.port)) != 0
    assert list((ttr.folder / "data").glob("owner-*")) == []
    return done.status


async def test_a_command_uses_the_service(ttr: Program) -> None:
    """It makes the links; the service answers and finishes them, and goes on afterwards."""
    service = await serving(ttr)
    tenant = ttr.sandbox.tenants[0]
    await ttr("companies", "add", "Contoso Ltd", tenant.domain)
    connecting = await ttr.start("connect", "Contoso Ltd", "--yes", "--json")
    events = await ttr.follow_links(connecting)
    done = await ttr.finish(connecting)
    assert done.status == 0, done.err
    assert [e["event"] for e in events] == ["link", "granted", "link", "signed_in", "connected"]
    assert f"Another program of ours listens on 127.0.0.1:{ttr.port}" in done.err
    assert await stopped(ttr, service, signal.SIGTERM) == 0


async def test_a_deletion_is_proven_erased_beside_the_service(
    ttr: Program, connected: Company
) -> None:
    """A program that is always there is no reader that keeps old pages alive."""
    service = await serving(ttr)
    revoked = await ttr(
        "authentications", "revoke", "--company-master", connected.name, "--yes", "--json"
    )
    assert revoked.record["erased"] is True
    assert await stopped(ttr, service, signal.SIGINT) == 0


async def test_a_dropped_line_is_no_planned_end(ttr: Program) -> None:
    """A service has no line; whoever tried it in a shell learns that it is gone."""
    service = await serving(ttr)
    assert await stopped(ttr, service, signal.SIGHUP) == 128 + signal.SIGHUP


async def test_a_run_that_was_left_is_carried_on(ttr: Program) -> None:
    """As at every start of the full screen."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        company = await polled(office)
        three = await office.marks(company, await members(office, company, 3))
        run = await bulk_add.start(office.runtime.access, company, three)
    service = await serving(ttr)
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        runs = office.runtime.store.runs

        async def ended() -> bool:
            return (await runs.get(run.id)).ended_at is not None

        await until(ended)
        assert (await runs.get(run.id)).counts[Outcome.ADDED] == 3
    assert await stopped(ttr, service, signal.SIGTERM) == 0


async def test_a_strangers_port_is_refused(ttr: Program) -> None:
    """The program that has it is named."""

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(silence, "127.0.0.1", ttr.port):
        done = await ttr("serve")
    assert done.status == 1
    assert f"Another program listens on 127.0.0.1:{ttr.port}" in done.err
    assert f"process {os.getpid()}" in done.err


async def test_faulty_settings_are_refused_with_every_fault(ttr: Program) -> None:
    """A service manager need not try again: status 2."""
    ttr.write(MS_GRAPH_CLIENT_ID="none", TTR_DATA_DIR=str(ttr.env_file))
    done = await ttr("serve")
    assert done.status == 2
    assert "MS_GRAPH_CLIENT_ID" in done.err
    assert "TTR_DATA_DIR" in done.err


async def test_it_takes_over_from_another_program_of_ours_and_says_so(
    ttr: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full screen that was open first keeps the port until it is left."""
    settings, said = read_settings({}, ttr.env_file), ""

    async def tells(sentence: str) -> bool:
        nonlocal said
        said += capsys.readouterr().err
        return sentence in said

    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port):
        task = asyncio.create_task(serve.run(settings, Output(as_json=False), None))
        there = f"Another program of ours listens on 127.0.0.1:{ttr.port}."
        await until(lambda: tells(f"{there} This one takes over when it ends.\n"))
    await until(lambda: tells(f"\nListening on 127.0.0.1:{ttr.port}.\n"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
