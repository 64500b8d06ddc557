"""Where somebody sits at a terminal, questions are asked there, and signals end a command well."""

from __future__ import annotations

import asyncio
import os
import re
import signal

import pytest

from tests.cli.conftest import Program, shown
from tests.office import open_office
from ttr_tui.model import Company


async def _add_company(ttr: Program) -> Company:
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        return await office.add_company()


@pytest.mark.parametrize(("typed", "status"), [("yes\n", 0), ("y\n", 1)])
async def test_a_question_is_answered_at_the_terminal(
    ttr: Program, terminal: tuple[int, int], typed: str, status: int
) -> None:
    """Only a whole yes goes on."""
    company = await _add_company(ttr)
    person, program = terminal
    process = await ttr.start("companies", "remove", company.name, "--json", terminal=program)
    await shown(person, "Type yes to go on: ")
    os.write(person, typed.encode())
    done = await ttr.finish(process)
    assert done.status == status
    assert ("removed" in done.record) == (status == 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
async def test_a_signal_closes_everything_and_is_the_exit_status(
    ttr: Program, number: signal.Signals
) -> None:
    """The link stood alone on its line; ctrl+c and a dropped line leave no traceback."""
    company = await _add_company(ttr)
    process = await ttr.start("connect", company.name, "--step", "consent")
    async with asyncio.timeout(30):
        line = (await process.stdout.readline()).decode()
    assert re.fullmatch(rf"http://localhost:{ttr.port}/[a-z-]+/[0-9A-Z]{{10}}\n", line)
    process.send_signal(number)
    done = await ttr.finish(process)
    assert done.status == 128 + number
    assert "Traceback" not in done.err


async def test_a_second_program_uses_the_first_ones_server(ttr: Program) -> None:
    """While the app runs, `connect` beside it hands out links that the app answers."""
    async with open_office(ttr.sandbox, ttr.folder, port=ttr.port) as office:
        company = await office.add_company()
        process = await ttr.start("connect", company.name, "--step", "consent", "--json")
        await ttr.follow_links(process)
        done = await ttr.finish(process)
    assert done.status == 0, done.err
    assert "Another program of ours listens" in done.err
