"""Draw the README's picture from the running app: `python -m tests.picture docs/bulk-add.svg`."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from tests.office import Office, open_office
from ttr_tui.app import TtrApp
from ttr_tui.flows import polling
from ttr_tui.sandbox import Sandbox
from ttr_tui.screens.session import Demo

SIZE = (100, 30)
CHOSEN = 4


async def _no_administrator(_link: str, _account: str) -> str:
    return ""


async def _draw(office: Office) -> str:
    company = await office.connected()
    await polling.poll(office.runtime.access, company)
    demo = Demo(_no_administrator, [tenant.domain for tenant in office.sandbox.tenants])
    app = TtrApp(office.runtime, demo=demo, environ={"LANG": "C.UTF-8"})
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.5)
        await pilot.press("2")
        await pilot.pause(2.0)
        await pilot.press("slash", *"sales", "enter")
        await pilot.pause(0.5)
        for _ in range(CHOSEN):
            await pilot.press("space", "down")
        await pilot.pause(0.5)
        return app.export_screenshot(title="ttr-tui")


def without_remote_fonts(svg: str) -> str:
    """Return the picture with the reader's own monospaced font: it loads nothing from elsewhere."""
    return re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->", "", svg, flags=re.DOTALL)


async def main(path: Path) -> None:
    """Connect a sandbox tenant, choose some users, write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Sandbox(users=2500) as sandbox,
            open_office(sandbox, Path(folder) / "office") as office,
        ):
            svg = await _draw(office)
    await asyncio.to_thread(path.write_text, without_remote_fonts(svg), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
