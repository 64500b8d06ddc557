"""An older copy of the data directory brings back nothing that a deletion erased."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.office import open_office
from ttr_tui.errors import LinkOver
from ttr_tui.flows import revocation, sign_in
from ttr_tui.sandbox import Sandbox


async def test_a_sign_in_that_waited_when_access_ended_stays_erased(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """It holds a refresh token of the company, as the Company Master that was deleted did."""
    folder = tmp_path / "office"
    async with open_office(sandbox, folder) as office:
        company = await office.connected()
        waiting = await office.come_back(company)
    shutil.copytree(folder / "data", tmp_path / "older")
    async with open_office(sandbox, folder) as office:
        access = office.runtime.access
        master = await access.company_master(company)
        planned = await revocation.plan(access, company, [master.id])
        await revocation.carry_out(access, planned, company.name)
    shutil.rmtree(folder / "data")
    shutil.copytree(tmp_path / "older", folder / "data")
    async with open_office(sandbox, folder) as office:
        store = office.runtime.store
        assert await store.authentications.company_master(company.id) is None
        with pytest.raises(LinkOver):
            await sign_in.confirm(office.runtime.access, waiting)
        assert (await store.attempts.get(waiting.id)).person is None
