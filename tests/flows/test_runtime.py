"""The runtime: who listens, which hosts are used, what an earlier process left."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.flows.test_bulk_add import members, polled
from tests.office import Office, free_port, open_office, until
from ttr_tui.errors import CompanyElsewhere, ListenFailed
from ttr_tui.flows import bulk_add
from ttr_tui.model import Outcome, Purpose, Station
from ttr_tui.sandbox import Sandbox
from ttr_tui.works import WorkKind


async def test_no_link_leads_to_a_stranger(sandbox: Sandbox, tmp_path: Path) -> None:
    """A port held by another program is named; the product goes on without links."""

    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    port = free_port()
    stranger = await asyncio.start_server(silence, "127.0.0.1", port)
    try:
        async with open_office(sandbox, tmp_path / "office", port=port) as office:
            company = await office.add_company()
            assert not office.runtime.listening.served.links_work
            with pytest.raises(ListenFailed) as told:
                await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
            assert str(port) in told.value.happened
            assert f"process {os.getpid()}" in told.value.happened
    finally:
        stranger.close()


async def test_a_second_program_finishes_what_the_first_began(
    office: Office, tmp_path: Path
) -> None:
    """Attempts live in the store: the link of one is served by the server of the other."""
    company = await office.add_company()
    port = office.runtime.settings.listen[1]
    async with open_office(office.sandbox, tmp_path / "office", port=port, who="bert") as second:
        attempt = await second.runtime.begin(company, Purpose.ADMIN_CONSENT)
        await second.browser.follow(attempt.link)
        await second.until_station(attempt, Station.PROVEN)


async def test_the_port_is_taken_over_when_its_holder_ends(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever stays goes on serving the links."""
    port = free_port()
    async with open_office(sandbox, tmp_path / "office", port=port) as first:
        company = await first.add_company()
        second = open_office(sandbox, tmp_path / "office", port=port)
        stays = await second.__aenter__()
        assert "Another program of ours" in stays.runtime.listening.served.sentence
    try:

        async def listens() -> bool | None:
            return "Listening" in stays.runtime.listening.served.sentence or None

        await until(listens)
        attempt = await stays.runtime.begin(company, Purpose.ADMIN_CONSENT)
        page = await stays.browser.get(attempt.link)
        assert page.status == 200
    finally:
        await second.__aexit__(None, None, None)


async def test_settings_that_name_other_hosts_do_not_open_a_company(tmp_path: Path) -> None:
    """Its tokens are not sent to hosts they were not made for; the change is journalled."""
    async with Sandbox(users=5) as first, open_office(first, tmp_path / "office") as office:
        company = await office.connected()
    async with Sandbox(users=5) as other, open_office(other, tmp_path / "office") as office:
        with pytest.raises(CompanyElsewhere):
            await office.runtime.access.company_master_token(company)
        with pytest.raises(CompanyElsewhere):
            await office.runtime.begin(company, Purpose.COMPANY_MASTER)
        told = [entry.what for entry in await office.runtime.store.journal.since()]
        assert told.count("authority first used") == 1
        assert told.count("authority changed") == 1
        assert other.seen == []


async def test_microsofts_delay_after_consent_is_waited_out(office: Office) -> None:
    """Said while it lasts, and proven in the end."""
    office.sandbox.dials.replication_seconds = 1.0
    company = await office.add_company()
    attempt = await office.runtime.begin(company, Purpose.ADMIN_CONSENT)
    await office.browser.follow(attempt.link)

    async def told() -> str | None:
        work = office.runtime.works.find(WorkKind.PROOF, company.id)
        return str(work.progress) if work and work.progress else None

    assert "does not show" in await until(told)
    await office.until_station(attempt, Station.PROVEN)


async def test_a_run_left_by_a_dead_process_goes_on_at_the_next_start(
    office: Office, tmp_path: Path
) -> None:
    """Written down before its first request, it is found and finished."""
    company = await polled(office)
    chosen = await office.marks(company, await members(office, company, 3))
    run = await bulk_add.start(office.runtime.access, company, chosen)
    port = office.runtime.settings.listen[1]
    async with open_office(office.sandbox, tmp_path / "office", port=port) as next_start:
        await next_start.runtime.resume()

        async def ended() -> bool | None:
            return (await office.runtime.store.runs.get(run.id)).ended_at is not None or None

        await until(ended)
    finished = await office.runtime.store.runs.get(run.id)
    assert finished.counts[Outcome.ADDED] == 3
