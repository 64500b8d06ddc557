"""A program for a terminal: the whole app with O365 Agent Bulk Add in front, its users read."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.office import open_office
from ttr_tui.app import TtrApp
from ttr_tui.flows import polling
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.places import BULK_ADD, open_place

USERS = 120


async def main() -> None:
    """Run it until it is killed."""
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(users=USERS) as sandbox, open_office(sandbox, Path(folder)) as office:
            company = await office.connected()
            await polling.poll(office.runtime.access, company)
            app = TtrApp(office.runtime)
            app.call_later(open_place, app, BULK_ADD, company)
            await app.run_async(mouse=False)


if __name__ == "__main__":
    asyncio.run(main())
